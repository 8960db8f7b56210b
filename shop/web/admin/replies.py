"""Answers that several admin views give."""

from flask import Response, flash

from shop.core import idempotency
from shop.core.errors import Conflict, ShopError
from shop.web.admin.messages import say
from shop.web.ui.guards import here
from shop.web.ui.htmx import Undo, is_htmx, redirect_after_post, toast, trigger


def done(message: str, url: str, undo: Undo | None = None) -> Response:
    """Back to the page that the form was on (else ``url``), saying what was done."""
    return toast(redirect_after_post(here() or url), str(message), undo)


def went_to(message: str, url: str) -> Response:
    """On to ``url``, saying what was done."""
    return toast(redirect_after_post(url), str(message))


def refused(response: Response, error: ShopError) -> Response:
    """A fresh fragment or page after a refusal: 409 or 422, with the sentence in the banner.

    Unlike ``problem`` the fragment is swapped in, for it shows how things stand now.
    """
    response.status_code = 409 if isinstance(error, Conflict) else 422
    if is_htmx():
        return trigger(response, "problem", {"text": say(error)})
    return response


def say_refusal(error: ShopError) -> None:
    """The sentence of a refusal, on the page that is drawn next (browsers without scripts)."""
    if not is_htmx():
        flash({"text": say(error)}, "toast")  # type: ignore[arg-type]  # as shop.web.ui.htmx.toast


class Once:
    """A form that counts once: ``done_before`` is true when its key was used already."""

    def __init__(self, scope: str, key: str, content: object) -> None:
        self._scope, self._key = scope, key
        self.done_before = idempotency.begin(scope, key, content) is not None

    def finish(self) -> None:
        """The work was done."""
        if not self.done_before:
            idempotency.finish(self._scope, self._key, "done")
