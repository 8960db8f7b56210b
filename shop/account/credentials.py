"""What may be a user name, an e-mail address, a phone number, a person's name."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from shop.core.contact import fold
from shop.core.errors import Invalid

SHORTEST_USERNAME = 2
LONGEST_USERNAME = 40
_MARKS = "._-"


def username(text: str) -> str:
    """A user name as it is kept: NFKC, 2 to 40 letters, digits and ``. _ -`` inside, in any script.

    No ``@``, so that a user name is never mistaken for an e-mail address at sign-in. Raises ``Invalid``:
    "username-length", "username-characters".
    """
    name = unicodedata.normalize("NFKC", text).strip()
    if not SHORTEST_USERNAME <= len(name) <= LONGEST_USERNAME or len(fold(name)) > 80:
        raise Invalid(
            "username-length", field="username", minimum=SHORTEST_USERNAME, maximum=LONGEST_USERNAME
        )
    inner = all(char.isalnum() or char in _MARKS or unicodedata.combining(char) for char in name)
    if not inner or name[0] in _MARKS or name[-1] in _MARKS:
        raise Invalid("username-characters", field="username")
    return name


def login_key(text: str) -> str:
    """What somebody typed as user name or e-mail, in the form that both are found by.

    What no database can hold finds nobody.
    """
    key = fold(text)
    return "" if any(unicodedata.category(char) in {"Cc", "Cs"} for char in key) else key


def email(text: str) -> str:
    """An e-mail address in its normal form; nothing is asked of the network.

    Raises ``Invalid("email-invalid")``.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except (EmailNotValidError, ValueError):
        raise Invalid("email-invalid", field="email") from None
    if len(found.normalized) > 254:
        raise Invalid("email-invalid", field="email")
    return found.normalized


def phone(text: str, region: str = "CN", *, required: bool = False) -> str | None:
    """A phone number in E.164 (``+8613800000000``), read as one of ``region`` (ISO 3166) unless it says.

    None for an empty one. Raises ``Invalid``: "phone-invalid", "phone-missing".
    """
    text = text.strip()
    if not text:
        if required:
            raise Invalid("phone-missing", field="phone")
        return None
    try:
        parsed = phonenumbers.parse(text[:60], region.upper() or "CN")
    except phonenumbers.NumberParseException:
        raise Invalid("phone-invalid", field="phone") from None
    if len(text) > 60 or not phonenumbers.is_valid_number(parsed):
        raise Invalid("phone-invalid", field="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def line(text: str, field: str, maximum: int, *, required: bool = False) -> str:
    """One line of free text: trimmed, white space squeezed, no control characters.

    Raises ``Invalid``: "field-missing", "field-long", "text-unreadable".
    """
    if any(unicodedata.category(char) in {"Cc", "Cs"} and not char.isspace() for char in text):
        raise Invalid("text-unreadable", field=field)
    squeezed = " ".join(text.split())
    if required and not squeezed:
        raise Invalid("field-missing", field=field)
    if len(squeezed) > maximum:
        raise Invalid("field-long", field=field, maximum=maximum)
    return squeezed
