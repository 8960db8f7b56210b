"""Registers the commands of every noun with the application."""

from importlib import import_module

from flask import Flask

NOUNS = ("catalog", "orders", "stock", "users", "stores", "outbox", "jobs", "demo", "doctor")


def init_commands(app: Flask) -> None:
    """Add ``flask <noun>`` for each noun whose module can be imported.

    A command that lacks a part of the shop must not take the web server down with it; what is missing
    is logged.
    """
    for noun in NOUNS:
        try:
            module = import_module(f"shop.cli.{noun}")
        except ImportError as error:
            app.logger.warning("flask %s is not available: %s", noun, error)
            continue
        app.cli.add_command(module.group)
