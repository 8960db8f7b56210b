"""Operators keep accounts: add, change, put in use, and seal again under a new key.

Whoever calls has checked that an operator asks. Values arrive as they were typed; no error, audit entry or log holds a secret.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from shop.core import changes, clock, ids
from shop.core import settings as decided
from shop.core.db import db
from shop.core.errors import Conflict, Invalid, NotFound, ShopError
from shop.core.sealing import Keyring
from shop.payment.accounts import kinds, opening, values
from shop.payment.accounts.kinds import Kind
from shop.payment.accounts.models import PaymentAccount
from shop.payment.accounts.shelf import ORDER, TOPIC
from shop.payment.gateways import alipay_certificates
from shop.payment.gateways.base import Misconfigured


@dataclass(frozen=True, slots=True)
class Entry:
    """A form: ``typed`` by setting; a secret that is left empty stays what it was."""

    name: str
    currencies: Sequence[str]
    typed: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for all accounts: the settings of the shop and the keys that seal."""

    settings: Mapping[str, Any] = field(repr=False)
    keyring: Keyring

    @property
    def production(self) -> bool:
        """Whether only real providers may be named."""
        return bool(self.settings.get("ENVIRONMENT") == "production")


def create(gateway: str, entry: Entry, around: Surroundings, *, actor: str) -> str:
    """Keep a new account, not in use yet; its public id.

    Raises ``Conflict("account-exists")`` when this merchant has one, ``CannotOpen("key-missing")``
    without a key to seal with, and ``Invalid`` as ``values.read`` and for keys that do not fit.
    """
    kind = kinds.kind(gateway)
    around.keyring.require()
    read = _read(kind, entry.typed, {}, around)
    currencies = _check(kind, read, entry, around)
    merchant = kind.merchant(read)
    known = select(PaymentAccount.id).where(
        PaymentAccount.gateway == gateway, PaymentAccount.merchant == merchant
    )
    if db.session.scalar(known) is not None:  # the unique constraint holds when two come at once
        raise Conflict("account-exists")
    moment = clock.now()
    row = PaymentAccount(
        public_id=ids.public_id(),
        gateway=gateway,
        merchant=merchant,
        name=entry.name[:80],
        currencies=currencies,
        created_by=actor,
        changed_by=actor,
        created_at=moment,
        changed_at=moment,
    )
    _write(row, kind, read, {one.setting for one in kind.fields}, around.keyring, moment)
    db.session.add(row)
    changes.note(TOPIC)
    return row.public_id


def change(public_id: str, entry: Entry, around: Surroundings, *, actor: str) -> list[str]:
    """Change an account; the names of what is another now, for the audit.

    The merchant stays (``Conflict("account-merchant")``): another one is another account. Raises
    ``CannotOpen`` when kept secrets are needed and cannot be had, else as ``create``.
    """
    row = _locked(public_id)
    kind = kinds.kind(row.gateway)
    needed = any(one.secret and not entry.typed.get(one.setting, "").strip() for one in kind.fields)
    kept = opening.secrets_of(row, around.keyring) if needed else {}
    read = _read(kind, entry.typed, kept, around)
    if kind.merchant(read) != row.merchant:
        first = next(one.setting for one in kind.fields if one.identity)
        raise Conflict("account-merchant", field=first)
    currencies = _check(kind, read, entry, around)
    given = {
        one.setting
        for one in kind.fields
        if one.secret and entry.typed.get(one.setting, "").strip()
    }
    plain = {
        one.setting
        for one in kind.fields
        if not one.secret and read[one.setting] != row.values.get(one.setting, "")
    }
    other = [*sorted(given | plain)]
    if row.name != entry.name[:80]:
        other.append("name")
    if row.currencies != currencies:
        other.append("currencies")
    moment = clock.now()
    row.name, row.currencies = entry.name[:80], currencies
    row.changed_by, row.changed_at = actor, moment
    if given | plain:
        row.tested_at, row.test_result, row.test_code = None, "", ""
        _write(row, kind, read, given, around.keyring, moment)
    changes.note(TOPIC)
    return other


def put_in_use(public_id: str, around: Surroundings, *, actor: str) -> list[str]:
    """New payments go to this account from now on; the public ids of those that it takes over from.

    Raises ``Conflict("account-broken")`` when it cannot be opened.
    """
    row = _locked(public_id)
    try:
        opening.open_one(row, around.settings, around.keyring)
    except ShopError as error:
        raise Conflict("account-broken") from error
    others = db.session.scalars(
        update(PaymentAccount)
        .where(
            PaymentAccount.gateway == row.gateway,
            PaymentAccount.enabled,
            PaymentAccount.id != row.id,
        )
        .values(enabled=False, changed_by=actor, changed_at=clock.now())
        .returning(PaymentAccount.public_id)
    ).all()
    _set(row, True, actor)
    return list(others)


def put_aside(public_id: str, *, actor: str) -> None:
    """No new payments through this account; those that it took are still asked about and refunded."""
    _set(_locked(public_id), False, actor)


def tested(public_id: str, result: str, code: str) -> None:
    """Write down how a test ended."""
    db.session.execute(
        update(PaymentAccount)
        .where(PaymentAccount.public_id == public_id)
        .values(tested_at=clock.now(), test_result=result[:24], test_code=code[:80])
    )


def move(name: str, names: Sequence[str], step: int) -> None:
    """Show a way to pay one place earlier (-1) or later (1) at the checkout than in ``names``."""
    if name not in names:
        raise NotFound("account-kind")
    order = list(names)
    place = order.index(name)
    order.insert(max(0, place + step), order.pop(place))
    decided.put(ORDER, {"names": order})
    changes.note(TOPIC)


def rotate(keyring: Keyring) -> tuple[int, list[str]]:
    """Seal every account anew under the first key: how many were, and the ids of those that no key at
    hand opens. Raises ``CannotOpen("key-missing")`` without a key."""
    keyring.require()
    rows = db.session.scalars(
        select(PaymentAccount)
        .where(PaymentAccount.key_id != keyring.first)
        .order_by(PaymentAccount.id)
        .with_for_update()
    ).all()
    done, shut = 0, []
    for row in rows:
        try:
            plain = keyring.open(row.key_id, row.sealed, opening.about(row))
        except ShopError:
            shut.append(row.public_id)
            continue
        row.key_id, row.sealed = keyring.seal(plain, opening.about(row))
        done += 1
    changes.note(TOPIC)
    return done, shut


def _set(row: PaymentAccount, enabled: bool, actor: str) -> None:
    row.enabled, row.changed_by, row.changed_at = enabled, actor, clock.now()
    changes.note(TOPIC)


def _locked(public_id: str) -> PaymentAccount:
    """The row, locked with all of its gateway: two that are put in use wait for each other."""
    gateway = db.session.scalar(
        select(PaymentAccount.gateway).where(PaymentAccount.public_id == public_id)
    )
    rows = db.session.scalars(
        select(PaymentAccount)
        .where(PaymentAccount.gateway == gateway)
        .order_by(PaymentAccount.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.public_id == public_id:
            return row
    raise NotFound("account-missing")


def _read(
    kind: Kind, typed: Mapping[str, str], kept: Mapping[str, str], around: Surroundings
) -> dict[str, str]:
    """All values of an account. Raises the first ``Invalid``."""
    found = {}
    for one in kind.fields:
        text = typed.get(one.setting, "")
        if not text.strip() and one.setting in kept:
            found[one.setting] = kept[one.setting]
        else:
            found[one.setting] = values.read(one, text, production=around.production)
    return found


def _check(kind: Kind, read: Mapping[str, str], entry: Entry, around: Surroundings) -> str:
    """Whether a gateway can be made of it; the currencies as they are kept."""
    try:
        gateway = kind.build(read, around.settings)
    except Misconfigured as error:
        known = {one.setting for one in kind.fields}
        at = str(error.params.get("setting", ""))
        partly = error.params.get("detail") == alipay_certificates.INCOMPLETE
        reason = "account-certificates" if partly else "account-keys"
        raise Invalid(reason, field=at if at in known else "") from None
    private = "".join(read[f.setting] for f in kind.fields if f.sort == kinds.Sort.PRIVATE_KEY)
    for one in kind.fields:
        public = one.sort == kinds.Sort.PUBLIC_KEY_OR_CERTIFICATE and private
        if public and values.same_pair(private, read[one.setting]):
            raise Invalid("key-is-ours", field=one.setting)
    can = gateway.capabilities.currencies
    chosen = sorted({code for code in entry.currencies if can is None or code in can})
    if not chosen or any(len(code) != 3 or not code.isalpha() for code in chosen):
        raise Invalid("account-currencies", field="currencies")
    return " ".join(chosen)


def _write(
    row: PaymentAccount,
    kind: Kind,
    read: Mapping[str, str],
    given: set[str],
    keyring: Keyring,
    moment: datetime,
) -> None:
    row.values = {one.setting: read[one.setting] for one in kind.fields if not one.secret}
    hints = dict(row.hints or {})
    for one in kind.fields:
        if one.secret and one.setting in given:
            ending = values.ending(one, read[one.setting])
            hints[one.setting] = {"at": moment.isoformat(), "end": ending}
    row.hints = hints
    secret = {one.setting: read[one.setting] for one in kind.fields if one.secret}
    row.key_id, row.sealed = keyring.seal(json.dumps(secret).encode(), opening.about(row))
