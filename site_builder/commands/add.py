"""`add`: take articles into content/, never over an existing file, and say where they will be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from site_builder.commands.options import add_site_folder, load
from site_builder.commands.terminal import Progress, print_facts, print_problems, show_progress
from site_builder.errors import ConfigError, ContentError, Problem, error, printable
from site_builder.wording import SHOWN_WARNINGS, count, word_addition

if TYPE_CHECKING:
    from site_builder.config import Config
    from site_builder.intake import Facts, Taken

EXAMPLES = """\
site-builder add harbour.txt lamp.md                # then: site-builder build
site-builder add texts/ --section Harbour --lang en # all articles of a folder
site-builder add - --title "The lamp" --date 1998   # what is typed or piped in
site-builder add --dry-run news.jsonl 1998.csv      # dumps; only say what would be added
"""

SHOWN_WHOLE = 20
"""So many articles are told with all their facts; of more, each is one line."""

_OWN_FACTS = ("title", "date", "section", "lang", "source_url")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    about = "articles (.txt, .md, .html), folders of them, dumps (.jsonl, .jsonl.gz, .csv), or - for standard input"
    parser.add_argument("paths", type=Path, nargs="+", metavar="FILE|FOLDER|-", help=about)
    parser.add_argument("--title", type=_parse_line, metavar="TEXT", help="what the article is called; of a single one")
    dates = "when it was published, as exact as you know it: 1998, 1998-03 or 1998-03-30"
    parser.add_argument("--date", type=_parse_date, metavar="DATE", help=dates)
    sections = "its section; once more for the one above it"
    parser.add_argument("--section", type=_parse_line, action="append", metavar="NAME", help=sections)
    languages = "the language of the text, such as id or en"
    parser.add_argument("--lang", type=_parse_language, metavar="CODE", help=languages)
    parser.add_argument("--source-url", type=_parse_url, metavar="URL", help="where it stood first")
    add_site_folder(parser)
    parser.add_argument("--content", type=Path, metavar="DIR", help="instead of SITE/content; made if it is not there")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, and say what would be added")
    whole = f"every warning (else the first {SHOWN_WARNINGS}), and all facts also of more than {SHOWN_WHOLE} articles"
    parser.add_argument("-v", "--verbose", action="store_true", help=whole)


def _parse_line(text: str) -> str:
    words = " ".join(text.split())
    if not words or not words.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is no line of text")
    return words


def _parse_date(text: str) -> str:
    from site_builder.readers.dates import parse_date

    try:
        return parse_date(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"unknown date {text!r} (write YYYY-MM-DD)") from None


def _parse_language(text: str) -> str:
    from site_builder.readers.values import BadValueError, settle_language

    try:
        return settle_language(text)
    except BadValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no language code, such as id or en") from None


def _parse_url(text: str) -> str:
    if not text.startswith(("https://", "http://")) or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(f"{text!r} is no address (write https://…)")
    return text


def run(options: argparse.Namespace) -> int:
    """Add articles, then dumps one after the other; print what came of each; return the exit status."""
    from site_builder.adding import SUFFIXES, check_dump

    config = load(options)
    dumps = [path for path in options.paths if path.name.lower().endswith(SUFFIXES)]
    singles = [path for path in options.paths if path not in dumps]
    for path in dumps:
        check_dump(path)
    facts = _find_facts(options, dumps, singles)
    added = _add_singles(singles, facts, config, options) if singles else 0
    from_dumps, complete = _add_dumps(dumps, config, options)
    if added + from_dumps and not options.dry_run:
        print("now: site-builder build", file=sys.stderr)
    return 0 if complete else ContentError.exit_status


def _find_facts(options: argparse.Namespace, dumps: Sequence[Path], singles: Sequence[Path]) -> Facts:
    """Return what the user says about the articles. Raises ConfigError for what cannot be said about so many."""
    from site_builder.intake import Facts
    from site_builder.offering import PIPE

    said = [f"--{name.replace('_', '-')}" for name in _OWN_FACTS if getattr(options, name)]
    if said and dumps:
        raise ConfigError(error(str(dumps[0]), f"a dump says itself what {said[0]} says", "add it without"))
    if options.title and (len(singles) > 1 or any(path.is_dir() for path in singles)):
        raise ConfigError(error("", "--title is of one article, and there are several", "add them one by one"))
    if singles.count(PIPE) > 1:
        raise ConfigError(error("", "standard input is named twice", "write - once"))
    return Facts(
        title=options.title or "",
        date=options.date or "",
        section=tuple(options.section or ()),
        lang=options.lang or "",
        source_url=options.source_url or "",
    )


# --- single articles ----------------------------------------------------------------------------------------------


def _add_singles(paths: Sequence[Path], facts: Facts, config: Config, options: argparse.Namespace) -> int:
    """Add articles and print what came of each; return how many are new."""
    from site_builder.intake import take_in
    from site_builder.offering import PIPE, collect

    limit = int(config.megabytes * 1_000_000) + 1
    pipe = [sys.stdin.buffer.read(limit)] if PIPE in paths else []
    offered, problems = collect(paths, config, pipe)
    print_problems(problems, sys.stderr)
    with show_progress() as progress:
        found = take_in(offered, facts, config, progress=progress or (lambda *_: None), dry_run=options.dry_run)
    whole = options.verbose or len(found) <= SHOWN_WHOLE
    for taken in found:
        _print_taken(taken, config, whole=whole, dry_run=options.dry_run)
    _print_doubts([problem for taken in found for problem in taken.problems], verbose=options.verbose)
    return sum(1 for taken in found if not taken.is_there)


def _print_taken(taken: Taken, config: Config, *, whole: bool, dry_run: bool) -> None:
    from site_builder.intake import list_shown

    done = "there already" if taken.is_there else "would be added" if dry_run else "added"
    facts = list(list_shown(taken, config))
    if whole:
        print_facts([(done, f"{config.shown}/{taken.id}"), *facts])
        print()
        return
    rest = "".join(f", {name} {value}" for name, value in facts if name == "near copy of")
    address = next(value for name, value in facts if name == "address")
    print(printable(f"{done}: {config.shown}/{taken.id} -> {address}{rest}"))


def _print_doubts(problems: Sequence[Problem], *, verbose: bool) -> None:
    shown = len(problems) if verbose else SHOWN_WARNINGS
    print_problems(problems[:shown], sys.stderr)
    if len(problems) > shown:
        print(f"… and {count(len(problems) - shown, 'more warning')} (-v shows all)", file=sys.stderr)


# --- dumps --------------------------------------------------------------------------------------------------------


def _add_dumps(paths: Sequence[Path], config: Config, options: argparse.Namespace) -> tuple[int, bool]:
    """Add dumps and print what came of each; return how many articles are new, and whether all records were good."""
    from site_builder.adding import add_dump

    progress = Progress(sys.stderr)
    teller = _Teller(progress, shown=sys.maxsize if options.verbose else SHOWN_WARNINGS)
    added, complete = 0, True
    for path in paths:
        show = partial(_show_adding, progress, path.name)
        try:
            done = add_dump(path, config, tell=teller.tell, progress=show, dry_run=options.dry_run)
        finally:
            teller.end()
        print(printable(word_addition(path.name, done.added, done.there, done.left_out, dry_run=options.dry_run)))
        added += done.added
        complete = complete and not done.left_out and not done.is_damaged
    return added, complete


def _show_adding(progress: Progress, name: str, seen: int, position: int, size: int) -> None:
    progress.show_share(name, seen, "article", position, size)


class _Teller:
    """Prints problems as they come: every error, and of the warnings about one dump the first `shown`."""

    def __init__(self, progress: Progress, shown: int) -> None:
        self._progress, self._shown = progress, shown
        self._warnings = 0

    def tell(self, problem: Problem) -> None:
        """Print a problem, or only count it."""
        if problem.severity == "warning":
            self._warnings += 1
            if self._warnings > self._shown:
                return
        self._progress.clear()
        print_problems([problem], sys.stderr)

    def end(self) -> None:
        """Say how many warnings were not printed, and begin anew."""
        self._progress.clear()
        if self._warnings > self._shown:
            print(f"… and {count(self._warnings - self._shown, 'more warning')} (-v shows all)", file=sys.stderr)
        self._warnings = 0
