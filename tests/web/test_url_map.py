"""Every address of the shop with values that nobody means: refused or not found, never a failure.

Whose things are whose is walked beside the pages: tests/web/admin/test_access.py for the admin,
tests/web/order/test_others.py for orders, carts and accounts. Here it is seen to that no address escapes.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.web.furnished import Furnished, address, browser_of, furnish
from tests.web.order import test_others as others

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = (  # the worst first: `make test` tries a few of each
    "\0",
    "x" * 3000,
    "-1",
    "9" * 40,
    "é\u0301 ß ﷽ 茶 👩‍👩‍👧 \u202e\ufeff",
    "",
    "a\0b",
    "0",
    "..",
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "%",
    "_",
    "2026-99-99T99:99",
    "1e999",
    "NaN",
    "<script>alert(1)</script>",
)
MALFORMED = ("%ff%fe", "%0d%0aSet-Cookie:a=b", "%", "%ed%a0%80")
# Addresses that name something and are for everybody: goods, pictures, pages of words.
PUBLIC = {"catalog", "media", "assets", "dev", "site"}
# Who knows the token is the buyer; a coupon that is offered may be claimed by anybody; carriers sign.
SECRETS = {"payment", "campaigns", "carriers"}


@pytest.fixture
def shop(app: Flask) -> Furnished:
    return furnish(app)


@pytest.fixture
def few(sizes) -> int:
    """How many of the hostile values are tried."""
    return len(HOSTILE) if sizes.requests >= 1000 else 5


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule, method


class Browsers:
    """One browser for each of the people that addresses are for."""

    def __init__(self, app: Flask, shop: Furnished) -> None:
        self._shop = shop
        people = {None, shop.shopper, shop.merchant}
        self._open: dict[object, FlaskClient] = {who: browser_of(app, who) for who in people}

    def failure(self, rule: Rule, method: str, path: str, **given: object) -> str | None:
        """Send a request; what broke, or None. In tests a failure of the shop is an exception."""
        try:
            answer = self._open[self._shop.who(rule)].open(path, method=method, **given)
        except Exception as error:  # whatever it is, it is the finding
            return f"{method} {path[:120]}: {type(error).__name__}: {str(error)[:160]}"
        if answer.status_code >= 500:
            return f"{method} {path[:120]}: {answer.status_code}"
        return None


def test_every_named_thing_belongs_to_somebody_or_everybody(app):
    """An address that names something is walked by one of the three tests, or it is public."""
    walked = {*others.BLUEPRINTS, "admin"}
    strange = {
        rule.rule
        for rule, _ in rules(app)
        if rule.arguments - {"lang"}
        and rule.endpoint.partition(".")[0] not in walked | PUBLIC | SECRETS
    }
    assert strange == set(), "say in test_url_map.py or test_others.py whose these are"


@pytest.mark.soak
def test_hostile_names_in_addresses(app, shop, few):
    browsers = Browsers(app, shop)
    found = []
    values = [quote(one, safe="") for one in HOSTILE[:few] if one] + list(MALFORMED[:few])
    for rule, method in rules(app):
        for name in rule.arguments - {"lang"}:
            for value in values:
                path = address(app, rule, shop.of(rule) | {name: value})
                found.append(browsers.failure(rule, method, path))
    assert len(found) > 300
    assert [line for line in found if line] == []


@pytest.mark.soak
def test_hostile_questions(app, shop, few):
    """Every parameter that any page reads, with the same nonsense in all of them."""
    browsers = Browsers(app, shop)
    found = []
    names = parameters()
    for rule, method in rules(app):
        if method != "GET":
            continue
        path = address(app, rule, shop.of(rule))
        for value in HOSTILE[:few]:
            query = dict.fromkeys(names, value)
            found.append(browsers.failure(rule, method, path, query_string=query))
    assert [line for line in found if line] == []


@pytest.mark.soak
def test_hostile_forms(app, shop, few):
    """Every field that any form has, with the same nonsense in all of them."""
    browsers = Browsers(app, shop)
    found = []
    names = fields()
    for rule, method in rules(app):
        if method != "POST":
            continue
        path = address(app, rule, shop.of(rule))
        for value in HOSTILE[:few]:
            form = dict.fromkeys(names, value)
            found.append(browsers.failure(rule, method, path, data=form))
        found.append(browsers.failure(rule, method, path, data=b"\0\xff=%", content_type="x"))
        found.append(browsers.failure(rule, method, path, json={"a": [1]}))
    assert [line for line in found if line] == []


def parameters() -> set[str]:
    """The names that the pages read from addresses."""
    pattern = re.compile(r"request\.(?:args|values)(?:\.get(?:list)?\(|\[)\s*\"([\w-]+)\"")
    found = set(pattern.findall(sources())) | {"q", "after", "sort", "view", "tab", "sku", "key"}
    # What lists of goods are narrowed by is read in a place of its own.
    found |= {
        "store",
        "brand",
        "price-min",
        "price-max",
        "rating",
        "stock",
        "offer",
        "o.size",
        "a.x",
    }
    assert len(found) >= 10
    return found


def fields() -> set[str]:
    """The names of all fields: of form classes, of inputs in templates, of what views read."""
    text = sources()
    found = set(re.findall(r"^    (\w+) = \w*Field\(", text, re.MULTILINE))
    found |= set(
        re.findall(r"request\.(?:form|values)(?:\.get(?:list)?\(|\[)\s*\"([\w-]+)\"", text)
    )
    for template in (ROOT / "templates").rglob("*.html"):
        found |= set(re.findall(r'name="([a-z_]+)"', template.read_text(encoding="utf-8")))
    found -= {"csrf_token", "viewport"}
    assert len(found) >= 60
    return found


def sources() -> str:
    """The text of the web layer."""
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "shop" / "web").rglob("*.py"))
    )
