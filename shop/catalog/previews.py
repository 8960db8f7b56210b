"""Links to goods that are not on sale yet: whoever holds one may look until it ends."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from shop.catalog.models import Product
from shop.core import clock
from shop.core.db import db

LASTS = timedelta(days=7)
_DAY = 86_400


def sign(public_id: str, secret: str) -> str:
    """The token of a link that ends at a midnight (UTC) seven to eight days from now."""
    day = int((clock.now() + LASTS).timestamp()) // _DAY + 1
    return f"{public_id}.{day}.{_mac(public_id, day, secret)}"


def read(token: str, secret: str) -> tuple[str, datetime] | None:
    """The slug of the product that ``token`` opens and when that ends; None for any other token."""
    public_id, _, rest = token.partition(".")
    day, _, mac = rest.partition(".")
    if not (day.isascii() and day.isdigit() and len(day) < 7):
        return None
    if not hmac.compare_digest(
        _mac(public_id, int(day), secret).encode(), mac.encode("utf-8", "replace")
    ):
        return None
    ends = datetime.fromtimestamp(int(day) * _DAY, UTC)
    if ends <= clock.now():
        return None
    slug = db.session.scalar(
        select(Product.slug).where(Product.public_id == public_id, Product.status != "archived")
    )
    return (slug, ends) if slug is not None else None


def _mac(public_id: str, day: int, secret: str) -> str:
    text = f"product-preview:{public_id}:{day}".encode("utf-8", "replace")
    digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")
