"""`new`: make a new site."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from site_builder.commands.terminal import print_problems
from site_builder.errors import warning

EXAMPLES = """\
site-builder new my-archive
site-builder new papers --language en --title "The Muara papers"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="where; the folder is made if it is not there")
    parser.add_argument("--title", default="", help="the name of the archive")
    parser.add_argument("--language", default="id", metavar="CODE", help="of the interface: id (the default), en …")


def run(options: argparse.Namespace) -> int:
    """Make the site, print its files; return the exit status."""
    from datetime import datetime

    from site_builder.installed import find_requirement
    from site_builder.starter import make_site

    requirement = find_requirement()
    made = make_site(
        options.folder,
        day=datetime.now().astimezone().date().isoformat(),
        requirement=requirement,
        title=options.title,
        language=options.language,
    )
    for path in made:
        print(path)
    if not requirement.is_found:
        message = "GitHub does not know yet from where to install site-builder"
        hint = "write the address of its git repository there before you publish with the workflow"
        print_problems([warning(str(options.folder / "requirements.txt"), message, hint)], sys.stderr)
    print(f"now: cd {options.folder} && site-builder serve", file=sys.stderr)
    return 0
