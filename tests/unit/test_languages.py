"""The table of languages is CLDR's, and the default theme's own languages are whole."""

from __future__ import annotations

import doctest
import json
import tomllib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import footer, interface, localize
from site_builder.interface import Layer, find_entry, find_missing, find_mistakes, join_words
from site_builder.localize import choose_plural, find_direction, find_form, format_date, format_number
from site_builder.theme import TABLE, find_default_theme

TEXT = TABLE.read_text(encoding="utf-8")
LINES = [json.loads(line) for line in TEXT.splitlines()[1:]]
ENTRIES: dict[str, dict[str, object]] = {line["language"]: line for line in LINES}
STRINGS = find_default_theme() / "strings"
NO_BABEL = "Babel is not installed: pip install --requirement requirements-dev.txt"


@pytest.mark.parametrize("module", [footer, interface, localize])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_the_table_is_what_babel_gives():
    pytest.importorskip("babel", reason=NO_BABEL)
    from tests.cldr import make_table

    assert make_table() == TEXT, "write it anew with: python -m tests.cldr"


def test_no_language_of_the_table_depends_on_those_before_it():
    pytest.importorskip("babel", reason=NO_BABEL)
    from tests.cldr import make_entry

    for code in ("ru", "az", "id"):
        assert {"language": code, **make_entry(code)} == ENTRIES[code]


def test_plural_rules_are_those_of_babel():
    babel = pytest.importorskip("babel", reason=NO_BABEL)
    from tests.cldr import OTHER_NAMES

    numbers = [*range(250), 1000, 1001, 1_000_000, 2_000_000, 1_000_001]
    for code, entry in ENTRIES.items():
        locale = babel.Locale.parse(OTHER_NAMES.get(code, code.replace("-", "_")))
        assert [find_form(n, entry) for n in numbers] == [locale.plural_form(n) for n in numbers], code


def test_directions_are_those_of_babel():
    babel = pytest.importorskip("babel", reason=NO_BABEL)

    for name in babel.localedata.locale_identifiers():
        direction = babel.Locale.parse(name).text_direction
        assert find_direction(name.replace("_", "-")) == direction or direction == "ttb", name


@pytest.mark.parametrize(
    ("language", "day", "short", "month", "number"),
    [
        ("id", "17 Agustus 1998", "17 Agu 1998", "Agustus 1998", "1.234.567"),
        ("en", "17 August 1998", "17 Aug 1998", "August 1998", "1,234,567"),
        ("en-US", "August 17, 1998", "Aug 17, 1998", "August 1998", "1,234,567"),
        ("pl", "17 sierpnia 1998", "17 sie 1998", "sierpień 1998", "1\u00a0234\u00a0567"),
        ("es", "17 de agosto de 1998", "17 ago 1998", "agosto de 1998", "1.234.567"),
        ("ja", "1998年8月17日", "1998年8月17日", "1998年8月", "1,234,567"),
        ("lt", "1998 m. rugpjūčio 17 d.", "1998-08-17", "1998 m. rugpjūtis", "1\u00a0234\u00a0567"),
        ("th", "17 สิงหาคม 1998", "17 ส.ค. 1998", "สิงหาคม 1998", "1,234,567"),
        ("ar", "17 أغسطس 1998", "17 أغسطس 1998", "أغسطس 1998", "1,234,567"),
        ("hi", "17 अगस्त 1998", "17 अग॰ 1998", "अगस्त 1998", "12,34,567"),
    ],
)
def test_dates_and_numbers(language, day, short, month, number):
    words = find_entry(TEXT, language)
    assert format_date("1998-08-17T10:00+07:00", words) == day
    assert format_date("1998-08-17", words, short=True) == short
    assert format_date("1998-08", words) == format_date("1998-08", words, short=True) == month
    assert format_date("1998", words) == "1998"
    assert format_number(1_234_567, words) == number


@given(st.sampled_from(sorted(ENTRIES)), st.integers(0, 10**9))
def test_every_language_writes_every_number_with_its_digits(language, number):
    words = find_entry(TEXT, language)
    written = format_number(number, words)
    assert "".join(filter(str.isdigit, written)) == str(number)
    assert written.isdigit() == (number < 1000)
    assert choose_plural({"other": "{n}"}, number, words) == written


@given(st.sampled_from(sorted(ENTRIES)), st.dates())
def test_every_language_writes_every_day_with_its_year(language, day):
    words = find_entry(TEXT, language)
    for short in (False, True):
        assert f"{day.year:04}" in format_date(day.isoformat(), words, short=short)
    assert f"{day.year:04}" in format_date(day.isoformat()[:7], words)


def test_a_language_is_found_by_its_longest_code():
    assert find_entry(TEXT, "en-GB") == find_entry(TEXT, "en") != find_entry(TEXT, "en-US")
    assert find_entry(TEXT, "zh-Hant-TW") == find_entry(TEXT, "zh-Hant")
    assert find_entry(TEXT, "tlh") == find_entry(TEXT, "e") == {}


@pytest.mark.parametrize("rule", ["n == 1", "x = 1", "n = 1 and", "n % 0 = 1", "__import__('os')", "n = 1..", ""])
def test_what_is_no_plural_rule(rule):
    assert not localize.check_rule(rule)


# --- language files ------------------------------------------------------------------------------------------------


def load(language: str) -> Mapping[str, object]:
    return tomllib.loads((STRINGS / f"{language}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", sorted(path.stem for path in STRINGS.glob("*.toml")))
def test_the_languages_of_the_default_theme_are_whole_and_have_no_word_too_many(language):
    whole, own = load("en"), load(language)
    layer = Layer(language, own)
    assert find_missing(language, find_entry(TEXT, language), [layer], whole) == []
    assert list(find_mistakes(layer, whole)) == []
    assert own.keys() == whole.keys()
    for key, value in whole.items():
        if isinstance(value, str):
            assert interface._find_fields(own[key]) == interface._find_fields(value), key


WHOLE = {"home": "Home", "by": "By {name}", "articles": {"one": "{n} article", "other": "{n} articles"},
         "parts": {"body": "story", "title": "title"}}  # fmt: skip


def test_what_a_file_lacks_is_taken_from_the_next_and_named_in_one_warning():
    entry = find_entry(TEXT, "ru")
    layers = [
        Layer("ru.toml", {"home": "Домой", "articles": {"one": "a", "other": "b"}}),
        Layer("x", {"parts": {"body": "т"}}),
    ]
    words = join_words(entry, layers, WHOLE)
    assert (words["home"], words["by"], words["parts"]) == ("Домой", "By {name}", {"body": "т", "title": "title"})
    assert words["articles"] == {"one": "a", "other": "b"}
    assert words["months"] == entry["months"]
    (told,) = find_missing("ru", entry, layers, WHOLE)
    assert told.severity == "warning"
    assert told.message == "4 words are missing and taken from English: by, articles.few, articles.many, parts.title"


def test_a_file_goes_before_the_table_and_its_months_stand_alone_too():
    words = join_words(find_entry(TEXT, "ru"), [Layer("", {"months": list("abcdefghijkl"), "thousands": "'"})], {})
    assert format_date("1998-03", words) == "c 1998\u202fг."
    assert format_number(1234, words) == "1'234"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"by": "Oleh {nama}"}, "by has the field {nama}, which is not filled in (as in 'By {name}')"),
        ({"by": "Oleh {name"}, "by has a brace without its other one (as in 'By {name}')"),
        ({"home": ["a"]}, "home must be a text in quotation marks (as in 'Home')"),
        ({"months": ["Jan"]}, "months must be a list of twelve names"),
        ({"date": "{day} {weekday}"}, "date has the field {weekday}, which is not filled in"),
        ({"month": "{day}"}, "month has the field {day}, which is not filled in"),
        ({"direction": "up"}, 'direction must be "ltr" or "rtl"'),
        ({"grouping": 4}, "grouping must be 2 or 3"),
        ({"plural": {"one": "n is 1"}}, 'plural must be a table of plural rules, such as { one = "n = 1" }'),
        ({"articles": {"one": "{n}"}},
         "articles has no form 'other' (as in {'one': '{n} article', 'other': '{n} articles'})"),
    ],
)  # fmt: skip
def test_mistakes_of_a_file(words, told):
    assert [str(problem) for problem in find_mistakes(Layer("xx.toml", words), WHOLE)] == [f"xx.toml: {told}"]


def test_a_word_of_the_user_s_own_templates_is_no_mistake():
    assert list(find_mistakes(Layer("xx.toml", {"mine": "{anything}"}), WHOLE)) == []
