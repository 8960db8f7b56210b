"""What every part of the Alipay stand-in works with: ledger, keys, sender, settings."""

import threading
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import current_app

from shop.sandbox.alipay import certificates as certified
from shop.sandbox.keys import load_private_key, load_public_key
from shop.sandbox.sender import Sender
from shop.sandbox.settings import Settings
from shop.sandbox.store import Store


@dataclass
class Desk:
    """One provider's side of the counter."""

    settings: Settings
    store: Store
    sender: Sender
    app_public_key: rsa.RSAPublicKey
    private_key: rsa.RSAPrivateKey
    certificates: certified.Names | None = None
    """With an app that works with certificates."""
    bills: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    """Bills by the token of their link, with the time at which the link ends."""
    _held: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def stranger_key(self) -> rsa.RSAPrivateKey:
        """A key that nobody trusts, for forged notifies and answers."""
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def hold(self, seconds: float) -> None:
        """Keep an answer back for a while, or until ``release``."""
        self._held.wait(seconds)

    def release(self) -> None:
        """Let every answer that is held go now."""
        held, self._held = self._held, threading.Event()
        held.set()


def open_desk(settings: Settings) -> Desk:
    """Open the folder's ledger and read its keys."""
    store = Store(settings.database)
    return Desk(
        settings=settings,
        store=store,
        sender=Sender(store, settings.notify_pauses),
        app_public_key=load_public_key(settings.folder / "app_public.pem"),
        private_key=load_private_key(settings.folder / "alipay_private.pem"),
        certificates=certified.read(settings.folder),
    )


def current_desk() -> Desk:
    """The desk of the running application."""
    desk: Desk = current_app.extensions["alipay_desk"]
    return desk
