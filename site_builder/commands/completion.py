"""`completion`: a script with which a shell completes our commands and options; the script is shtab's."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

SHELLS = ("bash", "fish", "zsh")

EXAMPLES = """\
site-builder completion bash > ~/.local/share/bash-completion/completions/site-builder
site-builder completion zsh > ~/.zfunc/_site-builder   # ~/.zfunc being in fpath
site-builder completion fish > ~/.config/fish/completions/site-builder.fish
"""

FOLDERS, FILES = frozenset({"DIR"}), frozenset({"FILE", "FILE|FOLDER|-", "SOURCE|OUTPUT"})
"""What arguments are called whose values are folders, or files."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("shell", choices=SHELLS, help="the shell for which the script is")


def run(options: argparse.Namespace) -> int:
    """Print the script; return the exit status. `options.make_parser` makes the parser of all commands."""
    import shtab

    parser = options.make_parser()
    for action in _list_actions(parser):
        if action.metavar in FOLDERS:
            action.complete = shtab.DIRECTORY
        elif action.metavar in FILES:
            action.complete = shtab.FILE
    print(shtab.complete(parser, shell=options.shell))
    return 0


def _list_actions(parser: argparse.ArgumentParser) -> Iterator[Any]:
    """Yield every argument of a parser and of those below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _list_actions(below)
