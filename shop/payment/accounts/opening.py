"""Every gateway that money can go through: those of the environment and those of the database.

Per gateway the account in use wins over the environment. One that cannot be opened is left out and told
of: the environment does not step in for it, or money would go to another merchant unnoticed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shop.core.errors import ShopError
from shop.core.sealing import CannotOpen, Keyring
from shop.payment.accounts import kinds
from shop.payment.accounts.models import PaymentAccount
from shop.payment.accounts.values import is_local, is_real
from shop.payment.gateways.base import Gateway, Misconfigured
from shop.payment.gateways.registry import build_gateways, form_action_hosts


@dataclass(frozen=True, slots=True)
class Account:
    """A gateway with the merchant it works for. ``public_id`` is None for one of the environment;
    ``merchant`` for a way to pay that knows none; ``currencies`` None for all that the gateway takes."""

    gateway: Gateway
    merchant: str | None
    public_id: str | None = None
    currencies: frozenset[str] | None = None
    address: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an account is left out: a code, and the setting it is about."""

    code: str
    setting: str = ""


@dataclass(frozen=True, slots=True)
class Opened(Mapping[str, Gateway]):
    """As a mapping: each gateway's account for new payments, in the order of the checkout.

    ``broken``: by public id, or by the gateway's name for the environment's.
    """

    current: Mapping[str, Account] = field(default_factory=dict)
    accounts: tuple[Account, ...] = ()
    broken: Mapping[str, Problem] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Gateway:
        return self.current[name].gateway

    def __iter__(self) -> Iterator[str]:
        return iter(self.current)

    def __len__(self) -> int:
        return len(self.current)

    def of_name(self, name: str) -> list[Account]:
        """The accounts of a gateway, the one for new payments first."""
        found = [one for one in self.accounts if one.gateway.name == name]
        return sorted(found, key=lambda one: one is not self.current.get(name))

    def find(self, public_id: str | None, name: str) -> Account | None:
        """One account; without an id that of the environment."""
        return next((one for one in self.of_name(name) if one.public_id == public_id), None)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Origins that forms may lead to, beside those of the environment."""
        return tuple(dict.fromkeys(host for one in self.current.values() for host in one.hosts))

    @property
    def is_test(self) -> bool:
        """Whether a sandbox on this machine takes payments."""
        return any(one.address and is_local(one.address) for one in self.current.values())


def merchant(gateways: Mapping[str, Gateway], name: str) -> str | None:
    """Who takes new payments of a gateway."""
    return gateways.current[name].merchant if isinstance(gateways, Opened) else None


def took(gateways: Mapping[str, Gateway], name: str, by: str | None) -> Gateway | None:
    """The gateway of the merchant that a payment was begun with, in use or not.

    A payment from before accounts were kept is the environment's, if it still has such an account.
    """
    if not isinstance(gateways, Opened):
        return gateways.get(name)
    found = gateways.of_name(name)
    if by is None:
        return next((one.gateway for one in found if one.public_id is None), gateways.get(name))
    return next((one.gateway for one in found if one.merchant == by), None)


def takes(gateways: Mapping[str, Gateway], name: str, currency: str) -> bool:
    """Whether a gateway is offered for what costs ``currency``."""
    can = gateways[name].capabilities.currencies
    if can is not None and currency not in can:
        return False
    chosen = gateways.current[name].currencies if isinstance(gateways, Opened) else None
    return chosen is None or currency in chosen


def listeners(gateways: Mapping[str, Gateway], name: str) -> list[tuple[Gateway, str | None]]:
    """Who may have been told something: every account of a gateway, with its merchant."""
    if isinstance(gateways, Opened):
        return [(one.gateway, one.merchant) for one in gateways.of_name(name)]
    return [(gateways[name], None)] if name in gateways else []


def about(row: PaymentAccount) -> str:
    """What the secrets of a row are bound to."""
    return f"payment_account:{row.public_id}:{row.gateway}"


def secrets_of(row: PaymentAccount, keyring: Keyring) -> dict[str, str]:
    """The secrets of a row by setting. Raises ``CannotOpen``."""
    found = json.loads(keyring.open(row.key_id, row.sealed, about(row)))
    return {str(name): str(value) for name, value in found.items()}


def open_all(
    rows: Sequence[PaymentAccount],
    settings: Mapping[str, Any],
    keyring: Keyring,
    order: Sequence[str] = (),
) -> Opened:
    """Open what can be opened. ``order``: names of gateways as the checkout shows them."""
    broken: dict[str, Problem] = {}
    own = _environment(settings, broken)
    current: dict[str, Account] = {one.gateway.name: one for one in own}
    kept = []
    for row in rows:
        try:
            account = open_one(row, settings, keyring)
        except ShopError as error:
            code = "keys" if isinstance(error, Misconfigured) else error.reason
            broken[row.public_id] = Problem(code, str(error.params.get("setting", "")))
            if row.enabled:
                current.pop(row.gateway, None)
            continue
        kept.append(account)
        if row.enabled:
            current[row.gateway] = account
    places = {name: place for place, name in enumerate(order)}
    first = {one.name: place for place, one in enumerate(kinds.KINDS)}
    names = sorted(current, key=lambda name: first.get(name, len(first)))
    names.sort(key=lambda name: places.get(name, len(places)))
    return Opened({name: current[name] for name in names}, (*kept, *own), broken)


def open_one(row: PaymentAccount, settings: Mapping[str, Any], keyring: Keyring) -> Account:
    """The account of a row. Raises ``CannotOpen``, ``Misconfigured`` or ``NotFound`` for a gateway that
    is no more."""
    kind = kinds.kind(row.gateway)
    address = str(row.values.get(kind.address) or "")
    if settings.get("ENVIRONMENT") == "production" and not is_real(address):
        raise CannotOpen("address-local", setting=kind.address)
    values = {**{k: str(v) for k, v in row.values.items()}, **secrets_of(row, keyring)}
    return Account(
        gateway=kind.build(values, settings),
        merchant=row.merchant,
        public_id=row.public_id,
        currencies=frozenset(row.currencies.split()),
        address=address,
        hosts=form_action_hosts(values),
    )


def _environment(settings: Mapping[str, Any], broken: dict[str, Problem]) -> list[Account]:
    """The gateways of the settings. One whose keys cannot be read does not keep the others."""
    shut = {kind.gate: "" for kind in kinds.KINDS}
    found = []
    for kind in kinds.KINDS:
        if not settings.get(kind.gate):
            continue
        address = str(settings.get(kind.address) or "")
        try:
            built = build_gateways({**settings, **shut, kind.gate: settings[kind.gate]})
        except Misconfigured as error:
            broken[kind.name] = Problem("keys", str(error.params.get("setting", "")))
            continue
        found.append(Account(built[kind.name], kind.merchant(settings), address=address))
    known = {kind.name for kind in kinds.KINDS}
    rest = build_gateways({**settings, **shut})
    return [*found, *(Account(one, None) for name, one in rest.items() if name not in known)]
