"""Work in batches: in this process, in processes of our own, or on any `concurrent.futures.Executor`.

Results come back in the order of the jobs, whatever the number of workers and however the batches are cut, so the site
does not depend on it. What the jobs are is not known here: see `jobs/`.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from site_builder.errors import MachineError, error

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from site_builder import pool

WORTH_A_POOL = 300
"""Fewer jobs than this are done before a pool of processes would have started."""

HARMLESS_BYTES = 4_000
"""No source of this size takes longer than some seconds to read, whatever it holds; a larger one may take hours."""

AHEAD = 32
"""So many jobs may an executor of unknown size have at once: enough for a small cluster, and not too much to keep."""

PRELOADED = ("site_builder.jobs.reading", "site_builder.jobs.rendering", "site_builder.readers.markdown")
"""What workers of any kind need."""

SMALLEST_BATCH = 32
LARGEST_BATCH = 256
"""Between so many items of mean cost are in one batch, and never more than so many of any cost."""

Item = TypeVar("Item")
Job = TypeVar("Job", bound="pool.Job")
Result = TypeVar("Result")


class Workers(Protocol):
    """Those who work: alone here, a `Pool` of processes, or an executor that is lent to us."""

    def run(
        self, work: Callable[[Job], Iterable[Result]], jobs: Iterable[Job], meanwhile: Iterable[object] = ()
    ) -> Iterator[list[Result]]:
        """Yield the results of `jobs` in their order; jobs are taken up as there are those who work on them.

        `meanwhile` is work of this process, of which a step is taken where it would only wait. It need not come to its
        end.
        """


class Alone:
    """Does each job at once, in this process, which never waits."""

    def run(
        self,
        work: Callable[[Job], Iterable[Result]],
        jobs: Iterable[Job],
        meanwhile: Iterable[object] = (),  # noqa: ARG002
    ) -> Iterator[list[Result]]:
        """Yield the results of `jobs` in their order."""
        return (list(work(job)) for job in jobs)


class Lent:
    """Sends jobs to an executor that belongs to somebody else, and leaves it open."""

    def __init__(self, executor: Executor) -> None:
        """Take any `concurrent.futures.Executor`."""
        self._executor = executor

    def run(
        self, work: Callable[[Job], Iterable[Result]], jobs: Iterable[Job], meanwhile: Iterable[object] = ()
    ) -> Iterator[list[Result]]:
        """Yield the results of `jobs` in their order. Raises MachineError when the executor breaks."""
        from concurrent.futures import BrokenExecutor  # whoever has an executor has imported it already

        waiting: deque[Future[list[Result]]] = deque()
        steps = iter(meanwhile)

        def take() -> list[Result]:
            future = waiting.popleft()
            while not future.done() and next(steps, self) is not self:
                pass
            return future.result()

        try:
            for job in jobs:
                waiting.append(self._executor.submit(_do, work, job))
                if len(waiting) >= AHEAD:
                    yield take()
            while waiting:
                yield take()
        except BrokenExecutor as exc:
            raise MachineError(error("", f"the executor broke: {exc}", "build again, or without it")) from exc


def _do(work: Callable[[Job], Iterable[Result]], job: Job) -> list[Result]:
    """Return what comes of a job, as values that can be sent: what gives them one by one cannot."""
    return list(work(job))


@contextmanager
def choose_workers(
    jobs: int, processes: int = 0, largest: int = 0, at_hand: Sequence[object] = ()
) -> Iterator[Workers]:
    """Give those who work, for a number of jobs; `processes` 0 means as many as there are cores.

    `at_hand` are parts of the jobs that need not be sent (see `Pool`).

    Few jobs are done in this process, unless `largest`, the size in bytes of the largest source to be read, says that
    one could take so long that it must be possible to kill who reads it (docs/decisions/0010). When the work is given
    up, no worker is left.
    """
    cores = processes or _count_cores()
    alone = cores < 2 or (jobs < WORTH_A_POOL and not processes)
    count = int(largest > HARMLESS_BYTES) if alone else cores
    if not count or _is_daemon():
        yield Alone()
        return
    from site_builder.pool import Pool

    with Pool(count, preload=PRELOADED, at_hand=at_hand) as pool:
        yield pool


def _is_daemon() -> bool:
    """Return whether this is itself somebody's worker, which may not have any of its own."""
    from multiprocessing import current_process

    return current_process().daemon


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cut_batches(items: Sequence[Item], costs: Sequence[int], workers: int = 8) -> Iterator[tuple[Item, ...]]:
    """Yield `items` in order, in runs of about the same cost.

    They are so large that sending them costs little, and so small that there are enough to share out. An item that
    costs more than a run should is alone or the last of its run.
    """
    size = min(max(SMALLEST_BATCH, len(items) // (workers * 4)), LARGEST_BATCH)
    enough = size * sum(costs) / max(len(items), 1)
    batch: list[Item] = []
    total = 0
    for item, cost in zip(items, costs, strict=True):
        batch.append(item)
        total += cost
        if total >= enough or len(batch) == LARGEST_BATCH:
            yield tuple(batch)
            batch, total = [], 0
    if batch:
        yield tuple(batch)
