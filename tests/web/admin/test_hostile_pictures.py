"""Files that are no pictures, or far too much of one: refused in a sentence, in little memory."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from shop.account import sessions
from shop.catalog.models import Image, Product
from shop.core.db import db
from shop.core.transaction import transaction
from tests.support import hostile
from tests.web.admin.conftest import staff_of

ROOT = Path(__file__).resolve().parents[3]
NO_PICTURE = "This file is no picture that can be read."
TOO_LARGE = "This picture is too large."


def test_hostile_pictures_are_refused_in_little_memory(app, goods, tmp_path):
    owner = staff_of(goods.store_id)
    with transaction():
        token = sessions.create(
            owner.id, user_agent="tests", ip="127.0.0.1", lasts=timedelta(days=1)
        ).token
    product_id, public_id = db.session.execute(select(Product.id, Product.public_id).limit(1)).one()
    db.session.rollback()
    address = f"/en/admin/products/{public_id}/images"
    folder = tmp_path / "hostile"
    folder.mkdir()
    for name, raw in hostile.files().items():
        (folder / name).write_bytes(raw)
    names = ("SQLALCHEMY_DATABASE_URI", "INSTANCE", "SECRET_KEY")
    ours = {
        "MEDIA_FOLDER": str(tmp_path / "media"),
        "RATELIMIT_ENABLED": False,
        "WTF_CSRF_ENABLED": False,
        "TESTING": True,
    }
    settings = json.dumps({name: app.config[name] for name in names} | ours)
    made = subprocess.run(
        [sys.executable, "-m", "tests.support.hostile", settings, token, address, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    found = json.loads(made.stdout)
    assert found.pop("peak_mb") < 300
    taken = {name: found.pop(name) for name in ("largest.png", "many.gif")}
    assert {status for status, _ in taken.values()} == {200}
    assert found.pop("big.jpg") == [413, "Choose a smaller file, then send the form again."]
    assert found == {
        "bomb.png": [422, f"bomb.png: {TOO_LARGE}"],
        "next.png": [422, f"next.png: {TOO_LARGE}"],
        "script.svg": [422, f"script.svg: {NO_PICTURE}"],
        "script.png": [422, f"script.png: {NO_PICTURE}"],
        "page.jpg": [422, f"page.jpg: {NO_PICTURE}"],
        "half.png": [422, f"half.png: {NO_PICTURE}"],
    }
    kept = db.session.scalars(select(Image.id).where(Image.product_id == product_id)).all()
    assert len(kept) == len(taken)
