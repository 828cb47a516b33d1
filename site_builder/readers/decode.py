"""Bytes to text: which encoding a source is in, and whether it was encoded twice.

Decoding refuses nothing and loses nothing; what is no text at all is for the reader to reject, who asks first. This
room knows nothing of articles, lines or rules.
"""

from __future__ import annotations

import codecs
import re

from site_builder.values import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"OggS\x00", "an Ogg recording"),
    (b"ID3\x03", "an MP3 recording"),
    (b"ID3\x04", "an MP3 recording"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)
_SIGNED = tuple(signature for signature, _ in _SIGNATURES)
_MARKED = tuple(mark for mark, _ in _BOMS)

_NON_LATIN = (
    *("cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp866", "mac_cyrillic"),
    *("cp1253", "iso8859_7", "cp1255", "iso8859_8", "cp1256", "iso8859_6", "cp874"),
    *("cp932", "cp949", "gb18030", "big5"),
)
"""Encodings of scripts other than Latin that bytes may be in. EUC-JP is not among them: texts in it pass for Thai."""
_LEAST_HIGH = 0.4
"""Of the bytes that are letters, the share above ASCII from which a text is in no Latin script. In own samples French,
German, Polish and Vietnamese have 0.15 at most, other scripts 0.7 and more."""
_LEAST_TELLING = 20
"""Bytes above ASCII below which nothing can be told."""
_ASCII = bytes(range(128))
_ASCII_LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0c\x1b\x00"))
_SAMPLE = 65_536


def _windows_1252() -> str:
    """Return the 256 characters of windows-1252, where an undefined byte stands for the control of its number."""
    return "".join(
        bytes([byte]).decode("cp1252") if byte not in b"\x81\x8d\x8f\x90\x9d" else chr(byte) for byte in range(256)
    )


_CHARACTERS = _windows_1252()
# Latin-1 text misread and saved again carries the C1 controls themselves, windows-1252 text the signs in their
# place: both lead back to one byte.
_BYTES = {chr(byte): byte for byte in range(256)} | {sign: byte for byte, sign in enumerate(_CHARACTERS)}
_ONE_BYTE_ONLY = re.compile("[" + re.escape("".join(sorted(_BYTES))) + r"]*\Z")
_ODD_LEAD = re.compile("[\u00c2-\u00f4]")
_TO_BYTE = str.maketrans({sign: chr(byte) for sign, byte in _BYTES.items()})


@dataclass(frozen=True, slots=True)
class Decoded:
    """A source as text.

    `text` has no byte order mark. `encoding` is Python's name of the encoding. `mended` tells that doubly encoded
    text was put right. `certain` is False when the bytes themselves did not tell their encoding; `damaged` counts
    the bytes that do not fit it (each was read as windows-1252, or marked by U+FFFD in UTF-16 and UTF-32).
    """

    text: str
    encoding: str = "utf-8"
    mended: bool = False
    certain: bool = True
    damaged: int = 0

    @property
    def remark(self) -> tuple[str, str] | None:
        """What a person should know of the encoding, and what to do about it; None when all is plain."""
        if self.mended:
            return "was encoded twice, and was mended", "save it as UTF-8 once more to silence this"
        if self.damaged:
            return f"is {self.encoding} with {self.damaged} odd bytes", "save it as UTF-8"
        if not self.certain:
            return f"is not UTF-8, and was read as {self.encoding}", "save it as UTF-8, or set [text] encodings"
        return None


MOST_LINES = 200_000
"""Lines of a source: each is a row of the page that shows how it was read."""


def find_binary(data: bytes, megabytes: float) -> tuple[str, str] | None:
    """Return what is wrong with `data` as a text, and what to do instead; None when it may be read.

    Wrong are: more than `megabytes` (of 10**6 bytes) or `MOST_LINES`; the mark of a binary format; and bytes that are
    one NUL in fifty or one control character in ten without being UTF-16.
    """
    if len(data) > megabytes * 1_000_000:
        size, most = len(data) / 1_000_000, f"{megabytes:g}"
        return f"has {size:.1f} MB, more than the {most} MB of a source", "split it, or raise [limits] megabytes"
    lines = max(data.count(b"\n"), data.count(b"\r"))
    if lines > MOST_LINES:
        return f"has {lines:,} lines, more than the {MOST_LINES:,} of a source", "split it"
    if data.startswith(_MARKED):
        return None
    what = _signed(data)
    if not what and _by_nuls(data) is None:
        controls = _controls(data[:_SAMPLE])
        if data.count(0) * 50 > len(data) or controls * 10 > len(data[:_SAMPLE]):
            what = "unknown binary data"
    return (f"this is not text but {what}", "take it out of the articles, or save its text") if what else None


def decode(data: bytes, encodings: tuple[str, ...] = ()) -> Decoded:
    """Return the text of `data`, whatever it is; never raises, and loses no byte.

    The order is: byte order mark; UTF-16 without a mark, by the places of its NULs; strict UTF-8; UTF-8 with a few
    stray bytes (each read as windows-1252 in its place); the first of `encodings` that fits; for what is surely not
    Latin, what charset-normalizer finds; windows-1252 with undefined bytes passed through. Then text that was encoded
    twice is mended, but only if it is certain: as a whole it leads back to valid UTF-8, with two odd pairs at least.
    """
    found = _by_mark(data) or _by_nuls(data) or _utf8(data) or _stray(data) or _listed(data, encodings)
    return _mend(found or _by_detector(data) or _one_byte(data))


def _by_mark(data: bytes) -> Decoded | None:
    if not data.startswith(_MARKED):
        return None
    encoding = next(encoding for mark, encoding in _BOMS if data.startswith(mark))
    if encoding == "utf-8":
        rest = data[len(codecs.BOM_UTF8) :]
        return _utf8(rest) or _stray(rest)
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return Decoded(text, encoding, certain=False, damaged=text.count("\ufffd"))


def _signed(data: bytes) -> str:
    if data.startswith(_SIGNED):
        return next(what for signature, what in _SIGNATURES if data.startswith(signature))
    if data[4:8] == b"ftyp":
        return "a film or a picture"
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        return "a picture, a recording or a film"
    return ""


def _by_nuls(data: bytes) -> Decoded | None:
    """Return UTF-16 text without a mark: Latin letters have their NULs in every other byte only."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if len(data) % 2 or not half or 0 not in sample:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for encoding, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here * 10 >= half * 3 and there * 50 <= half:
            try:
                return Decoded(data.decode(encoding), encoding, certain=False)
            except UnicodeDecodeError:
                return None
    return None


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, _CONTROLS))


def _utf8(data: bytes) -> Decoded | None:
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _stray(data: bytes) -> Decoded | None:
    """Return UTF-8 text with a few bytes that are none, when there is more that fits.

    One cut or foreign byte must not turn every quotation mark of a text into three odd signs.
    """
    text = data.decode("utf-8", "surrogateescape")
    bad = sum(text.count(chr(0xDC00 + byte)) for byte in range(128, 256))
    good = sum(1 for sign in text if "\x7f" < sign < "\ud800" or sign > "\udfff")
    if good <= bad:
        return None
    strays = {0xDC00 + byte: _CHARACTERS[byte] for byte in range(128, 256)}
    return Decoded(text.translate(strays), certain=False, damaged=bad)


def _listed(data: bytes, encodings: tuple[str, ...]) -> Decoded | None:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            text.encode("utf-8")  # some codecs give lone surrogates, which no page could be written with
        except (UnicodeError, LookupError):
            continue
        return Decoded(text, encoding, certain=False)
    return None


def _by_detector(data: bytes) -> Decoded | None:
    """Return text of another script than Latin, in one of the encodings that such texts were written in."""
    high = len(data.translate(None, _ASCII))
    low = len(data) - len(data.translate(None, _ASCII_LETTERS))
    if high < _LEAST_TELLING or high < _LEAST_HIGH * (high + low):
        return None
    from charset_normalizer import from_bytes

    sample = data if len(data) <= _SAMPLE else data[: data.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE]
    best = from_bytes(sample, cp_isolation=list(_NON_LATIN)).best()
    return _listed(data, (best.encoding,)) if best else None


def _one_byte(data: bytes) -> Decoded:
    return Decoded(codecs.charmap_decode(data, "strict", _CHARACTERS)[0], "windows-1252", certain=False)


def _mend(found: Decoded) -> Decoded:
    text = found.text
    # The byte C3 begins the letters from U+00C0 to U+00FF and nothing else: most texts have none of them.
    if text.isascii() or b"\xc3" not in text.encode("utf-8", "surrogatepass"):
        return found
    if not _ODD_LEAD.search(text) or not _ONE_BYTE_ONLY.match(text):
        return found
    try:
        mended = text.translate(_TO_BYTE).encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return found
    if sum(1 for sign in mended if sign > "\x7f") < 2:
        return found
    return Decoded(mended.removeprefix("\ufeff"), found.encoding, True, found.certain, found.damaged)
