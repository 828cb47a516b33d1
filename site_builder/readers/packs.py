"""Rule packs from their TOML: every key and value is checked, and what is wrong is said with its line.

`rules` documents the format. This room knows nothing of texts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from site_builder.errors import Problem, error
from site_builder.readers import Pack
from site_builder.readers.lines import key_of
from site_builder.readers.pack_table import RULE_PARTS, Section, near
from site_builder.readers.rulebook import PACK_KINDS, Above, Below, Facts, PackRules, Rule, Shape, When
from site_builder.readers.stamps import DateWords

MATCHERS = ("line", "label", "regex", "opening", "closing", "shape", "repeats")
_PACK_KEYS = ("pack", "when", "lists", "dates", "rule")
_RULE_KEYS = (
    "name",
    "part",
    *MATCHERS,
    *("at", "alone", "run", "not-after", "rest", "below", "above", "picture", "sets", "move", "keep"),
)
_ID = re.compile(r"core|(?:lang|publisher|project)\.[a-z0-9][a-z0-9-]*")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]")


def read_pack(pack: Pack, problems: list[Problem]) -> PackRules | None:
    """Return the pack as rules and facts, adding every problem found to `problems`; None when it does not parse."""
    try:
        values = tomllib.loads(pack.text)
    except tomllib.TOMLDecodeError as reason:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(reason))
        place = f"{pack.name}:{found[1]}:{found[2]}" if found else pack.name
        message = str(reason).partition(" (at ")[0]
        problems.append(error(place, f"this is not TOML: {message[:1].lower()}{message[1:]}"))
        return None
    index = _index(pack.text)
    top = Section(pack, problems, values, index["", 0], 1)
    top.check_keys(_PACK_KEYS)
    sections = {name: _sections(top, name, index) for name in _PACK_KEYS}
    id_ = _id(top, sections["pack"])
    rules = [_rule(section, id_) for section in sections["rule"]]
    _check_names(rules, problems)
    return PackRules(
        id=id_,
        name=pack.name,
        when=tuple(_when(section) for section in sections["when"]),
        rules=tuple(rule for rule in rules if rule is not None),
        facts=_facts(sections["lists"], sections["dates"]),
    )


def _index(text: str) -> Mapping[tuple[str, int], dict[str, int]]:
    """Return the lines of the keys of each table, by its header and how many such tables stand before it.

    The line of a header itself is under the empty key; what stands before all headers is the table with no name.
    """
    table: dict[str, int] = {"": 1}
    index = {("", 0): table}
    for number, line in enumerate(re.split(r"\r\n|\n", text), 1):
        header = _HEADER.match(line)
        if header:
            count = sum(1 for name, _ in index if name == header[2])
            table = index[header[2], count] = {"": number}
            index["", 0].setdefault(header[2], number)
            continue
        key = _KEY.match(line)
        if key:
            table.setdefault(key[1], number)
    return index


def _sections(top: Section, name: str, index: Mapping[tuple[str, int], Mapping[str, int]]) -> list[Section]:
    many = name in ("when", "rule")
    value = top.values.get(name)
    tables = [] if value is None else value if many else [value]
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        top.wrong(name, f"{name!r} must be a table", f"[[{name}]]" if many else f"[{name}]")
        return []
    sections = []
    for number, table in enumerate(tables):
        lines = index.get((name, number), {})
        sections.append(Section(top.pack, top.problems, table, lines, lines.get("", 1), f"[{name}]"))
    return sections


def _id(top: Section, sections: list[Section]) -> str:
    if not sections:
        top.wrong("pack", "the pack has no id", '[pack] and under it id = "project.NAME"')
        return "project.unnamed"
    section = sections[0]
    section.check_keys(("id",))
    id_ = section.text("id")
    if _ID.fullmatch(id_):
        return id_
    kinds = ", ".join(kind if kind == "core" else f"{kind}.name" for kind in PACK_KINDS)
    section.wrong("id", f"{id_!r} is no id of a pack", f"write one of {kinds}")
    return "project.unnamed"


def _check_names(rules: list[Rule | None], problems: list[Problem]) -> None:
    seen: dict[str, str] = {}
    for rule in rules:
        if rule is None:
            continue
        if rule.name in seen:
            problems.append(
                error(rule.place, f"a second rule is called {rule.name!r}", f"the first is at {seen[rule.name]}")
            )
        seen.setdefault(rule.name, rule.place)


def _when(section: Section) -> When:
    section.check_keys(("publisher", "dateline"))
    if not section.values:
        section.wrong("", "an empty [[when]] would prove nothing", 'publisher = ["…"]')
    return When(frozenset(map(key_of, section.texts("publisher"))), section.pattern("dateline"))


def _facts(lists: list[Section], dates: list[Section]) -> Facts:
    names: dict[str, frozenset[str]] = {}
    for section in lists:
        section.check_keys(("outlets", "places", "sections"))
        for key in section.values:
            names[key] = frozenset(map(key_of, section.texts(key)))
    words = DateWords()
    for section in dates:
        section.check_keys(("weekdays", "months", "zones", "eras"))
        names_of_days = _numbered(section, "weekdays", 7), _numbered(section, "months", 12)
        words = DateWords(*names_of_days, _zones(section), _eras(section))
    return Facts(
        names.get("outlets", frozenset()), names.get("places", frozenset()), names.get("sections", frozenset()), words
    )


def _numbered(section: Section, key: str, count: int) -> dict[str, int]:
    entries = section.texts(key)
    if entries and len(entries) != count:
        section.wrong(key, f"{key!r} must have {count} entries, and has {len(entries)}")
    return {word.lower(): number for number, entry in enumerate(entries, 1) for word in entry.split()}


def _zones(section: Section) -> dict[str, str]:
    value = section.values.get("zones", {})
    if isinstance(value, dict) and all(
        isinstance(zone, str) and re.fullmatch(r"[+-]\d\d:\d\d", zone) for zone in value.values()
    ):
        return {name.lower(): zone for name, zone in value.items()}
    section.wrong("zones", "'zones' must give each zone its offset", 'zones = { WIB = "+07:00" }')
    return {}


def _eras(section: Section) -> dict[str, int]:
    value = section.values.get("eras", {})
    if isinstance(value, dict) and all(isinstance(year, int) and 600 < year < 2200 for year in value.values()):
        return dict(value)
    section.wrong("eras", "'eras' must give each era its first year", 'eras = { "令和" = 2019 }')
    return {}


def _rule(section: Section, pack: str) -> Rule | None:
    name = section.text("name")
    section.what = f"rule {name!r}" if name else "a rule"
    section.check_keys(_RULE_KEYS)
    if not name:
        section.wrong("name", "a rule has no name", 'name = "project.what-it-finds"')
    part = section.choice("part", RULE_PARTS, "")
    if "part" not in section.values:
        section.wrong("part", f"{section.what} does not say which part it finds", near("", RULE_PARTS))
    matchers = [matcher for matcher in MATCHERS if matcher in section.values]
    if len(matchers) != 1:
        section.wrong(
            matchers[1] if matchers else "",
            f"{section.what} must have one matcher, and has {len(matchers) or 'none'}",
            f"one of {', '.join(MATCHERS)}",
        )
        return None
    matcher = matchers[0]
    pattern = _matcher_pattern(section, matcher)
    groups = {group.rstrip("0123456789") for group in pattern.groupindex} if pattern else set()
    truncated = section.table("sets", ("truncated",))
    return Rule(
        name=name,
        part=part,
        pack=pack,
        place=section.place(),
        matcher=matcher,
        phrases=_phrases(section, matcher),
        pattern=pattern,
        shape=_shape(section) if matcher == "shape" else None,
        repeats=section.choice("repeats", ("title", "body"), ""),
        at=section.choice("at", ("head", "tail", "edge", "inside"), ""),
        alone=section.flag("alone"),
        run=section.number("run", 1),
        not_after=section.pattern("not-after"),
        rest=section.choice("rest", ("any", "headline", "name"), "any"),
        below=_below(section),
        above=_above(section),
        picture=section.flag("picture"),
        truncated=truncated is not None and truncated.flag("truncated"),
        names_publisher=bool(groups & {"publisher", "outlet"}) or part == "dateline",
        move=section.texts("move"),
        keep=section.texts("keep"),
    )


def _phrases(section: Section, matcher: str) -> tuple[str, ...]:
    if matcher == "line":
        return tuple(map(key_of, section.texts("line")))
    return tuple(key_of(text).rstrip(":") for text in section.texts("label")) if matcher == "label" else ()


def _matcher_pattern(section: Section, matcher: str) -> re.Pattern[str] | None:
    if matcher in ("regex", "opening"):
        return section.pattern(matcher)
    return section.pattern(matcher, "{}\\Z") if matcher == "closing" else None


def _shape(section: Section) -> Shape:
    inner = section.table("shape", ("words", "title-case", "not-end", "not-start"))
    if inner is None:
        return Shape()
    words, share = inner.values.get("words", [1, 1000]), inner.values.get("title-case", 0.0)
    if not (isinstance(words, list) and len(words) == 2 and all(isinstance(count, int) for count in words)):
        inner.wrong("words", "'words' must be the least and the most", "words = [7, 25]")
        words = [1, 1000]
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        inner.wrong("title-case", "'title-case' must be a number from 0.0 to 1.0")
        share = 0.0
    return Shape(words[0], words[1], float(share), inner.text("not-end"), inner.pattern("not-start"))


def _below(section: Section) -> Below | None:
    inner = section.table("below", ("like", "regex", "most", "across-blank"))
    if inner is None:
        return None
    if ("like" in inner.values) == ("regex" in inner.values):
        inner.wrong("below", "'below' must have either 'like' or 'regex'")
    like = inner.choice("like", ("headline", "name"), "")
    return Below(like, inner.pattern("regex"), inner.number("most", 1), inner.flag("across-blank"))


def _above(section: Section) -> Above | None:
    inner = section.table("above", ("part", "strip", "across-blank"))
    if inner is None:
        return None
    return Above(inner.choice("part", RULE_PARTS, "caption"), inner.pattern("strip"), inner.flag("across-blank"))
