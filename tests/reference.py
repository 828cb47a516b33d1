"""Writes what docs/commands.md says of options: `python -m tests.docs`.

Taken from the parser itself: the list of all commands, and for each its usage, its options and its examples, between
two comments. What stands around them is written by hand. `tests/unit/test_reference.py` tells what is not current.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from site_builder.cli import COMMANDS, make_parser

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
BEGIN = "<!-- {}: made from the parser by `python -m tests.docs`, change it there. -->"
END = "<!-- end of {} -->"
OVERVIEW = "all commands"


def list_parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, by name."""
    (below,) = (action for action in make_parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(below.choices)


def write_block(name: str) -> str:
    """Return what is made for one command, or the overview, with its marks."""
    lines = write_overview() if name == OVERVIEW else write_command(name, list_parsers()[name])
    return "\n".join((BEGIN.format(name), "", *lines, "", END.format(name)))


def write_overview() -> Iterator[str]:
    """Yield the list of all commands."""
    yield "| command | |\n| --- | --- |"
    for name, about in COMMANDS.items():
        yield f"| [`{name}`](#{name}) | {_cell(about)} |"


def write_command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield usage, options and examples of a command."""
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    places = [name_value(action) + ("..." if action.nargs == "+" else "") for action in actions if is_place(action)]
    yield "\n".join(("```", " ".join(("site-builder", name, "[OPTION]...", *places)), "```", ""))
    yield "| option | meaning |\n| --- | --- |"
    for action in sorted(actions, key=is_place, reverse=True):
        value = "" if action.nargs == 0 else name_value(action)
        names = action.option_strings or [""]
        shown = ", ".join(f"`{' '.join(filter(None, (option, value)))}`" for option in names)
        yield f"| {_cell(shown)} | {_cell(action.help or '')} |"
    examples = str(parser.epilog).partition("\n")[2]
    yield "\n".join(("", "```sh", re.sub(r"^  ", "", examples, flags=re.MULTILINE), "```"))


def is_place(action: argparse.Action) -> bool:
    """Return whether an argument is known by its place, not by a name."""
    return not action.option_strings


def name_value(action: argparse.Action) -> str:
    """Return what the value of an argument is called."""
    choices = "|".join(map(str, action.choices)) if action.choices else ""
    return str(action.metavar or choices or action.dest.upper())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def list_blocks(text: str) -> list[str]:
    """Return the names of the blocks of a page, in their order."""
    return re.findall(BEGIN.format("([a-z ]+)"), text)


def replace_blocks(text: str) -> str:
    """Return the page with all its blocks written anew."""
    for name in list_blocks(text):
        before, rest = text.split(BEGIN.format(name))
        text = before + write_block(name) + rest.split(END.format(name))[1]
    return text
