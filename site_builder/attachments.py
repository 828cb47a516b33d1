"""Attachments: files that stand beside articles, such as pictures and PDFs: their addresses, and how HTML shows them.

Names and markup only. Whether a file is there, and what is in it, is not known here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from site_builder.model import FILE_MARK, FileFacts
from site_builder.urls import RESERVED, make_slug, short_hash

FOLDER = "files"
"""The folder of the output in which all attachments stand."""

SIZES = "(min-width: 38rem) 35rem, 100vw"
"""How wide the theme shows a picture: its column is 35rem, and on a small screen almost the whole width."""

LONGEST = 180
"""Characters of an address above which its folders are left out."""

_CLEAN_FOLDER = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
_CLEAN_NAME = re.compile(r"([a-z0-9]+(?:[-_][a-z0-9]+)*)\.([a-z0-9]{1,10})\Z")
_HASHED = re.compile(r"(?:\A|-)[0-9a-f]{8}\Z")
_TAG = r"<{}((?: [a-z]+=\"[^\"]*\")*)>"
_IMAGE = re.compile(_TAG.format("img"))
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LINK = re.compile(rf'(<a(?: [a-z]+="[^"]*")*?) href="{FILE_MARK}(\d+)(#[^"]*)?"')
"""Whole tags are matched, here and below: in sanitised HTML no text has a `<`, and no value a quotation mark."""
_MARKED = re.compile(rf'(<(?:a|img)(?: [a-z]+="[^"]*")*? (?:href|src)="{FILE_MARK})(\d+)')
_ALONE = re.compile(r"<p>\s*(<a(?: [a-z]+=\"[^\"]*\")*>)?\s*(<img(?: [a-z]+=\"[^\"]*\")*>)\s*(?(1)(</a>)|())\s*</p>")
_NUMBER = re.compile(r"[1-9][0-9]{0,4}\Z")


class Attachment(NamedTuple):
    """A file as a page shows it. `url` is its path in the output, or empty where there is no such file.

    `width` and `height` are those of a picture in pixels, upright, or 0; `scaled` are smaller copies of it, by width
    and path. `elsewhere` is, where there is no such file, the whole address that it has on the publisher's site, or
    empty.
    """

    url: str = ""
    width: int = 0
    height: int = 0
    scaled: tuple[tuple[int, str], ...] = ()
    elsewhere: str = ""


def make_address(path: str) -> str:
    """Return where the file at `path` below the content folder stands in the output.

    It depends on nothing but the path, so no other file can move it. Names that can be an address stay as they are; of
    all others a slug is made, with a hash of the path, so no two files have one address, on any file system.

    >>> make_address("img/ferry.jpg")
    'files/img/ferry.jpg'
    >>> make_address("Foto 1.JPG")
    'files/foto-1-c7ac7afd.jpg'
    """
    *folders, name = path.split("/")
    match = _CLEAN_NAME.match(name)
    is_clean = match and len(match[1]) <= 100 and match[1] not in RESERVED and not _HASHED.search(match[1])
    if is_clean and len(path) <= LONGEST and all(_is_clean_folder(folder) for folder in folders):
        return f"{FOLDER}/{path}"
    stem, _, suffix = name.rpartition(".")
    slug = "-".join(filter(None, (make_slug(stem)[:60].strip("-"), short_hash(path, 8))))
    above = [slug_ for folder in folders if (slug_ := make_slug(folder)) and slug_ not in RESERVED]
    way = "/".join((FOLDER, *above)) if sum(map(len, above)) + len(above) <= LONGEST - 80 else FOLDER
    return f"{way}/{slug}.{suffix.lower()}"


def _is_clean_folder(name: str) -> bool:
    return bool(_CLEAN_FOLDER.match(name)) and name not in RESERVED


def name_scaled(address: str, width: int) -> str:
    """Return the address of the copy, `width` pixels wide, of the picture at an address. No file has such a one."""
    return f"{address}.{width}.webp"


def list_addresses(facts: FileFacts) -> list[str]:
    """Return the address of a file and those of its smaller copies; none for one that is not there."""
    if not facts.path:
        return []
    address = make_address(facts.path)
    return [address, *(name_scaled(address, width) for width in facts.scaled)]


def make_attachment(facts: FileFacts, elsewhere: str = "") -> Attachment:
    """Return what a page shows of a file, which may have another address `elsewhere`."""
    if not facts.path:
        return Attachment(elsewhere=elsewhere)
    address = make_address(facts.path)
    scaled = tuple((width, name_scaled(address, width)) for width in facts.scaled)
    return Attachment(address, facts.width, facts.height, scaled)


# --- in the text ------------------------------------------------------------------------------------------------------


def keep_used(markup: str, count: int) -> tuple[str, list[int]]:
    """Return HTML with its marks counted anew, and which of `count` files it still names, in order."""
    used = sorted({int(match[2]) for match in _MARKED.finditer(markup)})
    if len(used) == count:
        return markup, used
    places = {number: place for place, number in enumerate(used)}
    return _MARKED.sub(lambda match: f"{match[1]}{places[int(match[2])]}", markup), used


def place_files(markup: str, root: str, files: Sequence[Attachment]) -> str:
    """Return sanitised HTML with the addresses of its files, below `root`, in the places of their marks.

    Pictures of ours get what keeps the page from jumping about and spares readers what they do not look at. One that
    is alone in its paragraph and has a title becomes a figure with that as its caption. Where a file is not there, its
    address at the publisher's stands; without one, a picture leaves its words and a link is none.
    """
    if FILE_MARK in markup:
        markup = _LINK.sub(lambda match: _resolve(match, root, files), markup)
        markup = _IMAGE.sub(lambda match: _show(match, root, files), markup)
    return _ALONE.sub(_make_figure, markup) if "<img" in markup else markup


def _resolve(match: re.Match[str], root: str, files: Sequence[Attachment]) -> str:
    file = files[int(match[2])]
    address = root + file.url if file.url else html.escape(file.elsewhere)
    return f'{match[1]} href="{address}{match[3] or ""}"' if address else match[1]


def _show(match: re.Match[str], root: str, files: Sequence[Attachment]) -> str:
    given = dict(_ATTRIBUTE.findall(match[1]))
    source = given.pop("src", "")
    if not source.startswith(FILE_MARK):
        return match[0]
    file = files[int(source.removeprefix(FILE_MARK))]
    if file.elsewhere:
        return match[0].replace(source, html.escape(file.elsewhere), 1)
    if not file.url:
        return name_lost_picture(match[1])
    size = _choose_size(given.pop("width", ""), given.pop("height", ""), file)
    shown = {"src": root + file.url, "alt": given.pop("alt", ""), **given, **size}
    if file.scaled:
        ways = [(width, url) for width, url in file.scaled] + [(file.width, file.url)]
        shown["srcset"] = ", ".join(f"{root}{url} {width}w" for width, url in ways)
        shown["sizes"] = SIZES
    shown |= {"loading": "lazy", "decoding": "async"}
    return "<img" + "".join(f' {name}="{value}"' for name, value in shown.items()) + ">"


def _choose_size(width: str, height: str, file: Attachment) -> dict[str, str]:
    """Return the attributes of a size: as the author gives it, the other side in proportion; else the picture's own."""
    wide, high = bool(_NUMBER.match(width)), bool(_NUMBER.match(height))
    if wide and high:
        return {"width": width, "height": height}
    if not file.width or not file.height:
        return {"width": width} if wide else {"height": height} if high else {}
    if wide:
        return {"width": width, "height": str(max(1, round(int(width) * file.height / file.width)))}
    if high:
        return {"width": str(max(1, round(int(height) * file.width / file.height))), "height": height}
    return {"width": str(file.width), "height": str(file.height)}


def name_lost_picture(attributes: str) -> str:
    """Return what stands for a picture that is not published: its alternative text, or nothing."""
    alt = re.search(r' alt="([^"]*)"', attributes)
    return f'<span class="picture">{alt[1]}</span>' if alt and alt[1].strip() else ""


def _make_figure(match: re.Match[str]) -> str:
    title = re.search(r' title="([^"]*)"', match[2])
    if not title or not title[1].strip():
        return match[0]
    picture = match[2].replace(title[0], "", 1)
    caption = html.escape(html.unescape(title[1]).strip(), quote=False)
    return f"<figure>{match[1] or ''}{picture}{match[3] or ''}<figcaption>{caption}</figcaption></figure>"
