"""Provenance: which inputs made an output, why it was last rendered, and whether the next build would do it again.

Asks the state of the last build and the sources that the output shows, and changes nothing. How a page is rendered or
published, and how what is told looks on a terminal, is not known here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from site_builder.attaching import Attached, attach_files
from site_builder.catalogue import find_base, is_wanted
from site_builder.causes import MISSING, RULES, SETTINGS, Causes, Change
from site_builder.config import Config
from site_builder.digest import digest_bytes
from site_builder.errors import ConfigError, DamagedStateError, error
from site_builder.feeds import FeedView
from site_builder.index import Index
from site_builder.indexed_archive import IndexedArchive
from site_builder.inputs import Inputs, load_inputs
from site_builder.jobs.reading import ReadJob, read_batch
from site_builder.lookup import Lookup
from site_builder.model import Entry, FileFacts, Output, Published
from site_builder.planning import Closures, find_basis, load_basis, load_closures, load_shards, make_plan
from site_builder.readers import SIDECAR
from site_builder.roles import ITSELF, list_roles
from site_builder.searching import find_kept, list_published
from site_builder.store import Row, Store, open_snapshot
from site_builder.theme import DEFAULT, is_own
from site_builder.values import dataclass
from site_builder.views import AssetView, CopyView, FileView, ListingView
from site_builder.workers import choose_workers

SHOWN_SOURCES = 20
"""How many sources of one role are named; the others are counted."""

Fact = tuple[str, str]
"""A name and what is to be said; without a name, one more line of the fact before."""


def explain_output(path: Path, config: Config) -> tuple[Fact, ...]:
    """Return what is known of an output of the site, as facts in the order in which they are to be read.

    `path` leads to a file below the output folder, from the current folder or from the output folder; that of a folder
    stands for its `index.html`. `config` is that of the build. Raises ConfigError when this is no output of the site,
    or when there is no state, or one that is worth nothing; MachineError when a build is writing the state.
    """
    names, is_below = _list_names(path, config)
    file = config.state
    if not is_below and not file.is_file():
        raise _refuse(path, config, is_below=is_below)
    inputs = load_inputs(config)
    with open_snapshot(file) as store, _distrust():
        known = store.load_outputs(names)
        if not known:
            raise _refuse(path, config, is_below=is_below)
        name = next(name for name in names if name in known)
        return tuple(_Provenance(name, known[name], inputs, store).list_facts())


def _list_names(path: Path, config: Config) -> tuple[list[str], bool]:
    """Return the paths below the output folder that may be meant, and whether it was given as one below it."""
    full = Path(os.path.normpath(path.absolute()))
    ways = ((full, config.output), (full.parent.resolve() / full.name, config.output.resolve()))
    below = [way.relative_to(output).as_posix() for way, output in ways if way.is_relative_to(output)]
    found = below or ([] if path.is_absolute() else [os.path.normpath(path).replace(os.sep, "/")])
    return [name for way in found for name in (way, f"{way}/index.html".removeprefix("./"))], bool(below)


def _refuse(path: Path, config: Config, *, is_below: bool) -> ConfigError:
    if is_below:
        return ConfigError(error(str(path), "is no output of this site", "no build put it there"))
    hint = f"name a source, such as {config.shown}/a.txt, or an output, such as {config.output.name}/index.html"
    return ConfigError(error(str(path), "there is no such file", hint))


@contextmanager
def _distrust() -> Iterator[None]:
    """Take what no state that we wrote leads to as a sign of damage."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AssertionError) as exc:
        raise DamagedStateError(str(exc)) from exc


@dataclass(frozen=True)
class _Provenance:
    """What is known of one output: `path` is below the output folder, `was` what the last build kept of it."""

    path: str
    was: Published
    inputs: Inputs
    store: Store

    def list_facts(self) -> Iterator[Fact]:
        yield "output", self.path
        output = self._output
        if output is not None:
            yield "kind", output.kind
            yield from _continue("template", self._list_templates(output))
            yield from _tell_window(output.page)
            for role, ids in self._sources.items():
                yield from _continue(role, self._word_sources(ids))
            yield from _continue("file", self._word_files())
        yield "on disk", self._on_disk
        yield "next build", self._foresee()
        yield "last rendered", self.was.cause

    # --- the inputs -----------------------------------------------------------------------------------------------

    @cached_property
    def _archive(self) -> IndexedArchive:
        return IndexedArchive(self.store.database)

    @cached_property
    def _closures(self) -> Closures:
        return load_closures(self.store, self.inputs)

    @cached_property
    def _lookup(self) -> Lookup:
        config = self.inputs.config
        return Lookup(
            plan=make_plan(self._archive, self.inputs, self._closures, self._load_entry, self._known_files),
            archive=self._archive,
            index=Index(self.store.database, lambda entry: find_base(entry, config)),
            shards=load_shards(self.store),
            load_entry=self._load_entry,
            texts=list_published(self.store),
            find_text_file=lambda path: find_kept(self.store, path),
        )

    @cached_property
    def _output(self) -> Output | None:
        """The output as a build would plan it now if no source had changed; None when there would be none."""
        return self._lookup.find_output(self.path)

    def _load_row(self, id_: str) -> Row:
        row = self.store.load_row(id_)
        if row is None or row.entry is None:
            raise DamagedStateError(f"there is no article {id_!r}")
        return row

    def _load_entry(self, id_: str) -> Entry:
        entry = self._load_row(id_).entry
        assert entry is not None
        return entry

    def _list_templates(self, output: Output) -> Iterator[str]:
        """Yield the template of an output, then all that it includes or extends, each with where it comes from."""
        others = (name for name in self._closures.get(output.template, ()) if name != output.template)
        for name in (output.template, *others) if output.template else ():
            if name not in self.inputs.theme.templates.texts:
                yield f"{name} (not there)"
            else:
                own = is_own(name, self.inputs.config)
                yield f"{name.removeprefix(DEFAULT)} ({'templates/' if own else 'default theme'})"

    @cached_property
    def _sources(self) -> Mapping[str, list[str]]:
        """The ids of the sources that stand in the output, by role, in the order in which it shows them."""
        found: dict[str, dict[str, None]] = {}
        for role in list_roles(self._output.page if self._output else None):
            card = None if role.id else self._archive.find_at(role.url)
            if id_ := role.id or (card.id if card else ""):
                found.setdefault(role.name, {})[id_] = None
        return {role: list(ids) for role, ids in found.items()}

    def _word_sources(self, ids: list[str]) -> Iterator[str]:
        for id_ in ids[:SHOWN_SOURCES]:
            yield f"{id_} ({self._changes[id_].verb} since)" if id_ in self._changes else id_
        if len(ids) > SHOWN_SOURCES:
            yield f"and {len(ids) - SHOWN_SOURCES:,} more"

    # --- what has changed since -------------------------------------------------------------------------------------

    @cached_property
    def _changes(self) -> Mapping[str, Change]:
        """Those of the sources that are not any more what the last build read, by id."""
        config = self.inputs.config
        rows = {id_: self._load_row(id_) for ids in self._sources.values() for id_ in ids}
        items = tuple((id_, row.sha256, _find_sidecar(id_, config.content)) for id_, row in rows.items())
        found = {}
        for result in read_batch(ReadJob(config.content, self.inputs.options, config.seconds, items, config.memory)):
            if not result.same:
                before, now = rows[result.id].entry, result.entry
                if any(p.severity == "error" for p in result.problems) and (config.content / result.id).exists():
                    now = before  # it has errors, so nothing is published; it is not gone
                found[result.id] = Change(result.id, before, now if now and is_wanted(now, config) else None)
        return found

    @cached_property
    def _known_files(self) -> dict[str, FileFacts]:
        return self.store.load_files()

    @cached_property
    def _files(self) -> Attached:
        """The files that the output shows or links to, or is, as they are now and as the last build knew them."""
        page = self._output.page if self._output else None
        if isinstance(page, FileView | CopyView):
            ids = [id_ for id_, facts in self._known_files.items() if facts.path == page.id]
        else:
            ids = [link.id for id_ in self._sources.get(ITSELF, ()) for link in self._load_entry(id_).files]
        config = self.inputs.config
        known = {id_: facts for id_, facts in self._known_files.items() if id_ in ids}
        return attach_files(ids, known, config, lambda jobs, size: choose_workers(jobs, config.jobs, size), 0)

    def _word_files(self) -> Iterator[str]:
        for id_, facts in self._files.files.items():
            name = facts.path or f"{id_} ({facts.problem})"
            yield f"{name} (changed since)" if id_ in self._files.changed else name

    @cached_property
    def _on_disk(self) -> str:
        try:
            data = (self.inputs.config.output / self.path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return MISSING
        except OSError as exc:
            return f"cannot be read: {exc.strerror}"
        same = digest_bytes(data) == self.was.digest
        return "as it was published" if same else "changed by somebody (build --clean puts it right)"

    def _foresee(self) -> str:
        """Return what a build would do with the output now, as far as its own inputs tell."""
        output = self._output
        if output is None:
            return f"deletes it: {SETTINGS}"
        for change in (self._changes[id_] for id_ in self._sources.get(ITSELF, ()) if id_ in self._changes):
            if change.after is None:
                return f"deletes it: {change.verb} {change.id}"
        if self._on_disk == MISSING:
            return f"renders it: {MISSING}"
        before, now = load_basis(self.store), find_basis(self._lookup.plan, self.inputs)
        causes = Causes(before, now, self._closures, self._changes.values, self._find_url)
        if files := sorted(self._files.changed):
            return f"renders it: files {', '.join(files)}"
        if output.fingerprint != self.was.fingerprint or causes.shows_change(output):
            return f"renders it: {causes.tell(output, self.was, is_owned=True)}"
        if before is None or before.reader != now.reader:
            return f"reads its sources again: {RULES}"
        return "leaves it as it is"

    def _find_url(self, id_: str) -> str | None:
        card = self._archive.find_card(id_)
        return card.url if card else None


def _continue(name: str, values: Iterable[str]) -> Iterator[Fact]:
    """Yield a fact of several lines; none for no values."""
    for number, value in enumerate(values):
        yield ("" if number else name), value


def _tell_window(page: object) -> Iterator[Fact]:
    """Yield of which listing a page is a window, or the name of an asset."""
    match page:
        case ListingView(kind=kind, title=title, period=period, number=number):
            place = f"{period}, page {number}" if period else "front"
            yield "listing", f"{kind} {title!r}, {place}" if title else f"{kind}, {place}"
        case FeedView(title=title):
            yield "listing", f"newest of {title!r}"
        case AssetView(name=name):
            yield "asset", name


def _find_sidecar(id_: str, content: Path) -> str:
    beside = id_.rpartition(".")[0] + SIDECAR
    return beside if (content / beside).is_file() else ""
