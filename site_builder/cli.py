"""The command line: arguments in, a build, words out.

The only room that prints. Messages go to standard error, results to standard output; the exit status says what kind of
end it was (docs/commands.md).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from site_builder import __version__
from site_builder.errors import ConfigError, MachineError, Problem, SiteBuilderError, error, printable
from site_builder.model import PARTS, Report
from site_builder.wording import SHOWN_WARNINGS, count, summarise, word_addition, word_problems, word_warnings

if TYPE_CHECKING:
    from concurrent.futures import Executor

    _Commands = argparse._SubParsersAction[argparse.ArgumentParser]

    from site_builder.config import Config

EXIT_CONTENT = 1
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. A bug of ours is a traceback and status 70."""
    options = _make_parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except SiteBuilderError as exc:
        _print_problems(exc.problems, sys.stderr)
        return exc.exit_status
    except KeyboardInterrupt:
        print("interrupted; the published site stands", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_CONTENT
    except Exception:  # noqa: BLE001 - the last stop: whatever arrives here is a bug and is shown whole
        import traceback

        traceback.print_exc()
        print("this is a bug in site-builder; the published site stands", file=sys.stderr)
        return EXIT_BUG


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="site-builder", description="A static website generator for archives of articles."
    )
    parser.add_argument("--version", action="version", version=f"site-builder {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_new(commands)
    _add_build(commands)
    _add_serve(commands)
    _add_add(commands)
    _add_explain(commands)
    _add_rules(commands)
    return parser


def _add_new(commands: _Commands) -> None:
    parser = commands.add_parser("new", help="make a new site")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.set_defaults(run=_run_new)


def _add_build(commands: _Commands) -> None:
    parser = commands.add_parser("build", help="bring the output to the state of the sources")
    _add_site(parser)
    workers = parser.add_mutually_exclusive_group()
    workers.add_argument("--jobs", type=_count, default=0, metavar="N", help="worker processes (default: by the work)")
    workers.add_argument("--executor", type=_address, metavar="dask://HOST:PORT", help="the workers of a Dask cluster")
    parser.add_argument("--clean", action="store_true", help="forget the cache first")
    parser.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help="publish what is dated up to then")
    parser.add_argument("-k", "--keep-going", action="store_true", help="publish the good articles all the same")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--force", action="store_true", help="although most of a published archive is gone")
    parser.add_argument("--report", metavar="FILE", help='what was done, as JSON ("-": standard output)')
    parser.add_argument("--profile", action="store_true", help="seconds per stage")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("-q", "--quiet", action="store_true", help="errors only")
    amount.add_argument("-v", "--verbose", action="store_true", help="every warning, and every file written")
    parser.set_defaults(run=_run_build)


def _add_serve(commands: _Commands) -> None:
    parser = commands.add_parser("serve", help="build, serve, rebuild on change, reload the browser")
    _add_site(parser)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_count, default=8000)
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.add_argument("--poll", action="store_true", help="look for changes: for mounted folders that give no notice")
    parser.set_defaults(run=_run_serve)


def _add_add(commands: _Commands) -> None:
    parser = commands.add_parser("add", help="take the articles of dumps into content/, never over an existing file")
    parser.add_argument("dumps", type=Path, nargs="+", metavar="DUMP", help=".jsonl, .jsonl.gz or .csv")
    parser.add_argument("--site", type=Path, metavar="DIR", help="default: the nearest folder with site.toml")
    parser.add_argument("--content", type=Path, metavar="DIR", help="instead of SITE/content")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be added")
    parser.add_argument("-v", "--verbose", action="store_true", help="every warning")
    parser.set_defaults(run=_run_add)


def _add_explain(commands: _Commands) -> None:
    about = "show each line of a source with its part and rule; or which inputs made an output, and why it was rendered"
    parser = commands.add_parser("explain", help=about, description=f"{about[0].upper()}{about[1:]}.")
    _add_site(parser)
    parser.add_argument("path", type=Path, metavar="SOURCE|OUTPUT", help="an article, or a file of the published site")
    parser.set_defaults(run=_run_explain)


def _add_rules(commands: _Commands) -> None:
    about = "list the rules for raw text, test them on their own examples, or draft new ones from lines that recur"
    parser = commands.add_parser("rules", help=about)
    parser.add_argument("--site", type=Path, metavar="DIR")
    parser.add_argument("--least", type=_count, default=3, metavar="N", help="suggest: in so many articles (default 3)")
    parser.add_argument("what", choices=("list", "test", "suggest"))
    parser.set_defaults(run=_run_rules)


def _add_site(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--site", type=Path, metavar="DIR", help="default: the nearest folder with site.toml")
    parser.add_argument("--content", type=Path, metavar="DIR", help="instead of SITE/content")
    parser.add_argument("--output", type=Path, metavar="DIR", help="instead of SITE/output")
    parser.add_argument("--base-url", metavar="URL", help="for canonical links, feeds, sitemap, 404")
    parser.add_argument("--drafts", action="store_true", help="publish drafts")


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 99999")
    return int(text)


def _address(text: str) -> str:
    """Return HOST:PORT of a Dask scheduler."""
    if not re.fullmatch(r"dask://([\w.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a cluster (write dask://HOST:PORT)")
    return text.removeprefix("dask://")


def _day(text: str) -> str:
    from site_builder.readers.dates import parse_date

    try:
        date = parse_date(text)
    except ValueError:
        date = ""
    if len(date) != len("YYYY-MM-DD"):
        raise argparse.ArgumentTypeError(f"unknown date {text!r} (write YYYY-MM-DD)")
    return date


def _load(options: argparse.Namespace, **settings: object) -> Config:
    from site_builder.config import check_base_url
    from site_builder.sources import find_site, load_config

    if options.site is not None and not options.site.is_dir():
        raise ConfigError(error(str(options.site), "there is no such folder", "name the folder of a site"))
    if getattr(options, "base_url", None) is not None:
        settings["base_url"] = check_base_url(options.base_url)
    content, output = getattr(options, "content", None), getattr(options, "output", None)
    site = options.site or find_site(Path.cwd())
    return load_config(site, content=content, output=output, **settings)


# --- build -------------------------------------------------------------------------------------------------------


def _run_build(options: argparse.Namespace) -> int:
    import gc

    # A build makes many values that live until its end; looking for cycles among them costs and finds none. So do
    # the modules that it imports.
    gc.disable()
    from site_builder.build import build

    signal.signal(signal.SIGTERM, _end)
    config = _load(
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
        with _join(options.executor, config) as executor, _show_progress(quiet=options.quiet) as progress:
            report = build(config, executor=executor, progress=progress)
    except SiteBuilderError as exc:
        if options.report:
            _write_report(Report(problems=exc.problems), options.report)
        raise
    _print_report(report, options)
    if options.report:
        _write_report(report, options.report)
    return EXIT_CONTENT if report.errors or not report.published else 0


def _join(address: str | None, config: Config) -> AbstractContextManager[Executor | None]:
    if address is None:
        return nullcontext()
    from site_builder.cluster import join_cluster

    return join_cluster(address, config.content, config.output)


def _end(*_: object) -> None:
    """End in order when the system asks for it: workers stop, and what was staged is cleared away."""
    raise SystemExit(EXIT_TERMINATED)


def _print_report(report: Report, options: argparse.Namespace) -> None:
    warnings = [problem for problem in report.problems if problem.severity == "warning"]
    if not options.quiet:
        shown = len(warnings) if options.verbose or options.strict else SHOWN_WARNINGS
        for line in word_warnings(warnings, shown, " (-v shows all)"):
            print(line, file=sys.stderr)
    _print_problems(report.errors, sys.stderr)
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


def _print_problems(problems: Sequence[Problem], stream: TextIO) -> None:
    for line in word_problems(problems):
        print(line, file=stream)


def _write_report(report: Report, target: str) -> None:
    problems = [
        {"severity": p.severity, "place": p.place, "message": p.message, "hint": p.hint} for p in report.problems
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
    text = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as exc:
        raise MachineError(error(target, f"the report cannot be written: {exc.strerror}")) from exc


class _Progress:
    """One line on a terminal that says how far the work is; at most ten times a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + 0.5
        self._shown = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage; short work is over before the first time."""
        if time.monotonic() >= self._next:
            self._show(f"{stage} {done:,} of {total:,}")

    def show_share(self, name: str, done: int, noun: str, part: int, whole: int) -> None:
        """Show how many there are so far of something that nobody has counted, and what part of the work is done."""
        if time.monotonic() >= self._next:
            percent = min(100, 100 * part // max(whole, 1))
            self._show(f"{name} [{'#' * (percent // 5):<20}] {percent} %, {count(done, noun)}")

    def _show(self, line: str) -> None:
        self._stream.write(f"\r\x1b[K{printable(line)}")
        self._stream.flush()
        self._next, self._shown = time.monotonic() + 0.1, True

    def clear(self) -> None:
        """Leave the line empty, as it must be before anything else is printed."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


@contextmanager
def _show_progress(*, quiet: bool = False) -> Iterator[_Progress | None]:
    """Give the progress of some work, if there is a terminal for it; nothing of it is left there, whatever happens."""
    progress = _Progress(sys.stderr) if sys.stderr.isatty() and not quiet else None
    try:
        yield progress
    finally:
        if progress:
            progress.clear()


# --- add ---------------------------------------------------------------------------------------------------------


def _run_add(options: argparse.Namespace) -> int:
    from site_builder.adding import add_dump, check_dump

    signal.signal(signal.SIGTERM, _end)
    config = _load(options)
    for path in options.dumps:
        check_dump(path)
    progress = _Progress(sys.stderr) if sys.stderr.isatty() else None
    teller = _Teller(progress, shown=sys.maxsize if options.verbose else SHOWN_WARNINGS)
    added, complete = 0, True
    for path in options.dumps:
        show = partial(_show_adding, progress, path.name) if progress else None
        try:
            done = add_dump(path, config, tell=teller.tell, progress=show, dry_run=options.dry_run)
        finally:
            teller.end()
        print(printable(word_addition(path.name, done.added, done.there, done.left_out, dry_run=options.dry_run)))
        added += done.added
        complete = complete and not done.left_out and not done.is_damaged
    if added and not options.dry_run:
        print("now: site-builder build", file=sys.stderr)
    return 0 if complete else EXIT_CONTENT


def _show_adding(progress: _Progress, name: str, seen: int, position: int, size: int) -> None:
    progress.show_share(name, seen, "article", position, size)


class _Teller:
    """Prints problems as they come: every error, and of the warnings about one dump the first `shown`."""

    def __init__(self, progress: _Progress | None, shown: int) -> None:
        self._progress, self._shown = progress, shown
        self._warnings = 0

    def tell(self, problem: Problem) -> None:
        """Print a problem, or only count it."""
        if problem.severity == "warning":
            self._warnings += 1
            if self._warnings > self._shown:
                return
        if self._progress:
            self._progress.clear()
        _print_problems([problem], sys.stderr)

    def end(self) -> None:
        """Say how many warnings were not printed, and begin anew."""
        if self._progress:
            self._progress.clear()
        if self._warnings > self._shown:
            print(f"… and {count(self._warnings - self._shown, 'more warning')} (-v shows all)", file=sys.stderr)
        self._warnings = 0


# --- the other commands ------------------------------------------------------------------------------------------


def _run_new(options: argparse.Namespace) -> int:
    from site_builder.starter import make_site

    made = make_site(options.folder)
    for path in made:
        print(path)
    print(f"now: cd {options.folder} && site-builder serve", file=sys.stderr)
    return 0


def _run_serve(options: argparse.Namespace) -> int:
    from site_builder.serve import serve

    config = _load(options, drafts=options.drafts, record=False)
    return serve(config, host=options.host, port=options.port, open_browser=options.open, poll=options.poll)


def _run_explain(options: argparse.Namespace) -> int:
    from site_builder.explain import explain_source, is_source

    config = _load(options, drafts=options.drafts)
    if not is_source(options.path, config):
        from site_builder.provenance import explain_output

        _print_facts(explain_output(options.path, config))
        return 0
    found = explain_source(options.path, config)
    colours = _COLOURS if _shows_colours() else {}
    _print_facts(found.facts)
    print()
    width = max((len(row.rule) for row in found.rows), default=0)
    for row in found.rows:
        line = printable(f"{row.number:>5}  {row.part:<12}  {row.rule:<{width}}  {row.text}".rstrip())
        colour = colours.get(row.part, "")
        print(f"\x1b[{colour}m{line}\x1b[0m" if colour else line)
    for line in word_problems(found.problems):
        print(printable(line))
    return 0


def _print_facts(facts: Iterable[tuple[str, str]]) -> None:
    for name, value in facts:
        print(printable(f"{name + ':' if name else '':<18} {value}"))


_COLOURS = dict.fromkeys(PARTS, "32") | {
    "title": "1",
    "body": "",
    "residue": "31",
    "related": "34",
    **dict.fromkeys(("label", "separator", "markup"), "2"),
}
"""Part -> how its lines look on a terminal, as parameters of SGR (ECMA-48, 8.3.117): facts are green."""


def _shows_colours() -> bool:
    """Return whether standard output is a terminal with colours whose user did not ask for none (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _run_rules(options: argparse.Namespace) -> int:
    from site_builder.explain import check_rules, draft_rules, list_rules

    config = _load(options)
    if options.what == "suggest":
        with _show_progress() as progress:
            draft = list(draft_rules(config, max(2, options.least), progress))
        print("\n".join(draft))
        return 0
    rules = list_rules(config)
    if options.what == "list":
        for line in rules:
            print(printable(line))
        return 0
    if problems := check_rules(config):
        _print_problems(problems, sys.stderr)
        return ConfigError.exit_status
    print(f"{count(len(rules), 'rule')}: every example is moved or kept as it should be")
    return 0
