"""What product pages say of returns: kept here, worked out by ``shop.analytics.returned``."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from shop.catalog.return_models import ReturnFigure
from shop.catalog.views import Figure
from shop.core import changes
from shop.core.db import db


def kept() -> dict[int, Figure]:
    """What is said at present, by product. One statement."""
    rows = db.session.execute(
        select(ReturnFigure.product_id, ReturnFigure.percent, ReturnFigure.reason)
    )
    return {product_id: Figure(percent, reason) for product_id, percent, reason in rows}


def write(news: Mapping[int, Figure | None]) -> None:
    """Say this of some products from now on; None: nothing any more. Their kept pages end."""
    gone = [product_id for product_id, figure in news.items() if figure is None]
    rows = [
        {"product_id": product_id, "percent": figure.percent, "reason": figure.reason}
        for product_id, figure in news.items()
        if figure is not None
    ]
    if gone:
        db.session.execute(delete(ReturnFigure).where(ReturnFigure.product_id.in_(gone)))
    if rows:
        insert = (sqlite if db.engine.dialect.name == "sqlite" else postgresql).insert(ReturnFigure)
        db.session.execute(
            insert.on_conflict_do_update(
                index_elements=["product_id"],
                set_={"percent": insert.excluded.percent, "reason": insert.excluded.reason},
            ),
            rows,
        )
    for product_id in news:
        changes.note("product", product_id)
