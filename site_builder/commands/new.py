"""`new`: make a new site."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("folder", type=Path, metavar="DIR")


def run(options: argparse.Namespace) -> int:
    """Make the site, print its files; return the exit status."""
    from site_builder.starter import make_site

    made = make_site(options.folder)
    for path in made:
        print(path)
    print(f"now: cd {options.folder} && site-builder serve", file=sys.stderr)
    return 0
