"""Where a publication works before anything is visible, and the lock that keeps a second one away.

A work folder stands beside the output, or inside it where that is impossible; it holds the lock, the staged tree
and the record of what is under way, and is gone when nothing is. The lock is `flock`: it dies with its process,
so nothing left behind by a killed build can block the next one. This room knows not what is staged or recorded.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from site_builder.errors import MachineError, RefusedError, error
from site_builder.publish import disk
from site_builder.publish.ownership import NAME_BYTES, WORK_INSIDE

TREE = "new"
"""The staged files; after a swap, the old site."""
RECORD = "record.json"
"""What is under way. While it exists, the publication counts as decided and is only ever finished."""
LOCK = "lock"
LISTINGS = ("listing-during.json", "listing-after.json")
"""Ownership files that wait to be put in place."""
LISTING_DRAFT = "listing.draft"

_DRAFTS = (*LISTINGS, LISTING_DRAFT, disk.name_draft(Path(RECORD)).name)
_ATTEMPTS = 100
_NO_FILE = "no-such-file"


class Workplace(NamedTuple):
    """A locked place to work. `folder` is the work folder; `others` are work folders that other builds of the
    same output left, locked as well. `beside` tells whether a whole tree can be exchanged with the output.
    """  # noqa: D205 - the contract is one sentence

    folder: Path
    others: tuple[Path, ...]
    beside: bool

    @property
    def tree(self) -> Path:
        """The folder of the staged files."""
        return self.folder / TREE


def has_left_work(output: Path) -> bool:
    """Tell whether some publication of this output has left a work folder."""
    return any(os.path.lexists(folder) for folder in _list_places(output))


@contextmanager
def take_workplace(output: Path, place: str) -> Iterator[Workplace]:
    """Hold the lock on an output folder, which need not exist yet, and a folder to work in.

    At the end what was staged is removed, and the work folder with it, unless a record stands in it. Raises
    MachineError when another build holds the lock, RefusedError when a work folder is not ours, OSError.
    """
    with _made_folders(output.parent):
        folder = _choose_folder(output)
        beside = folder.parent == output.parent
        with ExitStack() as stack:
            if not beside:
                stack.enter_context(_made_folders(output))
            stack.enter_context(_held(folder, output, place))
            # A build that could not work in our place may be at work in another: each takes its own lock first
            # and looks for the other's then, so that at least one of two sees the other.
            others = tuple(other for other in _list_places(output) if other != folder and os.path.lexists(other))
            for other in others:
                stack.enter_context(_held(other, output, place))
            yield Workplace(folder, others, beside)


def save_record(folder: Path, record: object) -> None:
    """Write down what is under way, whole or not at all. Raises OSError."""
    try:
        disk.write_at_once(folder / RECORD, json.dumps(record).encode("ascii"))
        disk.flush_folder(folder.parent)  # the folder itself may be new
    except OSError:
        with suppress(OSError):  # a build that fails here has decided nothing
            disk.unlink(folder / RECORD)
        raise


def read_record(folder: Path) -> object:
    """Return what is under way as it was saved, None when nothing is.

    Raises RefusedError when it cannot be read: it was written whole, so somebody else has changed it.
    """
    try:
        return json.loads((folder / RECORD).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, RecursionError) as trouble:
        raise refuse_record(folder) from trouble


def refuse_record(folder: Path) -> RefusedError:
    """Return the error for a record that makes no sense."""
    hint = f"delete {folder} and build again; the output folder may hold parts of two versions until then"
    return RefusedError(error(str(folder / RECORD), "the record of an interrupted publication is damaged", hint))


def drop_record(folder: Path) -> None:
    """Declare what was under way finished. Raises OSError."""
    disk.unlink(folder / RECORD)


def clear_folder(folder: Path) -> None:
    """Remove what was staged in a work folder. Raises OSError."""
    disk.remove_tree(folder / TREE)
    for name in _DRAFTS:
        if (folder / name).exists():
            disk.unlink(folder / name)


# ---------------------------------------------------------------- places


def _list_places(output: Path) -> list[Path]:
    beside = output.with_name(f".{output.name}.site-builder")
    inside = output / WORK_INSIDE
    return [beside, inside] if len(os.fsencode(beside.name)) <= NAME_BYTES else [inside]


def _choose_folder(output: Path) -> Path:
    first, *rest = _list_places(output)
    return rest[0] if rest and not _can_work_beside(output) else first


def _can_work_beside(output: Path) -> bool:
    if not output.exists():
        return True
    if not os.access(output.parent, os.W_OK | os.X_OK):
        return False
    if output.lstat().st_dev != output.parent.lstat().st_dev:
        return False
    # A folder bound to another place has the same device, yet nothing can be renamed across. Renaming what does
    # not exist tells, and changes nothing: the system compares the mounts before it looks for the file.
    try:
        (output.parent / f".{output.name}.site-builder.{_NO_FILE}").rename(output / f"{WORK_INSIDE}.{_NO_FILE}")
    except OSError as trouble:
        return trouble.errno == errno.ENOENT
    return True


@contextmanager
def _made_folders(folder: Path) -> Iterator[None]:
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    try:
        for made in reversed(missing):
            with suppress(FileExistsError):
                disk.make_folder(made)
        yield
    finally:
        for made in missing:
            with suppress(OSError):  # it holds the site now
                disk.remove_folder(made)


# ---------------------------------------------------------------- the lock

_descriptors: set[int] = set()


def _let_go() -> None:
    # A worker process forked while the lock is held has a copy of it, and would hold it after its parent is
    # killed. Closing the copy releases nothing in the parent.
    for descriptor in _descriptors:
        with suppress(OSError):
            os.close(descriptor)
    _descriptors.clear()


os.register_at_fork(after_in_child=_let_go)


@contextmanager
def _held(folder: Path, output: Path, place: str) -> Iterator[None]:
    descriptor = _take_lock(folder, output, place)
    _descriptors.add(descriptor)
    try:
        yield
    finally:
        try:
            with suppress(OSError):  # what cannot be tidied now is tidied by the next build
                _leave(folder)
        finally:
            if descriptor in _descriptors:
                _descriptors.discard(descriptor)
                os.close(descriptor)


def _take_lock(folder: Path, output: Path, place: str) -> int:
    for _ in range(_ATTEMPTS):
        with suppress(FileExistsError):
            disk.make_folder(folder)
        _check_folder(folder, output)
        try:
            descriptor = disk.open_lock(folder / LOCK)
        except FileNotFoundError:
            continue  # its last holder has just removed the folder
        except OSError:
            with suppress(OSError):
                disk.remove_folder(folder)
            raise
        if not _lock(descriptor):
            os.close(descriptor)
            break
        # The last holder removes the file before it unlocks it: a lock on a file that has no name any more
        # keeps nobody away, since the next build makes a new file.
        if _is_same(descriptor, folder / LOCK):
            return descriptor
        os.close(descriptor)
    hint = "wait until it has finished; a build that was killed leaves no lock"
    raise MachineError(error(place, f"another build is publishing to {place}", hint))


def _check_folder(folder: Path, output: Path) -> None:
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    owners = {0, os.geteuid(), (output if output.exists() else output.parent).stat().st_uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        # Finishing a publication that somebody else has put there would be publishing for him.
        hint = "site-builder works there while it publishes; move it away and build again"
        raise RefusedError(error(str(folder), "is not a folder that site-builder made for you", hint))


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        os.close(descriptor)
        raise
    return True


def _is_same(descriptor: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), file.lstat())
    except FileNotFoundError:
        return False


def _leave(folder: Path) -> None:
    if (folder / RECORD).exists():
        return
    clear_folder(folder)
    disk.unlink(folder / LOCK)
    disk.remove_folder(folder)
