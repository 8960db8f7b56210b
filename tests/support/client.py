"""A client whose requests are as separate from the test as a browser's are from the server."""

from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shop.core.db import db


class ShopClient(FlaskClient):
    """Each request gets an application context of its own.

    Flask lets a request share the context that a test has pushed: its `g` (with Flask-Login's
    signed-in user) and its database session would outlive the request and hide mistakes.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; what the test read before is then read anew."""
        if self.preserve_context:  # `with client:` wants to look into the request's own context
            return super().open(*args, **kwargs)
        response = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        return response
