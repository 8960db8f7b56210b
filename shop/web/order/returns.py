"""Returns of an order, as its buyer asks for them and follows them."""

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _

from shop.catalog.photos import MOST_PHOTOS, Photo
from shop.core import ids
from shop.core.errors import Conflict, Invalid
from shop.core.i18n import pick
from shop.core.lookups import together
from shop.core.transaction import transaction
from shop.order import return_outcomes, return_photos, return_queries, returnable, returns
from shop.order.return_outcomes import Wanted
from shop.order.return_photos import FOLDER
from shop.order.return_states import Outcome
from shop.order.views import OrderView
from shop.payment import return_refunds
from shop.web.extensions import limiter
from shop.web.order import access
from shop.web.ui import photo_choice, private_photos
from shop.web.ui.errors import status_of, words
from shop.web.ui.htmx import is_partial, redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.photo_choice import Chosen
from shop.web.ui.return_reasons import OUTCOMES, REASONS


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    at = "/orders/<number>/returns"
    bp.add_url_rule(at, "returns", page)
    bp.add_url_rule(at, "return_request", limiter.limit("60 per 10 minutes")(ask), methods=["POST"])
    bp.add_url_rule(f"{at}/photos/<word>", "return_photo", photo)
    bp.add_url_rule(f"{at}/<return_id>/parcel", "return_send", send, methods=["POST"])
    bp.add_url_rule(f"{at}/<return_id>/withdrawal", "return_withdraw", withdraw, methods=["POST"])


def page(number: str) -> Response:
    """What can go back, and what was asked for."""
    return _page(access.allowed(number))


def photo(number: str, word: str) -> Response:
    """A photo of a return, or of the form for one: for whoever may see the order, and holds its word."""
    view = access.allowed(number)
    found = photo_choice.read(_purpose(view), word)
    if found is None:
        abort(404)
    return private_photos.answer(found)


def ask(number: str) -> Response:
    """First press: what they get is shown. Second: the return is asked for. Photos are kept by the form."""
    view = access.allowed(number)
    # Pictures are made only for who can post them: it takes a while.
    left = returnable.of_order(view.id).units
    photos = photo_choice.chosen(_purpose(view), FOLDER) if left else Chosen()
    if _only_adds(photos) or photos.problems:
        return _page(view, photos=photos, status=422 if photos.problems else 200)
    outcome = request.form.get("outcome", Outcome.REFUND)
    try:
        wanted = _wanted(view)
        if request.form.get("do") != "send":
            fitting, amount_minor = _worth(view, wanted, outcome)
            return _page(view, outcome=fitting, quote=amount_minor, photos=photos)
        with transaction():
            return_refunds.request(
                view.id,
                wanted,
                "",
                actor=_actor(view),
                key=request.form.get("once", ""),
                outcome=outcome,
                pictures=list(photos.kept.values()),
            )
    except (Invalid, Conflict) as error:
        return _page(view, error=words(error), photos=photos, status=status_of(error))
    return toast(_back(number), _("The shop has your request."))


def send(number: str, return_id: str) -> Response:
    """The parcel is on its way."""
    view = access.allowed(number)
    try:
        with transaction():
            returns.send(
                view.id,
                return_id,
                carrier=request.form.get("carrier", "").replace("\0", ""),
                tracking_number=request.form.get("tracking_number", "").replace("\0", ""),
                actor=_actor(view),
            )
    except (Invalid, Conflict) as error:
        return _page(view, error=words(error), status=status_of(error))
    return toast(_back(number), _("Thank you. The shop knows that it is coming."))


def withdraw(number: str, return_id: str) -> Response:
    """The shopper keeps it after all."""
    view = access.allowed(number)
    try:
        with transaction():
            returns.withdraw(view.id, return_id, actor=_actor(view))
    except Conflict as error:
        return _page(view, error=words(error), status=status_of(error))
    return toast(_back(number), _("The return is withdrawn."))


def _only_adds(photos: Chosen) -> bool:
    """Whether the form was sent for its photos alone: by the button for it, or by the script of the page
    as soon as some were chosen."""
    do = request.form.get("do", "")
    return do == "photos" or (photos.came and is_partial() and not do)


def _wanted(view: OrderView) -> dict[str, Wanted]:
    """What was chosen. How many may go back is asked later: a second press comes when none are left."""
    wanted = {}
    for line in view.lines:
        name = line.public_id
        typed = request.form.get(f"quantity-{name}", "").strip() or "0"
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
            most = returnable.of_order(view.id).units.get(line.id, 0)
            raise Invalid("return-quantity", field=f"quantity-{name}", maximum=most)
        if int(typed):
            reason = request.form.get(f"reason-{name}", "")
            if reason not in REASONS:
                raise Invalid("return-reason", field=f"reason-{name}")
            note = (
                request.form.get(f"note-{name}", "").replace("\0", "").replace("\r\n", "\n").strip()
            )
            wanted[name] = Wanted(int(typed), reason, note, request.form.get(f"variant-{name}", ""))
    return wanted


def _worth(view: OrderView, wanted: dict[str, Wanted], outcome: str) -> tuple[str, int]:
    """What they would get, and what the units are worth in minor units."""
    fitting, _ = return_outcomes.check(returns.check(view.id, wanted), outcome)
    units_of = {name: line.quantity for name, line in wanted.items()}
    return fitting, return_refunds.worth(view.id, units_of).total_minor


def _page(
    view: OrderView,
    *,
    outcome: str = "",
    quote: int | None = None,
    photos: Chosen | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    going, taken = returnable.of_order.later(view.id), return_photos.of_order.later(view.id)
    together(going, taken)
    left = going.found.units
    found = return_queries.of_order(view.id, current_lang())
    shown = photos or Chosen()
    return render(
        "order/returns.html",
        block="return_form",
        status=status,
        order=view,
        key=access.key_of(view.number),
        back=access.status_url(view.number),
        lines=[(line, left[line.id]) for line in view.lines if line.id in left],
        until=going.found.until,
        found=found,
        reasons=REASONS,
        outcomes=OUTCOMES,
        outcome=outcome or request.form.get("outcome") or Outcome.REFUND,
        choices=_choices(list(left)),
        photo_at={
            return_id: [_photo_urls(view, one) for one in photos_of.values()]
            for return_id, photos_of in taken.found.items()
        },
        order_at={
            item.replacement: access.status_url(item.replacement)
            for item in found
            if item.replacement
        },
        photos=shown,
        photo_urls={word: _photo_urls(view, one)[0] for word, one in shown.kept.items()},
        most_photos=MOST_PHOTOS,
        typed=request.form,
        once=request.form.get("once") or ids.token(),
        quote=quote,
        error=error,
    )


def _choices(line_ids: list[int]) -> dict[int, list[tuple[str, str, bool]]]:
    """What each line may be exchanged for, in words, and whether it is sold out."""
    found: dict[int, list[tuple[str, str, bool]]] = {}
    for line_id, offered in return_outcomes.choices(line_ids).items():
        for one in offered:
            text = pick(one.options, current_lang()) or _("the same again")
            gone = one.available == 0
            text = _("%(variant)s, sold out", variant=text) if gone else text
            found.setdefault(line_id, []).append((one.public_id, text, gone))
    return found


def _photo_urls(view: OrderView, one: Photo) -> tuple[str, str]:
    """Addresses of a photo for whoever may see the order: small, and large."""
    word, key = photo_choice.sign(_purpose(view), one), access.key_of(view.number)
    at = "order.return_photo"
    return (
        url_for(at, number=view.number, word=word, key=key, size="small"),
        url_for(at, number=view.number, word=word, key=key),
    )


def _purpose(view: OrderView) -> str:
    return f"return-photo:{view.number}"


def _back(number: str) -> Response:
    return redirect_after_post(access.status_url(number).replace("?", "/returns?", 1))


def _actor(view: OrderView) -> str:
    return f"u:{view.user_id}" if view.user_id is not None else "guest"
