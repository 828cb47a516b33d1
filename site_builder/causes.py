"""Causes: why a build renders an output, in a few words that are kept until it is rendered again.

Pure: what was known after the last build and what is now in, a text for each due output out. The first cause that
applies is told, from what concerns all outputs to what concerns one; no byte of the site depends on it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Literal, NamedTuple

from site_builder.archive import UNDATED
from site_builder.catalogue import list_names, make_card
from site_builder.model import Card, Entry, Output, Published
from site_builder.roles import ITSELF, list_roles
from site_builder.urls import fold_name
from site_builder.values import dataclass
from site_builder.views import ArticleView, CopyView, DataView, FileView, ListingView

NEW = "new"
"""The output was not there before."""
MISSING = "missing"
"""It was there, and its file is gone."""
UNKNOWN_BYTES = "unknown bytes"
"""The folder is not as the state remembers it, or there is no state, so everything was looked at again."""
PROGRAM = "program"
"""The program, or a library that has a part in a page, is another."""
SETTINGS = "settings"
"""The settings, the navigation, the words of the interface or the assets are others."""
RULES = "rules"
"""Articles are read by other rules."""
ADDRESSES = "addresses"
"""Nothing else is left: an address was changed in the ledger."""

SHOWN_IDS = 3
"""How many sources a cause names; the others are counted."""

_AFTER_ALL = "\U0010ffff"

Verb = Literal["added", "changed", "removed"]


class Basis(NamedTuple):
    """What decides outputs besides the articles, as digests that tell whether it is what it was."""

    engine: str
    frame: str
    settings: str
    reader: str
    templates: Mapping[str, str]
    """Name -> digest of its text."""


class Change(NamedTuple):
    """A source that is another than it was; an entry is None when there was, or is, no article of it on the site."""

    id: str
    before: Entry | None
    after: Entry | None

    @property
    def verb(self) -> Verb:
        """What was done to it."""
        return "changed" if self.before and self.after else "removed" if self.before else "added"

    @property
    def is_visible(self) -> bool:
        """Whether other pages than its own can show the change."""
        return _show(self.before) != _show(self.after)


def _show(entry: Entry | None) -> object:
    return entry and (make_card(entry, ""), entry.sections, entry.topics)


@dataclass(frozen=True)
class Causes:
    """Tells the cause of each due output of one build, with the closures of the templates by their names.

    `find_changes` returns the sources that changed, `find_url` the address of the page of an id, or None; they are
    asked only when a cause lies in the articles.
    """

    before: Basis | None
    """None when nothing is known of the last build."""
    now: Basis
    closures: Mapping[str, Collection[str]]
    find_changes: Callable[[], Iterable[Change]]
    find_url: Callable[[str], str | None]
    files: Mapping[str, str] = field(default_factory=dict)
    """Addresses of files beside articles that came, went or are others now, each with the path of its source."""

    def tell(self, output: Output, was: Published | None, *, is_owned: bool) -> str:
        """Return why an output is rendered.

        `was` is what is known of the file that is there; `is_owned` says whether one was published.
        """
        if was is None:
            return MISSING if is_owned else NEW
        if not was.fingerprint or self.before is None:
            return UNKNOWN_BYTES
        return self._tell_surroundings(output) or self._tell_content(output)

    def shows_change(self, output: Output) -> bool:
        """Tell whether an output shows a changed source, or that one went or came."""
        return bool(self._changes.word(output))

    def _tell_surroundings(self, output: Output) -> str:
        """Return what of all that is not the page itself is another, or an empty string."""
        assert self.before is not None
        if self.before.engine != self.now.engine:
            return PROGRAM
        if not output.template:
            return ""
        if self.before.frame != self.now.frame:
            return SETTINGS
        return self._templates.get(output.template, "")

    @cached_property
    def _templates(self) -> Mapping[str, str]:
        """Name of a template -> which of its closure are others, for those of which some are."""
        assert self.before is not None
        old, new = self.before.templates, self.now.templates
        changed = {name for name in old.keys() | new if old.get(name) != new.get(name)}
        found = {name: sorted(changed.intersection(closure)) for name, closure in self.closures.items()}
        return {name: f"template {', '.join(names)}" for name, names in found.items() if names}

    def _tell_content(self, output: Output) -> str:
        assert self.before is not None
        if words := self._changes.word(output):
            return words
        if words := _word_files(path for url in _list_files(output) if (path := self.files.get(url))):
            return words
        if self.before.settings != self.now.settings:
            return SETTINGS
        if self.before.reader != self.now.reader:
            return RULES
        return self._changes.all_in_words or _word_files(self.files.values()) or ADDRESSES

    @cached_property
    def _changes(self) -> _Changes:
        return _Changes(tuple(self.find_changes()), self.find_url)


def _list_files(output: Output) -> Iterator[str]:
    """Yield the addresses of files beside articles that an output shows, or is."""
    match output.page:
        case ArticleView(files=files):
            yield from (file.url for file in files)
        case DataView(files=urls):
            yield from urls
        case FileView() | CopyView():
            yield output.path


def _word_files(paths: Iterable[str]) -> str:
    """Return the sources of changed files in words: `files img/a.jpg, img/b.jpg +2`; nothing for none."""
    names = sorted(set(paths))
    more = f" +{len(names) - SHOWN_IDS}" if len(names) > SHOWN_IDS else ""
    return f"files {', '.join(names[:SHOWN_IDS])}{more}" if names else ""


class _Changes:
    """The changed sources of a build, by all that an output can show of them."""

    def __init__(self, changes: Sequence[Change], find_url: Callable[[str], str | None]) -> None:
        self._by_id = {change.id: change for change in changes}
        self._visible = {change.id for change in changes if change.is_visible}
        self._find_url = find_url
        self._words: dict[str, str] = {}
        self._listings: dict[tuple[str, str, str], str] = {}

    @cached_property
    def all_in_words(self) -> str:
        """All of them, or an empty string."""
        return self._share(_word(sorted(self._by_id.values(), key=_reading_order)))

    def word(self, output: Output) -> str:
        """Return those in words that an output shows, its own first, or of which it shows that they went or came.

        An empty string when there are none. A page of a listing that shows none of them was moved by those of its
        period.
        """
        page = output.page
        own, shown = self._find_shown(page) if self._by_id else (set(), set())
        if isinstance(page, ArticleView):
            shown.update(self._list_between(page.card, page.older, page.newer))
        if shown or not isinstance(page, ListingView):
            changes = (self._by_id[id_] for id_ in shown)
            return self._share(
                _word(sorted(changes, key=lambda change: (change.id not in own, _reading_order(change))))
            )
        return self._word_listing((page.kind, fold_name(page.title), page.period))

    def _word_listing(self, key: tuple[str, str, str]) -> str:
        if key not in self._listings:
            changes = (self._by_id[id_] for id_ in self._by_listing.get(key, ()))
            self._listings[key] = _word(sorted(changes, key=_reading_order))
        return self._listings[key]

    def _share(self, text: str) -> str:
        """Return an equal text that others have, too: a build may tell one cause a hundred thousand times."""
        return self._words.setdefault(text, text)

    def _find_shown(self, page: object) -> tuple[set[str], set[str]]:
        """Return the ids of those whose text a page shows, and of all of which it shows something."""
        own, shown = set(), set()
        for role in list_roles(page):
            id_ = role.id or self._by_url.get(role.url, "")
            if role.name == ITSELF and id_ in self._by_id:
                own.add(id_)
            elif id_ in self._visible:
                shown.add(id_)
        return own, own | shown

    def _list_between(self, card: Card, older: Card | None, newer: Card | None) -> Iterator[str]:
        """Yield the ids of those that stood between an article and its neighbours."""
        if card.date:
            low = (older.date, older.id) if older else ("", "")
            high = (newer.date, newer.id) if newer else (_AFTER_ALL, "")
            start, stop = bisect_right(self._old_places, low), bisect_left(self._old_places, high)
            yield from (id_ for _, id_ in self._old_places[start:stop] if id_ in self._visible)

    @cached_property
    def _old_places(self) -> list[tuple[str, str]]:
        """Date and id of each dated one as it was, in the order of the archive."""
        entries = (change.before for change in self._by_id.values())
        return sorted((entry.date, entry.id) for entry in entries if entry and entry.kind == "article" and entry.date)

    @cached_property
    def _by_url(self) -> dict[str, str]:
        found = ((self._find_url(id_), id_) for id_, change in self._by_id.items() if change.after)
        return {url: id_ for url, id_ in found if url}

    @cached_property
    def _by_listing(self) -> dict[tuple[str, str, str], set[str]]:
        """The visible ones by kind, folded name and period of every listing in which they are or were."""
        found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for id_ in self._visible:
            for entry in (self._by_id[id_].before, self._by_id[id_].after):
                if entry and entry.kind == "article":
                    for kind, name, _ in list_names(entry):
                        for period in _list_periods(entry.date):
                            found[kind, name, period].add(id_)
        return found


def _list_periods(date: str) -> set[str]:
    """Return the periods of a listing in which an article of this date stands; the front's has no name."""
    return {"", date[:4], date[:7]} if date else {"", UNDATED}


def _reading_order(change: Change) -> tuple[str, str]:
    return change.verb, change.id


def _word(changes: Sequence[Change]) -> str:
    """Return changed sources in words, in their order.

    `changed a.md; added b.md, c.md +2`: two more were added, changed or removed.
    """
    text, verb = "", ""
    for change in changes[:SHOWN_IDS]:
        text += f", {change.id}" if change.verb == verb else f"; {change.verb} {change.id}"
        verb = change.verb
    more = len(changes) - SHOWN_IDS
    return text[2:] + (f" +{more}" if more > 0 else "")
