"""How bank transfers are shown: the account to pay to, the words of proofs."""

from typing import Any

from flask import Response, abort, current_app, send_file

from shop.catalog import rendering
from shop.catalog.media import Storage
from shop.catalog.photos import new_name
from shop.core.errors import Invalid, NotFound
from shop.notifications.transfers import DECLINED, account
from shop.payment import transfer_proofs
from shop.payment.transfer_proofs import FOLDER, Stored
from shop.payment.transfer_views import ProofRow
from shop.payment.transfers import TRANSFER
from shop.web.ui import private_photos


def context() -> dict[str, Any]:
    """What templates of transfers use."""
    return {"bank_account": account, "declined_because": DECLINED, "TRANSFER": TRANSFER}


def answer(found: ProofRow) -> Response:
    """The file of a proof: a picture to look at, a PDF only to keep."""
    if found.photo is not None:
        return private_photos.answer(found.photo)
    try:
        path = Storage(current_app.config["MEDIA_FOLDER"]).path(f"{found.name}-0.pdf")
    except (Invalid, NotFound):
        abort(404)
    response = send_file(
        path,
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"proof-{found.public_id}.pdf",
    )
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def store(raw: bytes) -> Stored:
    """Keep a file under a name that nobody guesses. Raises ``Invalid`` for what is neither picture nor PDF."""
    storage = Storage(current_app.config["MEDIA_FOLDER"])
    name = new_name(FOLDER)
    if raw[:5] == b"%PDF-":
        transfer_proofs.check_pdf(raw)
        storage.save(f"{name}-0.pdf", raw)
        return Stored(name)
    made = rendering.render(raw, name)
    storage.save_all(made.files)
    return Stored(made.name, made.width, made.height, made.widths)
