"""Every command has an example, every option has words, and the manual says what the parser says."""

from __future__ import annotations

import re
import shlex

import pytest

from site_builder.cli import COMMANDS, make_parser
from tests.reference import OVERVIEW, PAGE, list_blocks, list_parsers, replace_blocks

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_manual_is_current():
    assert replace_blocks(TEXT) == TEXT, "write it anew with: python -m tests.docs"


def test_every_command_has_its_place_in_the_manual():
    assert sorted(list_blocks(TEXT)) == sorted([OVERVIEW, *COMMANDS])
    assert [name for name in COMMANDS if f"\n## `{name}`\n" not in TEXT] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_words(name):
    parser = list_parsers()[name]
    assert [action.dest for action in parser._actions if not action.help] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_that_the_parser_takes(name):
    help_ = list_parsers()[name].format_help()
    examples = help_.partition("\nexamples:\n")[2].splitlines()
    called = []
    for example in examples:
        command = example.partition(" #")[0].partition(">")[0]
        for part in re.split(r"&&|\|", command):
            words = shlex.split(part)
            if words[0] == "site-builder":
                make_parser().parse_args(words[1:])
                called.append(words[1])
    assert name in called


def test_no_line_of_an_example_is_wider_than_a_hundred_characters():
    wide = [line for parser in list_parsers().values() for line in str(parser.epilog).splitlines() if len(line) > 100]
    assert wide == []
