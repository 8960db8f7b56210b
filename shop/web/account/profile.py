"""A person's details, password and signed-in devices."""

import structlog
from flask import Blueprint, Response, current_app, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from shop.account import credentials, passwords, queries, services, sessions, tokens
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.web.account import devices, door, limits
from shop.web.account.forms import EmailForm, PasswordForm, ProfileForm
from shop.web.ui.forms import Form
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import redirect_after_post, render, toast

log = structlog.get_logger(__name__)


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    both = ["GET", "POST"]
    bp.add_url_rule("/account/profile", "profile", profile, methods=both)
    bp.add_url_rule("/account/email", "change_email", change_email, methods=["POST"])
    bp.add_url_rule("/account/password", "password", password, methods=both)
    bp.add_url_rule("/account/sessions", "sessions", devices_page)
    bp.add_url_rule(
        "/account/sessions/<session_id>/revocation", "revoke_session", revoke, methods=["POST"]
    )


@login_required
def profile() -> Response:
    """Name, phone, language; the e-mail has a form of its own."""
    form = ProfileForm()
    if not form.is_submitted():
        return _page()
    if not form.validate():
        return _page(form, status=422)
    try:
        with transaction():
            services.update_profile(
                current_user.user_id,
                display_name=form.display_name.data or "",
                phone=form.phone.data or "",
                locale=form.locale.data,
                wishlist_mails=form.wishlist_mails.data,
            )
    except Invalid as error:
        form.refuse(error)
        return _page(form, status=422)
    return toast(redirect_after_post(url_for("account.profile")), _("Saved."))


@login_required
def change_email() -> Response:
    """Another address: asks for the password, and holds once its link is used."""
    form = EmailForm()
    if not form.validate():
        return _page(email=form, status=422)
    wait = limits.spend(limits.PASSWORD_AGAIN, "password-again", current_user.public_id)
    if wait:
        return door.too_many(lambda given, code: _page(email=given, status=code), form, wait)
    if not services.check_password(current_user.user_id, form.current.data or ""):
        form.current.errors = [_("This is not your password.")]
        return _page(email=form, status=422)
    try:
        address = credentials.email(form.email.data or "")
        with transaction():
            tokens.request_confirmation(
                current_user.user_id, secret=current_app.config["SECRET_KEY"], email=address
            )
    except Invalid as error:
        form.refuse(error)
        return _page(email=form, status=422)
    return toast(
        redirect_after_post(url_for("account.profile")),
        _("We have sent a link to %(email)s. The address is yours once you use it.", email=address),
    )


@login_required
def password() -> Response:
    """A new password: asks for the present one, signs out every other device."""
    form = PasswordForm()
    if not form.is_submitted():
        return _password_page(form)
    if not form.validate():
        return _password_page(form, 422)
    wait = limits.spend(limits.PASSWORD_AGAIN, "password-again", current_user.public_id)
    if wait:
        return door.too_many(_password_page, form, wait)
    if not services.check_password(current_user.user_id, form.current.data or ""):
        form.current.errors = [_("This is not your password.")]
        return _password_page(form, 422)
    try:
        prepared = passwords.prepare(
            form.password.data or "", username=current_user.username, email=current_user.email
        )
    except Invalid as error:
        form.refuse(error)
        return _password_page(form, 422)
    with transaction():
        services.change_password(
            current_user.user_id, prepared, keep_session_id=current_user.session_id
        )
    log.info("password changed", user_id=current_user.user_id, address=limits.address())
    answer = redirect_after_post(url_for("account.profile"))
    return toast(answer, _("The new password holds. Your other devices are signed out."))


@login_required
def devices_page() -> Response:
    """Where this account is signed in."""
    found = queries.devices(
        current_user.user_id,
        idle=current_app.config["SESSION_IDLE"],
        current_session_id=current_user.session_id,
    )
    return render(
        "account/sessions.html",
        account_section="sessions",
        devices=[(row, devices.name(row.user_agent)) for row in found],
        form=Form(),
    )


@login_required
def revoke(session_id: str) -> Response:
    """Sign a device out."""
    with transaction():
        sessions.revoke(current_user.user_id, session_id)
    if session_id == current_user.session_public_id:
        session.clear()
        return redirect_after_post(url_for("account.sign_in"))
    return toast(redirect_after_post(url_for("account.sessions")), _("The device is signed out."))


def _page(
    form: ProfileForm | None = None, *, email: EmailForm | None = None, status: int = 200
) -> Response:
    known = queries.profile(current_user.user_id)
    if form is None:
        # `formdata=None`: a refused e-mail form must not fill this one with its own input.
        form = ProfileForm(formdata=None, obj=known)
    return render(
        "account/profile.html",
        status=status,
        account_section="profile",
        form=form,
        email_form=email or EmailForm(formdata=None),
        known=known,
    )


def _password_page(form: PasswordForm, status: int = 200) -> Response:
    return render("account/password.html", status=status, account_section="profile", form=form)
