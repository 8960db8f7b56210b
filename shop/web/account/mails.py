"""Links that come by mail: a forgotten password, an e-mail address to confirm. GETs change nothing."""

import structlog
from flask import Blueprint, Response, after_this_request, current_app, make_response, url_for
from flask_babel import gettext as _
from flask_login import current_user

from shop.account import credentials, passwords, tokens
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.web.account import door, limits
from shop.web.account.forms import ForgotForm, ResetForm
from shop.web.ui.errors import words
from shop.web.ui.forms import Form
from shop.web.ui.guards import login_required
from shop.web.ui.htmx import redirect_after_post, render, toast

log = structlog.get_logger(__name__)


def add_to(bp: Blueprint) -> None:
    """Register the addresses."""
    both = ["GET", "POST"]
    bp.add_url_rule("/forgot-password", "forgot", forgot, methods=both)
    bp.add_url_rule("/reset-password/<token>", "reset", reset, methods=both)
    bp.add_url_rule("/confirm-email/<token>", "confirm", confirm, methods=both)
    bp.add_url_rule("/account/confirmation", "resend_confirmation", resend, methods=["POST"])


def forgot() -> Response:
    """Send a reset link to whom the form names; the answer is the same for nobody."""
    form = ForgotForm()
    if not form.is_submitted():
        return _forgot_page(form)
    if not form.validate():
        return _forgot_page(form, 422)
    key = credentials.login_key(form.login.data or "")
    wait = limits.spend(limits.MAIL_FROM_ADDRESS, "reset", limits.address())
    wait = wait or limits.spend(limits.MAIL_TO_ACCOUNT, "reset-to", key)
    if wait:
        return door.too_many(_forgot_page, form, wait)
    with transaction():
        tokens.request_reset(form.login.data or "", secret=current_app.config["SECRET_KEY"])
    return make_response(render("account/forgot.html", form=form, sent=True))


def reset(token: str) -> Response:
    """A new password by a link; every device is signed out."""
    form = ResetForm()
    keep_address_here()
    if not tokens.is_open(token, tokens.RESET):
        return _ended("reset")
    if not form.is_submitted():
        return _reset_page(form, token)
    if not form.validate():
        return _reset_page(form, token, 422)
    try:
        prepared = passwords.prepare(form.password.data or "")
        with transaction():
            user_id = tokens.reset_password(token, prepared)
        log.info("password reset", user_id=user_id, address=limits.address())
    except Invalid as error:
        if error.reason == "link-invalid":
            return _ended("reset")
        form.refuse(error)
        return _reset_page(form, token, 422)
    answer = redirect_after_post(url_for("account.sign_in"))
    return toast(answer, _("The new password holds. Sign in with it."))


def confirm(token: str) -> Response:
    """The link in the mail shows a button; pressing it confirms the address."""
    form = Form()
    keep_address_here()
    if not tokens.is_open(token, tokens.CONFIRM):
        return _ended("confirm")
    if not form.is_submitted() or not form.validate():
        return make_response(render("account/confirm.html", form=form, token=token))
    try:
        with transaction():
            tokens.confirm(token)
    except Invalid as error:
        return _ended("confirm", words(error) if error.reason == "email-taken" else "")
    signed_in = current_user.is_authenticated
    target = url_for("account.profile") if signed_in else url_for("account.sign_in")
    return toast(redirect_after_post(target), _("Thank you, your address is confirmed."))


@login_required
def resend() -> Response:
    """Send the confirmation link once more."""
    answer = redirect_after_post(url_for("account.profile"))
    wait = limits.spend(limits.MAIL_TO_ACCOUNT, "confirm-to", current_user.public_id)
    if wait:
        return toast(answer, limits.sentence(wait))
    with transaction():
        tokens.request_confirmation(current_user.user_id, secret=current_app.config["SECRET_KEY"])
    return toast(answer, _("We have sent the mail again. Only its link is good now."))


def keep_address_here() -> None:
    """No other site learns the token from a Referer header; our own forms need one under https."""

    @after_this_request
    def mark(response: Response) -> Response:
        response.headers["Referrer-Policy"] = "same-origin"
        return response


def _forgot_page(form: ForgotForm, status: int = 200) -> Response:
    return render("account/forgot.html", status=status, form=form, sent=False)


def _reset_page(form: ResetForm, token: str, status: int = 200) -> Response:
    return render("account/reset.html", status=status, form=form, token=token)


def _ended(kind: str, text: str = "") -> Response:
    return render("account/link_ended.html", status=410, kind=kind, text=text)
