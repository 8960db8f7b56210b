"""How far the fetching of a picture has come."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base


class ImageFetch(Base):
    """Tries to fetch an imported picture. ``next_try_at`` null: given up; ``error``: why it did not work
    the last time (a code). Gone once the picture is there."""

    __tablename__ = "image_fetch"

    image_id: Mapped[int] = mapped_column(
        ForeignKey("image.id", ondelete="CASCADE"), primary_key=True
    )
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    error: Mapped[str] = mapped_column(String(60), default="")
