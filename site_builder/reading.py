"""The read stage: which sources must be read, and what is known of the others from the last build.

A file is known by its signature, and when that differs by its checksum; times are a hint, never the truth. What a
source means is for the readers, what becomes of it for the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

from site_builder.errors import Problem
from site_builder.model import Signature, Source, share_values
from site_builder.scanning import NOT_PLAIN, Scan
from site_builder.store import Row
from site_builder.values import dataclass

if TYPE_CHECKING:
    from site_builder.jobs.reading import ReadJob, ReadResult
    from site_builder.workers import Workers

RACY_NS = 2_000_000_000
"""A file changed within this time before a scan may change again without its time showing it: git's racy rule."""

OVERHEAD = 1_000
"""What reading a source costs besides its bytes, in bytes."""

Hire: TypeAlias = "Callable[[int, int], AbstractContextManager[Workers]]"
"""Gives those who read so many sources, the largest of which has so many bytes."""


class Memory(Protocol):
    """What is known of sources, and who takes the articles that are read: the store, or somebody who only looks."""

    def load_row(self, source_id: str, /) -> Row | None:
        """Return what is known of one source."""

    def keep_articles(self, articles: Mapping[str, str], /) -> None:
        """Take articles as texts (`store.dump_article`), by their digests."""


@dataclass(slots=True)
class Readings:
    """What was found out about sources that are new or may have changed; all others are as they were.

    `failed` are the ids of those that could not be read, `gone` of those that are not there any more.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    before: dict[str, Row] = field(default_factory=dict)
    """What was known of them, and of those that are gone."""
    failed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    shared: dict[object, object] = field(default_factory=dict)
    """Values that many entries have: see `model.share_values`."""
    problems: list[Problem] = field(default_factory=list)
    """Of those that failed. Those of others are in their rows."""

    def trust(self, scan: Scan, without: Iterable[str] = ()) -> dict[str, str]:
        """Return the listings by which a folder may be known to be unchanged.

        Not by that of a folder with a source that could not be read, that may change without its time showing it, or
        that is one of `without`.
        """
        doubtful = {id_ for id_, row in self.rows.items() if row.signature.mtime_ns < 0} | self.failed | set(without)
        folders = {id_[: id_.rfind("/") + 1] for id_ in doubtful}
        return {folder: NOT_PLAIN if folder in folders else text for folder, text in scan.listings.items()}


def read_sources(
    sources: Sequence[Source],
    known: Mapping[str, Signature],
    make_job: Callable[[], ReadJob],
    store: Memory,
    hire: Hire,
    *,
    started_ns: int,
    progress: Callable[[str, int, int], None],
) -> Readings:
    """Read what is new or may have changed, and keep its articles in `store`.

    `known` are the signatures of the last build, if it read in the same way; `make_job` gives a job without items, if
    there is anything to read; `started_ns` is a time before the scan, in nanoseconds since the epoch. Problems have the
    ids of sources as places.
    """
    readings = Readings(gone=known.keys() - {source.id for source in sources})
    unsure = [source for source in sources if known.get(source.id) != source.signature]
    looked_at = {source.id for source in unsure if source.id in known} | readings.gone
    readings.before = {id_: row for id_ in looked_at if (row := store.load_row(id_))}
    if unsure:
        _read(unsure, make_job(), readings, store, hire, started_ns, progress)
    return readings


def _read(
    unsure: Sequence[Source],
    job: ReadJob,
    readings: Readings,
    store: Memory,
    hire: Hire,
    started_ns: int,
    progress: Callable[[str, int, int], None],
) -> None:
    from site_builder.jobs.reading import read_batch  # nothing of it while nothing changed
    from site_builder.workers import cut_batches

    rows = readings.before
    signatures: dict[str, Signature] = {}
    for source in unsure:
        racy = max(source.signature.mtime_ns, source.signature.changed_ns) > started_ns - RACY_NS
        signatures[source.id] = source.signature._replace(mtime_ns=-1) if racy else source.signature
    items = [(source.id, rows[source.id].sha256 if source.id in rows else "", source.sidecar) for source in unsure]
    costs = [OVERHEAD + source.signature.size for source in unsure]
    done = 0
    with hire(len(items), max(costs) - OVERHEAD) as workers:
        jobs = (replace(job, items=batch) for batch in cut_batches(items, costs))
        for results in workers.run(read_batch, jobs):
            for result in results:
                _note(result, rows.get(result.id), signatures[result.id], readings)
            store.keep_articles({r.entry.article: r.article for r in results if r.entry and r.id in readings.rows})
            done += len(results)
            progress("read", done, len(items))


def _note(result: ReadResult, row: Row | None, signature: Signature, readings: Readings) -> None:
    if result.same and row:
        readings.rows[result.id] = row._replace(signature=signature)
    elif any(problem.severity == "error" for problem in result.problems):
        readings.problems += result.problems
        readings.failed.add(result.id)
    else:
        entry = result.entry and share_values(result.entry, readings.shared)
        readings.rows[result.id] = Row(signature, result.sha256, entry, result.problems)
