"""Looking changes nothing: every page, as it is and as a part of a page, runs without a statement that writes."""

from sqlalchemy import text

from shop.core.db import db
from tests.web.furnished import address, browser_of, furnish

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
# Not pages: what they show does not come out of the database.
STANDING = {"media.file", "assets.current"}


def test_every_get_reads_only(app, statements):
    shop = furnish(app)
    browsers = {who: browser_of(app, who) for who in (None, shop.shopper, shop.merchant)}
    writing, broken, seen = [], [], 0
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or set()):
            continue
        path = address(app, rule, shop.of(rule))
        for headers in ({}, PARTIAL):
            statements.clear()
            answer = browsers[shop.who(rule)].get(path, headers=headers)
            seen += bool(statements)
            writing += [f"{path}: {statement[:160]}" for statement in statements.writes]
            if answer.status_code not in {200, 302, 303} and rule.endpoint not in STANDING:
                broken.append(f"{path}: {answer.status_code}")
    assert writing == []
    assert broken == []
    assert seen > 60


def test_what_is_recorded_would_show(app, statements):
    """Else the test above would prove nothing."""
    statements.clear()
    db.session.execute(text("DELETE FROM outbox"))
    db.session.rollback()
    assert len(statements.writes) == 1
