"""`rules`: list the rules for raw text, test them, or draft new ones."""

from __future__ import annotations

import argparse
import sys

from site_builder.commands.options import add_site_folder, load, parse_count
from site_builder.commands.terminal import print_problems, show_progress
from site_builder.errors import ConfigError, printable
from site_builder.wording import count

EXAMPLES = """\
site-builder rules list                       # every rule, in the order in which they are tried
site-builder rules test                       # hold every rule against its own examples
site-builder rules suggest > rules/ours.toml  # draft rules from lines that recur
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_site_folder(parser)
    least = "for suggest: lines that are in so many articles (default 3)"
    parser.add_argument("--least", type=parse_count, default=3, metavar="N", help=least)
    parser.add_argument("what", choices=("list", "test", "suggest"), help="list them, test them, or draft new ones")


def run(options: argparse.Namespace) -> int:
    """Print the rules, or a draft, or what is wrong; return the exit status."""
    from site_builder.explain import check_rules, draft_rules, list_rules

    config = load(options)
    if options.what == "suggest":
        with show_progress() as progress:
            draft = list(draft_rules(config, max(2, options.least), progress))
        print("\n".join(draft))
        return 0
    rules = list_rules(config)
    if options.what == "list":
        for line in rules:
            print(printable(line))
        return 0
    if problems := check_rules(config):
        print_problems(problems, sys.stderr)
        return ConfigError.exit_status
    print(f"{count(len(rules), 'rule')}: every example is moved or kept as it should be")
    return 0
