"""Pictures: kept for ever, checked by name, and nothing else in the folder."""

from pathlib import Path

import pytest

from shop.catalog.media import Storage


@pytest.fixture
def stored(app, tmp_path) -> str:
    app.config["MEDIA_FOLDER"] = str(tmp_path / "media")
    Storage(app.config["MEDIA_FOLDER"]).save("ab/abcdef-320.webp", b"RIFF....WEBPVP8 ")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (Path(app.config["MEDIA_FOLDER"]) / "note.html").write_text("<script>")
    return "/media/ab/abcdef-320.webp"


def test_a_picture_may_be_kept_for_ever(client, stored):
    response = client.get(stored)
    assert response.status_code == 200
    assert response.data.startswith(b"RIFF")
    assert response.mimetype == "image/webp"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


def test_it_is_not_sent_twice(client, stored):
    etag = client.get(stored).headers["ETag"]
    again = client.get(stored, headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_part_of_it_can_be_asked_for(client, stored):
    part = client.get(stored, headers={"Range": "bytes=0-3"})
    assert part.status_code == 206
    assert part.data == b"RIFF"


@pytest.mark.parametrize(
    "name",
    (
        "ab/other.webp",
        "../secret.jpg",
        "ab/../../secret.jpg",
        "%2e%2e/secret.jpg",
        "..%2fsecret.jpg",
        "note.html",
        "ab",
        "ab/",
        ".hidden.jpg",
        "a\\b.jpg",
        "a%00.jpg",
        "C:x.jpg",
    ),
)
def test_nothing_else_is_served(client, stored, name):
    assert client.get(f"/media/{name}").status_code in {404, 308}


def test_pictures_are_read_without_the_database(client, stored, statements):
    statements.clear()
    client.get(stored)
    assert statements == []
