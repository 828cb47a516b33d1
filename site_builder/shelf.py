"""The shelf: the content folder, to which files are added and in which none is changed.

Never over an existing file, never half a file, never through a link. What a file is, and what it is called, is not
known here.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from site_builder.errors import ConfigError, MachineError, RefusedError, error
from site_builder.publish.disk import Below, flush_file_system, write

DRAFT = ".site-builder-add.draft"
"""Where a file is written before it gets its name; a build leaves out what begins with a dot."""

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)


class Shelf:
    """The content folder, which is made when its parent is there. With `dry_run` nothing is written.

    Entering raises ConfigError where there can be no such folder; every method raises RefusedError when a link or a
    file stands where a folder should be, and MachineError when the disk fails.
    """

    def __init__(self, content: Path, shown: str, *, dry_run: bool) -> None:
        """Take a content folder, and what messages call it."""
        self._content, self._shown, self._dry_run = content, shown, dry_run
        self._below: Below | None = None

    def __enter__(self) -> Shelf:
        try:
            if not self._dry_run and not self._content.exists():
                self._content.mkdir()
            # The content folder may be a link of the user's own; what is in it is never followed.
            self._below = Below(Path(os.path.realpath(self._content)))
        except FileNotFoundError:
            if not self._dry_run:
                raise ConfigError(error(self._shown, "there is no folder to make this one in")) from None
        except NotADirectoryError:
            raise ConfigError(error(self._shown, "is no folder", "name another with --content")) from None
        except OSError as exc:
            raise self._explain(exc, self._shown) from exc
        return self

    def __exit__(self, *reason: object) -> None:
        if self._below is None:
            return
        if not self._dry_run:
            with suppress(OSError):  # where the system has no such call, it writes in its own time
                flush_file_system(self._below.open(""))
        self._below.__exit__(None, None, None)

    def put(self, folder: str, names: Iterator[str], data: bytes) -> bool:
        """Store `data` in `folder` under the first of `names` that is free; return False when it is there already."""
        try:
            return self._put(folder, names, data)
        except OSError as exc:
            raise self._explain(exc, f"{self._shown}/{folder}") from exc

    def _put(self, folder: str, names: Iterator[str], data: bytes) -> bool:
        descriptor = self._open(folder)
        if descriptor is None:
            return True
        for name in names:
            found = _compare(name, descriptor, data)
            if found is None:
                if self._dry_run or _create(name, descriptor, data):
                    return True
            elif found:
                return False
        raise FileExistsError(errno.EEXIST, "every name for a record is taken")

    def compare(self, path: str, data: bytes) -> bool | None:
        """Return whether the file at a path below the folder has the bytes `data`; None when nothing is there."""
        folder, _, name = path.rpartition("/")
        try:
            if self._below is None:
                return None
            return _compare(name, self._below.open(folder), data)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise self._explain(exc, f"{self._shown}/{path}") from exc

    def create(self, path: str, data: bytes) -> bool:
        """Make a file whole or not at all; return False when something is there, which stays as it is."""
        folder, _, name = path.rpartition("/")
        try:
            descriptor = self._open(folder)
            return self._dry_run or descriptor is None or _create(name, descriptor, data)
        except OSError as exc:
            raise self._explain(exc, f"{self._shown}/{path}") from exc

    def take_back(self, path: str) -> None:
        """Remove a file that `create` has made a moment ago."""
        folder, _, name = path.rpartition("/")
        if self._below is not None and not self._dry_run:
            with suppress(OSError):
                os.unlink(name, dir_fd=self._below.open(folder))

    def _open(self, folder: str) -> int | None:
        """Return a descriptor of a folder, which is made if need be; None where a dry run would make it."""
        if self._below is None:
            return None
        try:
            return self._below.open(folder, make=not self._dry_run)
        except FileNotFoundError:
            return None

    def _explain(self, trouble: OSError, place: str) -> MachineError | RefusedError:
        if isinstance(trouble, NotADirectoryError):
            message = "is, or lies in, a link or a file, and articles are not put through it"
            return RefusedError(error(place, message, "put a folder there"))
        hint = "what was added stays; add the rest again to go on"
        return MachineError(error(place, f"cannot be written: {trouble.strerror or trouble}", hint))


def _compare(name: str, folder: int, data: bytes) -> bool | None:
    """Return whether a file has the bytes `data`; None when there is nothing of that name."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_size != len(data):
        return False
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, flags, dir_fd=folder), "rb") as file:  # noqa: PTH123 - from a descriptor
        return file.read() == data


def _create(name: str, folder: int, data: bytes) -> bool:
    """Make a file whole or not at all; return False when the name was taken meanwhile. Raises OSError."""
    try:
        _write_draft(folder, data)
        try:
            os.link(DRAFT, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as trouble:
            if trouble.errno not in _NO_LINKS:
                raise
            _rename_draft(name, folder)
    except FileExistsError:
        return False
    finally:
        with suppress(FileNotFoundError):
            os.unlink(DRAFT, dir_fd=folder)
    return True


def _write_draft(folder: int, data: bytes) -> None:
    # A draft of a run that was killed may be a second name of an article: it is removed, never written into.
    with suppress(FileNotFoundError):
        os.unlink(DRAFT, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(DRAFT, flags, 0o666, dir_fd=folder)
    try:
        write(descriptor, data)
    finally:
        os.close(descriptor)


def _rename_draft(name: str, folder: int) -> None:
    """Give the draft its name where the file system has no links: the name is taken first, so nothing is replaced."""
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder))
    os.rename(DRAFT, name, src_dir_fd=folder, dst_dir_fd=folder)
