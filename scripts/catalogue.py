"""The texts of the shop: collected from code and templates, compared with their translations."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("zh",)
_METHODS = {"shop": [("**.py", "python")], "templates": [("**", "jinja2.ext.babel_extract")]}
_OPTIONS = {"**": {"silent": "false", "encoding": "utf-8"}}
# What `_l`, `_n` and their like are called in code that has its own name for them.
_KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "_n": (1, 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def collected() -> Catalog:
    """Every text that code and templates ask for. A template that cannot be parsed raises."""
    catalog = Catalog(project="Xiaopu", charset="utf-8")
    for folder, methods in _METHODS.items():
        for name, _line, text, comments, context in extract_from_dir(
            ROOT / folder,
            method_map=methods,
            options_map=_OPTIONS,
            keywords=_KEYWORDS,
            comment_tags=("i18n:",),
            strip_comment_tags=True,
            # Babel passes over folders that begin with an underscore: ours hold layouts and macros.
            directory_filter=lambda _folder: True,
        ):
            # Without line numbers: a moved line is no change of a text.
            catalog.add(
                text,
                locations=[(f"{folder}/{name}", 1)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def path_of(locale: str) -> Path:
    """The translations into `locale`."""
    return ROOT / "shop" / "translations" / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str) -> Catalog:
    """The translations into `locale` as they are; an empty catalogue when there are none yet."""
    path = path_of(locale)
    if not path.exists():
        return Catalog(locale=locale, project="Xiaopu", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=locale)


_IDLE = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Report-Msgid',
    b'"Last-Tr',
    b'"Language-Team',
)


def compile_stale() -> None:
    """Compile every catalogue whose text is newer than what was compiled from it."""
    for locale in LOCALES:
        path = path_of(locale)
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            with compiled.open("wb") as file:
                write_mo(file, read(locale))


def write(catalog: Catalog) -> None:
    """Store translations and compile them."""
    # A catalogue whose head is marked fuzzy is passed over when it is compiled: the shop would speak
    # English to everybody.
    catalog.fuzzy = False
    catalog.header_comment = f"# The texts of Xiaopu in {catalog.locale}."
    path = path_of(str(catalog.locale))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = BytesIO()
    write_po(text, catalog, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    # The day on which the tool ran says nothing of the texts.
    lines = [
        line for line in text.getvalue().splitlines(keepends=True) if not line.startswith(_IDLE)
    ]
    path.write_bytes(b"".join(lines))
    with path.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalog)


def faults(locale: str) -> Iterator[str]:
    """Everything that keeps the translations into `locale` from being whole, one line each."""
    wanted, have = collected(), read(locale)
    if have.fuzzy:
        yield "fuzzy: the head of the catalogue, which would keep it from being compiled"
    for message in wanted:
        if message.id:
            translation = have.get(message.id, message.context)
            yield from _faults_of(message, translation)
    for message in have:
        if message.id and wanted.get(message.id, message.context) is None:
            yield f"obsolete: {message.id!r}"
    for message in have.obsolete.values():
        yield f"obsolete: {message.id!r}"


def _faults_of(message: Message, translation: Message | None) -> Iterator[str]:
    where = ", ".join(sorted({name for name, _ in message.locations}))
    strings = translation.string if translation else ""
    several = strings if isinstance(strings, (list, tuple)) else [strings]
    if not all(several):
        yield f"untranslated: {message.id!r} ({where})"
    elif translation is not None and translation.fuzzy:
        yield f"fuzzy: {message.id!r} ({where})"
    elif translation is not None:
        for error in translation.check():
            yield f"wrong: {message.id!r} ({error})"
