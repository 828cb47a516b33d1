"""The build, from sources to the published site: the one way in for the command line, the server, tests and notebooks.

Reads top to bottom as the data's way: scan, read, catalogue, plan, render, publish, report. The previous build enters
in two places only, as a memo of what was read and as the manifest that the plan is compared with; without it the site
is the same. Nothing here prints.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from site_builder.catalogue import Catalogue, catalogue
from site_builder.config import Config
from site_builder.digest import canonical, digest
from site_builder.errors import MachineError, Problem, SourceChangedError
from site_builder.inputs import Inputs, load_inputs, make_frame
from site_builder.ledger import Line, format_ledger
from site_builder.manifest import Manifest, digest_manifest, find_due, trust_manifest, update_manifest
from site_builder.model import Output, Rendered, Report
from site_builder.plan import Plan, order_writes
from site_builder.publish import OutputFolder, open_output, write_at_once
from site_builder.reading import Readings, read_sources
from site_builder.refusals import refuse_sudden_emptiness, refuse_unsafe_folders
from site_builder.render import Recipe
from site_builder.sources import Scan, scan
from site_builder.store import SCHEMA, Row, State, Store, open_store
from site_builder.theme import find_closures
from site_builder.views import ArticleView, DataView, MarkedView
from site_builder.workers import ReadJob, RenderJob, choose_executor, cut_batches, render_batch, run_jobs

ATTEMPTS = 3
"""How often a build begins anew because a source changed between being read and being published."""

Progress = Callable[[str, int, int], None]
"""Is told the stage, how much of it is done, and how much there is."""


def build(config: Config, *, executor: Executor | None = None, progress: Progress | None = None) -> Report:
    """Bring the output to the state of the sources; return what was done.

    When the content has errors, nothing is published (with `keep_going`, all that is good), and the report says so:
    `report.errors` holds them, `report.published` is False. `executor` is any `concurrent.futures.Executor` and stays
    open; without one, processes are started when there is enough to do.

    Raises ConfigError for the configuration, rules, templates or the ledger; RefusedError when publishing could destroy
    something; MachineError for what the machine would not do. Then the published site stands as it was.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _build_once(config, executor, progress or _say_nothing)
        except SourceChangedError as exc:
            if attempt == ATTEMPTS:
                (problem,) = exc.problems
                raise MachineError(problem._replace(place=f"{config.shown}/{problem.place}")) from exc
    raise AssertionError("the last attempt returns or raises")


def _build_once(config: Config, executor: Executor | None, progress: Progress) -> Report:
    run = _Run(config, executor, progress)
    refuse_unsafe_folders(config)
    with run.stage("scan"):
        inputs = load_inputs(config)
        found = scan(config)
    with open_output(config.output) as folder, open_store(_state_file(config), clean=config.clean) as (store, before):
        with run.stage("read"):
            readings = _read(run, found, inputs, before, store)
            was, published = len(before.rows), "index.html" in folder.owned
            refuse_sudden_emptiness(config, len(found.sources), was, published=published)
        with run.stage("plan"):
            same = folder.state == before.facts.get("output") and not folder.resumed
            trusted = trust_manifest(before.outputs, folder.owned, folder.find_missing(folder.owned), same=same)
            if _is_unchanged(inputs, readings, before, trusted):
                return _confirm(run, readings, before, store)
            closures = _find_closures(inputs, before)
            result, plan, unfit = _plan_good(run, readings, inputs, closures)
            failed = readings.failed | unfit
        if run.has_errors() and not config.keep_going:
            return run.report(before, readings.rows, failed)
        with run.stage("render"):
            due = find_due(plan.outputs, trusted)
            try:
                rendered = _render(run, due, plan, inputs, store, folder, trusted)
            except SourceChangedError as exc:
                store.forget(exc.problems[0].place)
                raise
        with run.stage("publish"):
            staged = {item.path for item in rendered if item.staged}
            writes = order_writes((output for output in due if output.path in staged), folder.owned)
            deletions = sorted(folder.owned - plan.outputs.keys())
            after = State(rows={id_: row for id_, row in readings.rows.items() if id_ not in unfit})
            after.facts.update(
                schema=SCHEMA, reader=inputs.reader_key, closures=_key_closures(inputs) + canonical(closures)
            )
            after.outputs = update_manifest(trusted, plan.outputs, rendered)
            after.facts["output"] = digest_manifest(after.outputs)
            run.tell(folder.publish(writes, deletions, plan.outputs, after.facts["output"]))
            lines = _record(run, inputs, result)
            _keep_key(run, inputs, result, lines, after)
            store.commit(before, after)
        articles = len(result.archive.all.cards)
        return run.report(before, readings.rows, failed, articles, len(plan.outputs), due, writes, deletions)


# --- one run -----------------------------------------------------------------------------------------------------


def _say_nothing(stage: str, done: int, total: int) -> None:
    """Be the progress of a build that nobody watches."""


@dataclass
class _Run:
    """What one build gathers on its way: problems, seconds, and who works."""

    config: Config
    executor: Executor | None
    progress: Progress
    problems: list[Problem] = field(default_factory=list)
    kept: list[Problem] = field(default_factory=list)
    """Problems of the catalogue and the plan, as they will be told again while nothing changes."""
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - started

    @contextmanager
    def workers(self, jobs: int) -> Iterator[Executor]:
        own = choose_executor(jobs, self.config.jobs)
        # One that was given belongs to somebody else: it is not shut down at the end.
        with nullcontext(self.executor) if self.executor else own as executor:
            yield executor

    def tell(self, problems: Iterable[Problem], ids: Collection[str] = (), *, keep: bool = False) -> None:
        """Add problems; the place of one that is about an article gets the name of the content folder before it."""
        for problem in problems:
            if keep:
                self.kept.append(problem)
            if re.sub(r"(:\d+){1,2}\Z", "", problem.place) in ids or problem.place in ids:
                problem = problem._replace(place=f"{self.config.shown}/{problem.place}")
            self.problems.append(problem)

    def has_errors(self) -> bool:
        return any(problem.severity == "error" or self.config.strict for problem in self.problems)

    def report(
        self,
        before: State,
        rows: Mapping[str, Row],
        failed: Collection[str] = (),
        articles: int = 0,
        outputs: int = 0,
        due: Sequence[Output] = (),
        writes: Sequence[str] = (),
        deletions: Sequence[str] = (),
    ) -> Report:
        """Return the report; without outputs, of a build that published nothing."""
        old, new = (_list_checksums(known, self.config.drafts) for known in (before.rows, rows))
        new = {id_: checksum for id_, checksum in new.items() if id_ not in failed}
        return Report(
            articles=articles,
            added=tuple(sorted(new.keys() - old.keys())),
            changed=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
            removed=tuple(sorted(old.keys() - new.keys() - set(failed))),
            failed=tuple(sorted(failed)),
            written=tuple(sorted(writes)),
            deleted=tuple(deletions),
            unchanged=outputs - len(writes),
            rendered=tuple(sorted(output.path for output in due)),
            problems=tuple(sorted(set(self.problems), key=_reading_order)),
            seconds={**self.seconds, "total": sum(self.seconds.values())},
            published=bool(outputs),
        )


def _list_checksums(rows: Mapping[str, Row], drafts: bool = True) -> dict[str, str]:
    return {id_: row.sha256 for id_, row in rows.items() if row.entry and (drafts or not row.entry.draft)}


def _reading_order(problem: Problem) -> tuple[object, ...]:
    file, *numbers = problem.place.split(":")
    return problem.severity, file, [int(n) for n in numbers if n.isdigit()], problem.message


def _state_file(config: Config) -> Path:
    key = digest((str(config.content), str(config.output)))[:12]
    return config.cache / f"state-{key}.sqlite"


# --- the stages --------------------------------------------------------------------------------------------------


def _read(run: _Run, found: Scan, inputs: Inputs, before: State, store: Store) -> Readings:
    known = before.rows if before.facts.get("reader") == inputs.reader_key else {}
    if not known:
        from site_builder.readers.rules import compile_packs

        # A mistake in a rule is told even if there is no raw text to read.
        compile_packs(inputs.options.packs, inputs.options.disable)
    job = ReadJob(run.config.content, inputs.options, run.config.seconds, ())
    readings = read_sources(
        found.sources, known, job, store, run.workers, started_ns=inputs.started_ns, progress=run.progress
    )
    run.tell(found.problems)
    run.tell(readings.problems, {source.id for source in found.sources})
    return readings


def _is_unchanged(inputs: Inputs, readings: Readings, before: State, trusted: Manifest) -> bool:
    """Return whether the site is published already, so that nothing need be planned, let alone imported."""
    return (
        before.facts.get("site") == inputs.site_key(inputs.lines)
        and before.outputs == trusted
        and not readings.failed
        and _list_checksums(before.rows) == _list_checksums(readings.rows)
    )


def _confirm(run: _Run, readings: Readings, before: State, store: Store) -> Report:
    """Report that all is as it was, with the warnings that still hold, and note the new signatures of equal files."""
    articles, problems = json.loads(before.facts["told"])
    run.tell((Problem(*problem) for problem in problems), readings.rows)
    if run.has_errors() and not run.config.keep_going:
        return run.report(before, readings.rows)
    store.commit(before, State(before.facts, readings.rows, before.outputs))
    return run.report(before, readings.rows, articles=articles, outputs=len(before.outputs))


def _plan_good(
    run: _Run, readings: Readings, inputs: Inputs, closures: Mapping[str, str]
) -> tuple[Catalogue, Plan, set[str]]:
    """Catalogue and plan all articles; with `keep_going`, again without those that cannot stand beside the others."""
    entries = {id_: row.entry for id_, row in readings.rows.items() if row.entry}
    unfit: set[str] = set()
    while True:
        good = [entry for id_, entry in entries.items() if id_ not in unfit]
        result = catalogue(good, run.config, inputs.lines, readings.failed | unfit)
        plan = Plan(
            archive=result.archive,
            frame=make_frame(inputs, result.archive),
            config=run.config,
            closures=closures,
            assets=inputs.asset_digests,
            engine=inputs.engine,
        )
        problems = [*result.archive.problems, *plan.find_problems()]
        wrong = {p.place for p in problems if p.severity == "error" and p.place in result.archive.entries}
        run.tell((p for p in problems if p.severity == "error" or not wrong), entries, keep=True)
        unfit |= wrong
        if not wrong or not run.config.keep_going:
            return result, plan, unfit


def _find_closures(inputs: Inputs, before: State) -> Mapping[str, str]:
    """Return the closures of the templates; parsing them, and importing Jinja, is left out when they are known."""
    key = _key_closures(inputs)
    kept = before.facts.get("closures", "")
    closures: Mapping[str, str]
    closures = json.loads(kept[len(key) :]) if kept.startswith(key) else find_closures(inputs.theme.templates)
    return closures


def _key_closures(inputs: Inputs) -> str:
    return digest((inputs.engine, inputs.theme.templates.digest))


def _render(
    run: _Run,
    due: Sequence[Output],
    plan: Plan,
    inputs: Inputs,
    store: Store,
    folder: OutputFolder,
    trusted: Manifest,
) -> list[Rendered]:
    config = run.config
    recipe = Recipe(
        frame=plan.frame,
        templates=inputs.theme.templates,
        content=config.content,
        encodings=config.encodings,
        assets=inputs.theme.assets,
    )
    rendered: list[Rendered] = []
    with run.workers(len(due)) as executor:
        jobs = (
            RenderJob(
                recipe,
                folder.staging,
                config.output,
                batch,
                store.load_articles(_list_articles(batch)),
                {output.path: trusted[output.path].digest for output in batch if output.path in trusted},
            )
            for batch in cut_batches(due)
        )
        for results in run_jobs(executor, render_batch, jobs):
            rendered += results
            run.progress("render", len(rendered), len(due))
    return rendered


def _list_articles(outputs: Iterable[Output]) -> set[str]:
    pages = (output.page for output in outputs)
    return {str(page.article) for page in pages if isinstance(page, ArticleView | DataView | MarkedView)}


def _record(run: _Run, inputs: Inputs, result: Catalogue) -> tuple[Line, ...] | None:
    """Write the ledger where it may be written; return the lines that it holds now."""
    ledger = run.config.ledger
    if ledger is None or not run.config.record or run.has_errors() or result.lines == inputs.lines:
        return inputs.lines
    write_at_once(ledger, format_ledger(result.lines).encode("utf-8"))
    return result.lines


def _keep_key(run: _Run, inputs: Inputs, result: Catalogue, lines: Sequence[Line] | None, after: State) -> None:
    """Note by what the next build knows that nothing changed; not while the ledger is still to be written."""
    if lines is None or lines == result.lines:
        after.facts["site"] = inputs.site_key(lines)
        after.facts["told"] = canonical((len(result.archive.all.cards), run.kept))
