"""The table of targets: what is wanted of each kind of build, what was measured, and whether that is met. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from figures import divide, draw_table, write_ratio, write_seconds

OURS = "site-builder"


class Figures(NamedTuple):
    """The medians of one kind of build by one generator."""

    who: str
    articles: int
    what: str
    wall: float
    cpu: float
    peak: float
    """MB."""
    files: int | None = None
    """In the output."""
    written: int | None = None
    """Files with a new time of change; None after a first build."""
    changed: int | None = None
    """Files with other bytes."""
    topics: int = 0
    """Of the article that was added."""
    closings: int = 0
    """Pages of listings that one more article made necessary."""
    shown: bool = True
    """Whether the output was found to show the change."""


class Limits(NamedTuple):
    """What is wanted where it is not a ratio alone. Times in seconds, memory in MB."""

    add_factor: float
    add_seconds: float
    noop_seconds: float
    peak: float


LIMITS = {10_000: Limits(25, 0.25, 0.2, 200), 100_000: Limits(70, 0.8, 0.7, 700)}
"""By the number of articles; a number between or beside these is held to the next larger, else to the largest."""

COLD, COLD_TEXT = 0.8, 0.5
TEMPLATE = 1.0
LATE = 2.0
FILES, FILES_TOPIC, FILES_CLOSING = 20, 2, 2


class Verdict(NamedTuple):
    """One line of the table. `met` is None for what was not measured."""

    what: str
    wanted: str
    measured: str
    ratio: str
    met: bool | None


def find_limits(articles: int) -> Limits:
    """Return what is wanted of an archive of so many articles."""
    return LIMITS[next((size for size in sorted(LIMITS) if articles <= size), max(LIMITS))]


def judge(rows: Sequence[Figures], articles: int) -> list[Verdict]:
    """Return the table of targets for one size of archive.

    All generators but ours are one and the same in several layouts; each figure is held to the best of them. A build
    whose output did not show the change does not count.
    """
    limits = find_limits(articles)
    rows = [row for row in rows if row.articles == articles and row.shown]
    own = {row.what: row for row in rows if row.who == OURS}
    peers = [row for row in rows if row.who != OURS]
    best = {row.what: _find_best(peers, row.what) for row in peers}
    return [
        _judge_share("cold, Markdown", own.get("cold"), best.get("cold"), COLD),
        _judge_share("cold, raw text", own.get("cold, raw text"), best.get("cold"), COLD_TEXT),
        _judge_factor("add one newest article", own.get("add-one"), best.get("add-one"), limits),
        _judge_factor("edit one old body", own.get("edit-one"), best.get("edit-one"), limits),
        _judge_noop(own.get("noop"), best.get("noop"), limits),
        _judge_late(own.get("late-find"), own.get("add-one beside it")),
        _judge_share("template edit, all pages", own.get("template-edit"), best.get("template-edit"), TEMPLATE),
        _judge_peak(own.values(), peers, limits),
        _judge_files(own.get("add-one beside it")),
    ]


def _find_best(peers: Iterable[Figures], what: str) -> Figures:
    """Return the smallest of each figure among those for one kind of build, which some of them have."""
    rows = [row for row in peers if row.what == what]
    wall, cpu, peak = (min(column) for column in zip(*(row[3:6] for row in rows), strict=True))
    return rows[0]._replace(wall=wall, cpu=cpu, peak=peak)


def _judge_share(what: str, own: Figures | None, best: Figures | None, share: float) -> Verdict:
    """Hold both wall and CPU time to a share of Hugo's."""
    wall, cpu = _divide_times(own, best)
    met = None if wall is None or cpu is None else max(wall, cpu) <= share
    return Verdict(what, f"≤ {share:g} × Hugo, CPU and wall", _write_times(own), _write_ratios(wall, cpu), met)


def _judge_factor(what: str, own: Figures | None, best: Figures | None, limits: Limits) -> Verdict:
    """Hold the wall time to a number of seconds and to how often it must go into Hugo's."""
    wall, cpu = _divide_times(best, own)
    wanted = f"≥ {limits.add_factor:g} × faster, ≤ {limits.add_seconds:g} s"
    met = None if own is None or wall is None else wall >= limits.add_factor and own.wall <= limits.add_seconds
    ratio = "–" if wall is None else f"{write_ratio(wall)} × faster (CPU {write_ratio(cpu)})"
    return Verdict(what, wanted, _write_times(own), ratio, met)


def _judge_noop(own: Figures | None, best: Figures | None, limits: Limits) -> Verdict:
    met = own.wall <= limits.noop_seconds if own else None
    ratio = _write_ratios(*_divide_times(own, best))
    return Verdict("nothing changed", f"≤ {limits.noop_seconds:g} s", _write_times(own), ratio, met)


def _judge_late(late: Figures | None, add: Figures | None) -> Verdict:
    wall, cpu = _divide_times(late, add)
    ratio = "–" if wall is None else f"{write_ratio(wall)} × add one (CPU {write_ratio(cpu)})"
    met = None if wall is None else wall <= LATE
    return Verdict("one late-found article", f"≤ {LATE:g} × add one", _write_times(late), ratio, met)


def _judge_peak(own: Iterable[Figures], peers: Iterable[Figures], limits: Limits) -> Verdict:
    """Hold the most memory of any kind of build to a number of MB."""
    peak = max((row.peak for row in own), default=None)
    theirs = max((row.peak for row in peers), default=None)
    measured = "–" if peak is None else f"{peak:,.0f} MB"
    ratio = divide(peak, theirs)
    met = None if peak is None else peak <= limits.peak
    return Verdict("peak memory", f"≤ {limits.peak:,.0f} MB", measured, _write_hugo(ratio), met)


def _judge_files(own: Figures | None) -> Verdict:
    """Hold what add-one writes to a number that depends on the article, not on the archive."""
    wanted = f"≤ {FILES} + {FILES_TOPIC} × topics (+{FILES_CLOSING} for each listing that closes a page)"
    if own is None or own.written is None:
        return Verdict("files written on add-one", wanted, "–", "–", None)
    most = FILES + FILES_TOPIC * own.topics + FILES_CLOSING * own.closings
    measured = f"{own.written} (≤ {most}: {own.topics} topics, {own.closings} pages closed)"
    return Verdict("files written on add-one", wanted, measured, "–", own.written <= most)


def _divide_times(own: Figures | None, by: Figures | None) -> tuple[float | None, float | None]:
    if own is None or by is None:
        return None, None
    return divide(own.wall, by.wall), divide(own.cpu, by.cpu)


def _write_times(row: Figures | None) -> str:
    return "–" if row is None else f"{write_seconds(row.wall)} (CPU {write_seconds(row.cpu)})"


def _write_ratios(wall: float | None, cpu: float | None) -> str:
    return "–" if wall is None else f"{write_ratio(wall)} × Hugo (CPU {write_ratio(cpu)})"


def _write_hugo(ratio: float | None) -> str:
    return "–" if ratio is None else f"{write_ratio(ratio)} × Hugo"


def draw_verdicts(verdicts: Iterable[Verdict]) -> str:
    """Return the table of targets in Markdown."""
    names = {True: "met", False: "**not met**", None: "not measured"}
    head = ("build", "wanted", "measured", "ratio", "verdict")
    return draw_table(head, ((*verdict[:4], names[verdict.met]) for verdict in verdicts), texts=5)


def draw_figures(rows: Iterable[Figures]) -> str:
    """Return all that was measured as a table in Markdown."""
    head = ("generator", "build", "wall s", "CPU s", "peak MB", "files", "written", "changed", "shown")
    return draw_table(head, _list_cells(rows), texts=2)


def _list_cells(rows: Iterable[Figures]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        counts = ("–" if n is None else f"{n:,}" for n in (row.files, row.written, row.changed))
        shown = "yes" if row.shown else "**no**"
        yield row.who, row.what, f"{row.wall:.2f}", f"{row.cpu:.2f}", f"{row.peak:.0f}", *counts, shown
