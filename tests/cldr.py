"""Makes `site_builder/languages.jsonl` from the Unicode CLDR, as Babel has it: `python -m tests.cldr`.

A tool of development: Babel (and CLDR's megabytes) are no part of the program. `tests/unit/test_languages.py` compares
what this makes with what is in the package.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import babel
from babel import Locale, localedata

TABLE = Path(__file__).parents[1] / "site_builder" / "languages.jsonl"

CODES = (
    "id ms jv su fil th vi km my en en-US nl af de sv da nb nn is fi et lv lt ga cy fr es ca gl pt pt-PT it ro eu hu "
    "el sq tr az pl cs sk sl hr sr mk bg uk ru be ka hy sw am ar he fa ur hi bn ta zh zh-Hant ja ko"
).split()
"""Languages as pages and settings write them."""

OTHER_NAMES = {"en": "en_001"}
"""Codes whose locale is another: English without a region is not only that of the United States (day, month, year)."""

NUMBERS = {"d": "{day}", "dd": "{day:02}", "y": "{year}", "yyyy": "{year}"}
MONTHS = {
    "M": "{number}",
    "MM": "{number:02}",
    "MMM": "{month}",
    "MMMM": "{month}",
    "LLL": "{alone}",
    "LLLL": "{alone}",
}
FIELDS = NUMBERS | MONTHS
"""Fields of CLDR's patterns of dates -> those of ours."""


def make_table() -> str:
    """Return the text of the table: one language a line, after a line that says what it was made from."""
    head = {"cldr": babel.core.get_cldr_version()}
    lines = [head, *({"language": code, **make_entry(code)} for code in sorted(CODES))]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def make_entry(code: str) -> dict[str, object]:
    """Return what the table holds of a language, under the keys of `templates/strings/*.toml`."""
    localedata._cache.clear()  # Babel writes some locales' months into data that others share
    locale = Locale.parse(OTHER_NAMES.get(code, code.replace("-", "_")))
    months, short = (_list_months(locale, "format", width) for width in ("wide", "abbreviated"))
    alone, alone_short = (_list_months(locale, "stand-alone", width) for width in ("wide", "abbreviated"))
    entry: dict[str, object] = {
        "direction": locale.text_direction,
        "date": convert_pattern(locale.date_formats["long"].pattern),
        "date_short": convert_pattern(str(locale.datetime_skeletons["yMMMd"])),
        "month": convert_pattern(str(locale.datetime_skeletons["yMMMM"])),
        "months": months,
        "months_short": short,
        "thousands": locale.number_symbols["latn"]["group"],
    }
    if alone != months:
        entry["months_alone"] = alone
    if alone_short != short:
        entry["months_short_alone"] = alone_short
    if locale.decimal_formats[None].pattern.startswith("#,##,"):
        entry["grouping"] = 2
    rules = {form: reduce_rule(rule) for form, rule in locale.plural_form.rules.items()}
    if rules := {form: rule for form, rule in rules.items() if rule}:
        entry["plural"] = rules
    return entry


def _list_months(locale: Locale, context: str, width: str) -> list[str]:
    names = locale.months[context][width]
    return [names[number] for number in range(1, 13)]


def convert_pattern(pattern: str) -> str:
    """Return a pattern of CLDR (`d 'de' MMMM`) in our form (`{day} de {month}`).

    The era (`G`) goes: all years are those of our era. Raises KeyError for a field that we do not know.
    """
    text = re.sub(r"\s*G\b", "", pattern)
    pieces = re.findall(r"'([^']*)'|([A-Za-z]+)|([^A-Za-z']+)", text)
    return "".join(FIELDS[field] if field else quoted or other for quoted, field, other in pieces)


def reduce_rule(rule: str) -> str:
    """Return a plural rule for whole numbers: `i` is `n`, there are no decimals (`v`, `f`) and no exponent (`e`).

    What cannot hold is left out; a rule that cannot hold at all is empty.
    """
    choices = (_reduce_condition(condition) for condition in rule.split(" or "))
    return " or ".join(choice for choice in choices if choice)


def _reduce_condition(condition: str) -> str:
    kept = []
    for relation in condition.split(" and "):
        match = re.fullmatch(r"([niftvwec])( mod (\d+))?( not)? in ([\d.,]+)", relation)
        assert match is not None, relation
        operand, _, modulus, negation, ranges = match.groups()
        if operand in "ni":
            remainder = f"n % {modulus}" if modulus else "n"
            kept.append(f"{remainder} {'!=' if negation else '='} {ranges}")
        elif _holds_zero(ranges) == bool(negation):
            return ""
    return " and ".join(kept)


def _holds_zero(ranges: str) -> bool:
    return any(part.split("..")[0] == "0" for part in ranges.split(","))


if __name__ == "__main__":
    TABLE.write_text(make_table(), encoding="utf-8")
