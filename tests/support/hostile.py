"""A shop in a process of its own that is sent hostile pictures: what it answers, and what memory it took.

``python -m tests.support.hostile SETTINGS TOKEN ADDRESS FOLDER`` (settings as JSON) sends the files of the
folder, and one of 200 MB, to the address. It prints JSON: name of the file → [status, sentence], and "peak_mb".
"""

import io
import json
import re
import sys
import tempfile
import zlib
from pathlib import Path
from struct import pack
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

from shop.app import create_app
from tests.support.client import ShopClient

MEGABYTE = 1024 * 1024


def png(width: int, height: int, lines: int = 1) -> bytes:
    """A PNG of zeros of this size; only ``lines`` of it are there."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(width * 4 + 1)) for _ in range(lines)) + packer.flush()
    head = pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data) for kind, data in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )


def gif(frames: int) -> bytes:
    """An animation of large frames."""
    target = io.BytesIO()
    first, *rest = (Image.new("P", (3000, 3000), n % 255) for n in range(frames))
    first.save(target, "GIF", save_all=True, append_images=rest)
    return target.getvalue()


def files() -> dict[str, bytes]:
    """Hostile files by name."""
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    return {
        "bomb.png": png(50_000, 50_000),
        "largest.png": png(3535, 3535, 3535),  # just allowed: unpacks to fifty megabytes
        "next.png": png(3540, 3540, 3540),
        "script.svg": script,
        "script.png": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//" + script,
        "page.jpg": b"<!doctype html><script>alert(1)</script>",
        "many.gif": gif(40),
        "half.png": png(800, 800)[:60],
    }


def answer(client: FlaskClient, address: str, data: Any, **options: Any) -> list[Any]:
    """What the shop says: the status, and what the toast or the page's heading holds."""
    response = client.post(
        address,
        data=data,
        headers={"HX-Request": "true", "HX-Request-Type": "partial", "Accept-Language": "en"},
        **options,
    )
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    said = " ".join(str(detail.get("text", "")) for detail in events.values())
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", response.get_data(as_text=True))
    return [response.status_code, said or (heading[1] if heading else "")]


def main() -> None:
    """Send them all."""
    settings, token, address, folder = sys.argv[1:]
    app = create_app(json.loads(settings))
    app.test_client_class = ShopClient
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    found: dict[str, Any] = {
        file.name: answer(client, address, {"pictures": (io.BytesIO(file.read_bytes()), file.name)})
        for file in sorted(Path(folder).iterdir())
    }
    with tempfile.TemporaryFile() as form:  # a form of 200 MB, most of which is a hole in the file
        form.write(
            b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="big.jpg"\r\n\r\n'
        )
        form.truncate(200 * MEGABYTE)
        form.seek(0)
        kind = "multipart/form-data; boundary=x"
        found["big.jpg"] = answer(client, address, None, input_stream=form, content_type=kind)
    # Not getrusage, which counts what the process that started this one had in memory.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    found["peak_mb"] = int(peak[1]) // 1024 if peak else 0
    print(json.dumps(found))


if __name__ == "__main__":
    main()
