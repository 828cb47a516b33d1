"""Worker processes that can be lost: one that is stuck is killed, one that dies is replaced, and the others go on.

What `concurrent.futures` cannot do: it never ends a process that is stuck, and gives up all work when one dies. Here
the one who waits for results also watches the workers, so there is no thread, and nothing to go wrong between threads.
What is worked on is not known here.
"""

from __future__ import annotations

import io
import math
import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import field
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from site_builder.errors import MachineError, error
from site_builder.values import dataclass

FALSE_STARTS = 3
"""So many workers may die in a row before they begin with anything."""

MOST_ITEMS = 4096
"""A worker never waits with so many ticks in its pipe (on some systems it holds 4,096 bytes, elsewhere more)."""

LOOKS = 4
"""So often in the time that an item may take is a worker looked at."""

ALONE = 3
"""So many times what an item may compute does a worker go on with it when nobody looks any more: then it ends itself.
Without that, one that is stuck would compute for ever after its build was killed."""

A_DAY = 86_400
"""Who may compute so many seconds on an item may do so for ever."""

WAITING = 10
"""So many times what an item may compute may pass while it waits: for a disk, or for its turn on a busy machine."""


class Job(Protocol):
    """Items that are worked on in one go: a picklable value, of fewer than `MOST_ITEMS`."""

    @property
    def seconds(self) -> float:
        """The time of a processor that one item may take; and a tenth of the time that it may wait for anything."""

    def __len__(self) -> int: ...

    def cut(self, start: int, stop: int) -> Self:
        """Return the job of the items from number `start` to before `stop`."""

    def give_up(self, number: int, death: str) -> Any:  # noqa: ANN401 - the job's own kind of result
        """Return the result of an item whose worker was lost, or raise what is to be raised.

        `death` tells how it died, such as "signal 9", and is empty when it was killed for taking too long.
        """


Work = Callable[[Any], Iterable[Any]]
"""Does a job: a function at the top of a module, that gives one result for each item, whichever way a job is cut.

It works on an item when its result is asked for, and not before: a worker is watched by that.
"""


class _Failure(NamedTuple):
    """What came of a job that raised an exception."""

    exception: Exception


@dataclass(slots=True)
class _Order:
    """A job that was taken up and whose results were not yet given away."""

    left: int
    results: list[Any]
    failures: dict[int, Exception] = field(default_factory=dict)

    def put(self, start: int, results: list[Any]) -> None:
        self.results[start : start + len(results)] = results
        self.left -= len(results)

    def fail(self, start: int, count: int, exception: Exception) -> None:
        self.failures[start] = exception
        self.left -= count

    def take(self) -> list[Any]:
        if self.failures:
            raise self.failures[min(self.failures)]
        return self.results


class _Piece(NamedTuple):
    """What a worker is given: a job or a part of one, which starts at item `start` of its order."""

    order: _Order
    start: int
    job: Job
    again: bool = False
    """Whether this is the second try of a single item."""


class Pool:
    """Up to `processes` workers, started when there is something for them to do.

    `start_method` is one of multiprocessing's; empty: the one that was set there, else "fork" where that is safe.
    `preload` are modules that all workers need: with "forkserver" they are imported once. `at_hand` are values, parts
    of jobs, that nobody changes from now on: with "fork" each worker has them from its start, and they are not sent. To
    be used in a `with`: at its end no worker is left, whatever it is at.
    """

    def __init__(
        self, processes: int, start_method: str = "", preload: Iterable[str] = (), at_hand: Sequence[object] = ()
    ) -> None:
        self._processes = processes
        self._context = multiprocessing.get_context(start_method or choose_start_method())
        self._at_hand = at_hand if self._context.get_start_method() == "fork" else ()
        self._numbers = {id(value): number for number, value in enumerate(self._at_hand)}
        if self._context.get_start_method() == "forkserver":
            self._context.set_forkserver_preload(["__main__", *preload])
        self._workers: list[_Worker] = []
        self._false_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def run(self, work: Work, jobs: Iterable[Job], meanwhile: Iterable[object] = ()) -> Iterator[list[Any]]:
        """Yield the results of each job, in the order of the jobs; an exception of a job is raised in its turn.

        Jobs are taken from `jobs` as there are workers for them. An item during which a worker dies is tried once
        more alone; when it dies again, or an item takes longer than it may, the job says what becomes of that item.
        While all work and nothing has come, steps are taken of `meanwhile`; those that are left are the caller's.
        Raises MachineError when workers die before they begin.
        """
        coming, steps = iter(jobs), iter(meanwhile)
        orders: deque[_Order] = deque()
        pieces: deque[_Piece] = deque()
        while True:
            while self._has_room(orders if not pieces else ()):
                piece = pieces.popleft() if pieces else _take_up(coming, orders)
                if piece is None:
                    break
                self._find_idle().give(work, piece)
            if not orders:
                return
            if orders[0].left:
                for worker in self._await(steps):
                    pieces.extend(self._finish(worker))
            else:
                yield orders.popleft().take()

    def _has_room(self, orders: Sized) -> bool:
        """Return whether a worker is free; not while too many results wait for those of a slow job."""
        busy = sum(worker.piece is not None for worker in self._workers)
        return busy < self._processes and len(orders) < 2 * self._processes + 2

    def _find_idle(self) -> _Worker:
        for worker in self._workers:
            if worker.piece is None:
                return worker
        try:
            self._workers.append(_Worker(self._context, self._at_hand, self._numbers))
        except OSError as exc:
            hint = "ask for fewer with --jobs"
            raise MachineError(error("", f"a worker process cannot be started: {exc.strerror}", hint)) from exc
        return self._workers[-1]

    def _await(self, steps: Iterator[object]) -> list[_Worker]:
        """Return the workers that ended their piece, died, or are to be killed; at least now and then, none."""
        busy = {worker.connection: worker for worker in self._workers if worker.piece}
        soon = min((worker.piece.job.seconds / LOOKS for worker in busy.values() if worker.piece), default=math.inf)
        ready = wait(list(busy), 0)
        while not ready and next(steps, self) is not self:
            ready = wait(list(busy), 0)
        ready = ready or wait(list(busy), None if soon == math.inf else soon)
        done = [worker for connection, worker in busy.items() if connection in ready]
        return done + [worker for worker in busy.values() if worker not in done and worker.is_stuck()]

    def _finish(self, worker: _Worker) -> list[_Piece]:
        """Note what came of a worker's piece; return what of it is to be done again, or was not yet begun."""
        piece = worker.piece
        assert piece is not None
        outcome = None if worker.stuck else worker.receive()
        if isinstance(outcome, _Failure):
            piece.order.fail(piece.start, len(piece.job), outcome.exception)
        elif outcome is not None:
            piece.order.put(piece.start, outcome)
        else:
            return self._bury(worker, piece)
        worker.piece = None
        self._false_starts = 0
        return []

    def _bury(self, worker: _Worker, piece: _Piece) -> list[_Piece]:
        self._workers.remove(worker)
        begun = worker.count_begun()
        death = worker.end()
        if not begun:
            self._false_starts += 1
            if self._false_starts >= FALSE_STARTS:
                hint = "a script that builds needs `if __name__ == '__main__':`; or work without them: --jobs 1"
                raise MachineError(error("", f"worker processes die before they begin ({death})", hint))
            return [piece]
        order, start, job, again = piece
        # It may have died with the last result in its hands.
        at = min(begun, len(job)) - 1
        rest = [(0, at), (at + 1, len(job))]
        pieces = [_Piece(order, start + a, job.cut(a, b)) for a, b in rest if a < b]
        if not worker.stuck and not again:
            return [*pieces, _Piece(order, start + at, job.cut(at, at + 1), again=True)]
        try:
            order.put(start + at, [job.give_up(at, "" if worker.stuck else death)])
        except Exception as exc:  # noqa: BLE001 - raised when it is the turn of its job
            order.fail(start + at, 1, exc)
        return pieces


def _take_up(coming: Iterator[Job], orders: deque[_Order]) -> _Piece | None:
    job = next(coming, None)
    if job is None:
        return None
    orders.append(_Order(len(job), [None] * len(job)))
    return _Piece(orders[-1], 0, job)


def choose_start_method() -> str | None:
    """Return the start method that was set, or what is fast and safe: a copy of a process with threads could hang."""
    if chosen := multiprocessing.get_start_method(allow_none=True):
        return chosen
    threads = Path("/proc/self/task")
    if not threads.is_dir():
        return None
    return "fork" if sum(1 for _ in threads.iterdir()) == 1 else "forkserver"


# --- one worker --------------------------------------------------------------------------------------------------


class _Worker:
    """A process, the connection over which it gets pieces and sends results, and a pipe on which it ticks.

    It ticks when it begins a piece and after each item; nobody waits for that, it is counted when need be.
    """

    def __init__(
        self,
        context: Any,  # noqa: ANN401 - the kinds of contexts have no common base with Process
        at_hand: Sequence[object],
        numbers: Mapping[int, int],
    ) -> None:
        self.connection, theirs = context.Pipe()
        self._ticks, ticking = context.Pipe(duplex=False)
        os.set_blocking(self._ticks.fileno(), False)
        self._process = context.Process(target=_serve, args=(theirs, ticking, self.connection, at_hand), daemon=True)
        self._process.start()
        # Only the worker holds these ends now, so its death is seen as their end.
        theirs.close()
        ticking.close()
        self._numbers = numbers
        self.piece: _Piece | None = None
        self.stuck = False
        self._begun = 0
        self._since = math.inf
        self._spent = 0.0

    def give(self, work: Work, piece: _Piece) -> None:
        """Send a piece; a worker that died meanwhile is found out when its results are awaited."""
        self.piece, self._begun, self._since = piece, 0, math.inf
        stream = io.BytesIO()
        _Sender(stream, self._numbers).dump((work, piece.job))
        with suppress(OSError):
            self.connection.send_bytes(stream.getbuffer())

    def receive(self) -> list[Any] | _Failure | None:
        """Return the results that are there, or None when the worker died."""
        try:
            outcome: list[Any] | _Failure = self.connection.recv()
        except (EOFError, OSError):
            return None
        self.count_begun()
        return outcome

    def count_begun(self) -> int:
        """Return how many items of the piece were begun, one more when all are done; the clock starts at each."""
        with suppress(BlockingIOError):
            if ticks := len(os.read(self._ticks.fileno(), MOST_ITEMS)):
                self._begun += ticks
                self._since = time.monotonic()
                self._spent = self._count_spent() or 0.0
        return self._begun

    def is_stuck(self) -> bool:
        """Return whether it is at one item for longer than it may; the clocks start when that is first seen.

        Where the system does not tell what a process has computed, all time counts as if it had.
        """
        assert self.piece is not None
        self.count_begun()
        limit = self.piece.job.seconds
        passed = time.monotonic() - self._since
        if passed > limit:
            spent = self._count_spent()
            self.stuck = passed > WAITING * limit or spent is None or spent - self._spent > limit
        return self.stuck

    def _count_spent(self) -> float | None:
        """Return the seconds of a processor that it has taken so far: fields 14 and 15 of proc(5), on Linux alone."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> str:
        """Kill it, whatever it is at, and return how it ended."""
        self._process.kill()
        self._process.join()
        code = self._process.exitcode
        self.stuck = self.stuck or code == -signal.SIGPROF  # it was first to find that out
        self._process.close()
        self.connection.close()
        self._ticks.close()
        return f"signal {-code}" if code is not None and code < 0 else f"exit status {code}"


class _Sender(ForkingPickler):
    """Writes what is sent to a worker; of what the worker has at hand, the number alone."""

    def __init__(self, stream: io.BytesIO, numbers: Mapping[int, int]) -> None:
        super().__init__(stream)
        self._numbers = numbers

    def persistent_id(self, value: object) -> int | None:
        return self._numbers.get(id(value))


class _Receiver(pickle.Unpickler):
    """Reads what a `_Sender` has written."""

    def __init__(self, data: bytes, at_hand: Sequence[object]) -> None:
        super().__init__(io.BytesIO(data))
        self._at_hand = at_hand

    def persistent_load(self, number: int) -> object:
        return self._at_hand[number]


def _serve(connection: Connection, ticking: Connection, theirs: Connection, at_hand: Sequence[object]) -> None:
    """Do one piece after the other, until the other end is gone with the build; `theirs` is our copy of that end."""
    theirs.close()
    # Ctrl-C reaches the workers too: it is the build that says when they end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    with suppress(EOFError, OSError):
        while True:
            work, job = _Receiver(connection.recv_bytes(), at_hand).load()
            outcome = _do(work, job, ticking)
            try:
                connection.send(outcome)
            except (pickle.PicklingError, TypeError, AttributeError) as exc:
                connection.send(_Failure(RuntimeError(f"a result cannot be sent: {exc}")))


def _do(work: Work, job: Job, ticking: Connection) -> list[Any] | _Failure:
    results: list[Any] = []
    ticks, seconds = ticking.fileno(), ALONE * job.seconds if job.seconds < A_DAY else 0
    os.write(ticks, b".")
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        for result in work(job):
            results.append(result)
            signal.setitimer(signal.ITIMER_PROF, seconds)
            os.write(ticks, b".")
    except Exception as exc:  # noqa: BLE001 - raised where the results are awaited
        return _Failure(_make_sendable(exc))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return results


def _make_sendable(exc: Exception) -> Exception:
    """Return the exception with its traceback as a note, or one of the same words if it cannot be sent."""
    exc.add_note("in a worker process:\n" + "".join(traceback.format_exception(exc)))
    try:
        pickle.loads(pickle.dumps(exc))  # noqa: S301 - what was pickled here
    except Exception:  # noqa: BLE001 - whatever it is that an exception does when it is copied
        plain = RuntimeError(f"{type(exc).__name__}: {exc}")
        plain.add_note(exc.__notes__[-1])
        return plain
    return exc
