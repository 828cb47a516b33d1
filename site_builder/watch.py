"""Watching folders and files: bursts of changes, noticed by the operating system or found by looking again.

Knows names, sizes and times. What is made from the files, who is told of a change and by what server is not known
here; a set of changed paths is a hint that it is time to look, never the whole truth.
"""

from __future__ import annotations

import os
import re
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from site_builder.model import Signature
from site_builder.sources import make_signature

if TYPE_CHECKING:
    from types import ModuleType

STEP = 0.015
"""Seconds without a further change after which the system's notices are handed over: a save is over by then."""

QUIET = 0.1
"""Seconds in which notices are gathered at most, and between two looks at files that are changing."""

REST = 0.2
"""Seconds without notices after which all counts as quiet, and the single files are looked at."""

LONGEST_BURST = 1.0
"""Seconds after which a burst counts as ended although changes go on."""

LARGEST_SAVE = 3
"""Files that one save changes at most."""

LONGEST_LOCK = 60.0
"""Seconds after which a lock is somebody's who died, and holds nothing up."""

LOOK_EVERY = 0.5
"""Seconds between two looks where the operating system does not give notice."""

NOTICED = "changes are noticed at once (by watchfiles)"
LOOKED_FOR = "changes are looked for every half second"
ADVICE = "pip install 'site-builder[watch]' has them noticed at once"
LIMIT = "this system watches no more folders"
HIGHER_LIMIT = "to have them noticed at once: sudo sysctl fs.inotify.max_user_watches=1048576"

EDITORS_FILES = re.compile(
    r"4913|~\$.*|sed\w{6}|.*(\.(tmp|temp|swp|swx|bak|part|crdownload|crswap)|___jb_(tmp|old)___)", re.ASCII
)
"""Names of files that editors and other programs make beside the one that they save, besides those that nobody reads:
of Vim, office programs, sed, browsers and JetBrains."""


class Places(NamedTuple):
    """What is watched: folders to their bottom and single files, any of which may be missing; and what never is.

    A lock is a file that is there while another program is at work, such as git while it changes branches: until it is
    gone, a burst has not ended.
    """

    folders: tuple[Path, ...]
    files: tuple[Path, ...] = ()
    shut: tuple[Path, ...] = ()
    locks: tuple[Path, ...] = ()


FindPlaces = Callable[[], Places]
"""Is asked at every look, so the places may change while they are watched."""

Tell = Callable[[str], None]

Looks = Iterator[Collection[str]]
"""What changed between each look and the one before it."""

Notices = set[tuple[object, str]]
"""As watchfiles gives them: what happened, and the path."""


def watch(
    find_places: FindPlaces, stop: threading.Event, tell: Tell, *, poll: bool = False
) -> Iterator[frozenset[str]]:
    """Yield the changed paths of each burst until `stop` is set, and an empty set whenever all is quiet.

    The first set, which is empty as a rule, means: from now on no change is missed, however long the caller takes over
    a burst. New, changed, renamed and deleted files count, whatever their times say; editors' temporary files do not.
    `poll` looks for changes even where the operating system would give notice, which some mounted folders need. `tell`
    is told once how changes are found.
    """
    watchfiles = None if poll else _find_watchfiles()
    if watchfiles is None:
        tell(LOOKED_FOR if poll else f"{LOOKED_FOR} ({ADVICE})")
        return _gather(_look_again(find_places, stop), find_places)
    tell(NOTICED)
    return _gather(_notice(watchfiles, find_places, stop, tell), find_places)


def is_temporary(name: str) -> bool:
    """Return whether a file of this name is an editor's and comes and goes while the user saves another."""
    return is_hidden(name) or EDITORS_FILES.fullmatch(name) is not None


def is_hidden(name: str) -> bool:
    """Return whether nothing is read of a file of this name, or of what is in a folder of this name."""
    return name.startswith((".", "#")) or name.endswith("~")


def _find_watchfiles() -> ModuleType | None:
    try:
        import watchfiles
    except ImportError:
        return None
    return watchfiles


def _gather(looks: Looks, find_places: FindPlaces) -> Iterator[frozenset[str]]:
    """Make one burst of all changes that follow each other without a quiet look between them.

    A save is handed over at once, as it is all that somebody waits for.
    """
    burst: set[str] = set()
    end = 0.0
    for changed in looks:
        if changed:
            end = end if burst else time.monotonic() + LONGEST_BURST
            burst.update(changed)
            if time.monotonic() < end and not _is_save(burst):
                continue
        if burst and any(map(_is_locked, find_places().locks)):
            yield frozenset()
            continue
        yield frozenset(burst)
        burst.clear()


def _is_save(burst: Collection[str]) -> bool:
    """Tell whether a burst can be all that an editor does: few files, of which none is empty or gone."""
    return len(burst) <= LARGEST_SAVE and all(map(_is_written, burst))


def _is_written(path: str) -> bool:
    info = _look_at(Path(path))
    return info is not None and stat.S_ISREG(info.st_mode) and info.st_size > 0


def _is_locked(lock: Path) -> bool:
    info = _look_at(lock)
    return info is not None and time.time() - info.st_mtime < LONGEST_LOCK


# --- noticed by the operating system -----------------------------------------------------------------------------


def _notice(
    watchfiles: ModuleType, find_places: FindPlaces, stop: threading.Event, tell: Callable[[str], None]
) -> Looks:
    """Yield what watchfiles notices below the folders, and what a look at the single files finds.

    A folder that is replaced takes its notices with it, so then all is watched anew. So it is without those that may
    not be read, when there are any; not at first, as watchfiles would then be silent about a limit as well.
    """
    missed: set[str] = set()
    skips = False
    while not stop.is_set():
        places = find_places()
        seen = _look_at_places(places)
        roots = [os.path.realpath(folder) for folder in places.folders if folder.is_dir()]
        try:
            for notices in _open_notices(watchfiles, roots, skips=skips):
                if stop.is_set():
                    return
                places = find_places()
                now = _look_at_places(places)
                changed = _differ(seen, now)
                if notices:
                    changed |= _keep_watched({path for _, path in notices}, roots, places.shut)
                seen = now
                yield changed | missed
                missed = {str(folder) for folder in places.folders if str(folder) in changed}
                missed |= changed.intersection(roots)
                if missed:
                    break
        except (OSError, RuntimeError) as trouble:
            missed.update(roots)
            if isinstance(trouble, PermissionError) and not skips:
                skips = True
                continue
            if all(map(os.path.isdir, roots)):
                tell(_word_trouble(trouble))
                yield from _look_again(find_places, stop, missed)
                return


def _word_trouble(trouble: Exception) -> str:
    """Return in one line why there is no notice, what is done instead, and what helps."""
    text = str(trouble)
    if "limit reached" in text or "os error 24" in text or "No space left" in text:
        return f"{LIMIT}: {LOOKED_FOR} ({HIGHER_LIMIT})"
    return f"changes cannot be noticed at once ({text}): they {LOOKED_FOR.removeprefix('changes ')}"


def _open_notices(watchfiles: ModuleType, roots: Iterable[str], *, skips: bool) -> Iterator[Notices]:
    notices: Iterator[Notices] = watchfiles.watch(
        *roots,
        watch_filter=None,
        debounce=int(QUIET * 1000),
        step=int(STEP * 1000),
        rust_timeout=int(REST * 1000),
        yield_on_timeout=True,
        ignore_permission_denied=skips,
    )
    return notices


def _keep_watched(paths: Iterable[str], roots: Collection[str], shut: Iterable[Path]) -> set[str]:
    """Return the paths that are watched: a root itself, or what lies below one and is not shut or temporary."""
    closed = [os.path.realpath(folder) for folder in shut]
    kept: set[str] = set()
    for path in paths:
        root = next((root for root in roots if _lies_in(path, root)), None)
        if root is None or any(_lies_in(path, folder) for folder in closed):
            continue
        *folders, name = Path(path[len(root) :]).parts or ("",)
        if not any(map(is_hidden, folders)) and not is_temporary(name):
            kept.add(path)
    return kept


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _look_at_places(places: Places) -> dict[str, Signature]:
    """Return how the single files are, and which folders stand in the places of those that are watched."""
    seen: dict[str, Signature] = {}
    for file in places.files:
        if info := _look_at(file):
            seen[str(file)] = make_signature(info)
    for folder in places.folders:
        if info := _look_at(folder):
            seen[str(folder)] = Signature(0, 0, 0, info.st_ino)
    return seen


def _look_at(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _differ(before: dict[str, Signature], now: dict[str, Signature]) -> set[str]:
    return set() if before == now else {path for path, _ in before.items() ^ now.items()}


# --- found by looking again --------------------------------------------------------------------------------------


def _look_again(find_places: FindPlaces, stop: threading.Event, missed: Collection[str] = ()) -> Looks:
    """Yield what a look at every file finds changed since the look before.

    A large archive is looked at less often, so that looking never takes more than a tenth of the time.
    """
    changed: Collection[str] = missed
    before = _look_everywhere(find_places())
    pause = LOOK_EVERY
    yield changed
    while not stop.wait(QUIET if changed else pause):
        started = time.monotonic()
        now = _look_everywhere(find_places())
        pause = max(LOOK_EVERY, 10 * (time.monotonic() - started))
        changed, before = _differ(before, now), now
        yield changed


def _look_everywhere(places: Places) -> dict[str, Signature]:
    seen = _look_at_places(places)
    shut = {str(folder) for folder in places.shut}
    waiting = [str(folder) for folder in places.folders]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = [entry for entry in entries if not is_hidden(entry.name) and entry.path not in shut]
        except OSError:
            continue
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif not is_temporary(entry.name):
                seen[entry.path] = _look_at_entry(entry)
    return seen


def _look_at_entry(entry: os.DirEntry[str]) -> Signature:
    try:
        info = entry.stat()
    except OSError:  # gone meanwhile, or a link that leads nowhere
        return Signature(0, 0, 0, 0)
    return make_signature(info)
