"""Up to four products beside one another. The address says which (``?p=``, again and again); without it the
browser's own memory does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.catalog import compare_queries, related_queries
from shop.catalog.compare_queries import Compared
from shop.core.errors import Conflict, NotFound
from shop.web.catalog.blueprint import bp
from shop.web.ui import trail
from shop.web.ui.caching import private
from shop.web.ui.cards import CardView, card_view, card_views
from shop.web.ui.errors import register_message, words
from shop.web.ui.htmx import is_htmx, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang

register_message(
    "compare-full",
    lazy_gettext("%(maximum)s things can be compared at once. Remove one of them first."),
)
_LONGEST_NAME = 160


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: a cell for each product, empty where it says nothing. ``differs``: not all
    say the same."""

    name: str
    cells: list[str]

    @property
    def differs(self) -> bool:
        """Whether what the products say is not the same for all."""
        return len({" ".join(cell.split()).casefold() for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Column:
    """A product at the head of its column."""

    public_id: str
    card: CardView


@bp.get("/compare")
@private
def compare() -> Response:
    """The table; what was looked at lately can be put beside it."""
    chosen = _named(request.args.getlist("p")) or trail.compared()
    found = compare_queries.compared(chosen, current_lang(), trail.MOST_COMPARED)
    shown = {one.card.slug for one in found}
    others: list[CardView] = []
    if len(found) < trail.MOST_COMPARED:
        seen = related_queries.cards_named(trail.viewed(), current_lang())
        others = card_views(card for _name, card in seen if card.slug not in shown)[:6]
    return render(
        "catalog/compare.html",
        columns=[Column(one.public_id, card_view(one.card)) for one in found],
        rows=_rows(found),
        others=others,
        most=trail.MOST_COMPARED,
        left_out=max(0, len(set(chosen)) - trail.MOST_COMPARED),
    )


@bp.post("/compare/items")
@private
def compare_add() -> Response:
    """Put a product beside the others; the answer to htmx leads there."""
    found = related_queries.cards_named(_named([request.form.get("product", "")]), current_lang())
    if not found:
        raise NotFound("variant-not-sold")
    kept = _present(_named(request.form.getlist("p")) or trail.compared())
    name, card = found[0]
    if name not in kept and len(kept) >= trail.MOST_COMPARED:
        full = Conflict("compare-full", maximum=trail.MOST_COMPARED)
        if is_htmx():
            raise full
        return toast(redirect_after_post(url_for("catalog.compare")), words(full))
    names = [*kept, name] if name not in kept else kept
    trail.compare(names)
    if not is_htmx():
        return redirect_after_post(url_for("catalog.compare"))
    said = _("“%(title)s” is there to compare.", title=card.title)
    return toast(render("catalog/_compare_add.html", slug=card.slug, count=len(names)), said)


@bp.post("/compare/items/removal")
@private
def compare_remove() -> Response:
    """Take a product away, or all of them where none is named; what the address showed stays."""
    gone = request.form.get("product", "")
    kept = _present(_named(request.form.getlist("p")) or trail.compared()) if gone else []
    trail.compare([one for one in kept if one != gone])
    return redirect_after_post(url_for("catalog.compare"))


def _named(typed: Sequence[str]) -> list[str]:
    """What an address or a form names, as far as it can be a name."""
    return [name for name in typed[:8] if 0 < len(name) <= _LONGEST_NAME]


def _present(names: Sequence[str]) -> list[str]:
    """The public ids of those that are still sold."""
    return [name for name, _card in related_queries.cards_named(names, current_lang())]


def _rows(found: Sequence[Compared]) -> list[Row]:
    """Options first, then the specification, names as the first product that has them writes them."""
    rows = [
        Row(_("Stars"), [_rating(one) for one in found]),
        Row(_("In stock"), [_("Yes") if one.card.available else _("Sold out") for one in found]),
        Row(_("Shop"), [one.card.store.name for one in found]),
        Row(_("Brand"), [one.brand for one in found]),
    ]
    rows += _aligned([one.options for one in found])
    rows += _aligned([one.specs for one in found])
    return [row for row in rows if any(row.cells)]


def _rating(one: Compared) -> str:
    if not one.card.rating.count:
        return ""
    return _(
        "%(stars)s of 5 (%(count)s)",
        stars=f"{one.card.rating.mean:.1f}",
        count=one.card.rating.count,
    )


def _aligned(columns: Sequence[Mapping[str, str]]) -> list[Row]:
    names: dict[str, str] = {}
    keyed: list[dict[str, str]] = []
    for column in columns:
        keyed.append({})
        for name, value in column.items():
            key = " ".join(name.split()).casefold()
            names.setdefault(key, name)
            keyed[-1][key] = value
    return [Row(name, [own.get(key, "") for own in keyed]) for key, name in names.items()]
