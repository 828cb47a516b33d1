"""Killing a process at a chosen one of its system calls: strace holds it as the call begins, so it is not made.

Only calls that change the disk are listed. Whatever a process does between two of them leaves the same files as the
second: being killed there is being killed at the second.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
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

HELD = 600
"""Seconds for which strace holds a call: it is killed long before."""

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
    with _trace(command, cwd, log, "-e", f"trace={','.join(f'?{name}' for name in CHANGING)}") as tracing:
        _, told = tracing.communicate(timeout=HELD)
    assert tracing.returncode == 0, told
    made = _read_log(log)
    return [call for call, may_write in made if may_write]


def kill_at(command: Sequence[str], cwd: Path, log: Path, call: Call) -> None:
    """Run a command and kill it as it begins `call`; fail if it was another call, or the command came to its end."""
    log.unlink(missing_ok=True)
    holding = f"inject={call.name}:delay_enter={HELD}s:when={call.number}"
    with _trace(command, cwd, log, "-e", f"trace={call.name}", "-e", holding) as tracing:
        if process := _await_call(tracing, log, call.number):
            os.kill(process, signal.SIGKILL)
            while not log.read_text(encoding="utf-8", errors="replace").endswith("\n"):
                time.sleep(0.001)
            tracing.kill()  # it would go on holding the call of a process that is no more
        shown = "".join(tracing.communicate(timeout=HELD))
    assert process and log.read_text(encoding="utf-8", errors="replace").endswith(" = ?\n"), f"not at {call}: {shown}"
    assert _read_log(log)[-1][0] == call


def _trace(command: Sequence[str], cwd: Path, log: Path, *how: str) -> subprocess.Popen[str]:
    # By a filter in the kernel, all other calls take the time that they always take; but with it strace itself sends no
    # signal as a call begins.
    tracing = ["strace", "-f", "--seccomp-bpf", "-qqq", "-s", "512", "-e", "signal=none", "-o", str(log), *how]
    settings = {**os.environ, **SETTINGS}
    pipe = subprocess.PIPE
    return subprocess.Popen([*tracing, *command], cwd=cwd, env=settings, stdout=pipe, stderr=pipe, text=True)


def _await_call(tracing: subprocess.Popen[str], log: Path, number: int) -> int:
    """Wait until the `number`-th call of a log is begun; return the process that makes it, or 0 if it never comes."""
    ended, begun = 0, ""
    while not log.exists() and tracing.poll() is None:
        time.sleep(0.001)
    with log.open(encoding="utf-8", errors="replace") as lines:
        while ended < number - 1 or "(" not in begun:  # by then the number of the process is written whole
            has_ended = tracing.poll() is not None
            *whole, begun = (begun + lines.read()).split("\n")
            ended += len(whole)
            if has_ended:
                return 0
            time.sleep(0.001)
    return int(begun.split()[0])


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
