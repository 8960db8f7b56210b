"""Mails to people about their accounts."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

from shop.account import tokens
from shop.account.models import User
from shop.core.db import db
from shop.notifications import links
from shop.notifications.render import Draft, draft

Payload = Mapping[str, Any]


def confirm_email(payload: Payload) -> list[Draft]:
    """``user.confirmation_requested``: the link that confirms an address."""
    found = tokens.for_mail(payload["token_id"], secret=current_app.config["SECRET_KEY"])
    if found is None:
        return []
    link = links.confirm_email(found.token, found.locale)
    return [draft(found.email, "confirm_email", found.locale, person=found, link=link)]


def reset_password(payload: Payload) -> list[Draft]:
    """``user.reset_requested``: the link that sets a new password; nobody for an unknown account."""
    if payload.get("token_id") is None:
        return []
    found = tokens.for_mail(payload["token_id"], secret=current_app.config["SECRET_KEY"])
    if found is None:
        return []
    link = links.reset_password(found.token, found.locale)
    return [draft(found.email, "reset_password", found.locale, person=found, link=link)]


def registered_before(payload: Payload) -> list[Draft]:
    """``user.registration_repeated``: the address has an account already."""
    user = db.session.get(User, payload["user_id"]) if payload.get("user_id") else None
    if user is None or user.disabled_at is not None:
        return []
    return [
        draft(
            user.email,
            "registered_before",
            user.locale,
            name=user.display_name or user.username,
            username=user.username,
            link=links.sign_in(user.locale),
            forgot=links.forgot_password(user.locale),
        )
    ]
