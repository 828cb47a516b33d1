"""`site.toml` as a value.

The text of the file in, a checked `Config` out, with every mistake reported at once and at its line. Where the file
lies and what lies beside it is not known here: this room never touches the disk.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from site_builder.accent import ACCENT, is_colour
from site_builder.digest import digest
from site_builder.errors import ConfigError, Problem, error
from site_builder.footer import check_footer
from site_builder.urls import PATTERN_FIELDS, check_path, fill_pattern
from site_builder.values import dataclass


class NavigationItem(NamedTuple):
    """One entry of the navigation: `page` names a page under `content/pages/`, or `url` an address."""

    title: str
    page: str
    url: str


FED = ("archive", "section", "topic")
"""The kinds of listings that can have a feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that a build is told. Paths are absolute; everything but the folders has a default.

    What a field feeds is said once, in `site_builder.build`: a change of `page_size` plans anew but reads nothing
    again, a change of `encodings` reads anew, and so on.
    """

    content: Path
    output: Path
    cache: Path
    templates: Path | None = None
    """The user's own templates, which go before those of the default theme."""
    rules: Path | None = None
    """The user's own rule packs."""
    shown: str = "content"
    """What the content folder is called in messages."""
    name: str = "site.toml"
    """What the configuration file is called in messages."""

    title: str = "Arsip"
    description: str = ""
    language: str = "id"
    base_url: str = ""
    """Ends in `/`, or is empty when the address of the site is not known."""
    navigation: tuple[NavigationItem, ...] = ()
    footer: str = ""
    """Text for the foot of every page, with paragraphs and links (`site_builder.footer`)."""
    accent: str = ACCENT
    accent_dark: str = ""
    """For dark pages; empty to make it from `accent`."""
    recent_from: int = 2022
    """The first year of which a page does not remind its readers: four years before this program's."""
    names: tuple[tuple[str, str], ...] = ()
    """What the site's own pages are called: words of the interface, each one of `NAMES`, and the name for it."""
    article_pattern: str = "articles/{slug}.html"
    ledger: Path | None = None
    page_size: int = 20
    data: bool = True
    source: bool = True
    feeds: tuple[str, ...] = FED
    """The kinds of listings that have a feed, of `FED`."""
    search_engine: str = "auto"
    encodings: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    detector: str = "words"
    import_map: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What the fields of dumps mean: one of `RECORD_FIELDS`, and the names of the record's fields for it, in order."""
    seconds: float = 5.0
    """The time that reading one article may take."""
    megabytes: float = 8.0
    """The size that a source may have, in units of 10**6 bytes."""
    depth: int = 2000
    """How many elements of HTML may stand within each other in a source."""
    values: int = 5000
    """How many values the front matter of a source may hold."""
    memory: int = 1000
    """What reading one article may take of the memory, in units of 10**6 bytes."""

    drafts: bool = False
    as_of: str = ""
    """Publish only what is dated up to this day (`YYYY-MM-DD`); empty for everything."""
    record: bool = True
    """Whether the ledger may be written: only by `build` on the site's own content."""
    keep_going: bool = False
    force: bool = False
    strict: bool = False
    clean: bool = False
    jobs: int = 0
    """Worker processes; 0 chooses by the amount of work and the cores."""

    @property
    def state(self) -> Path:
        """The file with what the last build knew: one for each pair of a content and an output folder."""
        return self.cache / f"state-{digest((str(self.content), str(self.output)))[:12]}.sqlite"


OWN_PAGES = ("about.html", "llms.html", "robots.html", "search.html")
"""Addresses that are ours, or whose article would have its source in the place of a file of ours, as robots.txt."""

OWN_FOLDERS = ("archive", "assets", "files", "publishers", "search", "sections", "sitemaps", "titles", "topics")
"""Folders of the output in which no article may stand."""

SEARCH_ENGINES = ("auto", "pagefind", "titles", "none")
"""What `search.engine` may be; `auto` is `pagefind` where that is installed, else `titles`."""

RECORD_FIELDS = (
    *("text", "title", "date", "updated", "author", "section", "tags"),
    *("lang", "source_url", "publisher", "summary", "retrieved"),
)
"""What a record of a dump can give an article (`readers.dumps.Record`)."""

NAMES = (
    *("home", "archive", "about", "titles", "calendar", "latest", "undated", "rules"),
    *("section", "sections", "topic", "topics", "publisher", "publishers"),
)
"""The words of the interface by which the archive's own pages and parts are called."""

Check = Callable[[object], str]
"""Returns what is wrong with a value, or an empty string."""


def _text(value: object) -> str:
    return "" if isinstance(value, str) else "must be a text in quotation marks"


def _boolean(value: object) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _texts(value: object) -> str:
    good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return "" if good else 'must be a list of texts, such as ["a", "b"]'


def _table(value: object) -> str:
    return "" if isinstance(value, dict) else 'must be a table, such as [import.map] with lines text = "maintext"'


def _page_size(value: object) -> str:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1000
    return "" if good else "must be a whole number from 1 to 1000"


def _year(value: object) -> str:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9999
    return "" if good else "must be a year, from 0 to 9999"


def _feeds(value: object) -> str:
    good = isinstance(value, list) and all(kind in FED for kind in value)
    return "" if good else 'must be a list of some of "archive", "section", "topic"'


def _positive(value: object) -> str:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6
    return "" if good else "must be a number above 0"


def _amount(value: object) -> str:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000
    return "" if good else "must be a whole number from 1 to 1000000"


def _language(value: object) -> str:
    good = isinstance(value, str) and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", value)
    return "" if good else 'must be a language code, such as "id" or "en"'


def _base_url(value: object) -> str:
    if value == "":
        return ""
    wrong = 'must be a web address, such as "https://owner.github.io/repo/"'
    if not isinstance(value, str) or not value.isascii() or any(c in ' "<>\\' or ord(c) < 32 for c in value):
        return wrong
    try:
        parts = urlsplit(value)
    except ValueError:
        return wrong
    return "" if parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment) else wrong


def _pattern(value: object) -> str:
    if not isinstance(value, str):
        return "must be a text in quotation marks"
    unknown = set(re.findall(r"\{([^{}]*)\}", value)) - set(PATTERN_FIELDS)
    if unknown:
        return f"has the unknown field {{{min(unknown)}}}: known are {', '.join(PATTERN_FIELDS)}"
    if "{slug}" not in value:
        return "must hold {slug}, or all articles would have one address"
    path = fill_pattern(value, dict.fromkeys(PATTERN_FIELDS, "x"))
    if value.split("/")[0] in OWN_FOLDERS:
        return f"begins with the folder {value.split('/')[0]!r}, which holds pages of another kind"
    if not path.endswith(".html"):
        return "must end in .html or in /"
    return check_path(path)


def _encodings(value: object) -> str:
    import codecs

    if message := _texts(value):
        return message
    assert isinstance(value, list)
    for name in value:
        try:
            if not codecs.lookup(name)._is_text_encoding:
                return f"names {name!r}, which is no encoding of text"
        except LookupError:
            return f"names the unknown encoding {name!r}"
    return ""


def _search(value: object) -> str:
    return "" if value in SEARCH_ENGINES else f"must be one of {', '.join(map(repr, SEARCH_ENGINES))}".replace("'", '"')


def _detector(value: object) -> str:
    return "" if value in ("words", "py3langid") else 'must be one of "words", "py3langid"'


def _navigation(value: object) -> str:
    shape = 'must be a list such as [{title = "About", page = "about"}, {title = "Shop", url = "https://example.org"}]'
    if not isinstance(value, list):
        return shape
    for item in value:
        keys = set(item) if isinstance(item, dict) else set()
        if keys not in ({"title", "page"}, {"title", "url"}) or not all(isinstance(v, str) for v in item.values()):
            return shape
        if "url" in item and urlsplit(item["url"]).scheme not in ("http", "https", "mailto"):
            return f"leads to {item['url']!r}: write an address that begins with https://"
    return ""


def _footer(value: object) -> str:
    return _text(value) or check_footer(str(value))


def _accent(value: object) -> str:
    return "" if isinstance(value, str) and is_colour(value) else f'must be a colour such as "{ACCENT}"'


def _accent_dark(value: object) -> str:
    return "" if value == "" else _accent(value)


def _names(value: object) -> str:
    return "" if isinstance(value, dict) else 'must be a table, such as [names] with the line archive = "Old papers"'


def _file_name(value: object) -> str:
    if value == "":
        return ""
    if not isinstance(value, str):
        return "must be a file name in quotation marks"
    return check_path(value)


KEYS: Mapping[str, tuple[str, Check]] = {
    "title": ("title", _text),
    "description": ("description", _text),
    "language": ("language", _language),
    "base_url": ("base_url", _base_url),
    "navigation": ("navigation", _navigation),
    "footer": ("footer", _footer),
    "theme.accent": ("accent", _accent),
    "theme.accent_dark": ("accent_dark", _accent_dark),
    "theme.recent_from": ("recent_from", _year),
    "names": ("names", _names),
    "addresses.article": ("article_pattern", _pattern),
    "addresses.ledger": ("ledger", _file_name),
    "listings.page_size": ("page_size", _page_size),
    "outputs.data": ("data", _boolean),
    "outputs.source": ("source", _boolean),
    "outputs.feeds": ("feeds", _feeds),
    "search.engine": ("search_engine", _search),
    "text.encodings": ("encodings", _encodings),
    "text.detector": ("detector", _detector),
    "text.disable": ("disable", _texts),
    "text.sections": ("sections", _texts),
    "import.map": ("import_map", _table),
    "limits.seconds": ("seconds", _positive),
    "limits.megabytes": ("megabytes", _positive),
    "limits.depth": ("depth", _amount),
    "limits.values": ("values", _amount),
    "limits.memory": ("memory", _amount),
}
"""Every key of `site.toml`: the field of `Config` that it fills, and its check."""


def check_base_url(url: str) -> str:
    """Return an address for `Config.base_url`, ending in `/`. Raises ConfigError when it is none."""
    if message := _base_url(url):
        raise ConfigError(error("--base-url", message))
    return str(_settle("base_url", url))


def parse_settings(text: str, name: str = "site.toml") -> dict[str, object]:
    """Return the fields of `Config` that `site.toml` sets; `ledger` is still the text as written.

    Raises ConfigError with all problems, each at its line: a syntax error, an unknown key (with the nearest known
    one), a value of the wrong kind.
    """
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as exc:
        where = re.search(r"\(at line (\d+), column (\d+)\)", str(exc))
        place = f"{name}:{where[1]}:{where[2]}" if where else name
        raise ConfigError(
            error(place, f"this is not TOML: {str(exc).split(' (at ')[0]}", "see https://toml.io")
        ) from None
    problems: list[Problem] = []
    settings: dict[str, object] = {}
    for key, value in _flatten(tables).items():
        wrong = list(_find_mistakes(key, value))
        problems += [error(f"{name}:{find_line(text, where)}", message, hint) for where, message, hint in wrong]
        if not wrong:
            settings[KEYS[key][0]] = _settle(key, value)
    if problems:
        raise ConfigError(*problems)
    return settings


def _find_mistakes(key: str, value: object) -> Iterator[tuple[str, str, str]]:
    """Yield the key at which something is wrong, what, and what to write instead."""
    if key not in KEYS:
        yield key, f"unknown key {key!r}", _suggest_key(key)
    elif message := KEYS[key][1](value):
        yield key, f"{key} {message}", ""
    elif key == "import.map" and isinstance(value, dict):
        for field, names in value.items():
            where = f"{key}.{field}"
            if field not in RECORD_FIELDS:
                yield where, f"unknown field {field!r} in [import.map]", _suggest(field, RECORD_FIELDS)
            elif _text(names) and _texts(names):
                yield where, f'{where} must be the name of a field, or a list of names, such as ["body", "content"]', ""
    elif key == "names" and isinstance(value, dict):
        for name, text in value.items():
            if name not in NAMES:
                yield f"names.{name}", f"unknown name {name!r} in [names]", _suggest(name, NAMES)
            elif _text(text) or not text:
                yield f"names.{name}", f"names.{name} must be a text in quotation marks", ""


def _flatten(tables: Mapping[str, object]) -> dict[str, object]:
    groups = {key.split(".")[0] for key in KEYS if "." in key}
    flat: dict[str, object] = {}
    for key, value in tables.items():
        if key in groups and isinstance(value, dict):
            flat.update({f"{key}.{inner}": v for inner, v in value.items()})
        else:
            flat[key] = value
    return flat


def _settle(key: str, value: object) -> object:
    if key == "navigation":
        assert isinstance(value, list)
        return tuple(NavigationItem(i["title"], i.get("page", ""), i.get("url", "")) for i in value)
    if key == "import.map":
        assert isinstance(value, dict)
        return tuple((field, (names,) if isinstance(names, str) else tuple(names)) for field, names in value.items())
    if key == "names":
        assert isinstance(value, dict)
        return tuple(sorted(value.items()))
    if key == "base_url":
        return f"{value}/" if value and not str(value).endswith("/") else value
    return tuple(value) if isinstance(value, list) else value


def _suggest_key(key: str) -> str:
    same = [known for known in KEYS if known.rpartition(".")[2] == key.rpartition(".")[2]]
    near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.6) or same
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(KEYS)}"


def _suggest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def find_line(text: str, key: str) -> int:
    """Return the line, counted from 1, on which `table.key` (or a key of the top) is written; 1 if it is not found.

    tomllib does not tell positions, so the text is looked through for the key within its table; a key that stands
    inside a value is found with the key of that value.
    """
    current, fallback = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        if header := re.match(r'\s*\[+\s*["\']?([^\]"\']+?)["\']?\s*\]', line):
            current = header[1].strip()
            if current == key:
                return number
            if key.startswith(f"{current}."):
                fallback = number
        elif not current or key.startswith(f"{current}."):
            names = key.removeprefix(f"{current}.").split(".")
            if re.match(_written(names) + r"\s*[=.]", line):
                return number
            if any(re.match(_written(names[:n]) + r"\s*=", line) for n in range(1, len(names))):
                fallback = number
    return fallback


def _written(names: Sequence[str]) -> str:
    """Return a pattern for a dotted key at the beginning of a line."""
    return r"\s*" + r"\s*\.\s*".join(f"[\"']?{re.escape(name)}[\"']?" for name in names)
