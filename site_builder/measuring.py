"""Measuring: one file that an article shows or links to becomes what is known of it.

Opens a plain file below the content folder and nothing else. Which files are looked at, and what pages make of what is
known, is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from site_builder.hosting import FILE_BYTES
from site_builder.model import FileFacts, Signature
from site_builder.scaling import SUFFIXES, BrokenPictureError, find_widths
from site_builder.sources import make_signature, open_source

PICTURES = (*SUFFIXES, ".gif", ".avif")
"""Names of pictures whose size can be read, in small letters."""


def measure_file(content: Path, path: str, known: FileFacts | None, *, scale: bool) -> FileFacts:
    """Return what is known of the file at `path`; with `scale`, which copies Pillow can make of it.

    `known` is what was known of it before: if its bytes are the same, it is still so. A file that cannot be read is as
    one that is not there.
    """
    try:
        with os.fdopen(open_source(content, path), "rb") as file:
            signature = make_signature(os.fstat(file.fileno()))
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
            if known and known.path == path and known.sha256 == checksum:
                return known._replace(signature=signature)
            facts = FileFacts(path, signature, checksum)
            return _look_into(file, path, facts, scale=scale)
    except OSError as exc:
        problem = f"cannot be read: {exc.strerror}"
        return FileFacts("", Signature(0, 0, 0, 0), "", problem=problem, hint="check its permissions")


def _look_into(file: BinaryIO, path: str, facts: FileFacts, *, scale: bool) -> FileFacts:
    if facts.signature.size > FILE_BYTES:
        megabytes = facts.signature.size // 1_000_000
        hint = "GitHub takes no file of more than 100 MB"
        facts = facts._replace(problem=f"is large ({megabytes:,} MB)", hint=hint)
    name = path.lower()
    if not name.endswith((*PICTURES, ".svg")):
        return facts
    width, height = _read_size(file)
    facts = facts._replace(width=width, height=height)
    hint = "it is published as it is; put a whole picture in its place"
    if scale and name.endswith(SUFFIXES):
        file.seek(0)
        try:
            return facts._replace(scaled=find_widths(file))
        except BrokenPictureError as exc:
            return facts._replace(problem=str(exc), hint=hint)
    if not width and name.endswith(PICTURES):
        return facts._replace(problem="is no picture whose size can be read", hint=hint)
    return facts


def _read_size(file: BinaryIO) -> tuple[int, int]:
    """Return width and height of a picture as it is shown, in pixels, or zeros where they cannot be read."""
    import imagesize  # only who has pictures pays for it

    file.seek(0)
    width, height = (round(side) for side in imagesize.get(file))
    return (width, height) if 0 < width < 100_000 and 0 < height < 100_000 else (0, 0)
