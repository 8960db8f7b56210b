"""Collections: made, changed, filled by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from shop.catalog import collection_members as members
from shop.catalog import slugs
from shop.catalog.collection_models import (
    TOPIC,
    Collection,
    CollectionProduct,
    CollectionTranslation,
)
from shop.catalog.collection_rules import Rule
from shop.catalog.models import Product
from shop.core import changes, ids, renames
from shop.core.db import db
from shop.core.errors import Invalid, NotFound

MOST_PICKED = 500
MOST_RULES = 200
_MAX_TITLE, _MAX_TEXT, _MAX_SLUG = 120, 2000, 80


@dataclass(frozen=True, slots=True)
class CollectionData:
    """A collection as it is to be. ``rule`` of None: its goods are picked by hand.

    ``slug`` may be empty: then it is made of the title, or stays as it is.
    """

    store_id: int | None
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    slug: str = ""
    rule: Rule | None = None
    published: bool = False


def save(data: CollectionData, collection_id: int | None = None) -> int:
    """Write a collection, new or in place of what is there; its id. Goods follow a rule at once as far as
    one batch goes, the rest by a job; of goods that a rule chose, none is left once it is done by hand.

    Raises ``Invalid``: "title-missing", "title-too-long", "text-too-long", "slug-form",
    "collection-slug-taken", "collections-too-many"; ``NotFound("collection-unknown")``.
    """
    _check(data)
    if collection_id is None:
        collection = _create(data)
    else:
        collection = _locked(collection_id)
        _rename(collection, data.slug)
    before = collection.kind
    collection.store_id = data.store_id
    collection.kind = "hand" if data.rule is None else "rule"
    collection.rule = {} if data.rule is None else data.rule.as_data()
    collection.published = data.published
    collection.stale = data.rule is not None
    _write_texts(collection.id, data)
    found = collection.id
    if before != collection.kind and before is not None:
        db.session.execute(
            delete(CollectionProduct).where(CollectionProduct.collection_id == found)
        )
        changes.note(TOPIC, found)
    db.session.flush()  # the goods follow by statement
    if data.rule is not None:
        members.evaluate(found)
    return found


def public_id_of(collection_id: int) -> str:
    """What pages call a collection that was just made."""
    return db.session.get_one(Collection, collection_id).public_id


def set_image(collection_id: int, image: Mapping[str, Any]) -> None:
    """Give a collection a picture (``stored_images.as_data``), or with an empty one none."""
    _locked(collection_id).image = dict(image) or None


def remove(collection_id: int) -> None:
    """Take a collection away; its goods stay. Raises ``NotFound``."""
    gone = db.session.scalar(
        delete(Collection).where(Collection.id == collection_id).returning(Collection.id)
    )
    if gone is None:
        raise NotFound("collection-unknown")
    changes.note(TOPIC, collection_id)


def pick(collection_id: int, product_id: int) -> bool:
    """Put a product behind the others; false when it is there already.

    Raises ``NotFound`` (a product of another store is unknown to a store's collection), and
    ``Invalid``: "collection-by-rule", "collection-full".
    """
    collection = _by_hand(collection_id)
    own = select(Product.id).where(Product.id == product_id)
    if collection.store_id is not None:
        own = own.where(Product.store_id == collection.store_id)
    if db.session.scalar(own) is None:
        raise NotFound("product-unknown")
    order = _order(collection_id)
    if product_id in order:
        return False
    if len(order) >= MOST_PICKED:
        raise Invalid("collection-full", limit=MOST_PICKED)
    last = db.session.scalar(
        select(func.max(CollectionProduct.position)).where(
            CollectionProduct.collection_id == collection_id
        )
    )
    db.session.add(
        CollectionProduct(
            collection_id=collection_id,
            product_id=product_id,
            position=0 if last is None else last + 1,
        )
    )
    db.session.flush()  # what follows reads the rows by statement
    changes.note(TOPIC, collection_id)
    return True


def unpick(collection_id: int, product_id: int) -> None:
    """Take a product out of a collection; one that is not in it stays out."""
    _by_hand(collection_id)
    db.session.execute(
        delete(CollectionProduct).where(
            CollectionProduct.collection_id == collection_id,
            CollectionProduct.product_id == product_id,
        )
    )
    changes.note(TOPIC, collection_id)


def move(collection_id: int, product_id: int, place: int) -> None:
    """Put a picked product at a place, counted from 0; beyond the end is the end.

    Raises ``NotFound("product-unknown")`` for one that is not picked.
    """
    _by_hand(collection_id)
    order = _order(collection_id)
    if product_id not in order:
        raise NotFound("product-unknown")
    order.remove(product_id)
    order.insert(max(0, place), product_id)
    _place(collection_id, order)


def _order(collection_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(CollectionProduct.product_id)
            .where(CollectionProduct.collection_id == collection_id)
            .order_by(CollectionProduct.position, CollectionProduct.product_id)
        )
    )


def _place(collection_id: int, order: Sequence[int]) -> None:
    db.session.execute(
        update(CollectionProduct),
        [
            {"collection_id": collection_id, "product_id": product_id, "position": place}
            for place, product_id in enumerate(order)
        ],
    )
    changes.note(TOPIC, collection_id)


def _locked(collection_id: int) -> Collection:
    found = db.session.get(Collection, collection_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("collection-unknown")
    return found


def _by_hand(collection_id: int) -> Collection:
    found = _locked(collection_id)
    if found.kind != "hand":
        raise Invalid("collection-by-rule")
    return found


def _check(data: CollectionData) -> None:
    if not any(title.strip() for title in data.titles.values()):
        raise Invalid("title-missing", field="title_en")
    for locale, title in data.titles.items():
        if len(title) > _MAX_TITLE:
            raise Invalid("title-too-long", field=f"title_{locale}", limit=_MAX_TITLE)
        if len(data.texts.get(locale, "")) > _MAX_TEXT:
            raise Invalid("text-too-long", field=f"text_{locale}", limit=_MAX_TEXT)
    if data.slug and (not slugs.is_slug(data.slug) or len(data.slug) > _MAX_SLUG):
        raise Invalid("slug-form", field="slug", slug=data.slug)


def _create(data: CollectionData) -> Collection:
    counted = select(func.count()).select_from(Collection).where(Collection.kind == "rule")
    if data.rule is not None and (db.session.scalar(counted) or 0) >= MOST_RULES:
        raise Invalid(
            "collections-too-many", limit=MOST_RULES
        )  # every change of goods asks them all
    wanted = data.slug or slugs.slugify(data.titles.get("en", "")) or ids.public_id().lower()[:8]
    for slug in [wanted] if data.slug else [wanted, f"{wanted[:70]}-{ids.public_id()[:6].lower()}"]:
        made = Collection(slug=slug, kind="hand" if data.rule is None else "rule")
        try:
            with db.session.begin_nested():
                db.session.add(made)
                db.session.flush()  # the unique slug decides here
        except IntegrityError:
            continue
        renames.taken("collection", slug)
        return made
    raise Invalid("collection-slug-taken", field="slug", slug=wanted)


def _rename(collection: Collection, slug: str) -> None:
    old = collection.slug
    if not slug or slug == old:
        return
    try:
        with db.session.begin_nested():
            collection.slug = slug
            db.session.flush()  # the unique slug decides here
    except IntegrityError:
        raise Invalid("collection-slug-taken", field="slug", slug=slug) from None
    renames.renamed("collection", collection.id, old, slug)


def _write_texts(collection_id: int, data: CollectionData) -> None:
    db.session.execute(
        delete(CollectionTranslation).where(CollectionTranslation.collection_id == collection_id)
    )
    db.session.add_all(
        CollectionTranslation(
            collection_id=collection_id,
            locale=locale,
            title=" ".join(title.split()),
            text=data.texts.get(locale, "").strip(),
        )
        for locale, title in data.titles.items()
        if title.strip()
    )
