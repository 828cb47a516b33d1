"""The built site: where its links lead, which titles and descriptions its pages have, and how large it is.

The files are looked at one after the other, folder by folder in the order of their names. Of each there are kept some
numbers of eight bytes: digests of its path, of its anchors, of its title. That two different ones have one digest is
as likely as not only among five thousand million.
"""

from __future__ import annotations

import heapq
import os
import stat
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import field
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from site_builder.attachments import FOLDER as ATTACHMENTS
from site_builder.checking.findings import Findings
from site_builder.config import Config
from site_builder.errors import MachineError, error, warning
from site_builder.hosting import FILE_BYTES, SITE_BYTES
from site_builder.hyperlinks import Page, Reference, find_target, list_served, scan_feed, scan_page, scan_style
from site_builder.indexed_archive import IndexedArchive
from site_builder.model import Card
from site_builder.publish import WORK_INSIDE
from site_builder.store import Store
from site_builder.urls import MARKED
from site_builder.values import dataclass

NEARLY = 0.8
"""From this share of the limit of a site on there is a warning."""
LARGEST = 10

_REMEMBERED = 1 << 16
_PAGES = (".html", ".htm")
_TOP = ("top", "")
"""Fragments that need no anchor (HTML, "Scrolling to a fragment")."""


class Measures(NamedTuple):
    """How large the built site is: files, pages among them, bytes, and the largest files, the largest first."""

    files: int
    pages: int
    bytes: int
    largest: tuple[tuple[int, str], ...]


@dataclass(slots=True)
class _Marks:
    """A set of digests that is filled first and asked then."""

    values: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, text: str) -> None:
        self.values.append(_digest(text))

    def close(self) -> None:
        self.values = array("Q", sorted(self.values))

    def __contains__(self, text: str) -> bool:
        value = _digest(text)
        place = bisect_left(self.values, value)
        return place < len(self.values) and self.values[place] == value

    def find_doubles(self) -> set[int]:
        return {one for one, other in zip(self.values, self.values[1:], strict=False) if one == other}


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest())


def check_pages(
    config: Config, store: Store | None, findings: Findings, progress: Callable[[str, int, int], None]
) -> Measures:
    """Check every file of the output folder; links that lead to other sites are not followed.

    `store` is the state of the last build, which knows from which source a page was made. Raises MachineError for a
    folder or file that cannot be read.
    """
    paths, folded = _Marks(), _Marks()
    measures = _measure(config, paths, folded, findings)
    _tell_case(config, folded, findings)
    site = _Site(config, paths, IndexedArchive(store.database) if store else None, findings)
    for done, (path, info) in enumerate(_list_files(config), 1):
        if path.endswith((*_PAGES, ".css", ".xml")) and not path.startswith(f"{ATTACHMENTS}/"):
            site.check(path, info)
        progress("check", done, measures.files)
    site.tell_anchors()
    return measures


# --- the files ---------------------------------------------------------------------------------------------------


def _list_files(config: Config) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the path of every plain file below the output folder, with what the system says of it."""
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            names = sorted(os.listdir(config.output / folder))  # noqa: PTH208 - names alone, of very many
        except OSError as exc:
            raise MachineError(error(str(config.output / folder), f"cannot be listed: {exc.strerror}")) from exc
        inside = []
        for name in names:
            path = f"{folder}{name}"
            info = os.lstat(f"{config.output}/{path}")
            if stat.S_ISDIR(info.st_mode) and path != WORK_INSIDE:
                inside.append(f"{path}/")
            elif stat.S_ISREG(info.st_mode):
                yield path, info
        waiting += reversed(inside)


def _measure(config: Config, paths: _Marks, folded: _Marks, findings: Findings) -> Measures:
    """Note all paths, and tell what is too large for GitHub Pages: an error where that is where the site will be."""
    files = pages = size = 0
    largest: list[tuple[int, str]] = []
    tell = error if ".github.io" in config.base_url else warning
    for path, info in _list_files(config):
        files += 1
        pages += path.endswith(_PAGES)
        size += info.st_size
        paths.add(path)
        folded.add(path.casefold())
        heapq.heappush(largest, (info.st_size, path))
        if len(largest) > LARGEST:
            heapq.heappop(largest)
        if info.st_size > FILE_BYTES:
            message = f"has {info.st_size / 1e6:,.0f} MB, and GitHub takes no file of more than {FILE_BYTES / 1e6:.0f}"
            findings.add("size", tell(_show(config, path), message, "make it smaller, or keep it elsewhere"))
    limit = f"GitHub Pages publishes sites of up to {SITE_BYTES / 1e9:.0f} GB"
    if size > SITE_BYTES:
        hint = "leave out sources and data ([outputs]), or publish the archive in several sites"
        findings.add("size", tell(config.output.name, f"has {size / 1e9:.2f} GB, and {limit}", hint))
    elif size > NEARLY * SITE_BYTES:
        findings.add("size", warning(config.output.name, f"has {size / 1e9:.2f} GB already; {limit}"))
    paths.close()
    folded.close()
    return Measures(files, pages, size, tuple(sorted(largest, key=lambda item: (-item[0], item[1]))))


def _tell_case(config: Config, folded: _Marks, findings: Findings) -> None:
    doubled = folded.find_doubles()
    if not doubled:
        return
    first: dict[int, str] = {}
    for path, _ in _list_files(config):
        mark = _digest(path.casefold())
        if mark in doubled and first.setdefault(mark, path) != path:
            message = f"differs from {first[mark]} only in small and capital letters"
            findings.add("case", warning(_show(config, path), message, "some disks can hold only one of them"))


def _show(config: Config, path: str) -> str:
    return f"{config.output.name}/{path}"


# --- the pages ---------------------------------------------------------------------------------------------------


class _Site:
    """Checks pages one by one, and remembers of each what others may refer to."""

    def __init__(self, config: Config, paths: _Marks, archive: IndexedArchive | None, findings: Findings) -> None:
        self._config, self._paths, self._archive, self._findings = config, paths, archive, findings
        self._anchors = _Marks()
        self._asked: dict[int, tuple[str, str]] = {}
        """Digest of a path with an anchor -> the first page that links there, and the address as it is written."""
        self._titles: dict[int, str] = {}
        self._descriptions: dict[int, str] = {}
        self._find = lru_cache(maxsize=_REMEMBERED)(self._find_anew)

    def check(self, path: str, info: os.stat_result) -> None:
        """Check one page, style sheet or feed."""
        try:
            with open(f"{self._config.output}/{path}", "rb") as file:  # noqa: PTH123 - a Path for each costs as much
                text = file.read(info.st_size).decode("utf-8", "replace")
        except OSError as exc:
            raise MachineError(error(_show(self._config, path), f"cannot be read: {exc.strerror}")) from exc
        if path.endswith(_PAGES):
            page = scan_page(text)
            self._check_words(path, page)
            for anchor in page.anchors:
                self._anchors.add(f"{path}#{anchor}")
            self._check_references(path, text, page.references, {*page.anchors, *_TOP})
        else:
            found = scan_style(text) if path.endswith(".css") else scan_feed(text)
            self._check_references(path, text, found, frozenset())

    def _check_references(
        self, path: str, text: str, references: Iterable[Reference], anchors: Collection[str]
    ) -> None:
        """Tell references that lead nowhere, and note those to anchors of other pages; `anchors` are the file's own."""
        folder = path[: path.rfind("/") + 1]
        for reference in references:
            url = reference.url
            found = find_target(path, url, "") if url[:1] in ("#", "?", "") else self._find(folder, url)
            if found is None:
                continue
            target, fragment = found
            if not target:
                self._tell_dead(path, text, reference)
            elif target == path:
                if fragment not in anchors and fragment.lower() not in _TOP:
                    self._tell_anchor(path, text.count("\n", 0, reference.start) + 1, url)
            elif fragment.lower() not in _TOP and target.endswith(_PAGES):
                self._asked.setdefault(_digest(f"{target}#{fragment}"), (path, url))

    def _find_anew(self, folder: str, url: str) -> tuple[str, str] | None:
        """Return the file to which an address leads, and its fragment; None for elsewhere, no file for nowhere."""
        found = find_target(folder, url, self._config.base_url)
        return (self._find_file(found[0]), found[1]) if found else None

    def _find_file(self, path: str) -> str:
        """Return the file that GitHub Pages serves for a path, or nothing."""
        return next((name for name in list_served(path) if name in self._paths), "")

    def _tell_dead(self, path: str, text: str, reference: Reference) -> None:
        line = text.count("\n", 0, reference.start) + 1
        is_link = text.startswith(("<a", "<A"), reference.start)
        message = f"{'links to' if is_link else 'needs'} {reference.url!r}, which is not there"
        target = find_target(path, reference.url, self._config.base_url)
        key = target[0] if target else reference.url
        problem = error(f"{_show(self._config, path)}:{line}", message, self._name_source(path))
        self._findings.add("links" if is_link else "files", problem, key)

    def _name_source(self, path: str) -> str:
        """Return a hint that names the source of a page, or nothing."""
        page = path.removesuffix(MARKED) + ".html" if path.endswith(MARKED) else path
        card = self._find_card(page)
        return f"made from {self._findings.shown}/{card.id}" if card else ""

    def _find_card(self, path: str) -> Card | None:
        try:
            return self._archive.find_at(path) if self._archive else None
        except UnicodeEncodeError:  # a file of somebody else's, whose name is no text
            return None

    # --- anchors ------------------------------------------------------------------------------------------------------

    def tell_anchors(self) -> None:
        """Tell the links to anchors that other pages lack, once all pages are known."""
        self._anchors.close()
        known = set(self._anchors.values) & self._asked.keys()
        for mark, (path, url) in self._asked.items():
            if mark not in known:
                self._tell_anchor(path, self._find_line(path, url), url)

    def _find_line(self, path: str, url: str) -> int:
        text = (self._config.output / path).read_text(encoding="utf-8", errors="replace")
        start = next((r.start for r in scan_page(text).references if r.url == url), 0)
        return text.count("\n", 0, start) + 1

    def _tell_anchor(self, path: str, line: int, url: str) -> None:
        message = f"links to {url!r}, and there is no such anchor"
        problem = error(f"{_show(self._config, path)}:{line}", message, self._name_source(path))
        self._findings.add("anchors", problem, key=f"{path} {url}")

    # --- titles and descriptions --------------------------------------------------------------------------------------

    def _check_words(self, path: str, page: Page) -> None:
        """Tell a title or a description that is missing, or that an earlier page has, too.

        Not those of pages that search engines leave out, nor the titles of articles: two of one title are told there.
        """
        place, hint = _show(self._config, path), "see the template of the page"
        if not page.title:
            findings_hint = self._name_source(path) or hint
            self._findings.add("titles", warning(place, "has no <title>", findings_hint), key="no title")
        if page.is_hidden or path == "404.html":
            return
        if not page.description:
            self._findings.add("descriptions", warning(place, "has no description", hint), key="no description")
        else:
            first = self._descriptions.setdefault(_digest(page.description), path)
            if first != path:
                message = f"has the same description as {first}"
                self._findings.add("descriptions", warning(place, message, self._name_source(path)))
        first = self._titles.setdefault(_digest(page.title), path) if page.title else path
        if first != path and not self._find_card(path):
            self._findings.add("titles", warning(place, f"has the same <title> as {first}", hint))
