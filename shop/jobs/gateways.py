"""The gateways of this process: of its settings, and of what operators keep in the database."""

from collections.abc import Mapping

from flask import current_app

from shop.core.sealing import Keyring
from shop.payment.accounts.opening import Opened
from shop.payment.accounts.services import Surroundings
from shop.payment.accounts.shelf import Shelf
from shop.payment.gateways.base import Gateway

_EXTENSION = "payments"


def gateways() -> Mapping[str, Gateway]:
    """Name → gateway for new payments. A test may put others in their place."""
    given: Mapping[str, Gateway] | None = current_app.extensions.get("gateways")
    return opened() if given is None else given


def opened() -> Opened:
    """All accounts, with what is wrong with those that are left out."""
    return shelf().opened()


def shelf() -> Shelf:
    """Keeps them open in this process."""
    found: Shelf = current_app.extensions.setdefault(_EXTENSION, Shelf(current_app.config))
    return found


def surroundings() -> Surroundings:
    """What accounts are opened and sealed with."""
    config = current_app.config
    return Surroundings(config, Keyring.of(str(config.get("PAYMENT_SECRETS_KEY") or "")))


def is_test() -> bool:
    """Whether payments go to a sandbox on this machine; costs no statement."""
    return shelf().last().is_test
