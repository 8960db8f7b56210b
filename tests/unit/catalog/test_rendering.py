"""Pictures: sizes, orientation, what is dropped and what is refused."""

import io
import zlib
from struct import pack

import pytest
from PIL import Image

from shop.catalog import rendering
from shop.core.errors import Invalid
from tests.factories.catalog import picture


def opened(rendered, name):
    return Image.open(io.BytesIO(rendered.files[f"{rendered.name}-{name}"]))


@pytest.mark.parametrize(
    ("width", "widths"),
    (
        (2000, (160, 320, 480, 720, 960, 1440)),
        (1440, (160, 320, 480, 720, 960, 1440)),
        (1000, (160, 320, 480, 720, 960, 1000)),
        (160, (160,)),
        (90, (90,)),
    ),
)
def test_sizes_are_never_wider_than_the_source(width, widths):
    rendered = rendering.render(picture(width, width // 2))
    assert rendered.widths == widths
    assert set(rendered.files) == {
        f"{rendered.name}-{w}.{e}" for w in widths for e in ("jpg", "webp")
    }
    assert (rendered.width, rendered.height) == (widths[-1], round(width // 2 * widths[-1] / width))
    for made in widths:
        assert opened(rendered, f"{made}.webp").format == "WEBP"
        assert opened(rendered, f"{made}.jpg").width == made


@pytest.mark.parametrize("fmt", ("JPEG", "PNG", "WEBP", "GIF"))
def test_the_type_is_found_by_decoding(fmt):
    assert rendering.render(picture(200, 100, fmt)).width == 200


def test_orientation_is_applied_and_metadata_dropped():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to show
    exif[0x010E] = "a secret place"
    rendered = rendering.render(picture(300, 200, "JPEG", exif=exif.tobytes(), comment=b"secret"))
    assert (rendered.width, rendered.height) == (200, 300)
    for content in rendered.files.values():
        assert b"secret" not in content
        assert b"Exif" not in content


def test_what_is_clear_becomes_white():
    target = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(target, "PNG")
    rendered = rendering.render(target.getvalue())
    assert min(opened(rendered, "50.webp").convert("RGB").getpixel((10, 10))) >= 250


def test_the_same_picture_has_the_same_name():
    assert rendering.render(picture()).name == rendering.render(picture()).name
    assert rendering.render(picture()).name != rendering.render(picture(401)).name


@pytest.mark.parametrize(
    "raw",
    (
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:300],
        b"\xff\xd8\xff" * 50,
    ),
)
def test_what_is_no_picture_is_refused(raw):
    with pytest.raises(Invalid, match="image-unreadable"):
        rendering.render(raw)


def png_of(width, height):
    """A small file that claims to be enormous."""

    def chunk(kind, data):
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", ((9000, 9000), (60000, 60000), (200000, 200000)))
def test_a_bomb_is_refused_before_it_is_unpacked(size):
    with pytest.raises(Invalid, match="image-too-large"):
        rendering.render(png_of(*size))


def test_a_file_too_heavy_is_refused_unread():
    with pytest.raises(Invalid, match="image-too-large"):
        rendering.render(bytes(rendering.MAX_BYTES + 1))


def test_many_are_rendered_in_order():
    raws = [picture(100 + n, 80) for n in range(7)]
    assert [r.width for r in rendering.render_many(raws)] == [100 + n for n in range(7)]
