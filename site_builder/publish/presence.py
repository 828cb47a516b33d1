"""Which of our files are in an output folder, and which of its folders must still hold what they held.

A folder is looked into only where something in it may have come or gone: the system changes a folder's times whenever
a name in it is made, renamed or taken away (POSIX.1-2017, `rename`, `unlink`). What is in a file is not looked at. This
room knows nothing of what the files are.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

Looks = Mapping[str, str]
"""By what each folder is known, and those above it: the root is an empty path. Empty for one that was not there.
Where an `OutputFolder` gives them, they say by the name of the ownership file by what that is known, and its lines."""

_NO_TIME = "-"
_COARSE_NS = 2_000_000_000
"""In so many nanoseconds a file system with coarse times may give two changes the same time: FAT counts by twos."""
_TICK_NS = 20_000_000
"""The same of one with fine times, where it is not known by what clock the kernel counts: steps of 1 to 10 ms."""
_KERNEL_CLOCK = 5
"""Linux takes the times of files from CLOCK_REALTIME_COARSE (`linux/time.h`), for which Python has no name."""
_FINE = 1_000_000
"""Times that are a multiple of so many nanoseconds are coarse ones."""


def look_at(output: Path, folders: Iterable[str]) -> dict[str, str]:
    """Return by what folders below `output` can be known again: what they hold is what they hold now if that is equal.

    One that changed just now has no time in it, so it never is: another change may come that its times do not show.
    """
    return {folder: _look(f"{output}/{folder}" if folder else str(output), stat.S_IFDIR) for folder in folders}


def look_at_file(file: Path) -> str:
    """Return by what a file can be known again, as `look_at` does of folders: if that is equal, so are its bytes."""
    return _look(str(file), stat.S_IFREG)


def is_same_look(before: str, now: str) -> bool:
    """Tell whether what was looked at is as it was."""
    return bool(before) and before == now and not before.endswith(_NO_TIME)


def _look(path: str, kind: int) -> str:
    now = _read_clock()
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    step = 0 if info.st_mtime_ns % _FINE else _COARSE_NS
    is_young = max(info.st_mtime_ns, info.st_ctime_ns) >= now - step
    times = _NO_TIME if is_young else f"{info.st_mtime_ns} {info.st_ctime_ns}"
    return f"{info.st_ino} {times}" if stat.S_IFMT(info.st_mode) == kind else ""


def _read_clock() -> int:
    """Return a time that no change from now on gets, or an earlier one, in nanoseconds since the epoch."""
    return time.clock_gettime_ns(_KERNEL_CLOCK) if sys.platform == "linux" else time.time_ns() - _TICK_NS


def find_unchanged(before: Looks, now: Looks) -> set[str]:
    """Return the folders that hold what they held before, and to which no link leads that was not there."""
    standing: set[str] = set()
    unchanged: set[str] = set()
    for folder in sorted(before):  # those above come first
        was, is_ = before[folder], now.get(folder, "")
        above = folder.rpartition("/")[0]
        if was and was.split(" ")[0] == is_.split(" ")[0] and (not folder or above in standing):
            standing.add(folder)
            if is_same_look(was, is_):
                unchanged.add(folder)
    return unchanged


def find_missing(output: Path, paths: Iterable[str], unchanged: Collection[str] = ()) -> set[str]:
    """Return those of `paths` that are not regular files below `output`, a link being none.

    One walk through the folders concerned, by the names and kinds that folders tell; no file is looked at. Folders that
    are `unchanged` since all of `paths` were there need no look.
    """
    missing = {path for path in paths if path.rpartition("/")[0] not in unchanged} if unchanged else set(paths)
    folders = set(find_folders(missing))
    pending = [""] if missing else []
    while pending:
        folder = pending.pop()
        prefix = f"{folder}/" if folder else ""
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(output / folder) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    missing.discard(prefix + entry.name)
                elif prefix + entry.name in folders and entry.is_dir(follow_symlinks=False):
                    pending.append(prefix + entry.name)
    return missing


def find_folders(paths: Iterable[str]) -> Iterator[str]:
    """Yield every folder above any of the paths once, the root (an empty path) left out."""
    seen = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in seen:
            seen.add(folder)
            yield folder
            folder = folder.rpartition("/")[0]
