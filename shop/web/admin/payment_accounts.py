"""Accounts at payment providers: which there are, what they are made of, and whether they work. For operators."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from shop.core import audit
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.transaction import transaction
from shop.jobs import account_flow
from shop.jobs.gateways import opened, surroundings
from shop.payment.accounts import kinds, queries, services
from shop.payment.accounts.kinds import KINDS, Kind
from shop.payment.accounts.queries import AccountView
from shop.payment.offline import COD
from shop.store import queries as stores
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import desk
from shop.web.admin.messages import refuse, say
from shop.web.admin.payment_account_forms import AccountForm, entry_of, form_of, kept, key
from shop.web.admin.payment_account_words import HINTS, say_outcome, say_problem
from shop.web.admin.replies import refused, went_to
from shop.web.extensions import limiter
from shop.web.ui.guards import require_operator
from shop.web.ui.htmx import render


@bp.get("/payment-accounts")
@require_operator
def payment_accounts() -> Response:
    """All accounts, those of the environment included, and the order at the checkout."""
    return _list()


@bp.post("/payment-accounts/order")
@require_operator
def payment_order() -> Response:
    """Show a way to pay earlier or later."""
    names = list(opened())
    name = request.form.get("name", "")
    step = -1 if request.form.get("move") == "up" else 1
    try:
        with transaction():
            services.move(name, names, step)
            _note("payment_order.change", f"payment {name}")
    except NotFound:
        abort(404)
    return went_to(gettext("The order is saved."), url_for("admin.payment_accounts") + "#order")


@bp.post("/payment-accounts/test")
@require_operator
@limiter.limit("30 per minute")
def environment_test() -> Response:
    """Test what the environment set up."""
    return _tested(None, request.form.get("gateway", ""))


@bp.route("/payment-accounts/new", methods=["GET", "POST"])
@require_operator
def payment_account_new() -> Response:
    """Add one, of the gateway that the address names."""
    kind = _kind_or_404(request.args.get("gateway", KINDS[0].name))
    if not surroundings().keyring:
        return _list(409 if request.method == "POST" else 200)
    if request.method == "GET":
        return _page(kind, form_of(kind, _currencies(kind)))
    form = form_of(kind, _currencies(kind), given=True)
    try:
        if not form.validate():
            return _page(kind, form, status=422)
        with transaction():
            made = services.create(kind.name, entry_of(kind, form), surroundings(), actor=_actor())
            _note("payment_account.create", f"payment account {made}", gateway=kind.name)
    except (Invalid, Conflict) as error:
        return _refused(kind, form, error)
    except IntegrityError:
        return _refused(kind, form, Conflict("account-exists"))
    said = gettext("The account is kept. Test it, then put it in use.")
    return went_to(said, url_for("admin.payment_account", account=made))


@bp.route("/payment-accounts/<account>", methods=["GET", "POST"])
@require_operator
def payment_account(account: str) -> Response:
    """Look at one, or change it."""
    found = _found(account)
    kind = _kind_or_404(found.gateway)
    currencies = _currencies(kind, found)
    if request.method == "GET":
        return _page(kind, form_of(kind, currencies, found), found)
    form = form_of(kind, currencies, given=True)
    try:
        if not form.validate():
            return _page(kind, form, found, 422)
        with transaction():
            other = services.change(account, entry_of(kind, form), surroundings(), actor=_actor())
            if other:
                _note("payment_account.change", f"payment account {account}", fields=other)
    except NotFound:
        abort(404)
    except ShopError as error:
        return _refused(kind, form, error, found)
    return went_to(gettext("Changes saved."), url_for("admin.payment_account", account=account))


@bp.post("/payment-accounts/<account>/use")
@require_operator
def payment_account_use(account: str) -> Response:
    """Put it in use, or aside."""
    found = _found(account)
    wanted = request.form.get("use") == "yes"
    there = url_for("admin.payment_account", account=account)
    try:
        with transaction():
            others = []
            if wanted:
                others = services.put_in_use(account, surroundings(), actor=_actor())
            else:
                services.put_aside(account, actor=_actor())
            action = "payment_account.enable" if wanted else "payment_account.disable"
            _note(action, f"payment account {account}", instead_of=others)
    except NotFound:
        abort(404)
    except (Conflict, IntegrityError) as error:
        raised = error if isinstance(error, ShopError) else Conflict("conflict")
        kind = _kind_or_404(found.gateway)
        page = _page(kind, form_of(kind, _currencies(kind, found), found), found, 409, say(raised))
        return refused(page, raised)
    said = gettext("In use: new payments go here from now on.")
    return went_to(said if wanted else gettext("Set aside: no new payments go here."), there)


@bp.post("/payment-accounts/<account>/test")
@require_operator
@limiter.limit("30 per minute")
def payment_account_test(account: str) -> Response:
    """Ask the provider something harmless."""
    return _tested(account, _found(account).gateway)


def _tested(account: str | None, gateway: str) -> Response:
    if gateway == COD:
        abort(404)
    try:
        finding = account_flow.prove(account, gateway, actor=_actor(), user_id=desk().user_id)
    except NotFound:
        abort(404)
    _kind, word, sentence = say_outcome(finding.outcome)
    code = f" ({finding.code})" if finding.code else ""
    page = url_for("admin.payment_accounts")
    if account is not None:
        page = url_for("admin.payment_account", account=account)
    return went_to(f"{word}{code}: {sentence}", page)


def _list(status: int = 200) -> Response:
    known = opened()
    rows = queries.listed()
    environment = [one for one in known.accounts if one.public_id is None]
    return render(
        "admin/money/accounts.html",
        block="main",
        status=status,
        rows=rows,
        environment=[one for one in environment if one.gateway.name in _names()],
        current=known.current,
        broken={name: say_problem(problem) for name, problem in known.broken.items()},
        names=list(known),
        kinds=[one.name for one in KINDS],
        can_keep=bool(surroundings().keyring),
        outcome=say_outcome,
    )


def _page(
    kind: Kind,
    form: AccountForm,
    account: AccountView | None = None,
    status: int = 200,
    problem: str = "",
) -> Response:
    broken = opened().broken.get(account.public_id) if account else None
    return render(
        "admin/money/account.html",
        block="main",
        status=status,
        kind=kind,
        form=form,
        account=account,
        key=key,
        hints=HINTS,
        kept=kept(kind, account),
        problem=problem or (say_problem(broken) if broken else ""),
        outcome=say_outcome,
    )


def _refused(
    kind: Kind, form: AccountForm, error: ShopError, account: AccountView | None = None
) -> Response:
    at = str(error.params.get("field", ""))
    refuse(form, error, key(at) if at else None)
    return refused(_page(kind, form, account, 409), error)


def _currencies(kind: Kind, account: AccountView | None = None) -> list[str]:
    """What can be ticked: what stores here sell in and the gateway takes, and what is ticked already."""
    sold = {store.currency for store in stores.all_stores()}
    found = sold if kind.currencies is None else sold & kind.currencies or kind.currencies
    return sorted(found | set(account.currencies if account else ()))


def _names() -> set[str]:
    return {one.name for one in KINDS}


def _kind_or_404(name: str) -> Kind:
    try:
        return kinds.kind(name)
    except NotFound:
        abort(404)


def _found(public_id: str) -> AccountView:
    found = queries.one(public_id)
    if found is None:
        abort(404)
    return found


def _actor() -> str:
    return f"u:{int(current_user.user_id)}"


def _note(action: str, subject: str, **detail: Any) -> None:
    audit.write(action, subject, actor=_actor(), user_id=desk().user_id, **detail)
