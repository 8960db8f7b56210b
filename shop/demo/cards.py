"""Gift cards and balances of the demo: a member who has some, a card that was partly spent, one that ended."""

from datetime import timedelta

from shop.core import clock
from shop.core.transaction import transaction
from shop.payment import cards

KEYLESS = "demo"
"""Nobody can spend these cards: their codes are made with no secret of any shop."""


def give(store_ids: dict[str, int], users: dict[str, int]) -> None:
    """Amelia has a balance with the tea shop; three cards went out."""
    tea = store_ids["songjian"]
    long_ago = clock.now() - timedelta(days=40)
    with clock.at(long_ago), transaction():
        cards.credit(
            tea,
            users["amelia"],
            6600,
            "CNY",
            actor="Lin Wei",
            reason="Thank you for your patience",
            key="demo-balance-amelia",
        )
        for number, (recipient, minor, message, days) in enumerate(
            (
                ("june@example.com", 20000, "Happy birthday, June!", 365),
                ("tao@example.com", 10000, "乔迁之喜", 330),
                ("mo@example.com", 5000, "", 20),
            )
        ):
            cards.issue(
                tea,
                minor,
                "CNY",
                recipient=recipient,
                message=message,
                locale="zh" if "乔" in message else "en",
                expires_at=long_ago + timedelta(days=days),
                actor="Lin Wei",
                reason="",
                key=f"demo-gift-card-{number}",
                secret=KEYLESS,
            )
    for card_id in cards.due():
        with transaction():
            cards.expire(card_id)
