"""Collect the texts of code and templates into the catalogues, and compile them.

`--merge FILE.json …` brings in translations: {"English": "中文"}, plurals with both English forms
joined by a NUL character as the key. What is still missing is printed, and the exit status is 1.
"""

import json
import sys
from pathlib import Path

from babel.messages.catalog import Catalog

from scripts import catalogue


def main() -> int:
    """Update every catalogue; 1 when a text is still without its translation."""
    arguments = sys.argv[1:]
    files = [Path(name) for name in arguments if name != "--merge"]
    template = catalogue.collected()
    missing = 0
    for locale in catalogue.LOCALES:
        translations = catalogue.read(locale)
        translations.update(template, no_fuzzy_matching=True)
        translations.obsolete.clear()
        for file in files:
            _merge(translations, file)
        catalogue.write(translations)
        faults = list(catalogue.faults(locale))
        missing += len(faults)
        for fault in faults:
            print(f"{locale}: {fault}")
    print(f"{len(template)} texts, {missing} to do.")
    return bool(missing)


def _merge(translations: Catalog, file: Path) -> None:
    """Take a translation for every text that is asked for and has none yet."""
    for key, value in json.loads(file.read_text(encoding="utf-8")).items():
        singular, _, plural = key.partition("\0")
        message = translations.get(singular)
        if message is None:
            print(f"{file.name}: nobody asks for {singular!r}")
        elif plural and message.pluralizable and not any(message.string):
            message.string = (value,)  # Chinese has one form
        elif not message.pluralizable and not message.string:
            message.string = value[0] if isinstance(value, list) else value


if __name__ == "__main__":
    sys.exit(main())
