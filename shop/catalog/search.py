"""The search documents of a product: its words in each language, folded."""

from sqlalchemy import delete, select

from shop.catalog import html
from shop.catalog.folding import fold
from shop.catalog.models import (
    Brand,
    CategoryTranslation,
    Option,
    OptionValue,
    Product,
    ProductTranslation,
    SearchDocument,
    Variant,
)
from shop.core.db import db
from shop.core.i18n import pick

MAX_BODY = 20_000


def refresh_documents(product_id: int) -> None:
    """Write the search documents of a product again; one that is not published has none."""
    db.session.execute(delete(SearchDocument).where(SearchDocument.product_id == product_id))
    product = db.session.execute(
        select(Product.status, Product.tags, Product.category_id, Brand.name)
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .where(Product.id == product_id)
    ).one_or_none()
    if product is None or product.status != "published":
        return
    texts = db.session.execute(
        select(
            ProductTranslation.locale,
            ProductTranslation.title,
            ProductTranslation.fact,
            ProductTranslation.lead,
            ProductTranslation.description_html,
        ).where(ProductTranslation.product_id == product_id)
    ).all()
    categories = {
        row.locale: row.name
        for row in db.session.execute(
            select(CategoryTranslation.locale, CategoryTranslation.name).where(
                CategoryTranslation.category_id == product.category_id
            )
        )
    }
    labels = db.session.scalars(
        select(OptionValue.labels)
        .join(Option, Option.id == OptionValue.option_id)
        .where(Option.product_id == product_id)
        .order_by(OptionValue.id)
    ).all()
    skus = db.session.scalars(
        select(Variant.sku).where(
            Variant.product_id == product_id, Variant.archived_at.is_(None), Variant.sku != ""
        )
    ).all()
    for text in texts:
        words = [
            text.fact,
            pick(categories, text.locale),
            product.name or "",
            product.tags,
            *dict.fromkeys(skus),
            *(pick(label, text.locale) for label in labels),
            text.lead,
            html.plain(text.description_html),
        ]
        db.session.add(
            SearchDocument(
                product_id=product_id,
                locale=text.locale,
                title=fold(text.title),
                body=fold(" ".join(word for word in words if word))[:MAX_BODY],
            )
        )
    db.session.flush()  # the next refresh in this transaction deletes by statement
