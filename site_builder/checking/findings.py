"""Findings: what a check found, in groups, of which no more is kept than people would read.

What is wrong, and how it is found, is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import field

from site_builder.errors import Problem, Severity
from site_builder.values import dataclass

KINDS: Mapping[str, str] = {
    "behind": "The built site is behind its sources",
    "reading": "Told while reading",
    "links": "Dead links",
    "anchors": "Links to anchors that are not there",
    "files": "Dead pictures, style sheets, scripts and other files",
    "addresses": "Two for one address",
    "case": "Addresses that differ only in small and capital letters",
    "titles": "Titles missing or doubled",
    "descriptions": "Descriptions missing or doubled",
    "undated": "Undated articles",
    "copies": "Near copies",
    "keys": "Front matter that looks misspelt",
    "rules": "Rules that move nothing",
    "theme": "Templates, assets and words that nothing uses",
    "unread": "Files in content/ that nothing reads",
    "size": "Size",
    "settings": "Settings",
}
"""Every group, in the order in which they are told, with its heading."""

MOST = 1_000
"""So many findings of a group are kept; the others are only counted."""
PLACES = 3
"""So many places of one finding are kept."""

_TOLD = (
    ("undated", r"has no date|has stamps of several days|the date stamp is not trusted"),
    ("titles", r"has no title, so|has the same title as|the title .* has no letters"),
    ("addresses", r"asks for the address|two pages have the address|the alias .* (?:is another page's)"),
    ("links", r"links to .* not published|has \d+ more links or pictures"),
    ("files", r"the file '|has \d+ more files that"),
    ("unread", r"(?:is|has|belongs) .* (?:was left out|was not read)"),
)
"""What a build tells, by its words: the group of it. All else was told while reading."""


@dataclass(slots=True)
class Finding:
    """One thing that was found, at so many places, of which the first are kept."""

    problem: Problem
    times: int = 1
    places: list[str] = field(default_factory=list)
    """The places after that of the problem."""


@dataclass(slots=True)
class Group:
    """The findings of one kind: the first of them, and how many errors and warnings there are in all."""

    findings: dict[str, Finding] = field(default_factory=dict)
    counts: dict[Severity, int] = field(default_factory=lambda: {"error": 0, "warning": 0})


@dataclass
class Findings:
    """Everything that was found; `shown` is the content folder as messages call it."""

    shown: str
    groups: dict[str, Group] = field(default_factory=dict)

    def add(self, kind: str, problem: Problem, key: str = "") -> None:
        """Add what was found to a group; what has the `key` of something that is there is one more place of it.

        Findings come in the same order every time, and the first are kept. An error counts once for each place.
        """
        group = self.groups.setdefault(kind, Group())
        group.counts[problem.severity] += 1
        key = key or f"{problem.place} {problem.message}"
        known = group.findings.get(key)
        if known is not None:
            known.times += 1
            if len(known.places) < PLACES:
                known.places.append(problem.place)
        elif len(group.findings) < MOST:
            group.findings[key] = Finding(problem)

    def tell(self, problems: Iterable[Problem], ids: Container[str] | None = None) -> None:
        """Sort what reading or planning told into its groups; the places that are `ids` are below the content folder.

        Without `ids`, no place is.
        """
        for problem in problems:
            if ids is not None and (problem.file in ids or problem.place in ids):
                problem = problem._replace(place=f"{self.shown}/{problem.place}")
            kind = next((kind for kind, words in _TOLD if re.match(words, problem.message)), "reading")
            self.add("settings" if ids is None and kind == "reading" else kind, problem)

    def count(self, severity: Severity) -> int:
        """Return how many errors, or warnings, there are."""
        return sum(group.counts[severity] for group in self.groups.values())

    def list_groups(self) -> Iterator[tuple[str, Group]]:
        """Yield the groups in which something was found, by name, in the order of `KINDS`; errors first in each."""
        for kind in KINDS:
            if group := self.groups.get(kind):
                group.findings = dict(sorted(group.findings.items(), key=lambda item: item[1].problem.severity))
                yield kind, group
