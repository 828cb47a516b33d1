"""Killing a process at a chosen one of its system calls: strace sends SIGKILL as the call begins, so it is not made.

Only calls that change the disk are listed. Whatever a process does between two of them leaves the same files as the
second: being killed there is being killed at the second.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

CHANGING = (
    "openat creat write writev pwrite64 pwritev copy_file_range sendfile fallocate ftruncate truncate "
    "rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir mknod mknodat "
    "fsync fdatasync syncfs sync_file_range chmod fchmod fchmodat chown fchown lchown fchownat utimensat "
    "setxattr fsetxattr lsetxattr"
).split()
"""The system calls that change a disk. `openat` does so only when it may write."""

SETTINGS = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
"""With these, a command makes the same calls each time."""


class Call(NamedTuple):
    """One system call of a process: the `number`-th of its name, the first being 1, and the paths that it names."""

    name: str
    number: int
    paths: tuple[str, ...]


def require_strace() -> None:
    """Skip a test where no process can be traced, with the reason; in CI a strace that is missing is a failure."""
    if shutil.which("strace") is None:
        if os.environ.get("CI"):
            pytest.fail("there is no strace, and with CI=true a missing one is a failure")
        pytest.skip("no strace on this machine: install it to kill builds at each of their system calls")
    tried = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"no process may be traced here: {tried.stderr.strip()}")


def list_calls(command: Sequence[str], cwd: Path, log: Path) -> list[Call]:
    """Run a command, which must succeed in one process, and return the calls that changed the disk, in their order."""
    done = _trace(command, cwd, log, "-e", f"trace={','.join(f'?{name}' for name in CHANGING)}")
    assert done.returncode == 0, done.stderr
    made = _read_log(log)
    return [call for call, may_write in made if may_write]


def kill_at(command: Sequence[str], cwd: Path, log: Path, call: Call) -> None:
    """Run a command and kill it as it begins `call`; fail if it was another call, or the command came to its end."""
    killing = f"inject={call.name}:signal=KILL:when={call.number}"
    done = _trace(command, cwd, log, "-e", f"trace={call.name}", "-e", killing)
    assert done.returncode == -signal.SIGKILL, f"not killed at {call}: {done.stdout}{done.stderr}"
    assert _read_log(log)[-1][0] == call


def _trace(command: Sequence[str], cwd: Path, log: Path, *how: str) -> subprocess.CompletedProcess[str]:
    tracing = ["strace", "-f", "-qqq", "-s", "4096", "-e", "signal=none", "-o", str(log), *how]
    settings = {**os.environ, **SETTINGS}
    return subprocess.run([*tracing, *command], cwd=cwd, env=settings, capture_output=True, text=True, timeout=300)


def _read_log(log: Path) -> list[tuple[Call, bool]]:
    """Return all calls of a log, each with whether it could write."""
    calls = []
    counts: Counter[str] = Counter()
    processes = set()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        process, _, rest = line.partition(" ")
        found = re.match(r"(\w+)\((.*)", rest.lstrip())
        assert found is not None, line
        processes.add(process)
        name, arguments = found.groups()
        counts[name] += 1
        paths = () if "write" in name else tuple(re.findall(r'"([^"]*)"', arguments))
        calls.append(
            (Call(name, counts[name], paths), name != "openat" or not re.search("O_RDONLY(?!.*O_CREAT)", rest))
        )
    assert len(processes) == 1, "the calls of several processes have no order of their own"
    return calls
