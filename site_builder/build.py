"""The build, from sources to the published site: the one way in for the command line, the server, tests and notebooks.

Reads top to bottom as the data's way: scan, read, catalogue, plan, render, publish, report. The previous build enters
in two places only, as a memo of what was read and as the manifest that the plan is compared with; without it the site
is the same. Nothing here prints.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from site_builder.attaching import Attached, attach_files
from site_builder.config import Config
from site_builder.errors import DamagedStateError, MachineError, Problem, SourceChangedError
from site_builder.inputs import UNRECORDED, Inputs, load_inputs
from site_builder.model import Output, Rendered, Report
from site_builder.publish import OutputFolder, open_output, write_at_once
from site_builder.reading import Readings, read_sources
from site_builder.refusals import refuse_sudden_emptiness, refuse_unsafe_folders
from site_builder.run import Progress, Run, say_nothing
from site_builder.scanning import Confirm, Scan, look_ahead, may_have_news, scan
from site_builder.store import Store, open_store
from site_builder.urls import MARKED
from site_builder.values import dataclass

# What plans and renders is imported where it is first needed: most builds find that nothing changed.
if TYPE_CHECKING:
    from concurrent.futures import Executor

    from site_builder.compiling import Compiler
    from site_builder.jobs.reading import ReadJob
    from site_builder.ledger import Line
    from site_builder.planning import Planned

ATTEMPTS = 3
"""How often a build begins anew because a source changed between being read and being published."""

PATIENCE = 0.3
"""Seconds to wait, in a session, for the text of an article that is empty: a page must not go while it is saved."""


@dataclass(slots=True)
class Session:
    """What one process keeps between its builds of a site, while it watches all that the site is made from.

    `touched` is its word for the next build: since the last one that published, or found nothing to do, nothing has
    changed but at these paths below the content folder, and below them. None, as at first, is no such word: then
    everything is looked at.
    """

    touched: frozenset[str] | None = None
    inputs: Inputs | None = None
    state: str = ""
    """What the output was called when it was left."""
    key: str = ""
    """The key of the inputs."""

    def recall(self, config: Config) -> Inputs | None:
        """Return the inputs of the last build, if nothing of them can have changed."""
        return self.inputs if self.touched is not None and self.inputs and self.inputs.config == config else None

    def keep(self, inputs: Inputs, state: str, key: str) -> None:
        """Keep what a build ended with."""
        self.inputs, self.state, self.key = inputs, state, key


def build(
    config: Config,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    session: Session | None = None,
) -> Report:
    """Bring the output to the state of the sources; return what was done.

    When the content has errors, nothing is published (with `keep_going`, all that is good), and the report says so:
    `report.errors` holds them, `report.published` is False. `executor` is any `concurrent.futures.Executor` and stays
    open; without one, processes are started when there is enough to do. A `session` makes the small builds of one
    process quick.

    Raises ConfigError for the configuration, rules, templates or the ledger; RefusedError when publishing could destroy
    something; MachineError for what the machine would not do. Then the published site stands as it was.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _build_once(config, executor, progress or say_nothing, session or Session())
        except DamagedStateError:
            config, session = replace(config, clean=True), None
        except SourceChangedError as exc:
            session = None
            if attempt == ATTEMPTS:
                (problem,) = exc.problems
                raise MachineError(problem._replace(place=f"{config.shown}/{problem.place}")) from exc
    raise AssertionError("the last attempt returns or raises")


def _build_once(config: Config, executor: Executor | None, progress: Progress, session: Session) -> Report:
    run = Run(config, executor, progress, patience=PATIENCE if session.touched is not None else 0.0)
    refuse_unsafe_folders(config)
    with ExitStack() as stack:
        with run.stage("scan"):
            recalled = session.recall(config)
            confirm = None if recalled else stack.enter_context(look_ahead(config))
            inputs = recalled or load_inputs(config)
        run.tell(inputs.problems)
        folder = stack.enter_context(open_output(config.output))
        store = stack.enter_context(open_store(config.state, clean=config.clean))
        seen = _look(run, inputs, folder, store, session if recalled else None, confirm)
        found, readings, attached = seen.scan, seen.readings, seen.attached
        if seen.is_done:
            session.keep(inputs, folder.state, seen.site_key)
            with run.stage("plan"):
                return _confirm(run, seen, folder, store)
        with run.stage("plan"):
            from site_builder.compiling import Compiler
            from site_builder.planning import Planner
            from site_builder.searching import make_scratch

            compiler = Compiler(inputs, store, stack)
            planner = Planner(
                inputs=inputs,
                store=store,
                readings=readings,
                scan=found,
                owned=folder.owned,
                missing=seen.missing,
                is_known=seen.is_known,
                is_like_before=seen.is_like_before and not readings.failed,
                attached=attached,
                site_key=seen.site_key,
                is_recorded=seen.is_recorded,
                begin=None if executor else compiler.begin,
            )
            planned = planner.plan(keep_going=config.keep_going)
            run.tell(_list_problems(planned, readings, store), found)
            failed = readings.failed | planned.unfit
        if run.has_errors() and not config.keep_going:
            return run.report(planned.before, planned.after, failed)
        with make_scratch(config) if inputs.indexes_texts else nullcontext(config.cache) as scratch:
            with run.stage("search"):
                planner.add_texts(planned, scratch, run.progress)
            with run.stage("render"):
                due = planner.find_due(planned)
                keeping = planner.keep_sources(planned)
                try:
                    rendered = _render(run, due, planned, inputs, store, folder, scratch, compiler, keeping)
                except SourceChangedError as exc:
                    store.forget(exc.problems[0].place)
                    raise
        with run.stage("publish"):
            writes = planner.order_writes(due, rendered)
            listing = folder.owned.change(writes, planned.deletions)
            run.tell(_verify(run, due, writes, listing, folder))
            if run.has_errors() and not config.keep_going:  # with `strict`
                return run.report(planned.before, planned.after, failed)
            state, manifest = planner.describe(planned, rendered)
            run.tell(folder.publish(writes, planned.deletions, listing, state))
            for _ in keeping:  # what there was no time for while the workers rendered
                pass
            planner.keep(planned, manifest, state, _record(run, inputs, planned))
            store.save_looks(folder.look_again())  # as late as can be: what changed just now is not known by its times
            store.commit()
            session.keep(inputs, state, seen.site_key)
        return run.report(
            planned.before,
            planned.after,
            failed,
            articles=planned.told.articles,
            outputs=len(listing),
            due=due,
            writes=writes,
            deletions=planned.deletions,
        )


@contextmanager
def confirm(config: Config) -> Iterator[Report]:
    """Give the report of a build that has nothing to do; while it is given, no build changes the output.

    `published` is False when the output is not what a build would make now, or the content has errors, which are in
    the report. Nothing is rendered or published. Raises what `build` raises.
    """
    run = Run(config, None, say_nothing, patience=0.0)
    refuse_unsafe_folders(config)
    inputs = load_inputs(config)
    run.tell(inputs.problems)
    with open_output(config.output) as folder:
        try:
            with open_store(config.state) as store:
                seen = _look(run, inputs, folder, store)
                if seen.is_done:
                    report = _confirm(run, seen, folder, store)
                else:
                    report = run.report(seen.readings.before, seen.readings.rows, seen.readings.failed)
        except DamagedStateError:
            report = run.report({}, {})
        yield report


# --- the stages --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the sources are now, and how that stands to the last build."""

    scan: Scan
    readings: Readings
    attached: Attached
    missing: Collection[str]
    is_known: bool
    """Whether the cache knows what is in the output."""
    is_like_before: bool
    """Whether all but the sources is as it was, in the output too."""
    site_key: str
    is_recorded: bool
    """Whether the ledger, if there is one, names all articles of the last build."""

    @property
    def is_done(self) -> bool:
        """Whether the output is what a build would make of the sources."""
        return self.is_like_before and _is_unchanged(self.readings) and not self.attached.changed


def _look(
    run: Run,
    inputs: Inputs,
    folder: OutputFolder,
    store: Store,
    session: Session | None = None,
    confirm: Confirm | None = None,
) -> _Seen:
    """Find and read the sources, and compare all with what the last build knew. Raises RefusedError.

    With a `session` whose word holds, only what was touched is looked at; `confirm` is the answer of `look_ahead`.
    """
    config = run.config
    is_known = folder.state == store.facts.get("output") and not folder.resumed
    is_as_left = bool(session and is_known and folder.state == session.state)
    with run.stage("scan"):
        looks = store.load_looks() if is_known else {}
        if is_as_left:
            folder.recall(looks)
        missing = set() if is_as_left else folder.find_missing(looks)
        known = store.load_listings() if store.facts.get("reader") == inputs.reader_key else {}
        if confirm and may_have_news(config, known):
            _load_ahead()  # while copies of this process look at the sources
        found = scan(config, known, session.touched if session else None, confirm)
    with run.stage("read"):
        readings = _read(run, found, known, inputs, store)
        attached = _attach(run, readings, inputs, store)
        if (readings.gone or not known) and not (run.has_errors() and not config.keep_going):
            # Without a cache the output tells: each article has its sister with the parts marked.
            was = store.count_sources() or sum(path.endswith(MARKED) for path in folder.owned)
            refuse_sudden_emptiness(config, found.count, was, published="index.html" in folder.owned)
    with run.stage("plan"):
        key = session.key if session else inputs.site_key(inputs.lines)
        is_recorded = store.facts.get("site") == key
        is_same_site = is_recorded or (not config.record and store.facts.get("site") == f"{key}{UNRECORDED}")
        same = is_known and not missing and is_same_site
    return _Seen(found, readings, attached, missing, is_known, same, key, is_recorded)


def _load_ahead() -> None:
    """Load what reads, plans and renders an article, half of the time that one more of them takes."""
    import site_builder.compiling
    import site_builder.jobs.reading
    import site_builder.jobs.rendering
    import site_builder.planning
    import site_builder.readers.markdown
    import site_builder.templating
    import site_builder.verifying  # noqa: F401


def _read(run: Run, found: Scan, listings: Mapping[str, str], inputs: Inputs, store: Store) -> Readings:
    known = store.load_signatures(listings.keys() - found.same)
    if not listings:
        from site_builder.readers.rules import compile_packs

        # A mistake in a rule is told even if there is no raw text to read.
        compile_packs(inputs.options.packs, inputs.options.disable)

    def make_job() -> ReadJob:
        from site_builder.jobs.reading import ReadJob

        return ReadJob(run.config.content, inputs.options, run.config.seconds, (), run.config.memory, run.patience)

    readings = read_sources(
        found.sources, known, make_job, store, run.workers, started_ns=run.started_ns, progress=run.progress
    )
    run.tell(found.problems)
    run.tell(readings.problems, found)
    return readings


def _attach(run: Run, readings: Readings, inputs: Inputs, store: Store) -> Attached:
    """Look at the files that articles show or link to: all of the last build's, and those of what was read now."""
    known = store.load_files() if store.facts.get("reader") == inputs.reader_key else {}
    ids = known.keys() | {link.id for row in readings.rows.values() if row.entry for link in row.entry.files}
    return attach_files(ids, known, run.config, run.workers, run.started_ns) if ids else Attached()


def _is_unchanged(readings: Readings) -> bool:
    """Tell whether all sources are what they were, so that nothing need be planned, let alone imported."""
    before = readings.before
    same = (id_ in before and before[id_][1:] == row[1:] for id_, row in readings.rows.items())
    return not readings.gone and not readings.failed and all(same)


def _list_problems(planned: Planned, readings: Readings, store: Store) -> list[Problem]:
    """Return what is wrong with the articles: what reading them told, now or before, the catalogue and the plan."""
    known = () if planned.is_whole else store.load_problems()
    told = {id_: problems for id_, problems in known if id_ not in readings.before}
    told |= {id_: row.problems for id_, row in planned.after.items()}
    return [*chain(*told.values()), *planned.told.list_problems()]


def _confirm(run: Run, seen: _Seen, folder: OutputFolder, store: Store) -> Report:
    """Report that all is as it was, with the warnings that still hold, and note the new signatures of equal files."""
    readings, found = seen.readings, seen.scan
    told = store.load_told()
    run.tell(chain(*(problems for _, problems in store.load_problems())), found)
    run.tell(told.list_problems(), found)
    if run.has_errors() and not run.config.keep_going:
        return run.report(readings.before, readings.rows)
    store.save_rows(readings.rows)
    store.save_files(seen.attached.news)
    store.save_listings(readings.trust(found))
    store.save_looks(folder.look_again())
    store.commit()
    return run.report(readings.before, readings.rows, articles=told.articles, outputs=folder.count_owned())


def _render(
    run: Run,
    due: Sequence[Output],
    planned: Planned,
    inputs: Inputs,
    store: Store,
    folder: OutputFolder,
    texts: Path,
    compiler: Compiler,
    meanwhile: Iterator[object],
) -> list[Rendered]:
    from site_builder.jobs.rendering import RenderJob, render_batch, weigh_output
    from site_builder.render import Recipe
    from site_builder.views import list_articles
    from site_builder.workers import cut_batches

    config, trusted = run.config, planned.trusted
    recipe = Recipe(
        frame=planned.plan.frame,
        templates=inputs.theme.templates,
        content=config.content,
        encodings=config.encodings,
        assets=inputs.theme.assets,
        texts=texts,
    )
    rendered: list[Rendered] = []
    compiler.prepare(recipe)
    batches = list(cut_batches(due, [weigh_output(output) for output in due]))
    with run.workers(len(due), at_hand=(recipe, *batches)) as workers:
        jobs = (
            RenderJob(
                recipe,
                folder.staging,
                config.output,
                batch,
                store.load_articles(list_articles(output.page for output in batch)),
                {output.path: trusted[output.path].digest for output in batch if output.path in trusted},
            )
            for batch in batches
        )
        for results in workers.run(render_batch, jobs, meanwhile):
            rendered += results
            run.progress("render", len(rendered), len(due))
    compiler.keep(recipe)
    return rendered


def _verify(
    run: Run, due: Iterable[Output], writes: Collection[str], listing: Container[str], folder: OutputFolder
) -> list[Problem]:
    """Return what is wrong with the links of the staged pages. Raises MachineError where it is a mistake of ours."""
    from site_builder.verifying import verify_links
    from site_builder.views import View

    config, staged = run.config, set(writes)
    pages = [o.path for o in due if o.path in staged and isinstance(o.page, View) and o.path.endswith(".html")]
    return verify_links(
        pages, folder.staging, config.output, listing, config.base_url, has_templates=bool(config.templates)
    )


def _record(run: Run, inputs: Inputs, planned: Planned) -> tuple[Line, ...] | None:
    """Write the ledger where it may be written; return the lines that it holds now."""
    ledger = run.config.ledger
    if ledger is None or planned.lines is None:
        return inputs.lines
    if not run.config.record or run.has_errors() or planned.lines == inputs.lines:
        return inputs.lines
    from site_builder.ledger import format_ledger

    write_at_once(ledger, format_ledger(planned.lines).encode("utf-8"))
    return planned.lines
