"""`deploy`: put the built output on the branch that GitHub Pages serves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from site_builder.commands.options import add_site, load
from site_builder.commands.terminal import print_problems, show_progress
from site_builder.errors import Problem, printable
from site_builder.wording import count

EXAMPLES = """\
site-builder build && site-builder deploy
site-builder deploy --dry-run             # all but the push
site-builder deploy --remote github --branch pages
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site(parser, drafts=False)
    parser.add_argument("--remote", default="origin", metavar="NAME", help="git's name of the remote (default origin)")
    parser.add_argument("--branch", default="gh-pages", metavar="NAME", help="the branch there (default gh-pages)")
    parser.add_argument("--force", action="store_true", help="although it is too large, or something else is there")
    parser.add_argument("--dry-run", action="store_true", help="all but the push")
    parser.add_argument("-q", "--quiet", action="store_true", help="errors only")


def run(options: argparse.Namespace) -> int:
    """Deploy, print what was done; return the exit status."""
    from site_builder.deploying import Wish, deploy
    from site_builder.hosting import find_address
    from site_builder.sources import find_site

    config = load(options, record=False)
    wish = Wish(
        site=options.site or find_site(Path.cwd()),
        remote=options.remote,
        branch=options.branch,
        force=options.force,
        dry_run=options.dry_run,
    )
    with show_progress(quiet=options.quiet) as progress:

        def tell(problem: Problem) -> None:
            if progress:
                progress.clear()
                print_problems([problem], sys.stderr)

        done = deploy(config, wish, tell, progress or _say_nothing)
    place = f"{wish.remote}/{wish.branch}"
    if not done.commit:
        print(printable(f"{place}: has these {count(done.files, 'file')} already"))
        return 0
    verb = "would get" if wish.dry_run else "has"
    size = f"{done.size / 1e6:,.1f} MB"
    print(printable(f"{place}: {verb} {count(done.files, 'file')}, {size}: {config.base_url} in a few minutes"))
    if done.is_first and find_address(done.address) and not options.quiet:
        print(
            f"once, on GitHub: Settings, Pages, Deploy from a branch, {wish.branch}",
            file=sys.stderr,
        )
    return 0


def _say_nothing(stage: str, done: int, total: int) -> None:
    """Be the progress of a deployment that nobody watches."""
