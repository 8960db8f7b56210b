"""Gift cards of the store and what members have with it. Owners and operators alone give money away."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask_babel import gettext

from shop.analytics import members as people
from shop.core.errors import Conflict, IllegalTransition, Invalid
from shop.core.transaction import transaction
from shop.payment import card_queries, cards
from shop.payment.card_queries import CardRow
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk, note
from shop.web.admin.gift_card_forms import CreditForm, IssueForm, MailForm, VoidForm
from shop.web.admin.messages import refuse
from shop.web.admin.replies import refused, say_refusal, went_to
from shop.web.ui.forms import Form
from shop.web.ui.htmx import is_partial, render
from shop.web.ui.locale import current_lang
from shop.web.ui.paging import cursor_id


@bp.get("/gift-cards")
def gift_cards() -> Response:
    """Cards and balances, the newest first."""
    q = request.args.get("q", "").strip()[:80]
    cursor = cursor_id(request.args.get("after", ""))
    page = card_queries.listed(desk().store_ids, q=q, after=cursor)
    if cursor and is_partial():
        return render("admin/cards/_more.html", page=page, q=q)
    owed = card_queries.owed(desk().store_ids, desk().currency)
    return render("admin/cards/list.html", page=page, q=q, owed=owed)


@bp.route("/gift-cards/new", methods=["GET", "POST"])
def gift_card_new() -> Response:
    """Issue a card; its code is mailed and shown to nobody here."""
    _may_give()
    here = desk()
    form = IssueForm(formdata=None)
    form.amount.currency = here.currency
    if request.method == "GET":
        form.language.data = current_lang()
        return _issue_page(form)
    form.process(request.form)
    if not form.validate():
        return _issue_page(form, 422)
    try:
        with transaction():
            made = cards.issue(
                here.store_id,
                int(form.amount.data or 0),
                here.currency,
                recipient=(form.recipient.data or "").strip(),
                message=form.message.data or "",
                locale=form.language.data,
                expires_at=form.ends_at(here.store.timezone),
                actor=here.actor,
                reason=form.reason.data or "",
                key=form.key.data or "",
                secret=_secret(),
            )
            note("gift_card.issue", f"gift card {made}", amount_minor=form.amount.data)
    except Invalid as error:
        refuse(form, error)
        return _issue_page(form, 422)
    except Conflict as error:
        say_refusal(error)
        return refused(_issue_page(form, 409), error)
    return went_to(
        gettext("The card is issued, and its code is on its way."),
        url_for("admin.gift_card", card=made),
    )


@bp.get("/gift-cards/<card>")
def gift_card(card: str) -> Response:
    """One card: what is on it and how that came to be."""
    return _page(_found(card))


@bp.post("/gift-cards/<card>/end")
def gift_card_void(card: str) -> Response:
    """End a card, for a reason."""
    _may_give()
    form = VoidForm()
    return _act(
        card,
        form,
        "ending",
        lambda: cards.void(
            card, store_id=desk().store_id, reason=form.reason.data or "", actor=desk().actor
        ),
        gettext("The card is void."),
        action="gift_card.void",
        reason=form.reason.data or "",
    )


@bp.post("/gift-cards/<card>/mail")
def gift_card_mail(card: str) -> Response:
    """Mail a new code."""
    _may_give()
    form = MailForm()
    return _act(
        card,
        form,
        "mailing",
        lambda: cards.send_again(
            card, (form.recipient.data or "").strip(), store_id=desk().store_id, secret=_secret()
        ),
        gettext("A new code is on its way; the old one is worth nothing now."),
        action="gift_card.mail",
    )


@bp.route("/members/<user>/balance", methods=["GET", "POST"])
def member_balance(user: str) -> Response:
    """What a member has with the store, and a form to add to it."""
    here = desk()
    rows = people.members(here.store_id, user=user).rows
    found = rows[0] if rows else people.buyer(here.store_ids, user)
    if found is None:
        abort(404)
    form = CreditForm(formdata=None)
    form.amount.currency = here.currency
    status = 200
    if request.method == "POST":
        _may_give()
        form.process(request.form)
        if form.validate():
            try:
                with transaction():
                    cards.credit(
                        here.store_id,
                        found.user_id,
                        int(form.amount.data or 0),
                        here.currency,
                        actor=here.actor,
                        reason=form.reason.data or "",
                        key=form.key.data or "",
                    )
                    note(
                        "balance.credit",
                        f"user {found.public_id}",
                        amount_minor=form.amount.data,
                        reason=form.reason.data,
                    )
            except Invalid as error:
                refuse(form, error)
            else:
                return went_to(
                    gettext("The balance is credited."), url_for("admin.member_balance", user=user)
                )
        status = 422
    card = card_queries.balance_with(here.store_id, found.user_id, here.currency)
    return render(
        "admin/cards/balance.html",
        block="main",
        status=status,
        member=found,
        card=card,
        entries=card_queries.entries([card.id]).get(card.id, []) if card else [],
        form=form,
        may_give=here.may_manage_staff,
    )


def _act(
    card: str,
    form: Form,
    name: str,
    work: Callable[[], None],
    said: str,
    *,
    action: str,
    **detail: Any,
) -> Response:
    found = _found(card)
    if not form.validate():
        return _page(found, 422, **{name: form})
    try:
        with transaction():
            work()
            note(action, f"gift card {card}", **detail)
    except Invalid as error:
        refuse(form, error)
        return _page(found, 422, **{name: form})
    except (Conflict, IllegalTransition):
        over = Conflict("card-over")
        say_refusal(over)
        return refused(_page(_found(card), 409), over)
    return went_to(said, url_for("admin.gift_card", card=card))


def _found(card: str) -> CardRow:
    found = card_queries.one(card, desk().store_ids)
    if found is None:
        abort(404)
    return found


def _page(found: CardRow, status: int = 200, **forms: Form) -> Response:
    return render(
        "admin/cards/card.html",
        block="main",
        status=status,
        card=found,
        entries=card_queries.entries([found.id]).get(found.id, []),
        ending=forms.get("ending") or VoidForm(formdata=None),
        mailing=forms.get("mailing")
        or MailForm(formdata=None, data={"recipient": found.recipient}),
        may_give=desk().may_manage_staff,
    )


def _issue_page(form: IssueForm, status: int = 200) -> Response:
    return render("admin/cards/new.html", block="main", status=status, form=form)


def _may_give() -> None:
    if not desk().may_manage_staff:
        abort(403)


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])
