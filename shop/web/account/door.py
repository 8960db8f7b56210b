"""Signing in, registering, signing out."""

import re
from dataclasses import replace

import structlog
from flask import Blueprint, Response, current_app, make_response, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user

from shop.account import credentials, passwords, queries, services, sessions, tokens
from shop.account.identity import Identity
from shop.account.passwords import HashedPassword
from shop.account.services import EmailTaken, UsernameTaken, Verified
from shop.cart import services as carts
from shop.cart import wishlist
from shop.core import clock, ids
from shop.core.errors import Forbidden, Invalid
from shop.core.transaction import transaction
from shop.jobs import seen
from shop.order import adoption
from shop.store import queries as stores
from shop.web.account import limits
from shop.web.account.forms import RegisterForm, SignInForm
from shop.web.account.messages import WRONG
from shop.web.extensions import login_manager
from shop.web.ui import deliveries
from shop.web.ui.guards import safe_path
from shop.web.ui.htmx import redirect_after_post, render, toast
from shop.web.ui.locale import current_lang
from shop.web.ui.visitor import forget_guest, guest_token

log = structlog.get_logger(__name__)

_HINT = "sign_in_as"
"""Session key: who has just registered or set a new password, for the sign-in form."""


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    bp.add_url_rule("/sign-in", "sign_in", sign_in, methods=["GET", "POST"])
    bp.add_url_rule("/register", "register", register, methods=["GET", "POST"])
    bp.add_url_rule("/sign-out", "sign_out", sign_out, methods=["POST"])


@login_manager.user_loader
def load(token: str) -> Identity | None:
    """Who holds the cookie's token, if that session is still open; that it was used is noted for later."""
    found = queries.load_session(
        sessions.token_hash(token), idle=current_app.config["SESSION_IDLE"]
    )
    if found is None:
        return None
    if clock.now() - found.seen_at > sessions.TOUCH_EVERY:
        seen.note(found.session_id)
    return replace(found, token=token)


def sign_in() -> Response:
    """User name or e-mail and password open a new session; a guest's cart comes along."""
    form = SignInForm()
    if not form.is_submitted():
        form.next.data = request.args.get("next", "")
        if current_user.is_authenticated:
            return redirect_after_post(_onward(form.next.data))
        form.login.data = session.pop(_HINT, "")
        return _door(form)
    if not form.validate():
        return _door(form, 422)
    key = credentials.login_key(form.login.data or "")
    wait = limits.spend(limits.SIGN_IN_FROM_ADDRESS, "sign-in", limits.address())
    wait = wait or limits.spend(limits.SIGN_IN_TO_ACCOUNT, "sign-in-to", key)
    if wait:
        return too_many(_door, form, wait)
    verified = services.authenticate(form.login.data or "", form.password.data or "")
    if verified is not None:
        try:
            open_session(verified, form.password.data or "")
        except Forbidden:  # the password was changed, or the account closed, in this very moment
            verified = None
    if verified is None:
        # Never what was typed: people type their password into the wrong field.
        log.warning("sign-in refused", address=limits.address())
        form.form_errors.append(str(WRONG))
        return _door(form, 422)
    deliveries.remember_home(verified.user_id)
    log.info("signed in", user_id=verified.user_id, address=limits.address())
    limits.forgive(limits.SIGN_IN_TO_ACCOUNT, "sign-in-to", key)
    answer = redirect_after_post(_onward(form.next.data))
    return forget_guest(answer) if guest_token() else answer


def register() -> Response:
    """Open an account. The answer is the same whether or not the e-mail has one already: the mail that
    follows tells its owner which. Nobody is signed in by registering, for that would tell as well."""
    form = RegisterForm()
    if not form.is_submitted():
        form.next.data = request.args.get("next", "")
        if current_user.is_authenticated:
            return redirect_after_post(_onward(form.next.data))
        return _register_page(form)
    suggested = not form.username.data and bool(form.checkout.data)
    if suggested:
        form.username.data = _username_from(form.email.data or "")
        form.username.raw_data = [form.username.data]
    if not form.validate():
        return _register_page(form, 422)
    wait = limits.spend(limits.REGISTER, "register", limits.address())
    if wait:
        return too_many(_register_page, form, wait)
    try:
        name = credentials.username(form.username.data or "")
        email = credentials.email(form.email.data or "")
        password = passwords.prepare(form.password.data or "", username=name, email=email)
        _open_account(form, name, email, password, suggested)
    except Invalid as error:
        form.refuse(error)
        return _register_page(form, 422)
    session[_HINT] = email
    answer = redirect_after_post(url_for("account.sign_in", next=_next_path(form.next.data)))
    return toast(answer, _("We have sent a mail to %(email)s. You can sign in now.", email=email))


def sign_out() -> Response:
    """End this session here and in the database."""
    if current_user.is_authenticated:
        with transaction():
            sessions.revoke_token(current_user.token)
    session.clear()
    return toast(redirect_after_post(url_for("catalog.home")), _("You are signed out."))


def open_session(verified: Verified, password: str) -> None:
    """A new session for somebody who has proved who they are; the old one's contents are dropped.

    A guest's cart joins theirs. Raises ``Forbidden`` as ``sessions.create``.
    """
    renewed: HashedPassword | None = None
    if verified.outdated:
        try:
            renewed = passwords.prepare(password)
        except Invalid:  # accepted by the rules of its time: it stays as it is
            renewed = None
    cart = guest_token()
    with transaction():
        made = sessions.create(
            verified.user_id,
            user_agent=request.user_agent.string,
            ip=request.remote_addr or "",
            lasts=current_app.config["SESSION_ABSOLUTE"],
            password_hash=verified.password_hash,
        )
        if renewed is not None:
            services.renew_hash(verified, renewed)
        if cart:
            carts.merge(cart, verified.user_id)
            wishlist.merge(cart, verified.user_id)
    session.clear()
    session.permanent = True
    login_user(load(made.token))


def too_many(page, form, wait: int) -> Response:  # type: ignore[no-untyped-def]  # any form and its page
    """The form again, with what was typed, and when to try again."""
    log.warning("too many attempts", endpoint=request.endpoint, address=limits.address())
    form.form_errors.append(limits.sentence(wait))
    answer: Response = page(form, 429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def _open_account(
    form: RegisterForm, name: str, email: str, password: HashedPassword, suggested: bool
) -> None:
    """Register, ask to confirm, and take over the guest's orders. Raises ``Invalid``."""
    for attempt in range(5):
        try:
            with transaction():
                user = services.register(
                    name,
                    email,
                    password,
                    locale=current_lang(),
                    display_name=form.display_name.data or "",
                )
                tokens.request_confirmation(user.id, secret=current_app.config["SECRET_KEY"])
                if form.checkout.data:
                    adoption.adopt(form.checkout.data, user.id)
            return
        except EmailTaken:
            with transaction():
                services.note_repeated_registration(email)
            return
        except UsernameTaken:
            if not suggested or attempt == 4:
                raise
            name = f"{name.split('-')[0][:30]}-{ids.public_id()[:4]}"


def _username_from(email: str) -> str:
    """A user name for somebody who was only asked for a password."""
    bare = re.sub(r"[^0-9a-zA-Z._]+", "", email.partition("@")[0]).strip("._")[:30]
    return bare if len(bare) >= 2 else f"shopper-{ids.public_id()[:6]}"


def _onward(target: str | None) -> str:
    """Where the person who is signed in now goes: where they wanted to, else to their desk or account."""
    works = current_user.is_operator or stores.store_ids_of(current_user.user_id)
    return safe_path(target, url_for("admin.dashboard" if works else "account.home"))


def _next_path(target: str | None) -> str | None:
    return safe_path(target, "") or None


def _door(form: SignInForm, status: int = 200) -> Response:
    return make_response(render("account/sign_in.html", status=status, form=form))


def _register_page(form: RegisterForm, status: int = 200) -> Response:
    return make_response(render("account/register.html", status=status, form=form))
