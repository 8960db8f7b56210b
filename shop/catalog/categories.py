"""The platform's category tree: made and changed by operators."""

from collections.abc import Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from shop.catalog import collection_members, slugs
from shop.catalog.models import Category, CategoryTranslation
from shop.core import outbox, renames
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound

MAX_DEPTH = 4


def create_category(
    slug: str,
    names: Mapping[str, str],
    *,
    parent_id: int | None = None,
    position: int | None = None,
    image_name: str | None = None,
) -> Category:
    """Make a category, last among its siblings unless ``position`` is given. ``names``: locale → name.

    Raises ``Invalid``: "slug-form", "slug-taken", "category-name-missing", "category-too-deep";
    ``NotFound("category-unknown")`` for the parent.
    """
    if not slugs.is_slug(slug) or len(slug) > 80:
        raise Invalid("slug-form", field="slug", slug=slug)
    if not any(name.strip() for name in names.values()):
        raise Invalid("category-name-missing", field="name")
    if parent_id is not None and len(_ancestors(parent_id)) >= MAX_DEPTH:
        raise Invalid("category-too-deep", field="parent", limit=MAX_DEPTH)
    if position is None:
        last = db.session.scalar(
            select(func.max(Category.position)).where(
                Category.parent_id.is_not_distinct_from(parent_id)
            )
        )
        position = 0 if last is None else last + 1
    category = Category(slug=slug, parent_id=parent_id, position=position, image_name=image_name)
    try:
        with db.session.begin_nested():
            db.session.add(category)
            db.session.flush()  # the unique slug decides here
    except IntegrityError:
        raise Invalid("slug-taken", field="slug", slug=slug) from None
    renames.taken("category", slug)
    _write_names(category.id, names)
    return category


def update_category(
    category_id: int,
    *,
    names: Mapping[str, str] | None = None,
    parent_id: int | None,
    position: int,
    image_name: str | None,
) -> None:
    """Rename or move a category. Raises as ``create_category``; ``Conflict("category-loop")``.

    Records ``category.renamed{category_id}`` when its names change: a job lets its goods be found by them.
    """
    category = db.session.get(Category, category_id, with_for_update=True, populate_existing=True)
    if category is None:
        raise NotFound("category-unknown")
    if parent_id is not None:
        above = _ancestors(parent_id)
        if category_id in above:
            raise Conflict("category-loop", field="parent")
        if len(above) >= MAX_DEPTH:
            raise Invalid("category-too-deep", field="parent", limit=MAX_DEPTH)
    if category.parent_id != parent_id:
        collection_members.all_stale()  # rules take in what lies below a category
    category.parent_id = parent_id
    category.position = position
    category.image_name = image_name
    if names is not None:
        if not any(name.strip() for name in names.values()):
            raise Invalid("category-name-missing", field="name")
        if _write_names(category_id, names):
            outbox.record("category.renamed", category_id=category_id)


def change_slug(category_id: int, slug: str) -> None:
    """Give a category another address; the old one leads on. Raises as ``create_category``."""
    if not slugs.is_slug(slug) or len(slug) > 80:
        raise Invalid("slug-form", field="slug", slug=slug)
    category = db.session.get(Category, category_id, with_for_update=True, populate_existing=True)
    if category is None:
        raise NotFound("category-unknown")
    old = category.slug
    try:
        with db.session.begin_nested():
            category.slug = slug
            db.session.flush()  # the unique slug decides here
    except IntegrityError:
        raise Invalid("slug-taken", field="slug", slug=slug) from None
    renames.renamed("category", category_id, old, slug)


def _write_names(category_id: int, names: Mapping[str, str]) -> bool:
    """Write the names anew; whether they are others than before."""
    wanted = {locale: name.strip() for locale, name in names.items() if name.strip()}
    before = db.session.execute(
        delete(CategoryTranslation)
        .where(CategoryTranslation.category_id == category_id)
        .returning(CategoryTranslation.locale, CategoryTranslation.name)
    ).all()
    db.session.add_all(
        CategoryTranslation(category_id=category_id, locale=locale, name=name)
        for locale, name in wanted.items()
    )
    db.session.flush()  # a delete and inserts of the same key: keep their order
    return {row.locale: row.name for row in before} != wanted


def _ancestors(category_id: int) -> list[int]:
    """The category and those above it. Raises ``NotFound`` when it does not exist."""
    found: list[int] = []
    step: int | None = category_id
    while step is not None and step not in found:
        row = db.session.execute(
            select(Category.id, Category.parent_id).where(Category.id == step)
        ).one_or_none()
        if row is None:
            raise NotFound("category-unknown")
        found.append(row.id)
        step = row.parent_id
    return found
