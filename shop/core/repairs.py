"""Counters that do not equal their ledger, and what the ledger says they are."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute

from shop.core.db import db


@dataclass(frozen=True, slots=True)
class Repair:
    """``column`` of the row with ``key`` holds ``was``, and its ledger says ``becomes``."""

    column: InstrumentedAttribute[Any]
    key: dict[str, Any]
    was: Any
    becomes: Any

    @property
    def sentence(self) -> str:
        """``stock_level id=7: on_hand 5 → 3``."""
        row = ", ".join(f"{name}={value}" for name, value in self.key.items())
        table = self.column.class_.__tablename__
        return f"{table} {row}: {self.column.key} {self.was} → {self.becomes}"

    def apply(self) -> bool:
        """Set it, unless it has moved meanwhile. A value that breaks a constraint raises ``IntegrityError``."""
        model = self.column.class_
        same = [getattr(model, name) == value for name, value in self.key.items()]
        changed = db.session.execute(
            update(model)
            .where(*same, self.column == self.was)
            .values({self.column: self.becomes})
            .returning(*(getattr(model, name) for name in self.key))
            .execution_options(synchronize_session=False)
        )
        return changed.first() is not None
