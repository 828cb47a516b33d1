"""The few calls that change the disk, and what must be built on them to be safe.

Everything that publishing does to the disk goes through the first group of functions, so that a test can make
the k-th of them fail. The second group opens folders without following a link, makes changes durable and turns
an error of the machine into words. This room knows nothing of sites, listings or locks.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from site_builder.errors import MachineError, error

FILE_MODE = 0o644
FOLDER_MODE = 0o755
OWNER_BITS = 0o700

FLUSHED_SINGLY = 64
"""Up to so many files are flushed one by one; beyond, the file system is flushed once. A flush costs 0.2 ms on a
solid-state disk and 10 ms on a turning one, so 1,000 pages would take up to 10 s; one `syncfs` takes 15 ms, but also
writes what other programs have left to write, which is why a few files are not worth it."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


# ---------------------------------------------------------------- the calls that change the disk


def create_file(path: str | Path) -> int:
    """Open a new or emptied regular file of mode 0644 and return its descriptor. Never follows a link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, FILE_MODE)
    os.fchmod(descriptor, FILE_MODE)  # a umask of 077 would hide the page from the web server
    return descriptor


def write(descriptor: int, data: bytes) -> None:
    """Write all of `data`."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def flush(descriptor: int) -> None:
    """Wait until a file or folder is on the disk."""
    os.fsync(descriptor)


def flush_file_system(descriptor: int) -> None:
    """Wait until all of the file system is on the disk. Raises OSError (ENOSYS) where there is no `syncfs`."""
    _call("syncfs", descriptor)


def make_folder(name: str | Path, folder: int | None = None) -> None:
    """Make one folder of mode 0755, below the open `folder` if given. Raises FileExistsError."""
    os.mkdir(name, FOLDER_MODE, dir_fd=folder)
    mode = stat.S_IMODE(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    if mode | FOLDER_MODE != mode:  # the umask took bits away; a set-group-id bit of the parent is kept
        os.chmod(name, mode | FOLDER_MODE, dir_fd=folder)


def rename(source: Path, name: str | Path, folder: int | None = None) -> None:
    """Rename `source` to `name`, below the open `folder` if given, in place of a file that may stand there."""
    os.rename(source, name, dst_dir_fd=folder)


def exchange(one: Path, other: Path) -> None:
    """Let two paths change places in one step, so that neither is missing at any instant.

    Raises OSError: ENOSYS where the system has no such call, EINVAL where the file system has not.
    """
    _call("renameat2", _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)


def link(source: Path, target: Path) -> None:
    """Give a file, or a symbolic link itself, a second name."""
    os.link(source, target, follow_symlinks=False)


def unlink(name: str | Path, folder: int | None = None) -> None:
    """Remove one name that is no folder, below the open `folder` if given."""
    os.unlink(name, dir_fd=folder)


def remove_folder(name: str | Path, folder: int | None = None) -> None:
    """Remove one empty folder, below the open `folder` if given."""
    os.rmdir(name, dir_fd=folder)


def copy_folder_facts(source: Path, target: Path) -> None:
    """Give a folder the owner, mode, times and extended attributes of another."""
    old, new = source.lstat(), target.lstat()
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(target, old.st_uid, old.st_gid)  # before the mode: a change of owner drops set-id bits
    import shutil

    shutil.copystat(source, target, follow_symlinks=False)


def allow(folder: Path, bits: int) -> None:
    """Add mode bits to a folder that lacks them."""
    mode = stat.S_IMODE(folder.lstat().st_mode)
    if mode | bits != mode:
        folder.chmod(mode | bits)


def touch(folder: Path) -> None:
    """Give a folder the present time."""
    os.utime(folder)


def open_lock(file: Path) -> int:
    """Open a file for locking, made if need be, and return its descriptor. Never follows a link."""
    flags = os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(file, os.O_RDWR | flags, FILE_MODE)
    except PermissionError:  # another user's: enough to see that it is held
        return os.open(file, os.O_RDONLY | flags, FILE_MODE)


@cache
def _library() -> Any:  # noqa: ANN401 - a library of C functions has no type that could be named
    import ctypes  # half of what publishing nothing would cost

    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> None:
    function = getattr(_library(), name, None) if sys.platform == "linux" else None
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    if function(*arguments) != 0:
        import ctypes

        number = ctypes.get_errno()
        paths = [os.fsdecode(argument) for argument in arguments if isinstance(argument, bytes)]
        raise OSError(number, os.strerror(number), *paths[-1:])


# ---------------------------------------------------------------- folders below a root


class Below:
    """The folders below a root, opened component by component and never through a link.

    Names are looked up in an open folder, so a link that somebody puts in the way at the last moment leads
    nowhere. At most three descriptors are open, so that a process with few of them can publish.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._last = ("", self._root)

    def __enter__(self) -> Below:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.forget()
        os.close(self._root)

    def forget(self) -> None:
        """Close the folder used last; needed after a folder was removed."""
        if self._last[1] != self._root:
            os.close(self._last[1])
        self._last = ("", self._root)

    def open(self, folder: str, *, make: bool = False) -> int:
        """Return a descriptor of a folder (posix path below the root, empty for the root itself).

        It stays open until the next call. Raises FileNotFoundError, or NotADirectoryError when a file or a link
        is in the way; with `make`, missing folders are made.
        """
        if folder != self._last[0]:
            self.forget()
            if folder:
                self._last = (folder, self._walk(folder.split("/"), make))
        return self._last[1]

    def _walk(self, names: list[str], make: bool) -> int:
        current = self._root
        try:
            for name in names:
                following = _open_folder(name, current, make)
                if current != self._root:
                    os.close(current)
                current = following
        except BaseException:
            if current != self._root:
                os.close(current)
            raise
        return current

    def look(self, path: str) -> os.stat_result | None:
        """Return what stands at a posix path below the root, a link as itself; None when nothing does, or when
        a file or link stands in the place of one of its folders.
        """  # noqa: D205 - the contract is one sentence
        folder, _, name = path.rpartition("/")
        try:
            return os.stat(name, dir_fd=self.open(folder), follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None


def _open_folder(name: str, parent: int, make: bool) -> int:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(name, flags, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            raise
    except OSError as trouble:
        if trouble.errno == errno.ELOOP:  # some systems say so of a link where Linux says "not a directory"
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name) from trouble
        raise
    make_folder(name, parent)
    return os.open(name, flags, dir_fd=parent)


# ---------------------------------------------------------------- whole files and trees


def write_file(path: str | Path, data: bytes, *, durable: bool = False) -> None:
    """Write a regular file of mode 0644, and wait for the disk when it is to be `durable`.

    A file that could not be written whole is removed. Raises OSError.
    """
    descriptor = create_file(path)
    try:
        write(descriptor, data)
        if durable:
            flush(descriptor)
    except OSError as trouble:
        trouble.filename = trouble.filename or str(path)
        with suppress(OSError):
            unlink(path)
        raise
    finally:
        os.close(descriptor)


def write_at_once(path: Path, data: bytes) -> None:
    """Write a file so that its bytes are entirely old or entirely new, also after a power cut. Raises OSError.

    A symbolic link is followed, as it is when a user saves a file of his own.
    """
    place = Path(os.path.realpath(path))
    draft = name_draft(place)
    write_file(draft, data, durable=True)
    try:
        rename(draft, place)
    except OSError:
        with suppress(OSError):
            unlink(draft)
        raise
    flush_folder(place.parent)


def name_draft(path: Path) -> Path:
    """Return where `write_at_once` writes before the file takes its place."""
    return path.with_name(f".{path.name}.draft")


def make_folders(folder: Path) -> None:
    """Make a folder and those above it that are missing; others may be doing the same at the same time."""
    try:
        make_folder(folder)
    except FileNotFoundError:
        make_folders(folder.parent)
        make_folders(folder)
    except FileExistsError:
        if not folder.is_dir():
            raise


def flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    with _opened(folder) as descriptor:
        flush(descriptor)


def flush_all(root: Path, paths: Collection[str]) -> None:
    """Wait until the files or folders `paths` (posix, below `root`) are on the disk.

    Raises OSError when the disk would not take them.
    """
    if len(paths) > FLUSHED_SINGLY and _flush_once(root):
        return
    for path in paths:
        with _opened(root / path) as descriptor:
            flush(descriptor)


def flush_folders(below: Below, folders: Collection[str]) -> None:
    """Wait until the names in these folders are on the disk; those that are gone or blocked do not count.

    Raises OSError when the disk would not take them.
    """
    if len(folders) > FLUSHED_SINGLY and _flush_once(below.root):
        return
    for folder in folders:
        with suppress(FileNotFoundError, NotADirectoryError):
            flush(below.open(folder))


def _flush_once(root: Path) -> bool:
    with _opened(root) as descriptor:
        try:
            flush_file_system(descriptor)
        except OSError as trouble:
            if trouble.errno != errno.ENOSYS:
                trouble.filename = trouble.filename or str(root)
                raise
            return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    except OSError as trouble:
        trouble.filename = trouble.filename or str(path)
        raise
    finally:
        os.close(descriptor)


def remove_tree(root: Path) -> None:
    """Remove a folder with all that is in it, never following a link; one that is not there is no error."""
    try:
        allow(root, OWNER_BITS)  # a copy of somebody's read-only folder could not be emptied
        entries = list(os.scandir(root))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            remove_tree(Path(entry.path))
        else:
            unlink(entry.path)
    remove_folder(root)


# ---------------------------------------------------------------- words

_REASONS = {
    errno.ENOSPC: ("no space left on the disk", "free some room and build again"),
    errno.EDQUOT: ("your disk quota is used up: no space left for you", "free some room and build again"),
    errno.EACCES: ("permission denied", "give yourself the right to write there, or publish elsewhere"),
    errno.EPERM: ("the system does not permit it", "give yourself the right to write there, or publish elsewhere"),
    errno.EROFS: ("the file system is read-only", "mount it for writing, or publish elsewhere"),
    errno.EIO: ("the disk reports an input/output error", "look at the disk's health before anything else"),
    errno.EMFILE: ("too many open files for this process", "raise the limit (ulimit -n)"),
    errno.ENFILE: ("too many open files on this machine", "close some programs"),
    errno.ENAMETOOLONG: ("the name is too long for the file system", "give the page a shorter address"),
}


def explain(trouble: OSError, place: Path, standing: str) -> MachineError:
    """Return the error for people: what could not be done, where, why, and what is `standing` now."""
    number = trouble.errno or 0
    reason, advice = _REASONS.get(number, (trouble.strerror or str(trouble), "build again"))
    where = str(trouble.filename or place)
    return MachineError(error(where, f"cannot publish: {reason}", f"{advice}; {standing}"))
