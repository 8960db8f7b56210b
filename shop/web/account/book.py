"""The address book."""

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from shop.account import addresses, queries
from shop.account.queries import AddressView
from shop.core.errors import ShopError
from shop.core.transaction import transaction
from shop.web.account.forms import BookForm
from shop.web.ui.errors import status_of
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import Undo, redirect_after_post, render, toast


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    both, post = ["GET", "POST"], ["POST"]
    base = "/account/addresses"
    bp.add_url_rule(base, "addresses", page, methods=both)
    bp.add_url_rule(f"{base}/<address_id>", "edit_address", edit, methods=both)
    bp.add_url_rule(f"{base}/<address_id>/removal", "remove_address", remove, methods=post)
    bp.add_url_rule(f"{base}/<address_id>/restoration", "restore_address", restore, methods=post)
    bp.add_url_rule(f"{base}/<address_id>/default", "default_address", make_default, methods=post)


@login_required
def page() -> Response:
    """The book, and the form for a new entry (open when there is none yet, or when asked for)."""
    if request.method == "GET":
        form = BookForm(data={"name": current_user.name, "phone": _phone()})
        return _page(form, adding=bool(request.args.get("new")))
    form = BookForm()
    if _only_update(form):
        return _page(form, adding=True)
    if not form.validate():
        return _page(form, adding=True, status=422)
    try:
        with transaction():
            addresses.add(current_user.user_id, form.entry(), default=bool(form.default.data))
    except ShopError as error:
        form.refuse(error)
        return _page(form, adding=True, status=status_of(error))
    return toast(
        redirect_after_post(url_for("account.addresses")), _("The address is in your book.")
    )


@login_required
def edit(address_id: str) -> Response:
    """Change an entry in its place."""
    entry = queries.address(current_user.user_id, address_id)
    if entry is None:
        abort(404)
    if request.method == "GET":
        return _page(BookForm(obj=entry, data={"default": entry.is_default}), editing=entry)
    form = BookForm()
    if _only_update(form):
        return _page(form, editing=entry)
    if not form.validate():
        return _page(form, editing=entry, status=422)
    try:
        with transaction():
            addresses.change(
                current_user.user_id, address_id, form.entry(), default=bool(form.default.data)
            )
    except ShopError as error:
        form.refuse(error)
        return _page(form, editing=entry, status=status_of(error))
    return toast(redirect_after_post(url_for("account.addresses")), _("The address is changed."))


@login_required
def remove(address_id: str) -> Response:
    """Take an entry out; the toast takes that back."""
    with transaction():
        addresses.remove(current_user.user_id, address_id)
    undo = Undo(url_for("account.restore_address", address_id=address_id))
    return toast(redirect_after_post(url_for("account.addresses")), _("Address deleted."), undo)


@login_required
def restore(address_id: str) -> Response:
    """Undo a removal."""
    with transaction():
        addresses.restore(current_user.user_id, address_id)
    return toast(redirect_after_post(url_for("account.addresses")), _("The address is back."))


@login_required
def make_default(address_id: str) -> Response:
    """Use this one unless another is chosen."""
    with transaction():
        addresses.set_default(current_user.user_id, address_id)
    return toast(
        redirect_after_post(url_for("account.addresses")), _("This is now your default address.")
    )


def _only_update(form: BookForm) -> bool:
    """The form asks for other fields, or to sort a pasted address; nothing is saved."""
    asked = request.form.get("do", "")
    if form.paste.data and (asked == "paste" or not form.street.data):
        form.sort_pasted()
        return True
    return bool(asked)


def _phone() -> str:
    known = queries.profile(current_user.user_id)
    return known.phone if known else ""


def _page(
    form: BookForm, *, editing: AddressView | None = None, adding: bool = False, status: int = 200
) -> Response:
    book = queries.addresses(current_user.user_id)
    return render(
        "account/addresses.html",
        block="book",
        status=status,
        account_section="addresses",
        book=book,
        form=form,
        editing=editing,
        adding=editing is None and (adding or not book),
    )
