"""Rule packs: what is read from them, what is wrong with them, and whether their examples hold."""

from __future__ import annotations

import time

import pytest

from site_builder.errors import ConfigError
from site_builder.readers import Pack
from site_builder.readers.pack_table import runs_away
from site_builder.readers.rules import check_examples, compile_packs
from site_builder.readers.stamps import read_stamp
from tests.packs import load_packs

PACKS = load_packs()
HEAD = '[pack]\nid = "project.mine"\n\n'


def problems_of(text: str, *others: Pack, disable: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        compile_packs((*others, Pack("mine.toml", text)), disable)
    return [str(problem) for problem in raised.value.problems]


def test_every_example_of_the_packaged_rules_holds():
    assert check_examples(compile_packs(PACKS)) == ()


def test_every_packaged_rule_has_examples_of_both_kinds():
    without = [
        rule.name for rule in compile_packs(PACKS).rules if rule.matcher != "repeats" and not (rule.move and rule.keep)
    ]
    assert without == []


def test_rules_are_tried_by_kind_whatever_the_order_of_the_packs():
    kinds = [rule.pack.partition(".")[0] for rule in compile_packs(PACKS).rules]
    assert kinds == sorted(kinds, key=["publisher", "lang", "core"].index)
    assert compile_packs(tuple(reversed(PACKS))).rules[-1].name.startswith("core.")


def test_compiling_is_remembered():
    assert compile_packs(PACKS) is compile_packs(PACKS)


def test_an_example_that_does_not_hold_is_told_with_its_line():
    text = HEAD + '[[rule]]\nname = "mine.ad"\npart = "residue"\nline = ["Iklan"]\nmove = ["Ikan"]\nkeep = ["IKLAN"]\n'
    told = [str(problem) for problem in check_examples(compile_packs((Pack("mine.toml", text),)))]
    assert told == [
        "mine.toml:4: mine.ad should move 'Ikan', and does not",
        "mine.toml:4: mine.ad should keep 'IKLAN', and does not",
    ]


def test_a_rule_of_a_later_pack_takes_the_place_of_the_earlier_one():
    text = HEAD + '[[rule]]\nname = "viva.related"\npart = "related"\nline = ["Lain"]\n'
    book = compile_packs((*PACKS, Pack("rules/mine.toml", text)))
    old = [rule.name for rule in compile_packs(PACKS).rules]
    assert [rule.name for rule in book.rules] == old
    rule = next(rule for rule in book.rules if rule.name == "viva.related")
    assert (rule.matcher, rule.pack, rule.place) == ("line", "publisher.viva", "rules/mine.toml:4")


def test_rules_can_be_switched_off_by_name_only():
    assert "viva.related" not in [rule.name for rule in compile_packs(PACKS, ("viva.related",)).rules]
    told = problems_of(HEAD, *PACKS, disable=("viva.relatet",))
    assert told == ["no rule is called 'viva.relatet', so it cannot be disabled (did you mean 'viva.related'?)"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[pack\n", "mine.toml:1:6: this is not TOML: expected ']' at the end of a table declaration"),
        ("", 'mine.toml:1: the pack has no id ([pack] and under it id = "project.NAME")'),
        (
            '[pack]\nid = "viva"\n',
            "mine.toml:2: 'viva' is no id of a pack (write one of project.name, publisher.name, lang.name, core)",
        ),
        (HEAD + "[lists]\nplces = []\n", "mine.toml:5: unknown key 'plces' in [lists] (did you mean 'places'?)"),
        (HEAD + "[list]\n", "mine.toml:4: unknown key 'list' in the pack (did you mean 'lists'?)"),
        (HEAD + "rule = 3\n", "mine.toml:4: unknown key 'rule' in [pack] (known are id)"),
        (HEAD + '[dates]\nmonths = ["jan"]\n', "mine.toml:5: 'months' must have 12 entries, and has 1"),
        (
            HEAD + "[dates.zones]\nWIB = 7\n",
            "mine.toml:1: 'zones' must give each zone its offset (zones = { WIB = \"+07:00\" })",
        ),
        (
            HEAD + "[[when]]\n",
            'mine.toml:4: an empty [[when]] would prove nothing (publisher = ["…"])',
        ),
    ],
)
def test_what_is_wrong_with_a_pack_is_told_with_its_line(text, told):
    assert problems_of(text) == [told]


RULE = HEAD + '[[rule]]\nname = "mine.x"\npart = "residue"\n'


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "",
            "mine.toml:4: rule 'mine.x' must have one matcher, and has none "
            "(one of line, label, regex, opening, closing, shape, repeats)",
        ),
        (
            'line = ["a"]\nregex = "b"\n',
            "mine.toml:8: rule 'mine.x' must have one matcher, and has 2 "
            "(one of line, label, regex, opening, closing, shape, repeats)",
        ),
        ('lines = ["a"]\nregex = "b"\n', "mine.toml:7: unknown key 'lines' in rule 'mine.x' (did you mean 'line'?)"),
        ('line = "a"\n', 'mine.toml:7: \'line\' must be a list of texts, none of them empty (line = ["…", "…"])'),
        ('line = ["a"]\nalone = 1\n', "mine.toml:8: 'alone' must be true or false"),
        ('line = ["a"]\nrun = 0\n', "mine.toml:8: 'run' must be a whole number from 1"),
        ('line = ["a"]\nat = "tial"\n', "mine.toml:8: 'at' cannot be 'tial' (did you mean 'tail'?)"),
        (
            'regex = "(a"\n',
            "mine.toml:7: 'regex' is no pattern: missing ), unterminated subpattern at position 0",
        ),
        (
            'regex = "(?:a+)+b"\n',
            "mine.toml:7: 'regex' could take for ever: a repeated group repeats inside "
            "(write {0,9} instead of the outer * or +)",
        ),
        ('regex = "(?P<credits>a)"\n', "mine.toml:7: unknown group 'credits' in 'regex' (did you mean 'credit'?)"),
        (
            'regex = "(?i)a"\n',
            "mine.toml:7: 'regex' refers to a group, or sets a flag for all (write it out, or (?i:…) for a part)",
        ),
        ('label = ["a"]\nbelow = 3\n', "mine.toml:8: 'below' must be a table (below = { like = … })"),
        ('label = ["a"]\nbelow = { most = 2 }\n', "mine.toml:8: 'below' must have either 'like' or 'regex'"),
        (
            'label = ["a"]\nbelow = { lik = "name", regex = "b" }\n',
            "mine.toml:8: unknown key 'lik' in 'below' (did you mean 'like'?)",
        ),
        (
            "shape = { words = 7 }\n",
            "mine.toml:7: 'words' must be the least and the most (words = [7, 25])",
        ),
        ("shape = { title-case = 3 }\n", "mine.toml:7: 'title-case' must be a number from 0.0 to 1.0"),
        ('repeats = "all"\n', "mine.toml:7: 'repeats' cannot be 'all' (known are body, title)"),
    ],
)
def test_what_is_wrong_with_a_rule_is_told_with_its_line(lines, told):
    assert problems_of(RULE + lines) == [told]


def test_all_problems_of_all_packs_are_told_at_once():
    told = problems_of(
        RULE + 'line = ["a"]\n\n[[rule]]\nname = "mine.x"\npart = "sidebar"\nline = ["b"]\n\n[[rule]]\nlabel = ["c"]\n',
        Pack("other.toml", "x = 1"),
    )
    assert told == [
        "other.toml:1: unknown key 'x' in the pack (known are dates, lists, pack, rule, when)",
        'other.toml:1: the pack has no id ([pack] and under it id = "project.NAME")',
        "mine.toml:11: 'part' cannot be 'sidebar' (known are byline, caption, credit, dateline, label, publisher, "
        "related, residue, section, stamp)",
        'mine.toml:14: a rule has no name (name = "project.what-it-finds")',
        "mine.toml:14: a rule does not say which part it finds (known are byline, caption, credit, dateline, label, "
        "publisher, related, residue, section, stamp)",
        "mine.toml:9: a second rule is called 'mine.x' (the first is at mine.toml:4)",
    ]


def test_words_of_dates_mean_one_thing_in_all_packs():
    months = ", ".join(f'"{name}"' for name in "mei b c d e f g h i j k l".split())
    other = Pack("lang.toml", f'[pack]\nid = "lang.xx"\n[dates]\nmonths = [{months}]\n')
    assert problems_of(HEAD, *PACKS, other) == [
        "lang.toml: the word of dates 'mei' means something else in an earlier pack"
    ]


@pytest.mark.parametrize("pattern", ["(a+)+", "(?:a*b?)*", "((ab)+c)+", "(?:x{2,}){3,}"])
def test_patterns_that_can_run_away_are_known(pattern):
    assert runs_away(pattern)


@pytest.mark.parametrize("pattern", ["a+b+", "(a+)?", r"(?:\+a)*", "(?:[+*]a)+", "(?:a+){0,3}", "(ab)+"])
def test_patterns_that_cannot_run_away_are_fine(pattern):
    assert not runs_away(pattern)


# --- dates in the words of the packs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("12 de enero de 2021", "2021-01-12"),
        ("Sábado, 5 mayo 2012 18:04", "2012-05-05T18:04"),
        ("05/10/2012 18:04:41 +02:00CET", "2012-10-05T18:04:41+02:00"),
        ("sexta-feira, 12 de março de 2021 às 9:05", "2021-03-12T09:05"),
        ("le 1er mai 2019", "2019-05-01"),
        ("mercredi 3 mars 2021 à 10h30", "2021-03-03T10:30"),
        ("Mittwoch, 24. März 2021, 11.38 Uhr", "2021-03-24T11:38"),
        ("24. Dezember 2020 um 18:00 Uhr MEZ", "2020-12-24T18:00+01:00"),
        ("الجمعة، ١٢ مارس ٢٠٢١", "2021-03-12"),
        ("2024年6月18日(火) 10時30分", "2024-06-18T10:30"),
        ("令和元年5月1日", "2019-05-01"),
        ("平成３年11月2日", "1991-11-02"),
    ],
)
def test_stamps_in_the_languages_of_the_packs(text, date):
    assert read_stamp(text, compile_packs(PACKS).facts.dates) == (date, "")


@pytest.mark.parametrize(
    "text",
    [
        "24. März, 11.38 Uhr",
        "12 de enero",
        "31 février 2021",
        "24年6月18日",
        "元年5月1日",
        "慶応2年5月1日",
        "2024年13月1日",
        "le 3 mars 2021 chez lui",
        "segunda-mão, 12 de março de 2021",
    ],
)
def test_what_is_no_full_stamp_is_none(text):
    assert read_stamp(text, compile_packs(PACKS).facts.dates) is None


def test_a_weekday_that_is_not_that_of_the_date_is_doubted_in_every_language():
    stamp = read_stamp("2024年6月18日(月)", compile_packs(PACKS).facts.dates)
    assert stamp is not None
    assert (stamp.date, bool(stamp.doubt)) == (None, True)


def test_eras_need_their_first_years():
    assert problems_of(HEAD + '[dates]\neras = { "令和" = "2019" }\n') == [
        "mine.toml:5: 'eras' must give each era its first year (eras = { \"令和\" = 2019 })"
    ]


# --- no pattern runs away -----------------------------------------------------------------------------------------

LENGTH = 20_000
SIGNS = "aAé1ب漢あ .,:;!?-–—_/|'\"()[]«“•"


def patterns_of_packs():
    """Return every pattern of the packs with the way in which it is tried and the examples of its rule."""
    book = compile_packs(PACKS)
    found = []
    for rule in book.rules:
        way = {"opening": "match", "closing": "search"}.get(rule.matcher, "fullmatch")
        for pattern, tried in (
            (rule.pattern, way),
            (rule.below and rule.below.pattern, "fullmatch"),
            (rule.above and rule.above.strip, "match"),
            (rule.shape and rule.shape.not_start, "match"),
            (rule.not_after, "search"),
        ):
            if pattern is not None:
                found.append(pytest.param(pattern, tried, (*rule.move, *rule.keep), id=f"{rule.name}-{tried}"))
    for id_, whens in book.sleepers.items():
        found += [pytest.param(when.dateline, "search", (), id=id_) for when in whens if when.dateline is not None]
    return found


def worst_inputs(pattern, examples):
    """Yield long runs of every sign that the pattern or its examples name, alone and in the middle of an example."""
    for sign in sorted({*SIGNS, *pattern.pattern, *"".join(examples)}):
        run = sign * LENGTH
        yield from (run, (sign + " ") * (LENGTH // 2), ("A" + sign) * (LENGTH // 2), run + ")")
        for example in examples[:2]:
            yield from (example + run, run + example, example[: len(example) // 2] + run + example[-1])
    for example in examples:
        yield example * (LENGTH // len(example) + 1)
        yield (example + " ") * (LENGTH // len(example) + 1)


@pytest.mark.parametrize(("pattern", "way", "examples"), patterns_of_packs())
def test_no_pattern_runs_away_on_its_worst_input(pattern, way, examples):
    attempt = getattr(pattern, way)
    for text in worst_inputs(pattern, examples):
        begun = time.process_time()
        attempt(text)
        assert time.process_time() - begun < 0.2, text[:80]
