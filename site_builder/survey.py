"""Surveying: what is known of all sources without building, from the state of the last build as far as that is fresh.

What changed since is read, and nothing is kept of it. Whoever asks learns by how much the built site is behind. What is
wrong or doubtful with the sources is for others to say.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import field
from functools import cached_property

from site_builder.catalogue import find_base, is_wanted
from site_builder.config import Config
from site_builder.errors import ConfigError, DamagedStateError, MachineError, error
from site_builder.gists import Gist, load_gists, make_gist
from site_builder.index import Index
from site_builder.inputs import Inputs, load_inputs
from site_builder.jobs.reading import ReadJob
from site_builder.model import Entry
from site_builder.publish import read_state
from site_builder.reading import Readings, read_sources
from site_builder.scanning import Scan, scan
from site_builder.store import Row, Store, open_snapshot
from site_builder.urls import RESERVED
from site_builder.values import dataclass
from site_builder.workers import choose_workers

Progress = Callable[[str, int, int], None]


@dataclass(kw_only=True)
class Survey:
    """All sources as they are now. It holds no text: entries come one after the other."""

    inputs: Inputs
    scan: Scan
    readings: Readings
    """What is new or was changed since the last build, or everything where there is no state."""
    store: Store | None
    """The state of the last build, for reading alone; None where there is none that helps."""
    progress: Progress
    _read: dict[str, Gist] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """The settings of the site."""
        return self.inputs.config

    @cached_property
    def recorded(self) -> frozenset[str]:
        """The ids of the sources whose addresses the ledger keeps."""
        return frozenset(line.id for line in self.inputs.lines or ())

    def list_rows(self) -> Iterator[tuple[str, Row]]:
        """Yield what is known of every source that can be read, in the order of their ids."""
        new = self.readings.rows
        if self.store is None or not self._keeps_rows:
            yield from sorted(new.items())
            return
        told = {*new, *self.readings.failed, *self.readings.gone}
        waiting = iter(sorted(new.items()))
        following = next(waiting, None)
        for id_, row in self.store.list_rows():
            while following and following[0] < id_:
                yield following
                following = next(waiting, None)
            if id_ not in told:
                yield id_, row
        if following:
            yield following
        yield from waiting

    def list_entries(self) -> Iterator[Entry]:
        """Yield the entry of every article and page that is to be published, in the order of their ids."""
        for _, row in self.list_rows():
            if row.entry and is_wanted(row.entry, self.config):
                yield row.entry

    def load_gists(self, entries: Mapping[str, str]) -> dict[str, Gist]:
        """Return the gists of articles, given and returned by the ids of their sources; given are their digests."""
        found = {digest: self._read[digest] for digest in entries.values() if digest in self._read}
        missing = set(entries.values()) - found.keys()
        if missing and self.store:
            found |= load_gists(missing, self.store, self.config.cache, self.progress)
        return {id_: found[digest] for id_, digest in entries.items()}

    def load_all_gists(self) -> dict[str, Gist]:
        """Return the gists of all articles by their digests; of sources that are gone since the last build, too."""
        if self.store is None or not self._keeps_rows:
            return self._read
        return self._read | load_gists(self.store.list_articles(), self.store, self.config.cache, self.progress)

    def find_ids(self, digests: Collection[str]) -> dict[str, str]:
        """Return the first source of each of these articles, those that are gone left out, by digest."""
        found: dict[str, str] = {}
        for id_, row in self.list_rows() if digests else ():
            if row.entry and row.entry.article in digests:
                found.setdefault(row.entry.article, id_)
        return found

    def find_sure_addresses(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Return the addresses that new articles will have, by id, without those that only the catalogue can tell.

        One is sure when no other article could want it: none that is published, none that is new, none of `entries`.
        """
        store, config = self.store, self.config
        if store is None or not self._keeps_rows or self.inputs.lines is not None:
            return {}
        if store.facts.get("site") != self.inputs.site_key(None):
            return {}
        index = self.open_index(store)
        unbuilt = [row.entry for row in self.readings.rows.values() if row.entry]
        wanted = Counter(find_base(entry, config).casefold() for entry in (*unbuilt, *entries))
        sure: dict[str, str] = {}
        for entry in entries:
            base = find_base(entry, config)
            is_plain = entry.kind == "article" and entry.stem and entry.stem not in RESERVED and not entry.slug
            others = (index.count_others(column, base.casefold(), ()) for column in ("address", "base"))
            if is_plain and not entry.aliases and wanted[base.casefold()] == 1 and not any(others):
                sure[entry.id] = base
        return sure

    def open_index(self, store: Store) -> Index:
        """Return the index in a state."""
        return Index(store.database, lambda entry: find_base(entry, self.config))

    @cached_property
    def _keeps_rows(self) -> bool:
        return self.store is not None and self.store.facts.get("reader") == self.inputs.reader_key

    @cached_property
    def changes(self) -> tuple[str, ...]:
        """In what the sources are not those of the last build, in words; nothing where there was none."""
        if self.store is None:
            return ()
        rows, before = self.readings.rows, self.readings.before
        if not self._keeps_rows:
            return ("the program or the rules are others",)
        new = sum(1 for id_ in rows if id_ not in before) + len(self.readings.failed - before.keys())
        changed = sum(1 for id_, row in rows.items() if id_ in before and before[id_][1:] != row[1:])
        changed += len(self.readings.failed & before.keys())
        counts = ((new, "new"), (changed, "changed"), (len(self.readings.gone), "gone"))
        words = [f"{number:,} {what}" for number, what in counts if number]
        if not words and self.store.facts.get("site") != self.inputs.site_key(self.inputs.lines):
            return ("the settings, the theme or the ledger are others",)
        return (f"of the sources are {', '.join(words)}",) if words else ()

    @cached_property
    def is_fresh(self) -> bool:
        """Whether the built site is that of these sources, and the state tells what a build would."""
        if self.store is None or self.changes:
            return False
        state = self.store.facts.get("output")
        return bool(state) and read_state(self.config.output) == state


@dataclass(frozen=True)
class _Onlooker:
    """The state for one who only reads: of new articles the gists are kept, and those in memory alone."""

    store: Store | None
    gists: dict[str, Gist]

    def load_row(self, source_id: str, /) -> Row | None:
        return self.store.load_row(source_id) if self.store else None

    def keep_articles(self, articles: Mapping[str, str], /) -> None:
        self.gists.update((digest, make_gist(text)) for digest, text in articles.items())


@contextmanager
def survey_sources(config: Config, progress: Progress) -> Iterator[Survey]:
    """Look at all sources, and read those that the last build did not; the state stays open for as long as it lasts.

    Raises ConfigError for settings, rules, templates or a ledger that are wrong, and where there is no content folder;
    MachineError when a build is writing the state, or has written one when all is over.
    """
    started_ns = time.time_ns()
    inputs = load_inputs(config)
    with _open_state(config) as store:
        known = store.load_listings() if store and store.facts.get("reader") == inputs.reader_key else {}
        found = scan(config, known)
        gists: dict[str, Gist] = {}
        readings = read_sources(
            found.sources,
            store.load_signatures(known.keys() - found.same) if store else {},
            lambda: ReadJob(config.content, inputs.options, config.seconds, (), config.memory),
            _Onlooker(store, gists),
            lambda jobs, largest: choose_workers(jobs, config.jobs, largest),
            started_ns=started_ns,
            progress=progress,
        )
        published = read_state(config.output)
        survey = Survey(inputs=inputs, scan=found, readings=readings, store=store, progress=progress, _read=gists)
        try:
            yield survey
        except DamagedStateError:
            _refuse_to_mix(config, store, published)
            raise
        _refuse_to_mix(config, store, published)


def _refuse_to_mix(config: Config, store: Store | None, published: str | None) -> None:
    """Raise MachineError when what was seen is of two states of the site."""
    if (store and store.has_moved_on()) or read_state(config.output) != published:
        raise MachineError(error("", "a build was at work meanwhile", "try again when it is done"))


@contextmanager
def _open_state(config: Config) -> Iterator[Store | None]:
    """Open the state of the last build; nothing where there is none that is worth anything."""
    with ExitStack() as stack:
        store: Store | None = None
        with suppress(ConfigError):
            store = stack.enter_context(open_snapshot(config.state, hold=False))
        yield store
