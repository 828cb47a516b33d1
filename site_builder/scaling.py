"""Scaling: smaller copies of pictures, made by Pillow (the extra `images`).

Bytes in, bytes out; the same bytes and the same Pillow give the same copy. Where pictures come from, and which page
shows them, is not known here.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTHS = (480, 960, 1440)
"""How many pixels wide copies are made: for a phone, for the column of the theme, for that column on a dense screen."""

WORTH_IT = 0.9
"""A copy that is wider than this part of its picture spares nobody anything."""

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp")
"""Names of pictures of which copies are made, in small letters."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK")
"""What can be turned into red, green and blue without guessing how bright it is meant to be."""
_UPRIGHT = 0x0112
"""The tag of EXIF that says how a camera was held."""
_QUALITY = 80
_EFFORT = 4


class BrokenPictureError(Exception):
    """A picture of which there can be no copy; the text tells what is wrong with it, as the end of a sentence."""


def find_widths(data: BinaryIO) -> tuple[int, ...]:
    """Return the widths of the copies that `make_copy` can make of a picture, none of them wider than it.

    None of one that moves, is small, or has colours that Pillow would have to guess. Raises BrokenPictureError for what
    is no picture, is cut off, or would take too much memory.
    """
    with _open(data) as picture:
        if getattr(picture, "n_frames", 1) > 1:
            return ()
        turned = picture.getexif().get(_UPRIGHT, 1) in (5, 6, 7, 8)
        width = picture.height if turned else picture.width
        picture.load()
        return tuple(w for w in WIDTHS if w <= width * WORTH_IT) if picture.mode in _MODES else ()


def make_copy(data: bytes, width: int) -> bytes:
    """Return a picture in WebP, `width` pixels wide and upright, without what the camera noted (place, time, device).

    What was lossless stays so. Raises BrokenPictureError.
    """
    from PIL import Image, ImageOps

    with _open(BytesIO(data)) as picture:
        lossless = picture.format != "JPEG" and not (picture.format == "WEBP" and data[12:16] == b"VP8 ")
        profile = picture.info.get("icc_profile") if picture.mode != "CMYK" else None
        if picture.format == "JPEG":
            picture.draft("RGB" if picture.mode == "RGB" else picture.mode, (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(picture)
        clear = "A" in upright.mode or "transparency" in upright.info
        colours = upright.convert("RGBA" if clear else "RGB")
        height = max(1, round(colours.height * width / colours.width))
        copy = colours.resize((width, height), Image.Resampling.LANCZOS)
        written = BytesIO()
        copy.save(
            written,
            "WEBP",
            quality=_QUALITY,
            method=_EFFORT,
            lossless=lossless,
            icc_profile=profile or b"",
            exif=b"",
            xmp=b"",
        )
        return written.getvalue()


@contextmanager
def _open(data: BinaryIO) -> Iterator[Image]:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(data, formats=_FORMATS) as picture:
                yield picture
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        raise BrokenPictureError("has more pixels than can be scaled") from None
    except UnidentifiedImageError:
        raise BrokenPictureError("is no picture that can be read") from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError) as exc:
        # Whatever Pillow raises at what is broken: it costs the copies, never the build.
        raise BrokenPictureError("is damaged or cut off") from exc
