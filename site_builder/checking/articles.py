"""The sources: what reading and the catalogue tell of them, and which are near copies of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field

from site_builder.catalogue import catalogue, is_wanted
from site_builder.checking.findings import Findings
from site_builder.checking.keys import find_misspelt
from site_builder.errors import Problem, warning
from site_builder.likeness import find_copies
from site_builder.model import Entry
from site_builder.plan.links import find_dead_links, tell_dead_link
from site_builder.sources import read_source
from site_builder.survey import Survey
from site_builder.values import dataclass


@dataclass(slots=True)
class Articles:
    """What the other checks need to know of the articles."""

    count: int = 0
    rules: set[str] = field(default_factory=set)
    """The names of the rules that moved something."""
    files: set[str] = field(default_factory=set)
    """The ids of files that articles show or link to."""


def check_articles(survey: Survey, findings: Findings) -> Articles:
    """Check everything that the sources alone decide."""
    told = Articles()
    digests: dict[str, str] = {}
    findings.tell(_place(survey.scan.problems, survey))
    findings.tell(survey.readings.problems, survey.scan)
    for id_, row in survey.list_rows():
        findings.tell(row.problems, (id_,))
        if row.entry:
            told.count += 1
            told.rules.update(tally.rule for tally in row.entry.tallies)
            told.files.update(link.id for link in row.entry.files)
            digests[id_] = row.entry.article
            _check_ledger(row.entry, survey, findings)
    _check_catalogue(survey, findings)
    gists = survey.load_gists(digests)
    _check_copies({id_: gist.sketch for id_, gist in gists.items()}, findings)
    _check_keys(survey, {id_: gist.keys for id_, gist in gists.items() if gist.keys}, findings)
    return told


def _check_ledger(entry: Entry, survey: Survey, findings: Findings) -> None:
    """Tell an article whose address the ledger does not keep."""
    ledger = survey.config.ledger
    if ledger and entry.kind == "article" and is_wanted(entry, survey.config) and entry.id not in survey.recorded:
        hint = "run site-builder build, and keep the file with the articles"
        message = f"its address is not recorded in {ledger.name}"
        findings.add("addresses", warning(f"{findings.shown}/{entry.id}", message, hint), key="unrecorded")


def _place(problems: tuple[Problem, ...], survey: Survey) -> Iterator[Problem]:
    """Yield what the scan told; its places have the name of the content folder already."""
    shown = f"{survey.config.shown}/"
    return (p if p.place.startswith(shown) else p._replace(place=f"{shown}{p.place}") for p in problems)


def _check_catalogue(survey: Survey, findings: Findings) -> None:
    """Tell what depends on several articles: what the last build told if it was of these sources, else anew."""
    if survey.store is not None and not survey.changes and "told" in survey.store.facts:
        told = survey.store.load_told()
        known = (*told.problems, *told.doubts)
        about_site = [problem for problem in known if problem.file == survey.config.name]
        findings.tell(about_site)
        findings.tell((problem for problem in known if problem.file != survey.config.name), survey.scan)
        dead = survey.open_index(survey.store).list_dead()
        findings.tell((tell_dead_link(*link) for link in dead), survey.scan)
        return
    entries = list(survey.list_entries())
    archive = catalogue(entries, survey.config, survey.inputs.lines, survey.readings.failed).archive
    findings.tell(archive.problems, archive.entries)
    for entry in entries:
        dead_links = find_dead_links(entry.links, archive)
        findings.tell((tell_dead_link(entry.id, link) for link in dead_links), (entry.id,))


def _check_copies(sketches: Mapping[str, bytes], findings: Findings) -> None:
    ids = sorted(sketches)
    for number, first, likeness in find_copies([sketches[id_] for id_ in ids]):
        percent = int(likeness * 100)
        message = f"is a near copy of {findings.shown}/{ids[first]}: about {percent} % alike"
        findings.add("copies", warning(f"{findings.shown}/{ids[number]}", message, "keep one of them"))


def _check_keys(survey: Survey, keys: Mapping[str, tuple[str, ...]], findings: Findings) -> None:
    counts = Counter(key for found in keys.values() for key in found)
    theme = survey.inputs.theme.templates.texts
    used = {key for key in counts if any(key in text for name, text in theme.items() if not name.startswith("!"))}
    suspects = find_misspelt(counts, used)
    for id_ in sorted(keys):
        for key in keys[id_]:
            if key in suspects:
                line = _find_line(survey, id_, key)
                place = f"{findings.shown}/{id_}" + (f":{line}" if line else "")
                message = f"the key {key!r} means nothing here"
                problem = warning(place, message, f"did you mean {suspects[key]!r}?")
                findings.add("keys", problem, key=f"{key} {'' if counts[key] > 1 else id_}")


def _find_line(survey: Survey, id_: str, key: str) -> int:
    """Return the first line of a source that begins with a key, or 0."""
    try:
        text = read_source(survey.config.content, id_, 100_000).decode("utf-8", "replace")
    except OSError:
        return 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip(" .\t\"'").startswith(key):
            return number
    return 0
