"""Pictures for tests: small, and made of nothing but their headers and a few bytes."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO


def make_png(width: int = 3, height: int = 2, shade: int = 0) -> bytes:
    """Return a PNG of one grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * width) * height
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def make_photo(width: int, height: int, kind: str = "JPEG", orientation: int = 1, **more: object) -> bytes:
    """Return a picture by Pillow, with a camera's notes of place and device."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Kamera Sungai"
    exif[0x8825] = {1: "S", 2: (6.0, 12.0, 0.0)}
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    written = BytesIO()
    picture.save(written, kind, exif=exif, **more)
    return written.getvalue()
