"""What in an output folder is ours, and what keeps us from publishing there.

The ownership file lists every path that we put below an output folder; only these are ever replaced or deleted.
All checks look and change nothing, and name everything that is wrong at once. This room knows nothing of how
files get into the folder, nor of what a page means.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Collection, Container, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from site_builder.errors import Problem, RefusedError, error
from site_builder.publish.disk import Below
from site_builder.publish.listing import Listing

OWNERSHIP_FILE = ".site-builder.json"
WORK_INSIDE = ".site-builder"
"""Where publishing works when it cannot work beside the output."""

VERSION = 1
GENERATOR = "site-builder"
NAME_BYTES = 255
"""The most that the usual file systems allow for one component of a path."""

_NAMES_SHOWN = 5
_RESERVED = frozenset({OWNERSHIP_FILE, WORK_INSIDE})
_HEAD = re.compile(
    rb'\{\n"version": (?P<version>\d+),\n"generator": "site-builder",\n'
    rb'(?:"state": "(?P<state>[0-9a-z]*)",\n)?"files": \[\n(?=")'
)
"""The beginning of an ownership file, as `write_ownership` writes it."""
_HEAD_BYTES = 1_000
_TAIL = b"]\n}\n"


# ---------------------------------------------------------------- paths


def find_fault(path: str) -> str:
    """Return why a path cannot be published below an output folder; empty when it can.

    A good path is posix, relative and plain, so that joining it to a folder can only lead below the folder.
    """
    names = path.split("/")
    if "\0" in path:
        return "holds a NUL character"
    if "\\" in path:
        return "holds a backslash, which some systems take for a folder"
    if not {"", ".", ".."}.isdisjoint(names):
        return "is not a plain path below the output folder"
    if names[0] in _RESERVED:
        return "is reserved for site-builder's own records"
    try:
        longest = max(len(name.encode("utf-8")) for name in names)
    except UnicodeEncodeError:
        return "cannot be written as UTF-8"
    return f"has a component of more than {NAME_BYTES} bytes" if longest > NAME_BYTES else ""


def find_unusable(paths: Collection[str]) -> list[str]:
    """Return those paths that have a fault, sorted."""
    # One look at all of them joined: a site of 100,000 articles lists 300,000 paths and is opened at every build.
    joined = f"/{'/'.join(paths)}/"
    suspect = ("//", "/./", "/../", "\0", "\\", *(f"/{name}/" for name in _RESERVED))
    long = max(map(len, paths), default=0) > NAME_BYTES  # the whole path: most sites have none
    if joined.isascii() and not long and not any(mark in joined for mark in suspect):
        return []
    return sorted(path for path in paths if find_fault(path))


# ---------------------------------------------------------------- the ownership file


class Ownership(NamedTuple):
    """What an ownership file says: the paths that are ours, and the caller's name for the state that they are in."""

    files: Listing
    state: str


def write_ownership(known: Ownership) -> bytes:
    """Return the bytes of an ownership file: equal for equal paths and state, one path on each line."""
    told = f'"state": {json.dumps(known.state)},\n' if known.state else ""
    head = f'{{\n"version": {VERSION},\n"generator": "{GENERATOR}",\n{told}"files": [\n'
    return b"".join([head.encode("ascii"), known.files.lines, b"" if known.files else b"\n", _TAIL])


def read_listing(output: Path, place: str) -> frozenset[str] | None:
    """Return the paths that are ours below an output folder; see `read_ownership`."""
    found = read_ownership(output, place)
    return None if found is None else frozenset(_list_paths(found.files, place))


def read_ownership(output: Path, place: str) -> Ownership | None:
    """Return what is ours below an output folder; None when it has no ownership file.

    The paths are not looked at: `check_listing` does it, unless they are known to be those that we wrote. Raises
    RefusedError when the rest of the file is not as we wrote it: guessing could delete a file that is not ours.
    """
    stream = _open_ownership(output, place)
    if stream is None:
        return None
    with stream:
        data = stream.read()
    head = _match_head(data)
    if head and data.endswith(b"\n" + _TAIL):
        return Ownership(Listing(data, head.end(), len(data) - len(_TAIL)), (head["state"] or b"").decode("ascii"))
    return _parse_ownership(data, place)


def _match_head(data: bytes) -> re.Match[bytes] | None:
    head = _HEAD.match(data)
    return head if head and head["version"] == b"%d" % VERSION else None


def read_state(output: Path) -> str | None:
    """Return the name of the state that an output folder is in; None when no ownership file says one.

    For whoever only looks, and refuses nothing.
    """
    with suppress(RefusedError, OSError):
        return find_state(output, str(output)) or None
    return None


def find_state(output: Path, place: str) -> str | None:
    """Return the name of the state that an output folder is in, empty if it has none; None without an ownership file.

    The paths, of which there may be very many, are not read where the file begins as we write it. Raises RefusedError
    as `read_ownership` does.
    """
    stream = _open_ownership(output, place)
    if stream is None:
        return None
    with stream:
        head = _match_head(stream.read(_HEAD_BYTES))
    if head:
        return (head["state"] or b"").decode("ascii")
    known = read_ownership(output, place)
    return known.state if known else None


def _open_ownership(output: Path, place: str) -> BinaryIO | None:
    file = output / OWNERSHIP_FILE
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as trouble:
        if file.is_symlink():
            raise _refuse_listing(place, "is a symbolic link") from trouble
        raise
    stream = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        stream.close()
        raise _refuse_listing(place, "is not a plain file")
    return stream


def check_listing(listing: Listing, place: str) -> Listing:
    """Return a listing that was read, each path once and sorted. Raises RefusedError when it is not as we write it."""
    return Listing.write(_list_paths(listing, place))


def _list_paths(listing: Listing, place: str) -> list[str]:
    try:
        return _check_paths(listing.parse(), place)
    except (ValueError, RecursionError) as trouble:
        raise _refuse_listing(place, f"is not valid JSON: {trouble}") from trouble


def _parse_ownership(data: bytes, place: str) -> Ownership:
    """Return what a file says that is not written as we do, as it may be after a merge."""
    try:
        known = json.loads(data)
    except (ValueError, RecursionError) as trouble:
        raise _refuse_listing(place, f"is not valid JSON: {trouble}") from trouble
    if not isinstance(known, dict) or known.get("generator") != GENERATOR:
        raise _refuse_listing(place, f'does not say "generator": "{GENERATOR}"')
    if known.get("version") != VERSION:
        raise _refuse_listing(place, f"has version {known.get('version')!r}, while this program reads {VERSION}")
    state = known.get("state", "")
    return Ownership(Listing.write(_check_paths(known.get("files"), place)), state if isinstance(state, str) else "")


def _check_paths(paths: object, place: str) -> list[str]:
    if not isinstance(paths, list) or not set(map(type, paths)) <= {str}:
        raise _refuse_listing(place, "holds no list of paths")
    if unusable := find_unusable(paths):
        raise _refuse_listing(place, f"lists {unusable[0]!r}, which {find_fault(unusable[0])}")
    return paths


def _refuse_listing(place: str, reason: str) -> RefusedError:
    return RefusedError(
        error(
            place,
            f"its record of what site-builder made, {OWNERSHIP_FILE}, {reason}; so nothing here may be touched",
            f"restore {OWNERSHIP_FILE} from a backup or from version control; or move away what you want to keep, "
            "empty the folder and build again; or build into another folder",
        )
    )


# ---------------------------------------------------------------- the output folder


def locate_output(output: Path) -> Path:
    """Return the absolute path of an output folder that exists or could be made; touch nothing.

    Links above it are followed. Raises RefusedError for a link, a file, the root, the home folder or one above.
    """
    place = str(output)
    full = Path(os.path.realpath(output.parent)) / output.name if output.name not in ("", "..") else output.resolve()
    kind = _look(full)
    if kind is not None and stat.S_ISLNK(kind.st_mode):
        hint = "name the folder that the link leads to"
        raise RefusedError(error(place, "the output is a symbolic link, and a link can lead anywhere", hint))
    if kind is not None and not stat.S_ISDIR(kind.st_mode):
        raise RefusedError(error(place, "the output is not a folder", "name a folder, or one to be made"))
    home = None
    with suppress(RuntimeError):  # a user without a home has none to lose
        home = Path(os.path.realpath(Path.home()))
    if full == full.parent or (home is not None and home.is_relative_to(full)):
        what = "the root folder" if full == full.parent else "your home folder, or contains it"
        raise RefusedError(error(place, f"the output is {what}", "name a folder of its own for the site"))
    return full


def check_vacant(output: Path, place: str, working: bool) -> None:
    """Raise RefusedError if an output folder without ownership file holds anything of somebody's.

    A `.gitignore` alone does not count, nor our own work folder when we are `working` there.
    """
    if not output.is_dir():
        return
    names = sorted(entry.name for entry in os.scandir(output))
    if working:
        names = [name for name in names if name != WORK_INSIDE]
    if not names or names == [".gitignore"]:
        return
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    raise RefusedError(
        error(
            place,
            f"this folder was not made by site-builder (it has no {OWNERSHIP_FILE}) and is not empty: {shown}{more}",
            "name a new or empty folder, or move what is in this one away and build again",
        )
    )


def check_writable(output: Path) -> None:
    """Raise OSError if we may not write in an output folder, so that nothing is rendered in vain."""
    if output.exists() and not os.access(output, os.W_OK | os.X_OK):
        read_only = os.statvfs(output).f_flag & os.ST_RDONLY
        number = errno.EROFS if read_only else errno.EACCES
        raise OSError(number, os.strerror(number), str(output))


# ---------------------------------------------------------------- what stands in the way


def check_way(
    output: Path, staging: Path, writes: Iterable[str], deletions: Collection[str], owned: Container[str]
) -> None:
    """Raise RefusedError naming everything below `output` that a publication would have to destroy.

    That is: whatever we do not own at a place where we would write (unless its bytes are the very same), or a
    link or folder at one where we would write or delete. `owned` holds what is listed as ours.
    """
    if not output.is_dir():
        return
    with Below(output) as below:
        way = _Way(below, staging, frozenset(deletions), owned)
        found = {obstacle for path in writes for obstacle in way.find_at_write(path)}
        found |= {obstacle for path in deletions for obstacle in way.find_at_deletion(path)}
    if found:
        raise RefusedError(*(_tell(output, path, what) for path, what in sorted(found)))


def _tell(output: Path, path: str, what: str) -> Problem:
    hint = "move it away, or give the page another address, then build again"
    return error(str(output / path), f"{what} stands where the site needs its own file; nothing was touched", hint)


class _Way:
    """Looks at the places of one publication; every folder is looked at once."""

    def __init__(self, below: Below, staging: Path, deletions: frozenset[str], owned: Container[str]) -> None:
        self.below = below
        self.staging = staging
        self.deletions = deletions
        self.owned = owned
        self._folders: dict[str, tuple[tuple[str, str], ...]] = {"": ()}

    def find_at_write(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the place and the name of what keeps us from writing at `path`."""
        obstacles = self._find_above(path)
        kind = None if obstacles else self.below.look(path)
        if kind is None:
            yield from obstacles
        elif stat.S_ISDIR(kind.st_mode):
            yield from self._find_inside(path)
        elif not stat.S_ISREG(kind.st_mode):
            yield path, _name_kind(kind)
        elif path not in self.owned and not _equal_bytes(self.staging / path, self.below.root / path):
            yield path, "a file that site-builder did not make"

    def find_at_deletion(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the place and the name of what keeps us from deleting `path`."""
        obstacles = self._find_above(path)
        kind = None if obstacles else self.below.look(path)
        if kind is None:
            yield from obstacles
        elif not stat.S_ISREG(kind.st_mode):
            yield path, _name_kind(kind)

    def _find_above(self, path: str) -> tuple[tuple[str, str], ...]:
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = self._find_above(folder) or tuple(self._find_at_folder(folder))
        return self._folders[folder]

    def _find_at_folder(self, folder: str) -> Iterator[tuple[str, str]]:
        kind = self.below.look(folder)
        if kind is None or stat.S_ISDIR(kind.st_mode):
            return
        if not stat.S_ISREG(kind.st_mode):
            yield folder, _name_kind(kind)
        elif folder not in self.owned or folder not in self.deletions:
            yield folder, "a file that site-builder did not make"

    def _find_inside(self, folder: str) -> Iterator[tuple[str, str]]:
        # A folder may give way to a file of ours only if all that is in it is ours and about to go.
        for entry in os.scandir(self.below.root / folder):
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from self._find_inside(path)
            elif path not in self.deletions:
                yield path, "something that site-builder did not make"
        if not any(path.startswith(f"{folder}/") for path in self.deletions):
            yield folder, "a folder"


def _name_kind(kind: os.stat_result) -> str:
    if stat.S_ISLNK(kind.st_mode):
        return "a symbolic link"
    return "a folder" if stat.S_ISDIR(kind.st_mode) else "a special file"


def _equal_bytes(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


def _look(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
