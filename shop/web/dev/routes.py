"""``/dev/mail``: every mail of the shop, as its reader sees it."""

from flask import Blueprint, Response, abort, make_response, request
from markupsafe import Markup, escape

from shop.notifications import queries
from shop.notifications.models import Message
from shop.web.ui.caching import make_private
from shop.web.ui.htmx import render
from shop.web.ui.paging import decode_cursor, page_of

bp = Blueprint("dev", __name__, url_prefix="/dev")
make_private(bp)

_PAGE = 50
# A mail's own styles are inline, which no other page may have; nothing in it runs or loads. Its links open
# in the whole window.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


@bp.get("/mail")
def mails() -> Response:
    """Every mail, newest first; ``?to=`` narrows to a recipient."""
    recipient = request.args.get("to", "").strip()[:254]
    after = decode_cursor(request.args.get("after"), int)
    rows = queries.latest(recipient=recipient, before=after[0] if after else None, limit=_PAGE + 1)
    page = page_of(rows, _PAGE, lambda row: (row.id,))
    return render("dev/mails.html", page=page, recipient=recipient)


@bp.get("/mail/<public_id>")
def mail(public_id: str) -> Response:
    """One mail: its head, its HTML part in a frame of its own, its text part with live links."""
    message = _get(public_id)
    return render("dev/mail.html", message=message, paragraphs=_paragraphs(message.text))


@bp.get("/mail/<public_id>/html")
def mail_html(public_id: str) -> Response:
    """The HTML part alone, for the frame."""
    message = _get(public_id)
    # Links leave the frame; <base target> needs no permission, unlike <base href>.
    page = message.html.replace("<head>", '<head><base target="_top">', 1)
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = _MAIL_POLICY
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _get(public_id: str) -> Message:
    message = queries.get(public_id)
    if message is None:
        abort(404)
    return message


def _paragraphs(text: str) -> list[Markup]:
    """The text part with its addresses as links; everything else is shown as it is."""
    return [
        Markup("<br>").join(_line(line) for line in block.strip("\n").split("\n"))
        for block in text.split("\n\n")
        if block.strip()
    ]


def _line(line: str) -> Markup:
    return Markup(" ").join(
        Markup('<a class="link" href="{}">{}</a>').format(word, word)
        if word.startswith(("http://", "https://"))
        else escape(word)
        for word in line.split(" ")
    )
