"""`explain`: which rule put each line of a source where it is; what made an output, and why it was rendered."""

from __future__ import annotations

import argparse
from pathlib import Path

from site_builder.commands.options import add_site, load
from site_builder.commands.terminal import print_facts, shows_colours
from site_builder.errors import printable
from site_builder.model import PARTS
from site_builder.wording import word_problems

COLOURS = dict.fromkeys(PARTS, "32") | {
    "title": "1",
    "body": "",
    "residue": "31",
    "related": "34",
    **dict.fromkeys(("label", "separator", "markup"), "2"),
}
"""Part -> how its lines look on a terminal, as parameters of SGR (ECMA-48, 8.3.117): facts are green."""


EXAMPLES = """\
site-builder explain content/lamp.txt             # which rule put each line where it is
site-builder explain output/articles/lamp.html    # what it was made of, and why
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site(parser)
    parser.add_argument("path", type=Path, metavar="SOURCE|OUTPUT", help="an article, or a file of the published site")


def run(options: argparse.Namespace) -> int:
    """Print what is known of a source or an output; return the exit status."""
    from site_builder.explain import explain_source, is_source

    config = load(options, drafts=options.drafts)
    if not is_source(options.path, config):
        from site_builder.provenance import explain_output

        print_facts(explain_output(options.path, config))
        return 0
    found = explain_source(options.path, config)
    colours = COLOURS if shows_colours() else {}
    print_facts(found.facts)
    print()
    width = max((len(row.rule) for row in found.rows), default=0)
    for row in found.rows:
        line = printable(f"{row.number:>5}  {row.part:<12}  {row.rule:<{width}}  {row.text}".rstrip())
        colour = colours.get(row.part, "")
        print(f"\x1b[{colour}m{line}\x1b[0m" if colour else line)
    for line in word_problems(found.problems):
        print(printable(line))
    return 0
