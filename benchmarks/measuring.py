"""What a whole process costs, and how much stands in a folder. Knows nothing of what is measured."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """What one process and its children took, up to its end."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, of user and system."""
    peak: float
    """The most memory that one of them held, in MB."""


class Weight(NamedTuple):
    """The files of a folder: how many, and their bytes together."""

    files: int
    size: int


def time_process(command: Sequence[str], folder: Path) -> Usage:
    """Run a command in a folder to its end. Its errors go to ours; one that fails ends this program."""
    os.sync()  # what was written before must not be paid for now
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")
    return Usage(round(wall, 4), round(usage.ru_utime + usage.ru_stime, 4), round(usage.ru_maxrss / 1024, 1))


def list_files(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the path below `folder` and the size of every file in it."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            yield path.relative_to(folder).as_posix(), path.stat().st_size


def weigh(folder: Path) -> Weight:
    """Return how much stands in a folder."""
    sizes = [size for _, size in list_files(folder)]
    return Weight(len(sizes), sum(sizes))


def describe_machine(work: Path) -> str:
    """Return what a reader of figures must know of this machine, and on what kind of disk `work` is."""
    about = [f"{os.cpu_count()} cores ({platform.machine()})", platform.system()]
    if disk := _find_disk(work.resolve()):
        about.append(f"work folder on {disk}")
    return ", ".join(about)


def _find_disk(folder: Path) -> str:
    """Return the kind of file system that a folder is on, where the system says it."""
    mounts = Path("/proc/self/mounts")
    if not mounts.is_file():
        return ""
    rows = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    kinds = {Path(row[1]): row[2] for row in rows}
    return next((kinds[place] for place in (folder, *folder.parents) if place in kinds), "")
