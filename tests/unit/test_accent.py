from __future__ import annotations

import doctest
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import accent
from site_builder.accent import ACCENT, ENOUGH, PAGES, find_faint, format_accent, lighten, measure_contrast
from site_builder.theme import find_default_theme

colours = st.from_regex(r"#(?:[0-9a-fA-F]{3}){1,2}", fullmatch=True)


def test_examples_in_docstrings():
    assert doctest.testmod(accent).failed == 0


def test_the_colours_here_are_those_of_the_style_sheet():
    style = (find_default_theme() / "assets" / "style.css").read_text()
    light, dark = re.findall(r"--page: (#\w+);\n  ", style)[:2]
    assert {"light": light, "dark": dark} == PAGES
    assert re.findall(r"--accent: (#\w+);", style)[0] == ACCENT
    assert find_faint(ACCENT, re.findall(r"--accent: (#\w+);", style)[1]) == []


@given(colours, colours)
def test_contrast_is_symmetric_and_in_its_range(one, other):
    assert 1 <= measure_contrast(one, other) == measure_contrast(other, one) <= 21


@given(colours)
def test_a_lightened_colour_can_be_read_and_one_that_could_stays(colour):
    assert measure_contrast(lighten(colour), PAGES["dark"]) >= ENOUGH
    assert measure_contrast(lighten(lighten(colour)), lighten(colour)) == pytest.approx(1)


def test_contrast_as_others_measure_it():
    assert measure_contrast("#777", "#fff") == pytest.approx(4.48, abs=0.005)
    assert measure_contrast("#0a4b87", "#fffefa") == pytest.approx(8.8, abs=0.05)


def test_the_default_colours_add_nothing():
    assert format_accent(ACCENT, "") == ""
    assert "--accent: #7fd1ae" in format_accent(ACCENT, "#7fd1ae")
    assert format_accent("#00563f", "").count("--accent") == 2
