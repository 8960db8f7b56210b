"""Every text that the shop says exists in every language that it speaks."""

import pytest

from scripts import catalogue


@pytest.mark.parametrize("locale", catalogue.LOCALES)
def test_nothing_is_untranslated_obsolete_or_fuzzy(locale):
    assert list(catalogue.faults(locale)) == []
