"""The read stage: which sources must be read, and what is known of the others from the last build.

A file is known by its signature, and when that differs by its checksum; times are a hint, never the truth. What a
source means is for the readers, what becomes of it for the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from site_builder.errors import Problem
from site_builder.model import Signature, Source
from site_builder.store import Row, Store
from site_builder.workers import ReadJob, ReadResult, cut_batches, read_batch, run_jobs

RACY_NS = 2_000_000_000
"""A file changed within this time before a scan may change again without its time showing it: git's racy rule."""

Workers = Callable[[int], AbstractContextManager[Executor]]
"""Gives an executor for a number of jobs."""


@dataclass(slots=True)
class Readings:
    """What is known of every source now. `failed` are the ids of those that could not be read."""

    rows: dict[str, Row] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def read_sources(
    sources: Sequence[Source],
    known: Mapping[str, Row],
    job: ReadJob,
    store: Store,
    workers: Workers,
    *,
    started_ns: int,
    progress: Callable[[str, int, int], None],
) -> Readings:
    """Read what is new or may have changed, and keep its articles in `store`.

    `known` are the rows of the last build, if it read in the same way; `job` is a job without items; `started_ns` is
    a time before the scan, in nanoseconds since the epoch. Problems have the ids of sources as places.
    """
    readings = Readings()
    unsure: list[tuple[str, str, str]] = []
    signatures: dict[str, Signature] = {}
    for source in sources:
        row = known.get(source.id)
        if row is not None and row.signature == source.signature:
            readings.rows[source.id] = row
        else:
            unsure.append((source.id, row.sha256 if row else "", source.sidecar))
            racy = max(source.signature.mtime_ns, source.signature.changed_ns) > started_ns - RACY_NS
            signatures[source.id] = source.signature._replace(mtime_ns=-1) if racy else source.signature
    done = 0
    with workers(len(unsure)) as executor:
        jobs = (replace(job, items=batch) for batch in cut_batches(unsure))
        for results in run_jobs(executor, read_batch, jobs):
            for result in results:
                _note(result, known, signatures[result.id], readings)
            store.keep_articles({r.entry.article: r.article for r in results if r.entry and r.id in readings.rows})
            done += len(results)
            progress("read", done, len(unsure))
    readings.problems += [problem for row in readings.rows.values() for problem in row.problems]
    return readings


def _note(result: ReadResult, known: Mapping[str, Row], signature: Signature, readings: Readings) -> None:
    if result.same:
        readings.rows[result.id] = known[result.id]._replace(signature=signature)
    elif any(problem.severity == "error" for problem in result.problems):
        readings.problems += result.problems
        readings.failed.add(result.id)
    else:
        readings.rows[result.id] = Row(signature, result.sha256, result.entry, result.problems)
