"""Reading the category tree."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from shop.catalog.folding import fold
from shop.catalog.localised import best
from shop.catalog.models import Category, CategoryTranslation
from shop.catalog.views import CategoryNode, CategoryView
from shop.core.db import db


def categories(locale: str) -> list[CategoryNode]:
    """The whole tree, counts of published products included. One statement."""
    rows = db.session.execute(_all(locale)).all()
    children: dict[int | None, list[int]] = {}
    by_id = {row.id: row for row in rows}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row.id)

    def build(category_id: int) -> CategoryNode:
        row = by_id[category_id]
        below = [build(child) for child in children.get(category_id, [])]
        return CategoryNode(
            id=row.id,
            public_id=row.public_id,
            slug=row.slug,
            name=row.name or row.slug,
            image_name=row.image_name,
            parent_id=row.parent_id,
            count=row.products + sum(node.count for node in below),
            children=below,
        )

    return [build(top) for top in children.get(None, [])]


@lru_cache(maxsize=8)
def _all(locale: str) -> Any:
    return (
        select(
            Category.id,
            Category.public_id,
            Category.slug,
            Category.parent_id,
            Category.image_name,
            CategoryTranslation.name,
            Category.products,
        )
        .select_from(Category)
        .outerjoin(
            CategoryTranslation, best(CategoryTranslation, "category_id", Category.id, locale)
        )
        .order_by(Category.position, Category.id)
    )


def walk(tree: Sequence[CategoryNode]) -> Iterator[CategoryNode]:
    """Every node of a tree, parents before children."""
    for node in tree:
        yield node
        yield from walk(node.children)


def path_to(tree: Sequence[CategoryNode], slug: str) -> list[CategoryNode]:
    """The nodes from the top to the one with this slug; empty when there is none."""
    for node in tree:
        if node.slug == slug:
            return [node]
        below = path_to(node.children, slug)
        if below:
            return [node, *below]
    return []


def category(
    slug: str, locale: str, tree: Sequence[CategoryNode] | None = None
) -> CategoryView | None:
    """A category and the way to it. No statement when the tree was read before, else one."""
    path = path_to(categories(locale) if tree is None else tree, slug)
    return CategoryView(node=path[-1], path=path) if path else None


def matching(query: str, tree: Sequence[CategoryNode], limit: int = 4) -> list[CategoryNode]:
    """Categories whose name holds all of ``query``, those that begin with it first."""
    wanted = fold(query)
    if not wanted:
        return []
    found = [node for node in walk(tree) if wanted in _folded(node.name) and node.count]
    found.sort(key=lambda node: not _folded(node.name).startswith(wanted))
    return found[:limit]


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return fold(name)


def category_id(slug: str) -> int | None:
    """The id of the category with this slug."""
    return db.session.scalar(select(Category.id).where(Category.slug == slug))
