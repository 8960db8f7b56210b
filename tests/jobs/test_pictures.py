"""Pictures by address: what may be asked for, what comes of it, and what is tried again."""

import io
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image as Pillow
from sqlalchemy import select

from shop.catalog.data import ImageSource
from shop.catalog.fetching import waiting
from shop.catalog.fetching.addresses import is_public
from shop.catalog.fetching.download import Later, Net, download
from shop.catalog.fetching.models import ImageFetch
from shop.catalog.models import Image, ListingRow
from shop.catalog.rendering import MAX_BYTES
from shop.core import clock
from shop.core.db import db
from shop.core.errors import Invalid
from shop.core.transaction import transaction
from shop.jobs import pictures
from tests.factories.catalog import make_product, picture
from tests.factories.stores import make_store

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A web server of this machine: path → what it does. ``asked``: the Host that was named."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.headers["Host"])
                site.answers[self.path](self)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def net(self, **names: str) -> Net:
        """A net in which the names lead to this machine as if it were a public one; others are looked
        up as they are."""

        def resolve(host: str) -> list[str]:
            found = names.get(host.removesuffix(".example"))
            if found is None:
                raise socket.gaierror(host)
            return [found]

        return Net(
            resolve,
            lambda address: address == "127.0.0.1" or is_public(address),
            {"http": self.port, "https": self.port},
            read_seconds=5,
            whole_seconds=5,
        )


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def gives(body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    "address",
    (
        "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "no address",
    ),
)  # fmt: skip
def test_no_address_of_the_inside_is_public(address):
    assert not is_public(address)


def test_addresses_of_the_open_net_are(app):
    assert is_public("93.184.215.14")
    assert is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


@pytest.mark.parametrize(
    "url",
    (
        "ftp://shop.example/a.jpg", "file:///etc/passwd", "//shop.example/a.jpg", "a.jpg", "",
        "http://user:word@shop.example/a.jpg", "http://shop.example:22/a.jpg", "http:///a.jpg",
        "http://shop.example:99999/a.jpg", "http://[::1/a.jpg", "http://shop.example/a b.jpg",
        "http://shop.example/\r\nHost: x", "gopher://shop.example/", "http://" + "a" * 3000,
    ),
)  # fmt: skip
def test_other_addresses_are_not_asked(url, site):
    with pytest.raises(Invalid, match="picture-address"):
        download(url, site.net(shop="127.0.0.1"))
    assert site.asked == []


def test_names_that_lead_inside_are_not_asked(site):
    net = site.net(inside="10.0.0.8", metadata="169.254.169.254", mapped="::ffff:10.0.0.1")
    for host in ("inside", "metadata", "mapped"):
        with pytest.raises(Invalid, match="picture-private"):
            download(f"http://{host}.example/a.jpg", net)
    # Plain addresses are judged as they stand, in every way of writing them.
    for host in ("127.0.0.1", "2130706433", "0x7f.1", "[::1]", "localhost"):
        with pytest.raises(Invalid, match="picture-private"):
            download(f"http://{host}/a.jpg")
    assert site.asked == []


def test_a_name_with_one_address_inside_is_not_asked(site):
    net = Net(lambda _host: ["93.184.215.14", "127.0.0.1"])
    with pytest.raises(Invalid, match="picture-private"):
        download("http://both.example/a.jpg", net)


def test_redirects_are_judged_like_the_first_address(site):
    site.answers["/a.jpg"] = gives(b"", 302, Location="/b.jpg")
    site.answers["/b.jpg"] = gives(picture())
    net = site.net(shop="127.0.0.1", inside="10.0.0.8")
    assert download("http://shop.example/a.jpg", net) == picture()
    assert site.asked == ["shop.example"] * 2  # the name is told, whatever address was connected to
    for target, code in (
        ("http://inside.example/b.jpg", "picture-private"),
        ("http://127.0.0.1:6379/", "picture-address"),
        ("file:///etc/passwd", "picture-address"),
        ("/a.jpg", "picture-redirects"),
    ):
        site.answers["/a.jpg"] = gives(b"", 301, Location=target)
        with pytest.raises(Invalid, match=code):
            download("http://shop.example/a.jpg", net)


def test_a_redirect_to_this_machine_is_refused(site):
    """As the job asks, with nothing put in its place but the first name."""
    site.answers["/a.jpg"] = gives(b"", 302, Location=f"http://127.0.0.1:{site.port}/secret")
    site.answers["/b.jpg"] = gives(b"", 302, Location="http://127.0.0.1/secret")
    public_once = Net(
        lambda host: ["127.0.0.1"],
        _every_other(),
        {"http": site.port, "https": site.port},
    )
    with pytest.raises(Invalid, match="picture-private"):
        download("http://shop.example/b.jpg", public_once)
    with pytest.raises(Invalid, match="picture-address"):  # its port is none of the web's
        download("http://shop.example/a.jpg", public_once)
    assert len(site.asked) == 2


def _every_other() -> Callable[[str], bool]:
    """What stands for "the first is public, and what it leads to is not"."""
    turns = itertools.cycle((True, False))
    return lambda _address: next(turns)


def test_too_much_and_too_slow_ends(site):
    net = site.net(shop="127.0.0.1")
    ended = threading.Event()

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(b"x" * 65536)
        except OSError:
            ended.set()

    def boasts(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(MAX_BYTES + 1))
        request.end_headers()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        ended.wait(20)

    site.answers |= {
        "/endless.jpg": endless,
        "/told.jpg": boasts,
        "/drip.jpg": drip,
    }
    with pytest.raises(Invalid, match="image-too-large"):
        download("http://shop.example/told.jpg", net)
    with pytest.raises(Invalid, match="image-too-large"):
        download("http://shop.example/endless.jpg", net)
    assert ended.wait(20)
    ended.clear()
    hasty = Net(net.resolve, net.allowed, net.ports, read_seconds=0.05)
    with pytest.raises(Later, match="picture-slow"):
        download("http://shop.example/drip.jpg", hasty)
    ended.set()


@pytest.fixture
def imported(app: Flask, tmp_path) -> list[int]:
    """A product with four pictures that an import named."""
    app.config["MEDIA_FOLDER"] = str(tmp_path / "media")
    names = ("good", "gone", "text", "away")
    made = make_product(
        make_store(), images=[ImageSource(f"http://shop.example/{name}.jpg") for name in names]
    )
    return list(
        db.session.scalars(
            select(Image.id).where(Image.product_id == made.id).order_by(Image.position)
        )
    )


def test_what_can_be_fetched_is_shown_and_the_rest_explained(app, imported, site, monkeypatch):
    site.answers = {
        "/good.jpg": gives(picture(500, 400, "JPEG")),
        "/gone.jpg": gives(b"", 404),
        "/text.jpg": gives(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
        "/away.jpg": gives(b"", 503),
    }
    net = site.net(shop="127.0.0.1")
    good, gone, text, away = imported
    assert waiting.due(10) == imported
    assert [pictures.fetch(image_id, net) for image_id in imported] == [True, False, False, False]
    image = db.session.get(Image, good)
    assert (image.width, image.height) == (500, 400)
    row = db.session.scalar(select(ListingRow).where(ListingRow.product_id == image.product_id))
    assert row.image_id == good
    assert waiting.errors(image.product_id) == {
        gone: ("picture-gone", True),
        text: ("image-unreadable", True),
        away: ("picture-refused", False),
    }
    assert waiting.due(10) == []
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=2))
    assert waiting.due(10) == [away]
    with transaction():
        waiting.try_again([gone])
    site.answers["/gone.jpg"] = site.answers["/away.jpg"] = gives(picture())
    assert all(pictures.fetch(image_id, net) for image_id in (gone, away))
    assert waiting.due(10) == []
    assert db.session.scalars(select(ImageFetch.image_id)).all() == [text]


def test_one_that_never_answers_is_given_up(app, imported, monkeypatch):
    net = Net(lambda _host: [])
    now = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    tries = 0
    while imported[0] in waiting.due(10):
        pictures.fetch(imported[0], net)
        pictures.fetch(imported[0], net)  # nobody tries twice at once
        tries += 1
        now[0] += timedelta(days=1)
    assert tries == 6
    with transaction():
        assert waiting.claim(imported[0]) is None


def test_a_job_that_was_killed_leaves_its_picture_for_the_next(app, imported, monkeypatch):
    with transaction():
        assert waiting.claim(imported[0])
    assert imported[0] not in waiting.due(10)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + waiting.LEASE)
    assert imported[0] in waiting.due(10)


def test_the_bytes_that_are_stored_are_ours(app, imported, site):
    """A file that is a picture and something else: what is stored holds the picture only."""
    payload = b"<script>alert(1)</script>PK\x03\x04"
    target = io.BytesIO()
    Pillow.new("RGB", (300, 300), "red").save(target, "JPEG", comment=payload)
    site.answers["/good.jpg"] = gives(target.getvalue() + payload)
    assert pictures.fetch(imported[0], site.net(shop="127.0.0.1"))
    files = [path for path in Path(app.config["MEDIA_FOLDER"]).rglob("*") if path.is_file()]
    assert files
    for file in files:
        assert b"script" not in file.read_bytes()
        assert b"PK\x03\x04" not in file.read_bytes()
