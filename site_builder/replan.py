"""Planning a small change: the outputs that a few edited articles can have changed, and no others.

Everything is asked of the index, so the cost does not grow with the archive. What may change more than that, such as an
address that two articles want, is left to the whole plan, of which this is a shortcut: what it names may be too much,
never too little, and `tests/properties/test_replan.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from site_builder.archive import Archive
from site_builder.attachments import list_addresses
from site_builder.catalogue import SOURCE_HASH, find_base, list_names, make_card, turn_of
from site_builder.config import OWN_FOLDERS, OWN_PAGES, Config
from site_builder.index import Index, Spot
from site_builder.indexed_archive import IndexedArchive
from site_builder.ledger import Line
from site_builder.model import Entry, FileFacts, Output
from site_builder.plan import Plan
from site_builder.plan.files import PAGES, Group, place_shard
from site_builder.plan.places import (
    ALPHABET,
    PLURALS,
    RULES,
    shard_path,
    word_file_path,
)
from site_builder.sitemap import Place
from site_builder.title_words import list_word_files
from site_builder.titles import LEAF, Titles, collate
from site_builder.touched import Touched
from site_builder.urls import RESERVED, key_title, make_slug
from site_builder.values import dataclass

MOST_EDITS = 200
"""Edited articles above which the whole plan is the cheaper way."""


class Edit(NamedTuple):
    """What an article was for the catalogue and what it is now; None when it was or is not there."""

    before: Entry | None
    after: Entry | None


@dataclass(slots=True)
class Replan:
    """What a change comes to: outputs that may differ, paths that may be gone, and what the next build must know.

    `problems` is what the articles `replanned` have wrong, `shards` what the index of sitemaps says of each of them.
    """

    outputs: dict[str, Output]
    gone: set[str]
    lines: tuple[Line, ...] | None
    shards: dict[str, str]
    replanned: set[str]
    plan: Plan


@dataclass(slots=True)
class Replanner:
    """Plans the change of a few articles. Use `find_obstacle` first, then `replan`, once."""

    edits: Sequence[Edit]
    index: Index
    config: Config
    lines: tuple[Line, ...] | None
    """The ledger; None where the site has none."""
    present: frozenset[str]
    """The ids of all sources that are there now; needed only with a ledger."""
    plan_of: Callable[[Archive], Plan]
    load_entry: Callable[[str], Entry]
    known_files: Mapping[str, FileFacts] = field(default_factory=dict)
    """What the last build knew of the files that articles show or link to, by the ids by which they do."""
    changed_files: frozenset[str] = frozenset()
    """The ids of those of which something else is known now."""
    is_recorded: bool = True
    """Whether the ledger, if there is one, names all articles that are there before the change."""
    ids: set[str] = field(init=False)
    before: list[Entry] = field(init=False)
    after: list[Entry] = field(init=False)
    names: dict[tuple[str, str], tuple[str, str]] = field(init=False, default_factory=dict)
    """Listings that are new: kind and name -> title and slug."""
    urls: dict[str, str] = field(init=False, default_factory=dict)
    orders: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.before = [edit.before for edit in self.edits if edit.before]
        self.after = sorted((edit.after for edit in self.edits if edit.after), key=turn_of)
        self.ids = {entry.id for entry in (*self.before, *self.after)}

    # --- what only the whole plan can do ----------------------------------------------------------------------------

    def find_obstacle(self) -> str:
        """Return why this change needs the whole plan, or an empty string. Nothing is changed."""
        showing = {id_ for file in self.changed_files for id_ in self.index.find_showing(file)}
        if len(self.edits) + len(showing) > MOST_EDITS:
            return "many articles"
        if self.config.as_of:
            return "a day up to which is published"
        archive = self.index.archive()
        return (
            self._check_entries(archive)
            or self._check_titles()
            or self._check_addresses(archive)
            or self._check_listings(archive)
        )

    def _check_entries(self, archive: IndexedArchive) -> str:
        for entry in (*self.before, *self.after):
            if entry.kind != "article":
                return "a page"
            if entry.aliases:
                return "former addresses"
            if not entry.id.isprintable() or not (entry.slug or entry.stem) or "." in entry.slug:
                return "an unusual name"
        dated = archive.all.count - archive.all.undated
        change = sum(1 for entry in self.after if entry.date) - sum(1 for entry in self.before if entry.date)
        return "" if dated and dated + change and archive.all.count > len(self.before) else "the first or last article"

    def _check_titles(self) -> str:
        for entries in (self.before, self.after):
            titles = {key_title(entry.title) for entry in entries}
            others = sum(self.index.count_others("title", title, self.ids) for title in titles)
            if others or len(titles) < len(entries):
                return "equal titles"
        return ""

    def _check_addresses(self, archive: IndexedArchive) -> str:
        """Give every article its address, unless another has it, wants it, or is waiting for one that becomes free."""
        reason = "an address that is not free"
        ledger = _Ledger(self.lines, self.present, self.ids)
        if not self.is_recorded and (obstacle := self._check_newcomers(ledger, archive)):
            return obstacle
        for entry in self.before:
            url = archive.get_card(entry.id).url
            if self._is_wanted(find_base(entry, self.config)) or self.index.has_redirect(url):
                return reason
        for entry in self.after:
            base = find_base(entry, self.config)
            address = base if entry.slug else ledger.addresses.get(entry.id, base)
            if ledger.addresses.get(entry.id, address) != address:
                return "another address"
            if self._is_wanted(base) or self._is_taken(address) or ledger.is_kept(address):
                return reason
            others = {url.casefold() for url in self.urls.values()}
            if (address == base and self._is_reserved(entry, base)) or address.casefold() in others:
                return reason
            if ledger.may_be_renamed(entry, address):
                return "a source that was renamed"
            self.urls[entry.id] = address
            self.orders[entry.id] = ledger.find_order(entry.id)
        return ""

    def _check_newcomers(self, ledger: _Ledger, archive: IndexedArchive) -> str:
        """Check what becomes of articles that have no line in the ledger yet, and would have one if it were written.

        They arrive in the order of their ids, so each may move all undated ones that come after it; and one that had
        another name before has the line of that name.
        """
        if any(ledger.may_be_renamed(entry, archive.get_card(entry.id).url) for entry in self.before):
            return "a source that was renamed"
        newcomers = [entry for entry in (*self.before, *self.after) if entry.id not in ledger.addresses]
        if not newcomers:
            return ""
        is_alone = len({entry.id for entry in newcomers}) == 1 and not self.index.has_others(ledger.addresses, self.ids)
        if not is_alone and any(not entry.date for entry in newcomers):
            return "the order of arrival"
        is_undated_beside = self.index.has_others(ledger.addresses, self.ids, undated=True)
        return "the order of arrival" if is_undated_beside else ""

    def _is_wanted(self, base: str) -> bool:
        return self.index.count_others("base", base.casefold(), self.ids) > 0

    def _is_taken(self, address: str) -> bool:
        taken = any(self.index.count_others(column, address.casefold(), self.ids) for column in ("address", "base"))
        return taken or self.index.has_redirect(address)

    def _is_reserved(self, entry: Entry, base: str) -> bool:
        return (entry.slug or entry.stem) in RESERVED or base.split("/")[0] in OWN_FOLDERS or base in OWN_PAGES

    def _check_listings(self, archive: IndexedArchive) -> str:
        reason = "another spelling or the name of a listing"
        left = {(kind, name, spelling) for entry in self.after for kind, name, spelling in list_names(entry)}
        spellings: dict[tuple[str, str], str] = {}
        for kind, name, spelling in sorted(left):
            if archive.has_series(kind, name):
                if spelling < archive.find_series(kind, name).title:
                    return reason
            else:
                spellings.setdefault((kind, name), spelling)
        slugs: set[tuple[str, str]] = set()
        for (kind, name), spelling in spellings.items():
            slug = make_slug(spelling)
            taken = {series.slug for series in archive.listings(kind)}
            if not slug or slug in RESERVED or slug in taken or (kind, slug) in slugs:
                return reason
            slugs.add((kind, slug))
            self.names[kind, name] = spelling, slug
        for kind, name, spelling in {named for entry in self.before for named in list_names(entry)} - left:
            series = archive.find_series(kind, name)
            goes_on = (kind, name) in {named[:2] for named in left}
            members = sum(1 for entry in self.before if (kind, name) in {named[:2] for named in list_names(entry)})
            if series.count > members or goes_on:
                if spelling == series.title and not self.index.has_spelling(kind, name, spelling, self.ids):
                    return reason
            elif any(other.slug.startswith(f"{series.slug}-") for other in archive.listings(kind)):
                return reason
        return ""

    # --- the change -------------------------------------------------------------------------------------------------

    def replan(self, shards: Mapping[str, str], is_published: Callable[[str], bool]) -> Replan:
        """Bring the index to the state after the change, and return the outputs that it can have changed.

        `shards` is what the index of sitemaps said of each of them before; `is_published` tells of a path whether there
        is a file of ours.
        """
        old = self.plan_of(self.index.archive())
        still = self._find_still(old.archive)
        shown_before = [entry for entry in self.before if entry.id not in still]
        shown_after = [entry for entry in self.after if entry.id not in still]
        touched = Touched()
        touched.add(self._list_spots(shown_before), old)
        gone = {path for entry in self.before for path in self._list_article_paths(old, entry)}
        listed = set(touched.list_paths(old))
        gone.update(touched.list_title_shards(old) if old.engine_of_search else ())
        old_words = old.search.word_files
        titles = {collate(entry.title) for entry in (*shown_before, *shown_after)}
        beginnings = set[str]().union(*self._find_beginnings(old.archive.alphabet, titles))
        old_titles = old.titles.list_paths(beginnings)
        old_groups = old.files.list_groups()
        around = self._find_around(self.before, old.archive)
        for entry in self.before:
            self.index.remove(entry)
        for entry in self.after:
            order = self.orders[entry.id] if self.lines is not None else None
            self.index.put(entry, make_card(entry, self.urls[entry.id]), order, self.names)
        self.index.drop_empty()
        new = self.plan_of(self.index.archive())
        touched.add(self._list_spots(shown_after), new)
        around |= self._find_around(self.after, new.archive)
        around.update(id_ for file in self.changed_files for id_ in self.index.find_showing(file))
        outputs = list(self._plan_articles(new, around))
        files = self._find_files(new)
        outputs += new.attachments.plan_files(file for file in files if self.index.find_showing(file))
        gone |= {path for file in files if (facts := self.known_files.get(file)) for path in list_addresses(facts)}
        listings = list(touched.plan(new))
        leading, beyond = self._find_beginnings(new.archive.alphabet, titles)
        listings += new.titles.plan_pages(sorted(leading | (beyond - beginnings)))
        listed |= set(old_titles) - set(new.titles.list_paths(filter(new.archive.alphabet.has_page, beginnings)))
        moved = not listed <= {o.path for o in listings} or not all(is_published(o.path) for o in listings)
        listings += self._plan_search(new, touched, old_words)
        gone.update(map(word_file_path, old_words if not new.search.word_files else ()))
        uses = self.index.sum_tallies() if self.config.source else ()
        outputs += [*listings, *new.about.plan_about(uses), new.files.plan_guide(), *new.articles.plan_rules(uses)]
        if titles:
            outputs += [*new.listings.plan_overviews(), *new.titles.plan_alphabet()]
            listed |= {ALPHABET, *(f"{plural}/index.html" for kind, plural in PLURALS.items() if kind != "archive")}
        after_shards = dict(shards)
        if self.config.base_url:
            groups = new.files.list_groups()
            near = {PAGES, *(Group("listings", period) for period in touched.shards)}
            near |= {Group("titles", title[:1]) for title in titles}
            due = [group for group in groups if group not in old_groups or (moved and group in near)]
            lost = set(old_groups).difference(groups)
            outputs += self._plan_sitemaps(new, touched, due, lost, after_shards)
        for id_ in around | self.ids:
            self.index.put_dead(id_, new.articles.dead.get(id_, ()))
        found = {output.path: output for output in outputs}
        gone |= listed | {RULES} | (shards.keys() - after_shards.keys())
        return Replan(
            outputs=found,
            gone={path for path in gone - found.keys() if is_published(path)},
            lines=self._write_lines(),
            shards=after_shards,
            replanned=around | self.ids,
            plan=new,
        )

    def _find_still(self, archive: Archive) -> set[str]:
        """Return the ids of the articles of which no listing shows a change: only their texts differ."""
        after = {entry.id: (make_card(entry, self.urls[entry.id]), [*list_names(entry)]) for entry in self.after}
        before = {entry.id: (archive.get_card(entry.id), [*list_names(entry)]) for entry in self.before}
        return {id_ for id_, shown in before.items() if after.get(id_) == shown}

    def _find_beginnings(self, alphabet: Titles, keys: Iterable[str]) -> tuple[set[str], set[str]]:
        """Return the beginnings that lead to these titles, and besides those to which their pages lead.

        And all longer ones, where so few titles begin so that their pages may just have become one, or come out of it.
        """
        leading: set[str] = set()
        beyond: set[str] = set()
        for key in keys:
            for letters in alphabet.lead(key):
                leading.add(letters)
                few = alphabet.count(letters) <= LEAF + MOST_EDITS
                beyond.update(alphabet.walk(letters) if few else (longer for longer, _ in alphabet.branch(letters)))
        return leading, beyond - leading

    def _find_files(self, plan: Plan) -> frozenset[str]:
        """Return the ids of the files that the change can have touched, and of all others that are the same files."""
        ids = self.changed_files.union(link.id for entry in (*self.before, *self.after) for link in entry.files)
        both = (self.known_files, plan.known_files) if ids else ()
        paths = {files[id_].path for files in both for id_ in ids if id_ in files}
        return ids.union(id_ for files in both for id_, facts in files.items() if facts.path and facts.path in paths)

    def _list_spots(self, entries: Iterable[Entry]) -> Iterator[Spot]:
        return (spot for entry in entries for spot in self.index.list_spots(entry))

    def _list_article_paths(self, plan: Plan, entry: Entry) -> list[str]:
        return plan.articles.list_article_paths(entry, plan.archive.get_card(entry.id).url)

    def _find_around(self, entries: Sequence[Entry], archive: Archive) -> set[str]:
        """Return the ids of these articles, of their neighbours, and of those that name them."""
        around = {entry.id for entry in entries}
        for entry in entries:
            around |= {card.id for card in archive.find_neighbours(entry.id) if card}
            around |= self.index.find_mentioning(entry, archive.get_card(entry.id).url)
        return around

    def _plan_articles(self, plan: Plan, ids: Iterable[str]) -> Iterator[Output]:
        own = {entry.id: entry for entry in self.after}
        for id_ in sorted(ids):
            if plan.archive.find_card(id_) is not None:
                entry = own.get(id_) or self.load_entry(id_)
                if entry.kind == "article":
                    self.index.put_tallies(entry, plan.articles.tally(entry))
                yield from plan.articles.plan_article(entry)

    def _plan_sitemaps(
        self, plan: Plan, touched: Touched, groups: Iterable[Group], lost: Iterable[Group], shards: dict[str, str]
    ) -> Iterator[Output]:
        """Yield the sitemaps that may differ and their index; bring `shards` to what it is then."""
        due: list[Output] = []
        for period, number in touched.shards.items():
            spans = plan.files.cut_shards(period)
            _drop(shards, period, len(spans))
            due += plan.files.plan_shards((period, span) for span in spans if span.number >= number)
        for group in lost:
            _drop(shards, group.name, 0)
        for group in groups:
            due += (found := list(plan.files.plan_listing_shards([group])))
            _drop(shards, group.name, len(found))
        for output in due:
            shards[output.path] = place_shard(output).modified
        yield from due
        yield plan.files.plan_sitemap_index(Place(path, modified) for path, modified in shards.items())

    def _plan_search(self, plan: Plan, touched: Touched, old_words: range) -> Iterator[Output]:
        """Yield the search page and the files of titles and of their words that may differ; `old_words` were there."""
        if plan.engine_of_search:
            yield plan.search.plan_page()
            yield from plan.search.plan_shards(touched.list_shards(plan))
            titles = [entry.title for entry in (*self.before, *self.after)]
            numbers = sorted({number for title in titles for number in list_word_files(title)})
            words = plan.search.word_files
            yield from plan.search.plan_word_files((numbers if old_words else words) if words else ())

    def _write_lines(self) -> tuple[Line, ...] | None:
        """Return the ledger after the change."""
        if self.lines is None:
            return None
        lines = {line.id: line for line in self.lines}
        for entry in self.after:
            line = lines.get(entry.id) or Line(self.orders[entry.id], entry.id, self.urls[entry.id])
            lines[entry.id] = line._replace(source=entry.sha256[:SOURCE_HASH])
        return tuple(sorted(lines.values()))


def _drop(shards: dict[str, str], name: str, count: int) -> None:
    """Forget the sitemaps of a name that come after the first `count`."""
    number = count + 1
    while shards.pop(shard_path(name, number), None) is not None:
        number += 1


class _Ledger:
    """What the ledger says of a change: which addresses are kept, and who is next."""

    def __init__(self, lines: Sequence[Line] | None, present: Collection[str], changed: Collection[str]) -> None:
        lines = lines or ()
        self.addresses = {line.id: line.address for line in lines}
        self._orders = {line.id: line.order for line in lines}
        self._last = max(self._orders.values(), default=0)
        self._kept = {line.address.casefold() for line in lines if line.id not in changed}
        orphans = [line for line in lines if line.id not in present]
        self._gone = {line.source for line in orphans}, {line.address for line in orphans}

    def is_kept(self, address: str) -> bool:
        """Tell whether an address is that of another source, which may be gone."""
        return address.casefold() in self._kept

    def may_be_renamed(self, entry: Entry, address: str) -> bool:
        """Tell whether an article without a line may be one whose source had another name."""
        sources, addresses = self._gone
        return entry.id not in self.addresses and (entry.sha256[:SOURCE_HASH] in sources or address in addresses)

    def find_order(self, id_: str) -> int:
        """Return the place of an article in the order of arrival; newcomers are asked for in theirs."""
        if id_ not in self._orders:
            self._last += 1
            self._orders[id_] = self._last
        return self._orders[id_]
