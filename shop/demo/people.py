"""The demo's people: one password for all of them, printed at the start, never used in production."""

from dataclasses import dataclass
from typing import Any

from shop.account import addresses, passwords, services
from shop.account.addresses import AddressData
from shop.demo import texts
from shop.store import services as stores

PASSWORD = "songjian-pine-42"  # noqa: S105 - the demo's, printed on the screen; production has no demo


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody to sign in as."""

    role: str
    username: str


SIGN_INS = (
    SignIn("shopper", "amelia"),
    SignIn("merchant", "linwei"),
    SignIn("operator", "operator"),
)


def customers() -> dict[str, int]:
    """Open the accounts of the demo's shoppers with their address; username → user id."""
    prepared: Any = None
    made = {}
    for person in texts.read("customers")["customer"]:
        # One hash serves all: Argon2id is slow on purpose, and the password is the same.
        prepared = prepared or passwords.prepare(PASSWORD)
        user = services.register(
            person["username"],
            person["email"],
            prepared,
            locale=person["locale"],
            display_name=person["name"],
            phone=person["phone"],
            confirmed=True,
        )
        addresses.add(
            user.id,
            AddressData(name=person["name"], phone=person["phone"], **person["address"]),
            default=True,
        )
        made[person["username"]] = user.id
    return made


def staff(store_ids: dict[str, int]) -> None:
    """The merchant owns both stores, a clerk works for the second; the operator runs the platform."""
    prepared = passwords.prepare(PASSWORD)
    owner = services.register(
        "linwei",
        "lin.wei@songjian.example",
        prepared,
        locale="en",
        display_name="Lin Wei",
        confirmed=True,
    )
    clerk = services.register(
        "harrow",
        "hello@harrow-pine.example",
        prepared,
        locale="en",
        display_name="Ned Harrow",
        confirmed=True,
    )
    services.register(
        "operator",
        "operator@xiaopu.example",
        prepared,
        locale="en",
        display_name="Operator",
        confirmed=True,
        is_operator=True,
    )
    for store_id in store_ids.values():
        stores.add_staff(store_id, owner.id, "owner")
    stores.add_staff(store_ids["harrow-pine"], clerk.id, "staff")
