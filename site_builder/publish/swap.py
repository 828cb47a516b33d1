"""Publishing a whole tree at once: the new site is completed beside the output and takes its place in one step.

What does not change, and everything that is not ours, is in both trees under two names of the same file until the
old tree is cleared. This room knows nothing of the order of files; where it cannot work, it says so and has
changed nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator, Set
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from site_builder.errors import MachineError, RefusedError, error
from site_builder.publish import disk
from site_builder.publish.ownership import OWNERSHIP_FILE, Ownership, find_fault, write_ownership
from site_builder.publish.presence import find_folders
from site_builder.publish.workplace import TREE, Workplace, drop_record, refuse_record, save_record

WAY = "whole tree"

_IMPOSSIBLE = {
    errno.EINVAL,  # the file system has no exchange
    errno.ENOSYS,  # the system has none
    errno.EXDEV,  # part of the output is on another file system, or the output is one
    errno.EBUSY,  # the output is a mount point
    errno.EPERM,  # hard links to files of others are forbidden, or there are none
    errno.EACCES,  # the output folder itself is not ours to move
    errno.EMLINK,  # a file has as many names as it may
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
}
_CLEARINGS = 10
"""So often a folder of the old tree is looked through again, when files keep appearing in it."""


class Swap(NamedTuple):
    """What whoever clears the old tree must know."""

    tree: int | None
    """The number of the folder that was to become the output."""
    old: Set[str]
    """What was ours before."""
    new: Set[str]
    """What is ours after."""


class CannotSwap(Exception):  # noqa: N818 - no error: the other way of publishing is taken
    """This output cannot be exchanged as a whole; nothing of it was changed."""


def publish_by_swap(
    output: Path,
    workplace: Workplace,
    writes: Collection[str],
    deletions: Collection[str],
    after: Ownership,
    before: Ownership,
) -> Swap:
    """Make the staged files `writes`, with all that stays but `deletions`, the new `output` in one step.

    The ownership file says `before` before and `after` after. The caller has checked the way. The record stays until
    `finish_swap` has cleared the old tree. Raises CannotSwap, RefusedError, MachineError or OSError, with the output
    unchanged.
    """
    if not workplace.beside:
        raise CannotSwap
    tree = workplace.tree
    _drop_unwanted(tree, frozenset(writes))
    _Completion(output, tree, frozenset(writes), frozenset(deletions), after.files, before.files).run()
    disk.write_file(tree / OWNERSHIP_FILE, write_ownership(after))
    paths = [*writes, OWNERSHIP_FILE, ".", *find_folders(after.files)]
    disk.flush_all(tree, paths)  # before the exchange: it can outlive a power cut that the data does not
    swap = Swap(_number(tree), before.files, after.files)
    record = {"way": WAY, "tree": swap.tree, "old": sorted(swap.old), "new": sorted(swap.new)}
    save_record(workplace.folder, record)
    try:
        if output.exists():
            disk.exchange(tree, output)
        else:
            disk.rename(tree, output)
    except OSError as trouble:
        drop_record(workplace.folder)
        if trouble.errno in _IMPOSSIBLE:
            raise CannotSwap from trouble
        raise
    return swap


def finish_swap(output: Path, folder: Path, swap: Swap) -> list[str]:
    """Clear the tree that a swap has left in a work folder, whether or not it took place; drop the record.

    What is not ours and is missing in the output is moved there. Returns the paths that had to be given another
    name, because the site has a file of its own there. Raises OSError.
    """
    tree = folder / TREE
    disk.flush_folder(output.parent)
    kept: list[str] = []
    # A tree that has not been exchanged holds copies and second names only: the caller removes it. If neither is
    # the one recorded, both were copied from elsewhere, and nothing is taken for a copy without looking.
    if swap.tree != _number(tree) and tree.exists():
        if not output.exists():
            disk.make_folder(output)
        ours = swap.old if swap.tree == _number(output) else swap.old | swap.new
        with disk.Below(output) as below:
            clearing = _Clearing(below, tree, ours, swap.new)
            clearing.run()
            kept = clearing.kept
    drop_record(folder)
    return kept


def parse_swap(folder: Path, record: dict[str, object]) -> Swap:
    """Return the swap that is recorded in a work folder. Raises RefusedError for a senseless record."""
    number, old, new = record.get("tree"), record.get("old"), record.get("new")
    if not isinstance(number, int) or not isinstance(old, list) or not isinstance(new, list):
        raise refuse_record(folder)
    if any(not isinstance(path, str) or find_fault(path) for path in (*old, *new)):
        raise refuse_record(folder)
    return Swap(number, frozenset(old), frozenset(new))


def _number(folder: Path) -> int | None:
    try:
        return folder.lstat().st_ino
    except FileNotFoundError:
        return None


# ---------------------------------------------------------------- completing the new tree


def _drop_unwanted(tree: Path, wanted: Collection[str]) -> None:
    # A page may have been staged only to find that its bytes are the published ones.
    for path in list(_walk_files(tree, "")):
        if path not in wanted:
            disk.unlink(tree / path)
    for folder in sorted(_walk_folders(tree, ""), reverse=True):
        with suppress(OSError):
            disk.remove_folder(tree / folder)


def _walk_files(root: Path, folder: str) -> Iterator[str]:
    for entry in os.scandir(root / folder):
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk_files(root, path)
        else:
            yield path


def _walk_folders(root: Path, folder: str) -> list[str]:
    found = []
    for entry in os.scandir(root / folder):
        if entry.is_dir(follow_symlinks=False):
            path = f"{folder}/{entry.name}" if folder else entry.name
            found += [path, *_walk_folders(root, path)]
    return found


@contextmanager
def _possible() -> Iterator[None]:
    try:
        yield
    except OSError as trouble:
        if trouble.errno in _IMPOSSIBLE:
            raise CannotSwap from trouble
        raise


class _Completion:
    """Gives everything in the output that stays a second name in the new tree."""

    def __init__(
        self,
        output: Path,
        tree: Path,
        writes: frozenset[str],
        deletions: frozenset[str],
        listing: Set[str],
        owned: Set[str],
    ) -> None:
        self.output = output
        self.tree = tree
        self.new = not owned
        self.replaced = writes | deletions
        self.staying = listing - writes
        self.unseen = set(self.staying)
        self.our_folders = frozenset(find_folders(chain(owned, listing)))
        self.folders: list[str] = []
        self.changed: list[str] = []

    def run(self) -> None:
        """Complete the tree. Raises RefusedError or MachineError if what is ours is not there as it was."""
        if self.output.exists():
            self.device = self.output.lstat().st_dev
            self._link_folder("")
        if self.changed:
            what, hint = "is no longer a plain file; nothing was touched", "move it away and build again"
            raise RefusedError(*(error(str(self.output / path), what, hint) for path in sorted(self.changed)))
        if self.unseen:
            what, hint = "vanished while the site was being published; nothing was touched", "build again"
            raise MachineError(*(error(str(self.output / path), what, hint) for path in sorted(self.unseen)))
        for folder in reversed(self.folders):
            self._copy_facts(folder)

    def _link_folder(self, folder: str) -> None:
        if os.lstat(self.output / folder).st_dev != self.device:
            raise CannotSwap  # a mounted folder cannot come along
        self.folders.append(folder)
        with _possible():  # a folder of somebody's that we may not read cannot come along either
            entries = list(os.scandir(self.output / folder))
        is_made = False
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if path in self.staying:
                    self.changed.append(path)
                self._link_folder(path)
            elif path in self.staying and not entry.is_file(follow_symlinks=False):
                self.changed.append(path)
            elif path != OWNERSHIP_FILE and path not in self.replaced:
                if not is_made:
                    disk.make_folders(self.tree / folder)
                    is_made = True
                self._link(path)
        if not entries and folder not in self.our_folders:
            disk.make_folders(self.tree / folder)

    def _link(self, path: str) -> None:
        with suppress(FileNotFoundError), _possible():  # it may vanish meanwhile; if it is ours, that is told
            disk.link(self.output / path, self.tree / path)
            self.unseen.discard(path)

    def _copy_facts(self, folder: str) -> None:
        source, target = self.output / folder, self.tree / folder
        if not target.is_dir():
            return
        with suppress(FileNotFoundError), _possible():
            disk.copy_folder_facts(source, target)
        if folder in self.our_folders or not folder:
            disk.touch(target)  # its contents change, and programs that copy folders go by that
        if not folder and self.new:
            disk.allow(target, disk.FOLDER_MODE)  # a folder that becomes ours; later its mode is the user's choice


# ---------------------------------------------------------------- clearing the old tree


class _Clearing:
    """Removes an old tree: what was ours, and second names of what is in the new one. The rest is moved over."""

    def __init__(self, below: disk.Below, tree: Path, ours: Set[str], new: Set[str]) -> None:
        self.below = below
        self.tree = tree
        self.ours = ours
        self.our_folders = frozenset(find_folders(ours))
        self.new = new
        self.kept: list[str] = []

    def run(self) -> None:
        """Remove the tree."""
        if self.tree.is_dir():
            self._clear_folder("")

    def _clear_folder(self, folder: str) -> None:
        disk.allow(self.tree / folder, disk.OWNER_BITS)  # a read-only folder of somebody's is in both trees
        for last in (*[False] * _CLEARINGS, True):
            for entry in list(os.scandir(self.tree / folder)):
                path = f"{folder}/{entry.name}" if folder else entry.name
                if not entry.is_dir(follow_symlinks=False):
                    self._clear_file(path, entry.is_file(follow_symlinks=False))
                elif path in self.our_folders or self.below.look(path) is not None:
                    self._clear_folder(path)
                else:
                    self._move(path)  # a folder that appeared meanwhile
            try:
                disk.remove_folder(self.tree / folder)
            except OSError as trouble:
                if last or trouble.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            else:
                return

    def _clear_file(self, path: str, plain: bool) -> None:
        ours = path == OWNERSHIP_FILE or (plain and path in self.ours)
        if ours or self._is_twin(path):
            disk.unlink(self.tree / path)
        else:
            self._move(path)

    def _is_twin(self, path: str) -> bool:
        found = self.below.look(path)
        if found is None:
            return False
        here = os.lstat(self.tree / path)
        if (here.st_dev, here.st_ino) == (found.st_dev, found.st_ino):
            return True
        if not stat.S_ISREG(here.st_mode) or not stat.S_ISREG(found.st_mode) or here.st_size != found.st_size:
            return False
        return (self.tree / path).read_bytes() == (self.below.root / path).read_bytes()

    def _move(self, path: str) -> None:
        place = self._find_place(path)
        folder, _, name = place.rpartition("/")
        disk.rename(self.tree / path, name, self.below.open(folder, make=True))
        if place != path:
            self.kept.append(place)

    def _find_place(self, path: str) -> str:
        # The newer version of somebody's file takes the place of the older; what is ours stays where it is, and
        # his file gets a name beside it.
        names = path.split("/")
        for index, name in enumerate(names):
            place = "/".join([*names[:index], name])
            found = self.below.look(place)
            is_folder = found is not None and stat.S_ISDIR(found.st_mode)
            last = index == len(names) - 1
            if found is None or (is_folder and not last) or (last and not is_folder and place not in self.new):
                continue
            names[index] = self._find_name(names[:index], name)
        return "/".join(names)

    def _find_name(self, above: list[str], name: str) -> str:
        number = 1
        while self.below.look("/".join([*above, f"{name}.kept-{number}"])) is not None:
            number += 1
        return f"{name}.kept-{number}"
