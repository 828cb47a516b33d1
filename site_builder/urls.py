"""Addresses: slugs, the paths of outputs, and what may be one.

Every page is a file, and every link between pages is the way up to the root followed by a path below it, so a
site works at `/`, under `/repo/`, and opened from a disk. This room is pure: it knows names, not folders.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from site_builder.digest import digest_bytes

MAX_SLUG = 100
"""Longest slug in bytes: leaves room for a suffix and an ending below the 255 bytes of a file name."""

DEVICES = frozenset(["con", "prn", "aux", "nul"] + [f"{device}{n}" for device in ("com", "lpt") for n in range(1, 10)])
"""Names that Windows cannot store, whatever they end in."""

RESERVED = DEVICES | {"index", "404"}
"""Slugs that no article may have: these, and pages of ours."""

MARKED = ".marked.html"
"""The ending of the page that shows how an article was read: `a.marked.html` beside `a.html`."""

PATTERN_FIELDS = ("slug", "year", "month", "day", "section")

_WORD = re.compile(r"[a-z0-9]+")
_ASCII_WORDS = re.compile("[a-z0-9]+")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*\Z")


def make_slug(text: str) -> str:
    """Return the slug of a title or a name: lower-case ASCII words joined by `-`, at most `MAX_SLUG` bytes.

    Empty when the text has no letter or digit. The words are python-slugify's.
    """
    if text.isascii() and "," not in text and "&" not in text:
        # Neither letters to write in others, nor numbers with commas, nor entities: `slugify` only parts the words.
        plain = "-".join(_WORD.findall(text.lower()))
        if len(plain) < MAX_SLUG:
            return plain
    from slugify import slugify

    slug: str = slugify(text, max_length=MAX_SLUG, word_boundary=True, save_order=True)
    return slug


def is_slug(text: str) -> bool:
    """Return whether `text` can be an address as it stands."""
    is_kept = text in RESERVED or text.partition(".")[0] in DEVICES
    return bool(_SLUG.match(text)) and len(text) <= MAX_SLUG and not is_kept


def short_hash(text: str, length: int = 6) -> str:
    """Return hexadecimal characters that tell `text` from others, the same on every machine."""
    return digest_bytes(text.encode("utf-8"))[:length]


def fold_name(name: str) -> str:
    """Return the key under which two spellings of a name count as one: NFC, case folded, blanks run together."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def fold_title(title: str) -> str:
    """Return the key by which a headline is recognised as an article's title: letters and digits only."""
    if title.isascii():
        return " ".join(_ASCII_WORDS.findall(title.lower()))  # the same, for a tenth
    folded = unicodedata.normalize("NFKC", title).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def key_title(title: str) -> str:
    """Return the key under which two titles count as equal: one of signs alone counts as it is written."""
    return fold_title(title) or title


def assign_slugs(names: Mapping[str, str]) -> dict[str, str]:
    """Return a slug for each key of `names` (key -> text to make it from), all different.

    Keys take their turn in their own order: the first that asks for a slug has it, a later one gets a suffix
    made from its key, so no order on the disk and no count of others decides an address.
    """
    taken: set[str] = set(RESERVED)
    slugs: dict[str, str] = {}
    for key in sorted(names):
        slugs[key] = free_slug(make_slug(names[key]), key, taken)
        taken.add(slugs[key])
    return slugs


def free_slug(slug: str, key: str, taken: set[str]) -> str:
    """Return `slug`, or `slug` with a suffix made from `key` when it is empty or in `taken`."""
    if slug and slug not in taken:
        return slug
    for length in range(6, 33, 2):
        longer = f"{slug}-{short_hash(key, length)}".lstrip("-")
        if longer not in taken:
            return longer
    raise AssertionError("two keys with one digest")


def natural_key(name: str) -> str:
    """Return a text that sorts `a2` before `a10`; ties (`01` and `1`) are for the caller to break.

    >>> sorted(["a10", "a2", "b1"], key=natural_key)
    ['a2', 'a10', 'b1']
    """
    pieces = _split_numbers(name.casefold())
    pieces[::2] = [text and f"2{text}\x01" for text in pieces[::2]]
    pieces[1::2] = [_write_number(digits) for digits in pieces[1::2]]
    return "".join(pieces)


_split_numbers = re.compile("([0-9]+)").split


def _write_number(digits: str) -> str:
    number = digits.lstrip("0") or "0"
    return f"1{len(number):04}{number}"


def fill_pattern(pattern: str, values: Mapping[str, str]) -> str:
    """Return the output path that an address pattern gives; a pattern that ends in `/` names its index.html.

    Raises KeyError for a field that `values` does not have.
    """
    pieces = list(_split_pattern(pattern))
    pieces[1::2] = [values[name] for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=8)  # a site has one; every article asks
def _split_pattern(pattern: str) -> tuple[str, ...]:
    """Return texts, and between them the names of fields."""
    return tuple(re.split(r"\{(\w+)\}", pattern + "index.html" if pattern.endswith("/") else pattern))


def sister(path: str, suffix: str) -> str:
    """Return the path of the file that stands beside a page under the same name.

    >>> sister("articles/a.html", ".json")
    'articles/a.json'
    """
    return path.removesuffix(".html") + suffix


def root_of(path: str) -> str:
    """Return the way from a page up to the root of the site: nothing, or `../` for each folder.

    >>> root_of("topics/garam/2019-2.html")
    '../../'
    """
    return "../" * path.count("/")


def page_path(address: str) -> str:
    """Return the path below the output folder of the page that an address from the root of the site names.

    >>> page_path("/2009/old-story"), page_path("/2009/old-story/"), page_path("about.html")
    ('2009/old-story.html', '2009/old-story/index.html', 'about.html')
    """
    path = address.removeprefix("/")
    if path.endswith("/") or not path:
        return path + "index.html"
    return path if path.endswith((".html", ".htm")) else path + ".html"


def is_address(link: str) -> bool:
    """Return whether a link of an article is an address (see `model.Article.links`), and not the id of a source."""
    return link.startswith(("/", "https://", "http://"))


def find_page_path(address: str) -> str:
    """Return the same of a whole address, whatever its host, or of one that begins with `/`; a query does not count.

    >>> find_page_path("https://example.org/2009/old%20story?page=2#end")
    '2009/old story.html'
    """
    path = re.split("[?#]", address, maxsplit=1)[0]
    if not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2]
    return page_path(unquote(path))


def check_path(path: str) -> str:
    """Return what is wrong with an output path, or an empty string: it must name a file below the root, portably."""
    names = path.split("/")
    if not path or path.startswith("/") or any(name in ("", ".", "..") for name in names):
        return "does not name a file below the site's root"
    if "\\" in path or any(ord(c) < 32 or c in '<>:"|?*%#' for c in path):
        return "holds a character that an address or a file name cannot have"
    if any(len(name.encode("utf-8", "surrogatepass")) > 255 for name in names):
        return "has a name of more than 255 bytes"
    if any(name.endswith((".", " ")) or name.split(".")[0].lower() in DEVICES for name in names):
        return "has a name that Windows cannot store"
    return ""
