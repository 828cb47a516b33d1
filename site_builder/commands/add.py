"""`add`: take the articles of dumps into content/, never over an existing file."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from site_builder.commands.options import add_site_folder, load
from site_builder.commands.terminal import Progress, print_problems
from site_builder.errors import ContentError, Problem, printable
from site_builder.wording import SHOWN_WARNINGS, count, word_addition

EXAMPLES = """\
site-builder add --dry-run news.jsonl   # only say what would be added
site-builder add news.jsonl 1998.csv    # then: site-builder build
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("dumps", type=Path, nargs="+", metavar="DUMP", help=".jsonl, .jsonl.gz or .csv")
    add_site_folder(parser)
    parser.add_argument("--content", type=Path, metavar="DIR", help="instead of SITE/content; made if it is not there")
    parser.add_argument("--dry-run", action="store_true", help="write nothing, and say what would be added")
    parser.add_argument("-v", "--verbose", action="store_true", help="every warning (else the first 20 of each dump)")


def run(options: argparse.Namespace) -> int:
    """Add the dumps one after the other, print what came of each; return the exit status."""
    from site_builder.adding import add_dump, check_dump

    config = load(options)
    for path in options.dumps:
        check_dump(path)
    progress = Progress(sys.stderr)
    teller = _Teller(progress, shown=sys.maxsize if options.verbose else SHOWN_WARNINGS)
    added, complete = 0, True
    for path in options.dumps:
        show = partial(_show_adding, progress, path.name)
        try:
            done = add_dump(path, config, tell=teller.tell, progress=show, dry_run=options.dry_run)
        finally:
            teller.end()
        print(printable(word_addition(path.name, done.added, done.there, done.left_out, dry_run=options.dry_run)))
        added += done.added
        complete = complete and not done.left_out and not done.is_damaged
    if added and not options.dry_run:
        print("now: site-builder build", file=sys.stderr)
    return 0 if complete else ContentError.exit_status


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
