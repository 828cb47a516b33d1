"""Bytes of an HTML page to text: what the page itself says of its encoding, where that can be true.

The names that count are those of the web. What a page holds besides is not known here.
"""

from __future__ import annotations

import re
from dataclasses import replace

from site_builder.readers.decode import Decoded, decode

_HEAD = 4_096
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_CHARSET = re.compile(rb"<meta\s[^>]{0,500}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w:.+-]{1,40})", re.I)

_CODECS = {
    "cp1252": "ascii us-ascii iso-8859-1 iso8859-1 latin1 latin-1 windows-1252 cp1252 x-cp1252",
    "cp1254": "iso-8859-9 windows-1254 latin5",
    "gb18030": "gb2312 gbk gb18030 x-gbk",
    "cp932": "shift_jis shift-jis sjis x-sjis windows-31j ms_kanji",
    "cp949": "euc-kr ks_c_5601-1987 windows-949 korean",
    "cp874": "tis-620 windows-874 iso-8859-11",
    "cp866": "ibm866 cp866",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "big5hkscs": "big5 big5-hkscs x-x-big5",
    "koi8-r": "koi8-r koi8",
    "koi8-u": "koi8-u",
    "mac-roman": "macintosh mac x-mac-roman",
    **{f"cp{n}": f"windows-{n} cp{n} x-cp{n}" for n in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso8859-{n}": f"iso-8859-{n} iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
"""Python's codec -> the names by which pages call it. As in browsers, Latin-1 means windows-1252."""

_CODEC_OF = {name: codec for codec, names in _CODECS.items() for name in names.split()}


def decode_html(data: bytes, encodings: tuple[str, ...] = ()) -> Decoded:
    """Return the text of an HTML page; never raises.

    A byte order mark decides; then bytes that are UTF-8 and more than ASCII are that, whatever the page says, since it
    cannot be by chance; then the page's own `charset` counts, when it is known and fits; else all is as in `decode`.
    """
    found = _CHARSET.search(data[:_HEAD])
    codec = _CODEC_OF.get(found[1].decode("ascii", "replace").lower()) if found else None
    if codec and not data.startswith(_MARKS) and (codec == "iso2022_jp" or not _is_utf_8(data)):
        try:
            text = data.decode(codec)
            text.encode("utf-8")  # some codecs give lone surrogates, which no page could be written with
        except UnicodeError:
            return decode(data, encodings)
        return Decoded(text, "windows-1252" if codec == "cp1252" else codec)
    decoded = decode(data, encodings)
    return replace(decoded, certain=True) if codec == "cp1252" and not decoded.damaged else decoded


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
