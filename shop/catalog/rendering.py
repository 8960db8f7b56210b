"""Pictures as shoppers get them: decoded, turned upright, stripped and made in every size.

Pure: bytes in, bytes out, no database. Slow by nature (about a quarter of a second a picture), so
it runs before a transaction, and in processes for many.
"""

import hashlib
import io
import multiprocessing
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from shop.core.errors import Invalid

WIDTHS = (160, 320, 480, 720, 960, 1440)
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_PIXELS_WHOLE = 12_500_000
"""Of types that cannot be decoded at a fraction of their size: all pixels stand in memory at once. A phone's
twelve megapixels pass."""
_BAND = 64
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
# Part of every name: raise it when the sizes or qualities change, since names never change content.
_EDITION = b"xiaopu-1:"
_JPEG_QUALITY = 82
_WEBP_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Rendered:
    """A picture in all its sizes. ``files``: name in storage → content."""

    name: str
    width: int
    height: int
    widths: tuple[int, ...]
    files: dict[str, bytes]


def render(raw: bytes, name: str | None = None) -> Rendered:
    """Make a picture's sizes, WebP and JPEG, none wider than the source; named after its content where
    no other ``name`` is given.

    The type is found by decoding, whatever the file is called. EXIF orientation is applied, then all
    metadata is dropped; colours become sRGB, transparency white. An animation gives its
    first frame. Raises ``Invalid``: "image-unreadable", "image-too-large" (20 MB; 50 megapixels as
    JPEG, 12.5 as another type).
    """
    if len(raw) > MAX_BYTES:
        raise Invalid("image-too-large", field="image", limit_mb=MAX_BYTES // 1024 // 1024)
    picture = _decode(raw)
    name = name or stem(raw)
    width = picture.width
    widths = tuple(made for made in WIDTHS if made < width and made < WIDTHS[-1])
    widths += (min(width, WIDTHS[-1]),)
    files: dict[str, bytes] = {}
    step = picture
    largest = (0, 0)
    for made in reversed(widths):
        height = max(1, round(picture.height * made / width))
        if (made, height) != step.size:
            # From the next larger size: sharp enough with Lanczos, and a fraction of the pixels.
            step = step.resize((made, height), Image.Resampling.LANCZOS)
        largest = max(largest, (made, height))
        files[f"{name}-{made}.jpg"] = _encode(
            step, "JPEG", quality=_JPEG_QUALITY, progressive=True, optimize=True
        )
        files[f"{name}-{made}.webp"] = _encode(step, "WEBP", quality=_WEBP_QUALITY, method=3)
    return Rendered(name, largest[0], largest[1], widths, files)


def stem(raw: bytes) -> str:
    """The name under which a picture's sizes are stored: made of its content, in 256 folders."""
    digest = hashlib.sha256(_EDITION + raw).hexdigest()[:32]
    return f"{digest[:2]}/{digest}"


def render_many(raws: Iterable[bytes], processes: int = 2) -> Iterator[Rendered]:
    """Render pictures in several processes, in order; at most a few wait in memory.

    Started by ``spawn``: a fork would carry open database connections along. Raises as ``render``.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting = []
        for raw in raws:
            waiting.append(pool.submit(render, raw))
            if len(waiting) > processes * 2:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _decode(raw: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as opened:
                most = MAX_PIXELS if opened.format == "JPEG" else MAX_PIXELS_WHOLE
                if opened.width * opened.height > most:
                    raise _too_large(most)
                if opened.format == "JPEG":
                    # Decodes at 1/2, 1/4 or 1/8 when the source is far larger than the largest size.
                    opened.draft("RGB", (WIDTHS[-1], WIDTHS[-1]))
                smaller = _smaller(opened)
                if smaller is not opened:
                    opened.close()  # its pixels need not stand beside the copies that follow
                return _flatten(ImageOps.exif_transpose(smaller))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(MAX_PIXELS) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError):
        # What Pillow's decoders raise for broken files of the various types.
        raise Invalid("image-unreadable", field="image") from None


def _smaller(opened: Image.Image) -> Image.Image:
    """The picture at a half, a third, … when it is that much wider than the largest size."""
    factor = opened.width // WIDTHS[-1]
    if factor < 2:
        return opened
    mode = opened.mode
    if mode in {"P", "PA", "1"}:
        clear = mode == "PA" or "transparency" in opened.info
        mode = "RGBA" if clear else "RGB"
    size = (-(-opened.width // factor), -(-opened.height // factor))
    small = Image.new(mode, size)
    # In bands: a whole copy in another mode would take as much memory again.
    for place in range(0, size[1], _BAND):
        top, end = place * factor, min(opened.height, (place + _BAND) * factor)
        band = opened.crop((0, top, opened.width, end))
        small.paste(
            (band if mode == opened.mode else band.convert(mode)).reduce(factor), (0, place)
        )
    small.info = dict(opened.info)  # orientation and colours
    return small


def _too_large(most: int) -> Invalid:
    return Invalid("image-too-large", field="image", limit_megapixels=most // 1_000_000)


def _flatten(picture: Image.Image) -> Image.Image:
    """sRGB, with what was transparent on white; a new image, so that no metadata comes along."""
    picture = _to_srgb(picture)
    if picture.mode in {"RGBA", "LA", "PA", "P"} or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        flat = Image.new("RGB", layered.size, (255, 255, 255))
        flat.paste(layered, mask=layered.getchannel("A"))
        return flat
    rgb = picture.convert("RGB")
    rgb.info.clear()
    return rgb


def _to_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a broken profile: the colours as they are
    return converted or picture


def _encode(picture: Image.Image, fmt: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, fmt, **options)
    return target.getvalue()
