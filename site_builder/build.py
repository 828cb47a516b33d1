"""The build, from sources to the published site: the one way in for the command line, the server, tests and notebooks.

Reads top to bottom as the data's way: scan, read, catalogue, plan, render, publish, report. The previous build enters
in two places only, as a memo of what was read and as the manifest that the plan is compared with; without it the site
is the same. Nothing here prints.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from site_builder import theme as themes
from site_builder.catalogue import Catalogue, catalogue
from site_builder.config import Config
from site_builder.digest import canonical, digest, digest_bytes
from site_builder.disk import write_at_once
from site_builder.errors import ConfigError, Problem, RefusedError, error
from site_builder.ledger import Line, format_ledger
from site_builder.model import Output, Published, Rendered, Report, Signature
from site_builder.plan import DataView, Plan, order_writes
from site_builder.publish import OutputFolder, open_output
from site_builder.readers import ReadOptions
from site_builder.render import Recipe
from site_builder.sources import (
    Scan,
    find_versions,
    load_code,
    load_ledger,
    load_packs,
    scan,
)
from site_builder.store import SCHEMA, Row, State, Store, open_store
from site_builder.views import ArticleView, Frame, Link
from site_builder.workers import (
    ReadJob,
    RenderJob,
    choose_executor,
    cut_batches,
    lend,
    read_batch,
    render_batch,
    run_jobs,
)

LIBRARIES = ("jinja2", "markupsafe", "markdown", "nh3", "pyyaml", "python-slugify", "text-unidecode")
"""Whatever has a part in the bytes of a page: a new version of one makes everything be read and rendered again."""

RACY_NS = 2_000_000_000
"""A file changed within this time before a scan may change again without its time showing it: git's racy rule."""

LARGE_ARCHIVE = 50
GONE_AT_MOST = 10
"""Of a large archive, one part in so many may go from one build to the next without `force`."""

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
    run = _Run(config, executor, progress or _say_nothing)
    _refuse_unsafe_folders(config)
    with run.stage("scan"):
        theme = themes.load_theme(config)
        options = _make_options(config)
        engine = digest((SCHEMA, find_versions(*LIBRARIES), sys.version_info[:2], _digest_code()))
        lines = load_ledger(config)
        found = scan(config)
    with open_output(config.output) as folder, open_store(_state_file(config), clean=config.clean) as (store, before):
        with run.stage("read"):
            reading = _read_sources(run, found, options, before, store, engine)
            _refuse_sudden_emptiness(config, found, before, folder)
        with run.stage("plan"):
            result, bad = _catalogue_good(run, reading, lines)
            after = State(facts={"schema": SCHEMA, "reader": _reader_key(options, engine)}, rows=reading.rows)
            plan, more_bad = _plan_site(run, result, theme, before, after, engine)
            failed = {*reading.failed, *bad, *more_bad}
        if run.has_errors() and not config.keep_going:
            return run.report(before, reading, failed)
        trusted = _trust_manifest(before, folder)
        with run.stage("render"):
            due = _find_due(plan, trusted)
            rendered = _render_outputs(run, due, plan, theme, store, folder, trusted)
        with run.stage("publish"):
            staged = {item.path for item in rendered if item.staged}
            writes = order_writes((output for output in due if output.path in staged), folder.owned)
            deletions = sorted(folder.owned - plan.outputs.keys())
            run.problems += folder.publish(writes, deletions, plan.outputs)
            if config.ledger and config.record and not run.has_errors() and result.lines != lines:
                write_at_once(config.ledger, format_ledger(result.lines).encode("utf-8"))
            after.outputs = _make_manifest(plan, trusted, rendered)
            store.commit(before, after)
        return run.report(before, reading, failed, plan, due, writes, deletions)


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
        with lend(self.executor) if self.executor else choose_executor(jobs, self.config.jobs) as executor:
            yield executor

    def tell(self, problems: Iterable[Problem], ids: Collection[str] = ()) -> None:
        """Add problems; the place of one that is about an article gets the name of the content folder before it."""
        for problem in problems:
            if re.sub(r"(:\d+){1,2}\Z", "", problem.place) in ids or problem.place in ids:
                problem = problem._replace(place=f"{self.config.shown}/{problem.place}")
            self.problems.append(problem)

    def has_errors(self) -> bool:
        return any(problem.severity == "error" or self.config.strict for problem in self.problems)

    def report(
        self,
        before: State,
        reading: _Reading,
        failed: Collection[str],
        plan: Plan | None = None,
        due: Sequence[Output] = (),
        writes: Sequence[str] = (),
        deletions: Sequence[str] = (),
    ) -> Report:
        """Return the report; without a plan, of a build that published nothing."""
        old = {id_: row.sha256 for id_, row in before.rows.items() if row.entry}
        new = {id_: row.sha256 for id_, row in reading.rows.items() if row.entry}
        return Report(
            articles=sum(entry.kind == "article" for entry in plan.archive.entries.values()) if plan else 0,
            added=tuple(sorted(new.keys() - old.keys())),
            changed=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
            removed=tuple(sorted(old.keys() - new.keys() - set(failed))),
            failed=tuple(sorted(failed)),
            written=tuple(sorted(writes)),
            deleted=tuple(deletions),
            unchanged=len(plan.outputs) - len(writes) if plan else 0,
            rendered=tuple(sorted(output.path for output in due)),
            problems=tuple(sorted(set(self.problems), key=lambda p: (p.severity, _natural_place(p.place), p.message))),
            seconds={**self.seconds, "total": sum(self.seconds.values())},
            published=plan is not None,
        )


def _natural_place(place: str) -> tuple[object, ...]:
    file, *numbers = place.split(":")
    return file, *(int(number) if number.isdigit() else 0 for number in numbers)


# --- before anything is touched ----------------------------------------------------------------------------------


def _refuse_unsafe_folders(config: Config) -> None:
    """Refuse an output that holds, or lies in, what the site is made from."""
    output = config.output.resolve()
    kept = {"articles": config.content, "templates": config.templates, "rules": config.rules, "cache": config.cache}
    for what, folder in kept.items():
        if folder is None:
            continue
        other = folder.resolve()
        if output == other or output in other.parents or other in output.parents:
            message = f"the output would lie in the folder of the site's {what}, or hold it ({folder})"
            raise RefusedError(error(str(config.output), message, "name another folder with --output"))


def _refuse_sudden_emptiness(config: Config, found: Scan, before: State, folder: OutputFolder) -> None:
    """Refuse to take a published archive away because its sources are suddenly gone: a mount may not be there."""
    was, now = len(before.rows), len(found.sources)
    nothing_left = now == 0 and (was > 0 or "index.html" in folder.owned)
    if config.force or not (nothing_left or (was >= LARGE_ARCHIVE and (was - now) * GONE_AT_MOST > was)):
        return
    message = f"{now} articles are here, and {was or 'some'} are published"
    raise RefusedError(error(config.shown, message, "use --force if the others are really to go"))


def _make_options(config: Config) -> ReadOptions:
    return ReadOptions(
        language=config.language,
        encodings=config.encodings,
        disable=config.disable,
        sections=config.sections,
        packs=load_packs(config),
        megabytes=config.megabytes,
    )


def _digest_code() -> str:
    return digest({name: digest_bytes(code) for name, code in load_code().items()})


def _reader_key(options: ReadOptions, engine: str) -> str:
    return digest((engine, options))


def _state_file(config: Config) -> Path:
    key = digest((str(config.content), str(config.output)))[:12]
    return config.cache / f"state-{key}.sqlite"


# --- read --------------------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    rows: dict[str, Row]
    failed: set[str]


def _read_sources(run: _Run, found: Scan, options: ReadOptions, before: State, store: Store, engine: str) -> _Reading:
    """Read what is new or may have changed; everything else is known from the last build."""
    config, started = run.config, time.time_ns()
    run.problems += found.problems
    known = before.rows if before.facts.get("reader") == _reader_key(options, engine) else {}
    rows: dict[str, Row] = {}
    unsure: list[tuple[str, str]] = []
    signatures: dict[str, Signature] = {}
    for source in found.sources:
        row = known.get(source.id)
        if row is not None and row.signature == source.signature:
            rows[source.id] = row
        else:
            unsure.append((source.id, row.sha256 if row else ""))
            racy = source.signature.mtime_ns > started - RACY_NS
            signatures[source.id] = source.signature._replace(mtime_ns=-1) if racy else source.signature
    reading = _Reading(rows, set())
    done = 0
    with run.workers(len(unsure)) as executor:
        jobs = (ReadJob(config.content, options, config.seconds, batch) for batch in cut_batches(unsure))
        for results in run_jobs(executor, read_batch, jobs):
            articles: dict[str, str] = {}
            for result in results:
                if result.same:
                    row = known[result.id]
                    rows[result.id] = row._replace(signature=signatures[result.id])
                    continue
                if any(problem.severity == "error" for problem in result.problems):
                    run.tell(result.problems, (result.id,))
                    reading.failed.add(result.id)
                    continue
                rows[result.id] = Row(signatures[result.id], result.sha256, result.entry, result.problems)
                if result.entry is not None:
                    articles[result.entry.article] = result.article
            store.keep_articles(articles)
            done += len(results)
            run.progress("read", done, len(unsure))
    for id_, row in rows.items():
        run.tell(row.problems, (id_,))
    return reading


# --- catalogue and plan ------------------------------------------------------------------------------------------


def _catalogue_good(run: _Run, reading: _Reading, lines: Sequence[Line] | None) -> tuple[Catalogue, set[str]]:
    """Catalogue all articles; with `keep_going`, once more without those that cannot stand beside the others."""
    entries = {id_: row.entry for id_, row in reading.rows.items() if row.entry}
    bad: set[str] = set()
    while True:
        good = [entry for id_, entry in entries.items() if id_ not in bad]
        result = catalogue(good, run.config, lines, reading.failed | bad)
        wrong = {p.place for p in result.archive.problems if p.severity == "error"}
        run.tell((p for p in result.archive.problems if p.severity == "error" or not wrong), entries)
        if not wrong or not run.config.keep_going:
            return result, bad | wrong
        bad |= wrong


def _plan_site(
    run: _Run, result: Catalogue, theme: themes.Theme, before: State, after: State, engine: str
) -> tuple[Plan, set[str]]:
    paths, digests = themes.name_assets(theme.assets)
    frame = _make_frame(run.config, result, theme, paths)
    closures = _find_closures(theme, before, after, engine)
    plan = Plan(result.archive, frame, run.config, closures, digests, engine)
    plan.outputs  # noqa: B018 - the plan's problems are known once its outputs are
    run.tell(plan.problems, result.archive.entries)
    return plan, {p.place for p in plan.problems if p.severity == "error" and p.place in result.archive.entries}


def _make_frame(config: Config, result: Catalogue, theme: themes.Theme, paths: Mapping[str, str]) -> Frame:
    pages = {
        entry.id.removeprefix("pages/").rpartition(".")[0]: result.archive.cards[entry.id].url
        for entry in result.archive.entries.values()
        if entry.kind == "page"
    }
    navigation: list[Link] = []
    problems: list[Problem] = []
    for item in config.navigation:
        if item.page and item.page not in pages:
            hint = f"write content/pages/{item.page}.md"
            problems.append(
                error(config.name, f"the navigation names the page {item.page!r}, which is not there", hint)
            )
        navigation.append(Link(item.title, item.url or pages.get(item.page, "")))
    if problems:
        raise ConfigError(*problems)
    return Frame(
        title=config.title,
        description=config.description,
        language=config.language,
        base_url=config.base_url,
        navigation=tuple(navigation),
        assets=paths,
        text=theme.words,
    )


def _find_closures(theme: themes.Theme, before: State, after: State, engine: str) -> Mapping[str, str]:
    """Return the closures of the templates; parsing them, and importing Jinja, is left out when they are known."""
    key = digest((engine, theme.templates.digest))
    kept = before.facts.get("closures", "")
    if kept.startswith(key):
        closures: Mapping[str, str] = json.loads(kept.removeprefix(key))
    else:
        closures = themes.find_closures(theme.templates)
    after.facts["closures"] = key + canonical(closures)
    return closures


# --- render and publish ------------------------------------------------------------------------------------------


def _trust_manifest(before: State, folder: OutputFolder) -> dict[str, Published]:
    """Return what is known of the files in the output; a file of ours of which nothing is known has empty digests.

    What the state says counts only where the output is still the one that the state was saved for.
    """
    trusted = {path: Published("", "") for path in folder.owned}
    if not folder.resumed:
        trusted.update({path: entry for path, entry in before.outputs.items() if path in folder.owned})
    for path in folder.find_missing(folder.owned):
        del trusted[path]
    return trusted


def _find_due(plan: Plan, trusted: Mapping[str, Published]) -> list[Output]:
    """Return the outputs that must be rendered: those whose fingerprint is not the published one."""
    unknown = Published("", "")
    return [o for o in plan.outputs.values() if trusted.get(o.path, unknown).fingerprint != o.fingerprint]


def _render_outputs(
    run: _Run,
    due: Sequence[Output],
    plan: Plan,
    theme: themes.Theme,
    store: Store,
    folder: OutputFolder,
    trusted: Mapping[str, Published],
) -> list[Rendered]:
    if not due:
        return []
    config = run.config
    recipe = Recipe(
        frame=plan.frame,
        templates=theme.templates,
        content=config.content,
        shown=config.shown,
        assets=theme.assets,
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
                {o.path: trusted[o.path].digest for o in batch if o.path in trusted},
            )
            for batch in cut_batches(due)
        )
        for results in run_jobs(executor, render_batch, jobs):
            rendered += results
            run.progress("render", len(rendered), len(due))
    return rendered


def _list_articles(outputs: Iterable[Output]) -> set[str]:
    pages = (output.page for output in outputs)
    return {str(page.article) for page in pages if isinstance(page, ArticleView | DataView)}


def _make_manifest(plan: Plan, trusted: Mapping[str, Published], rendered: Iterable[Rendered]) -> dict[str, Published]:
    manifest = {path: trusted[path] for path in plan.outputs if path in trusted}
    for item in rendered:
        manifest[item.path] = Published(plan.outputs[item.path].fingerprint, item.digest)
    return manifest
