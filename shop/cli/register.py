"""Registers the commands of every noun with the application."""

from flask import Flask

from shop.cli import (
    catalog,
    demo,
    doctor,
    giftcards,
    jobs,
    orders,
    outbox,
    payment_accounts,
    returns,
    security,
    stock,
    stores,
    users,
)

NOUNS = (
    catalog,
    orders,
    payment_accounts,
    returns,
    stock,
    users,
    stores,
    outbox,
    jobs,
    giftcards,
    security,
    demo,
    doctor,
)


def init_commands(app: Flask) -> None:
    """Add ``flask <noun>`` for each noun."""
    for noun in NOUNS:
        app.cli.add_command(noun.group)
