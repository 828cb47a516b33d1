"""`build`: bring the output to the state of the sources."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from site_builder.commands.options import add_site, load, parse_count, parse_day
from site_builder.commands.terminal import draw_excerpt, print_problems, show_progress
from site_builder.errors import ConfigError, ContentError, MachineError, Problem, SiteBuilderError, error
from site_builder.model import Report
from site_builder.wording import SHOWN_WARNINGS, count, summarise, word_warnings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from site_builder.config import Config

EXAMPLES = """\
site-builder build                                  # content/ into output/
site-builder build --content texts --output out     # any folder of articles, without a site.toml
site-builder build -k --report build.json           # the good articles, and what is wrong
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site(parser)
    workers = parser.add_mutually_exclusive_group()
    amount = parser.add_mutually_exclusive_group()
    flag = partial(parser.add_argument, action="store_true")
    jobs = (
        "worker processes; 1 for none, or one where an article is large enough to get stuck in; by default, or with 0, "
        "as many as cores when there is enough to do"
    )
    workers.add_argument("--jobs", type=parse_count, default=0, metavar="N", help=jobs)
    cluster = "let the workers of a Dask cluster read and render"
    workers.add_argument("--executor", type=_parse_address, metavar="dask://HOST:PORT", help=cluster)
    flag("--clean", help="forget the cache first; the result is the same, it only takes longer")
    as_of = (
        "publish only what is dated up to that day; undated articles stay in. Without it everything is published, also "
        "what is dated in the future"
    )
    parser.add_argument("--as-of", type=parse_day, metavar="YYYY-MM-DD", help=as_of)
    keep_going = "publish the good articles although others have errors; the exit status is 1 all the same"
    flag("-k", "--keep-going", help=keep_going)
    flag("--strict", help="warnings count as errors: with a single one, nothing is published")
    flag("--force", help="publish although most of a published archive is gone from the sources")
    report = "write what was done as JSON; - for standard output, instead of the last line"
    parser.add_argument("--report", metavar="FILE", help=report)
    flag("--profile", help="print the seconds of each stage")
    amount.add_argument("-q", "--quiet", action="store_true", help="errors only")
    verbose = "every warning (else the first 20), and every file that is written or deleted"
    amount.add_argument("-v", "--verbose", action="store_true", help=verbose)


def _parse_address(text: str) -> str:
    """Return HOST:PORT of a Dask scheduler."""
    if not re.fullmatch(r"dask://([\w.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a cluster (write dask://HOST:PORT)")
    return text.removeprefix("dask://")


def run(options: argparse.Namespace) -> int:
    """Build, print what was done; return the exit status."""
    import gc

    # A build makes many values that live until its end; looking for cycles among them costs and finds none. So do
    # the modules that it imports.
    gc.disable()
    from site_builder.build import build

    config = load(
        options,
        drafts=options.drafts,
        as_of=options.as_of or "",
        keep_going=options.keep_going,
        strict=options.strict,
        force=options.force,
        clean=options.clean,
        jobs=options.jobs,
    )
    if options.report and options.report != "-" and not Path(options.report).absolute().parent.is_dir():
        raise ConfigError(error(options.report, "there is no such folder for the report", "make it first"))
    try:
        with _join(options.executor, config) as executor, show_progress(quiet=options.quiet) as progress:
            report = build(config, executor=executor, progress=progress)
    except SiteBuilderError as exc:
        exc.excerpt = partial(_show_line, config)
        if options.report:
            _write_report(Report(problems=exc.problems), options.report)
        raise
    _print_report(report, options, config)
    if options.report:
        _write_report(report, options.report)
    return ContentError.exit_status if report.errors or not report.published else 0


def _join(address: str | None, config: Config) -> AbstractContextManager[Executor | None]:
    if address is None:
        return nullcontext()
    from site_builder.cluster import join_cluster

    return join_cluster(address, config.content, config.output)


def _show_line(config: Config, problem: Problem) -> Iterator[str]:
    """Yield the line that a problem is about, for a terminal."""
    from site_builder.overlay import read_line

    width = shutil.get_terminal_size().columns
    return draw_excerpt(problem, read_line(problem, config, config.cache.parent), width)


def _print_report(report: Report, options: argparse.Namespace, config: Config) -> None:
    warnings = [problem for problem in report.problems if problem.severity == "warning"]
    if not options.quiet:
        shown = len(warnings) if options.verbose or options.strict else SHOWN_WARNINGS
        for line in word_warnings(warnings, shown, " (-v shows all)"):
            print(line, file=sys.stderr)
    print_problems(report.errors, sys.stderr, partial(_show_line, config))
    if options.verbose:
        for path in report.written:
            print(f"written {path}")
        for path in report.deleted:
            print(f"deleted {path}")
    if options.profile:
        for stage, seconds in report.seconds.items():
            print(f"{seconds:8.3f} s  {stage}")
    if not report.published:
        reason = count(len(report.errors), "error") if report.errors else count(len(warnings), "warning")
        print(f"nothing was published: {reason}; the old site stands as it was", file=sys.stderr)
    elif not options.quiet and options.report != "-":
        print(summarise(report))


_CONTROL = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _write_report(report: Report, target: str) -> None:
    problems = [
        {
            "severity": p.severity,
            "place": p.place,
            "file": p.file,
            "line": p.line or None,
            "column": p.column or None,
            "message": p.message,
            "hint": p.hint,
        }
        for p in report.problems
    ]
    articles = {
        "total": report.articles,
        "added": len(report.added),
        "changed": len(report.changed),
        "removed": len(report.removed),
        "failed": len(report.failed),
    }
    outputs = {"written": report.written, "deleted": report.deleted, "unchanged": report.unchanged}
    seconds = {stage: round(value, 4) for stage, value in report.seconds.items()}
    whole = {
        "published": report.published,
        "articles": articles,
        "outputs": outputs,
        "problems": problems,
        "seconds": seconds,
    }
    # Halves of characters cannot be written, and controls could steer a terminal: JSON has escapes for both.
    text = _CONTROL.sub(_escape, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as exc:
        raise MachineError(error(target, f"the report cannot be written: {exc.strerror}")) from exc
