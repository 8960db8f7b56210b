"""What an address label says; plain, so that whoever asks for one need not load what draws it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """``sender`` in one line, the addressee by ``name`` and ``lines``; ``number`` is drawn as a code, too.
    ``note`` stands beside it, such as what is to be collected."""

    locale: str
    sender: str
    name: str
    lines: tuple[str, ...]
    phone: str
    number: str
    note: str = ""
