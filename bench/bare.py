"""The least a page can cost: a Flask view that returns twenty kilobytes."""

from flask import Flask

PAGE = "<p>Twenty kilobytes of it.</p>\n" * 660


def create_app() -> Flask:
    """The bare application."""
    app = Flask(__name__)
    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule("/healthz", "health", lambda: "ok")
    return app
