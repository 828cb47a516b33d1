"""Work done aside: in a copy of this process, while this one goes on.

For work that mostly waits for the system, such as looking at a hundred thousand files, and that answers with little.
What the work is, is not known here.
"""

from __future__ import annotations

import marshal
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

_Answer = TypeVar("_Answer")


@contextmanager
def run_aside(work: Callable[[], _Answer]) -> Iterator[Callable[[], _Answer]]:
    """Start `work` in a copy of this process; give a function that waits for what it returns.

    `work` changes nothing, and returns plain values: numbers, texts, lists and dicts of them (`marshal` sends them,
    which every start has). Where there cannot be a copy (one core, other threads, another system), or when the copy
    fails, the work is done here when its answer is asked for, and raises here what it raises. The copy is gone when the
    context ends, whether it was asked or not.
    """
    started = _start(work) if can_copy() else None
    if started is None:
        yield work
        return
    process, reader = started
    asked = False

    def wait() -> _Answer:
        nonlocal asked
        asked = True
        with os.fdopen(reader, "rb") as stream:
            data = stream.read()
        _, status = os.waitpid(process, 0)
        if status:
            return work()
        answer: _Answer = marshal.loads(data)  # noqa: S302 - from this very program
        return answer

    try:
        yield wait
    finally:
        if not asked:
            os.close(reader)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def can_copy() -> bool:
    """Tell whether this process may be copied as it is, and has a second core for the copy."""
    if not hasattr(os, "fork") or not hasattr(os, "sched_getaffinity"):
        return False
    return threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _start(work: Callable[[], Any]) -> tuple[int, int] | None:
    """Return the number of the new process, and from where its answer is read."""
    reader, writer = os.pipe()
    try:
        process = os.fork()
    except OSError:  # too many of them, or too little memory
        os.close(reader)
        os.close(writer)
        return None
    if process:
        os.close(writer)
        return process, reader
    status = 1
    # Whatever happens, the copy must never come back into the program that it is a copy of.
    try:
        with suppress(BaseException):
            # Nothing is held here that the program holds: a lock must end with it, however it ends.
            os.closerange(3, writer)
            os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
            with os.fdopen(writer, "wb") as stream:
                stream.write(marshal.dumps(work()))
            status = 0
    finally:
        os._exit(status)
