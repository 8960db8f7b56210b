"""E-mail addresses and phone numbers in the one form they are compared in."""

import unicodedata

import phonenumbers


def fold(text: str) -> str:
    """NFKC, case-folded, trimmed: how names and addresses are compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def email_key(email: str) -> str:
    """The comparable form of an e-mail address."""
    return fold(email)


def phone_key(phone: str, region: str = "CN") -> str:
    """The number in E.164 (``+8613800000000``), or only its digits when it cannot be read."""
    try:
        parsed = phonenumbers.parse(phone, region or "CN")
    except phonenumbers.NumberParseException:
        return "".join(ch for ch in phone if ch.isdigit())
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
