"""Registers the commands of every noun with the application."""

from importlib import import_module

from flask import Flask

NOUNS = ("catalog", "orders", "stock", "users", "stores", "outbox", "jobs", "demo", "doctor")


def init_commands(app: Flask) -> None:
    """Add ``flask <noun>`` for each noun whose module exists."""
    for noun in NOUNS:
        name = f"shop.cli.{noun}"
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        app.cli.add_command(module.group)
