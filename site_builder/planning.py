"""The plan stage: what a build has to render and to delete, planned whole or, after a small change, in part.

Both ways lead to the same site; the second asks the index instead of reading everything. What is kept for the next
build is put into the store here, too. How a page is rendered or published is not known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from site_builder.archive import Archive, WholeArchive
from site_builder.attaching import Attached
from site_builder.catalogue import catalogue, find_base, is_wanted
from site_builder.causes import Basis, Causes, Change
from site_builder.digest import canonical, digest
from site_builder.errors import ConfigError, DamagedStateError, Problem, error
from site_builder.footer import read_footer
from site_builder.index import Index, list_unasked
from site_builder.inputs import UNRECORDED, Inputs
from site_builder.ledger import Line
from site_builder.manifest import Manifest, adjust_digest, digest_manifest, find_due, trust_manifest, update_manifest
from site_builder.model import PAGES, Entry, FileFacts, Output, Published, Rendered
from site_builder.plan import Plan, order_writes
from site_builder.plan.files import place_shard
from site_builder.plan.links import tell_dead_addresses
from site_builder.plan.outputs import TEMPLATES
from site_builder.plan.places import SEARCH, social_path
from site_builder.reading import Readings
from site_builder.replan import Edit, Replanner
from site_builder.scanning import Scan
from site_builder.searching import Searcher, Texts
from site_builder.sitemap import SitemapView
from site_builder.store import SCHEMA, Row, Store, Told, dump_told
from site_builder.theme import digest_closures, digest_texts, find_closures
from site_builder.values import dataclass
from site_builder.views import Frame, Link


@dataclass(slots=True, kw_only=True)
class Planned:
    """What was planned. `outputs` are all that may have to be rendered, `trusted` what is known of them."""

    plan: Plan
    outputs: Mapping[str, Output]
    trusted: Manifest
    known: Manifest
    """What the store says of them and of `deletions`."""
    deletions: list[str]
    lines: tuple[Line, ...] | None
    """The ledger as it should be written; None where the site has none."""
    told: Told
    before: Mapping[str, Row]
    after: Mapping[str, Row]
    """Sources as they were and as they are: all, or those that may have changed."""
    shards: Mapping[str, str]
    """What the index of sitemaps says of each."""
    dates: Collection[str] | None = None
    """Those of articles that changed, as they were and as they are; None for all."""
    texts: Texts = field(default_factory=Texts)
    unfit: set[str] = field(default_factory=set)
    """Ids of articles that cannot stand beside the others."""
    is_whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Plans one build; all it asks is what was read, what the last build kept, and which files are there."""

    inputs: Inputs
    store: Store
    readings: Readings
    scan: Scan
    owned: Set[str]
    """The paths in the output folder that are ours."""
    missing: Collection[str]
    """Those of them that are gone."""
    is_known: bool
    """Whether the output is the one that the store remembers."""
    is_like_before: bool
    """Whether all but articles and the files beside them is as the last build left it."""
    attached: Attached = field(default_factory=Attached)
    """What is known of the files that articles show or link to."""
    site_key: str
    """The key of the inputs as they were given."""
    is_recorded: bool = True
    """Whether the ledger, if there is one, names all articles of the last build."""
    begin: Callable[[Frame, Collection[str], int], None] | None = None
    """Is told, before all pages are planned, what is the same on them, the templates they need, and how many articles
    there are."""

    def plan(self, *, keep_going: bool) -> Planned:
        """Return the plan of the site as it should be now.

        With `keep_going`, without the articles that cannot stand beside the others.
        """
        return (self._plan_change() if self.is_like_before else None) or self._plan_whole(keep_going=keep_going)

    # --- a small change -------------------------------------------------------------------------------------------

    def _plan_change(self) -> Planned | None:
        """Return the plan of a small change, or None where only the whole plan will do."""
        before, after = self.readings.before, self.readings.rows
        pairs = ((self._find_entry(before.get(id_)), self._find_entry(after.get(id_))) for id_ in before.keys() | after)
        config, lines = self.inputs.config, self.inputs.lines
        replanner = Replanner(
            edits=[Edit(old, new) for old, new in pairs if old != new],
            index=self._index(),
            config=config,
            lines=lines,
            present=self.scan.list_ids() if lines is not None else frozenset(),
            plan_of=self._make_plan,
            load_entry=self._load_entry,
            known_files=self.attached.before,
            changed_files=self.attached.changed,
            is_recorded=self.is_recorded,
        )
        if replanner.find_obstacle():
            return None
        told = self.store.load_told()
        self.store.begin_trial()
        found = replanner.replan(load_shards(self.store), self.owned.__contains__)
        if any(problem.severity == "error" for problem in found.plan.problems):
            self.store.undo_trial()
            return None
        kept = [doubt for doubt in told.doubts if doubt.file not in found.replanned]
        new = [doubt for doubt in found.plan.problems if doubt.file in found.replanned]
        index = replanner.index
        dead = tell_dead_addresses(index.list_dead(), index.count_dead(), config.shown)
        known = self.store.load_outputs([*found.outputs, *found.gone])
        return Planned(
            plan=found.plan,
            outputs=found.outputs,
            trusted={path: entry for path, entry in known.items() if path in found.outputs},
            known=known,
            deletions=sorted(found.gone),
            lines=found.lines,
            # Of edited articles the catalogue has no problems, or it would take the whole plan.
            told=Told(found.plan.archive.all.count, told.problems, kept + new, dead),
            before=before,
            after=after,
            shards=found.shards,
            dates={entry.date for entry in (*replanner.before, *replanner.after)},
        )

    def _find_entry(self, row: Row | None) -> Entry | None:
        entry = row.entry if row else None
        return entry if entry and is_wanted(entry, self.inputs.config) else None

    def _load_entry(self, id_: str) -> Entry:
        row = self.readings.rows.get(id_) or self.store.load_row(id_)
        if row is None or row.entry is None:
            raise DamagedStateError(f"there is no article {id_!r}")
        return row.entry

    def _index(self) -> Index:
        config = self.inputs.config
        unasked = list_unasked(search=bool(self.inputs.search), source=config.source)
        return Index(self.store.database, lambda entry: find_base(entry, config), unasked)

    # --- everything -------------------------------------------------------------------------------------------------

    def _plan_whole(self, *, keep_going: bool) -> Planned:
        before = self.store.load_rows()
        same_reader = self.store.facts.get("reader") == self.inputs.reader_key
        kept = self.scan.list_ids() - self.readings.rows.keys() - self.readings.failed if same_reader else frozenset()
        if lost := kept - before.keys():
            raise DamagedStateError(f"there is no source {min(lost)!r}")
        rows = {**{id_: before[id_] for id_ in kept}, **self.readings.rows}
        entries = {id_: row.entry for id_, row in rows.items() if row.entry}
        known = self.store.load_outputs()
        unfit: set[str] = set()
        problems: list[Problem] = []
        doubts: list[Problem] = []
        while True:
            good = [entry for id_, entry in entries.items() if id_ not in unfit]
            result = catalogue(good, self.inputs.config, self.inputs.lines, self.readings.failed | unfit)
            plan = self._make_plan(result.archive)
            if self.begin:
                self.begin(plan.frame, self._list_templates(), len(good))
            is_same_content = _is_same(rows, before) and not (self.readings.failed or unfit or self.attached.changed)
            if is_same_content and self._key_pages(plan, self.inputs.lines) == self.store.facts.get("pages"):
                plan = replace(plan, known_pages={path: entry.fingerprint for path, entry in known.items()})
            elif not self.is_known:  # then all are rendered
                plan = replace(plan, is_left_out=True)
            found = [*result.archive.problems, *plan.find_problems()]
            wrong = {p.place for p in found if p.severity == "error" and p.place in result.archive.entries}
            problems += (p for p in result.archive.problems if p.severity == "error" or not wrong)
            doubts += (p for p in plan.problems if p.severity == "error" or not wrong)
            unfit |= wrong
            if not wrong or not keep_going:
                break
        outputs = plan.outputs
        config = self.inputs.config
        dead = sorted((id_, link) for id_, links in plan.articles.dead.items() for link in links)
        sitemaps = (o for o in outputs.values() if isinstance(o.page, SitemapView) and not o.page.index)
        return Planned(
            plan=plan,
            outputs=outputs,
            known=known,
            trusted=trust_manifest(known, self.owned, self.missing, same=self.is_known),
            deletions=sorted(self.owned - outputs.keys()),
            lines=result.lines if self.inputs.lines is not None else None,
            told=Told(result.archive.all.count, problems, doubts, tell_dead_addresses(dead, len(dead), config.shown)),
            before=before,
            after={id_: row for id_, row in rows.items() if id_ not in unfit},
            shards=dict(map(place_shard, sitemaps)),
            unfit=unfit,
            is_whole=True,
        )

    def _make_plan(self, archive: Archive) -> Plan:
        load_entry = None if isinstance(archive, WholeArchive) else self._load_entry
        return make_plan(archive, self.inputs, self._closures, load_entry, self.attached.files)

    @cached_property
    def _closures(self) -> Closures:
        return load_closures(self.store, self.inputs)

    def _list_templates(self) -> list[str]:
        """Return the names of all templates by which pages are rendered, and of those that they use, sorted."""
        return sorted({*chain(*(self._closures[name] for name in TEMPLATES.values()))})

    # --- the full-text index ----------------------------------------------------------------------------------------

    def add_texts(self, planned: Planned, folder: Path, progress: Callable[[str, int, int], None]) -> None:
        """Add the files of the full-text index to a plan, and the list of what there is to search.

        Those that have to be made are put into `folder`; `progress` is told how far it is. Raises MachineError when one
        cannot be made.
        """

        def is_published(output: Output) -> bool:
            known = planned.trusted if planned.is_whole else self.store.load_outputs([output.path])
            was = known.get(output.path)
            return was is not None and was.fingerprint == output.fingerprint

        search = planned.plan.search
        searcher = Searcher(plan=search, store=self.store, is_published=is_published, folder=folder, progress=progress)
        texts = searcher.bring(planned.dates)
        added = texts.outputs | {output.path: output for output in search.plan_list(texts.buckets)}
        outputs = {**planned.outputs, **added}
        gone = {path for path in texts.gone if path in self.owned} - outputs.keys()
        if not planned.is_whole:
            known = self.store.load_outputs([*added, *gone])
            planned.known = {**planned.known, **known}
            planned.trusted = {**planned.trusted, **{path: known[path] for path in added if path in known}}
        planned.outputs, planned.texts = outputs, texts
        planned.deletions = sorted(({*planned.deletions} | gone) - outputs.keys())

    # --- what the next build must know ------------------------------------------------------------------------------

    def find_due(self, planned: Planned) -> list[Output]:
        """Return the outputs that must be rendered."""
        return find_due(planned.outputs, planned.trusted)

    def order_writes(self, due: Iterable[Output], rendered: Iterable[Rendered]) -> list[str]:
        """Return the paths of what was staged, in the order in which it may appear."""
        staged = {item.path for item in rendered if item.staged}
        return order_writes((output for output in due if output.path in staged), self.owned)

    def describe(self, planned: Planned, rendered: Iterable[Rendered]) -> tuple[str, dict[str, Published]]:
        """Return the name of the state that the output will be in, and what to keep of the outputs."""
        rendered = tuple(rendered)
        causes = self._find_causes(planned, [item.path for item in rendered])
        manifest = update_manifest(planned.trusted, planned.outputs, rendered, causes)
        if planned.is_whole:
            return digest_manifest(manifest), manifest
        return adjust_digest(self.store.facts["output"], planned.known, manifest), manifest

    def _find_causes(self, planned: Planned, paths: Iterable[str]) -> dict[str, str]:
        archive = planned.plan.archive

        def find_changes() -> Iterator[Change]:
            before, after = planned.before, planned.after
            for id_ in before.keys() | after:
                old, new = (self._find_entry(rows.get(id_)) for rows in (before, after))
                if (old or new) and not (old and new and before[id_].sha256 == after[id_].sha256):
                    yield Change(id_, old, new)

        def find_url(id_: str) -> str | None:
            card = archive.find_card(id_)
            return card.url if card else None

        now = find_basis(planned.plan, self.inputs)
        files = self.attached.name_changed()
        causes = Causes(load_basis(self.store), now, self._closures, find_changes, find_url, files)
        outputs = ((path, planned.outputs[path]) for path in paths)
        known = planned.trusted
        return {path: causes.tell(o, known.get(path), is_owned=path in self.owned) for path, o in outputs}

    def keep_sources(self, planned: Planned) -> Iterator[None]:
        """Put in what was planned of the sources, a step at a time; `keep` does the rest when all is published."""
        new = {id_: row for id_, row in planned.after.items() if planned.before.get(id_) != row}
        self.store.save_rows(new, planned.before.keys() - planned.after.keys())
        yield
        index_key = self._key_index(planned)
        is_index_known = index_key and index_key == self.store.facts.get("index")
        if planned.is_whole and not (is_index_known and planned.before == planned.after):
            yield from self._fill_index(planned)

    def keep(
        self, planned: Planned, manifest: Mapping[str, Published], state: str, lines: tuple[Line, ...] | None
    ) -> None:
        """Put in what was planned and published; `lines` are those of the ledger as it is written now.

        To be called after the last step of `keep_sources`; the caller commits.
        """
        store = self.store
        used = {row.entry.article for row in planned.after.values() if row.entry}
        unused = {row.entry.article for row in planned.before.values() if row and row.entry} - used
        known = planned.known
        changed = {path: entry for path, entry in manifest.items() if known.get(path) != entry}
        store.save_texts(planned.texts.kept)
        store.save_outputs(changed, known.keys() - manifest.keys())
        store.drop_articles(unused)
        self._save_files(planned)
        store.save_listings(self.readings.trust(self.scan, planned.unfit))
        index_key = self._key_index(planned)
        facts = {
            "schema": SCHEMA,
            "reader": self.inputs.reader_key,
            "closures": _key_closures(self.inputs) + canonical(self._closures),
            "basis": canonical(find_basis(planned.plan, self.inputs)),
            "output": state,
            "shards": json.dumps(planned.shards),
            "index": index_key,
            "pages": index_key and self._key_pages(planned.plan, planned.lines),
        }
        is_recorded = lines == planned.lines and (planned.is_whole or self.is_recorded)
        if is_recorded or not self.inputs.config.record:
            # Not while the ledger is still to be written: an address that is not kept may yet be another. Who does not
            # record plans on without it, and only who does not.
            key = self.site_key if lines is self.inputs.lines else self.inputs.site_key(lines)
            facts["site"] = key if is_recorded else f"{key}{UNRECORDED}"
            facts["told"] = dump_told(planned.told)
        store.save_facts(facts)

    def _save_files(self, planned: Planned) -> None:
        """Keep what is known of files; those that no article names any more are forgotten when all are planned."""
        files = self.attached.news
        gone: Collection[str] = ()
        if planned.is_whole:
            named = {link.id for row in planned.after.values() if row.entry for link in row.entry.files}
            files = {id_: facts for id_, facts in files.items() if id_ in named}
            gone = self.store.load_files().keys() - named
        self.store.save_files(files, gone)

    def _key_index(self, planned: Planned) -> str:
        """Return the key of all that decides the index besides the articles, or nothing where it takes long to make.

        When a template was edited, all is planned, and the index is what it was: to fill it would take a tenth of that.
        """
        if self.readings.failed or planned.unfit or not (planned.is_whole or planned.lines is None):
            return ""
        return digest((self.inputs.reader_key, self.inputs.settings_key, bool(self.inputs.search), planned.lines))

    def _key_pages(self, plan: Plan, lines: Sequence[Line] | None) -> str:
        """Return the key of all that decides pages besides the articles: only templates have no part in it."""
        inputs = self.inputs
        assets = (inputs.asset_digests, plan.maker.frame_digest)
        return digest((inputs.reader_key, inputs.settings_key, inputs.search, inputs.paints, assets, lines))

    def _fill_index(self, planned: Planned) -> Iterator[None]:
        archive = planned.plan.archive
        assert isinstance(archive, WholeArchive)
        arrival = {line.id: line.order for line in planned.lines or ()}
        articles = planned.plan.articles
        yield from self._index().fill(archive, arrival, articles.tally, articles.dead)


def _is_same(rows: Mapping[str, Row], before: Mapping[str, Row]) -> bool:
    """Tell whether all sources are what they were, but for their signatures."""
    return rows.keys() == before.keys() and all(row[1:] == before[id_][1:] for id_, row in rows.items())


Closures = Mapping[str, Sequence[str]]
"""Name of a template -> names of all that take part in it."""


def load_closures(store: Store, inputs: Inputs) -> Closures:
    """Return the closures of the templates; parsing them, and importing Jinja, is left out when they are known.

    Raises ConfigError with all syntax errors of all templates.
    """
    key = _key_closures(inputs)
    kept = store.facts.get("closures", "")
    closures: Closures
    closures = json.loads(kept[len(key) :]) if kept.startswith(key) else find_closures(inputs.theme.templates)
    return closures


def make_plan(
    archive: Archive,
    inputs: Inputs,
    closures: Closures,
    load_entry: Callable[[str], Entry] | None = None,
    files: Mapping[str, FileFacts] | None = None,
) -> Plan:
    """Return the plan of an archive; `load_entry` gives the entries that one which is not whole does not hold.

    `files` is what is known of the files that articles show or link to.

    Raises ConfigError when the navigation names a page that is not there.
    """
    return Plan(
        archive=archive,
        frame=_make_frame(inputs, archive),
        config=inputs.config,
        closures=digest_closures(closures, digest_texts(inputs.theme.templates)),
        assets=inputs.asset_digests,
        engine=inputs.engine,
        load_entry=load_entry,
        engine_of_search=inputs.search,
        known_files=files or {},
    )


def find_basis(plan: Plan, inputs: Inputs) -> Basis:
    """Return what decides the outputs of a plan besides the articles."""
    texts = digest_texts(inputs.theme.templates)
    return Basis(inputs.engine, plan.maker.frame_digest, inputs.settings_key, inputs.reader_key, texts)


def load_basis(store: Store) -> Basis | None:
    """Return what decided the outputs of the last build besides the articles, or None when that is not known."""
    kept = store.facts.get("basis")
    try:
        return Basis(*json.loads(kept)) if kept else None
    except (ValueError, TypeError) as exc:
        raise DamagedStateError(str(exc)) from exc


def load_shards(store: Store) -> dict[str, str]:
    """Return what the index of sitemaps said of each in the last build."""
    shards: dict[str, str] = json.loads(store.facts["shards"])
    return shards


def _make_frame(inputs: Inputs, archive: Archive) -> Frame:
    """Return what is the same on every page.

    Raises ConfigError when the navigation or the footer names a page that is not there.
    """
    config = inputs.config
    pages = {card.id.removeprefix(PAGES).rpartition(".")[0]: card.url for card in archive.pages}
    footer = read_footer(config.footer)
    named = [("navigation", item.page) for item in config.navigation if item.page]
    named += [("footer", piece.target) for pieces in footer for piece in pieces if piece.is_page]
    if problems := [
        error(config.name, f"the {where} names the page {page!r}, which is not there", f"write content/pages/{page}.md")
        for where, page in named
        if page not in pages
    ]:
        raise ConfigError(*problems)
    return Frame(
        title=config.title,
        description=config.description,
        language=inputs.theme.language,
        base_url=config.base_url,
        social=Link(config.title, social_path(archive.all)) if config.base_url and inputs.paints else None,
        navigation=tuple(Link(item.title, item.url or pages[item.page]) for item in config.navigation),
        footer=tuple(
            tuple(Link(piece.text, pages[piece.target] if piece.is_page else piece.target) for piece in pieces)
            for pieces in footer
        ),
        assets=inputs.assets,
        text=inputs.theme.words,
        search=SEARCH if inputs.search else "",
        recent_from=f"{config.recent_from:04}",
    )


def _key_closures(inputs: Inputs) -> str:
    return digest((inputs.engine, inputs.theme.templates.digest))
