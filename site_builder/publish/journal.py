"""Publishing file by file: a list of steps, written down first and then taken one after the other.

Each step is a rename, a deletion or a new ownership file, and can be repeated, so an interrupted list is finished
by going through it again from its start. This room knows nothing of why the steps come in this order.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from site_builder.publish import disk
from site_builder.publish.listing import Listing
from site_builder.publish.ownership import (
    OWNERSHIP_FILE,
    Ownership,
    check_listing,
    find_fault,
    read_ownership,
    write_ownership,
)
from site_builder.publish.presence import find_folders
from site_builder.publish.workplace import (
    LISTING_DRAFT,
    LISTINGS,
    TREE,
    Workplace,
    drop_record,
    refuse_record,
    save_record,
)

WAY = "file by file"

Step = tuple[str | int, ...]
"""`("list", name)`: the ownership file `name` of the work folder takes the place of the present one;
`("write", path, known)`: the staged file takes its place, where a file was `known` to stand or not;
`("delete", path, size, mtime_ns)`: the file goes if it is still the one with this size and time."""

_STAYS = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EBUSY, errno.EPERM, errno.EACCES}
"""Why a folder may outlive the files that we had in it: it has others, is a mount point, or is not ours to remove."""


def publish_by_steps(
    output: Path,
    workplace: Workplace,
    writes: Sequence[str],
    deletions: Sequence[str],
    after: Ownership,
    before: Ownership,
) -> list[str]:
    """Put the staged files `writes` into `output` one by one in this order, then delete `deletions`.

    The ownership file says `before` before and `after` after; between the two, both lists are ours. The caller has
    checked the way. Returns the paths that were left alone, because something stood there that was not there at the
    check. Raises OSError: before the record is saved nothing has changed, after it the publication can only be
    finished.
    """
    first, last = _stage_listings(workplace.folder, deletions, after, before)
    steps = [*first, *_plan_steps(_look_at(output, [*writes, *deletions]), writes, deletions), *last]
    # The data must be on the disk before a name leads to it: a rename can outlive a power cut that the data does
    # not, and would leave an empty page. So must the staged names: one that is gone counts as put in its place.
    disk.flush_all(workplace.tree, [*writes, ".", *find_folders(writes)])
    save_record(workplace.folder, {"way": WAY, "steps": steps})
    return finish_steps(output, workplace.folder, steps)


def finish_steps(output: Path, folder: Path, steps: Iterable[Step]) -> list[str]:
    """Take all steps that were not taken yet, and drop the record. See `publish_by_steps`."""
    if not output.exists():
        disk.make_folder(output)
    left_alone = []
    touched = {""}
    with disk.Below(output) as below:
        for step in steps:
            if step[0] == "list":
                _put_listing(folder / str(step[1]), below)
                continue
            path = str(step[1])
            touched.update(find_folders([path]))
            if step[0] == "delete":
                _delete(below, path, step[2:])
            elif not _put(below, folder / TREE / path, path, bool(step[2])):
                left_alone.append(path)
        if left_alone:
            _disown(output, folder, left_alone)
        # Only now may the record go: until the folders are on the disk, a power cut can undo any of the renames.
        disk.flush_folders(below, touched)
    drop_record(folder)
    return left_alone


def parse_steps(folder: Path, record: dict[str, object]) -> list[Step]:
    """Return the steps of a record. Raises RefusedError when one of them makes no sense."""
    steps = record.get("steps")
    if not isinstance(steps, list) or not all(map(_is_step, steps)):
        raise refuse_record(folder)
    return [tuple(step) for step in steps]


def _is_step(step: object) -> bool:
    match step:
        case ["list", str(name)]:
            return name in LISTINGS
        case ["write", str(path), bool()] | ["delete", str(path), int(), int()]:
            return not find_fault(path)
    return False


# ---------------------------------------------------------------- planning


def _stage_listings(
    folder: Path, deletions: Iterable[str], after: Ownership, before: Ownership
) -> tuple[list[Step], list[Step]]:
    # At every instant all that we have put there must be listed: what is listed and missing does no harm, what is
    # there and not listed is somebody's for ever. The new state may be named early: until the last step the record
    # stands, and whoever opens the folder finishes it first.
    files = after.files.change(deletions)
    both = Ownership(files, after.state if files == after.files else "")
    steps: tuple[list[Step], list[Step]] = ([], [])
    first, last = LISTINGS
    if not before.files or both.files != before.files or (both != before and both == after):
        disk.write_file(folder / first, write_ownership(both), durable=True)
        steps[0].append(("list", first))
    if after != both:
        disk.write_file(folder / last, write_ownership(after), durable=True)
        steps[1].append(("list", last))
    return steps


def _look_at(output: Path, paths: Iterable[str]) -> dict[str, os.stat_result | None]:
    if not output.exists():
        return dict.fromkeys(paths)
    with disk.Below(output) as below:
        return {path: below.look(path) for path in paths}


def _plan_steps(
    known: Mapping[str, os.stat_result | None], writes: Iterable[str], deletions: Collection[str]
) -> list[Step]:
    blocking = find_blocking(writes, deletions)
    early: list[Step] = []
    late: list[Step] = []
    for path in deletions:
        found = known[path]
        facts = (-1, -1) if found is None else (found.st_size, found.st_mtime_ns)
        (early if path in blocking else late).append(("delete", path, *facts))
    middle: list[Step] = [("write", path, _is_file(known[path])) for path in writes]
    return [*early, *middle, *late]


def find_blocking(writes: Iterable[str], deletions: Collection[str]) -> set[str]:
    """Return the deletions that must come before the writes: a file where a folder is needed, or the reverse."""
    going = set(deletions)
    written = set(writes)
    files = {folder for folder in find_folders(written) if folder in going}
    if written.isdisjoint(find_folders(going)):
        return files
    return files | {path for path in going if not written.isdisjoint(find_folders([path]))}


# ---------------------------------------------------------------- steps


def _is_file(found: os.stat_result | None) -> bool:
    return found is not None and stat.S_ISREG(found.st_mode)


def _put_listing(source: Path, below: disk.Below) -> None:
    if source.exists():
        disk.rename(source, OWNERSHIP_FILE, below.open(""))


def _put(below: disk.Below, source: Path, path: str, known: bool) -> bool:
    if not source.exists():
        return True  # the step was taken before the interruption
    folder, _, name = path.rpartition("/")
    found = below.look(path)
    if found is not None and not (known and _is_file(found)):
        return False
    try:
        target = below.open(folder, make=True)
    except NotADirectoryError:
        return False
    try:
        disk.rename(source, name, target)
    except OSError as trouble:
        trouble.filename = str(below.root / path)
        raise
    return True


def _delete(below: disk.Below, path: str, facts: Step) -> None:
    folder, _, name = path.rpartition("/")
    found = below.look(path)
    # After an interruption the file may be somebody's own under the same name: then size or time differ.
    if found is not None and _is_file(found) and (found.st_size, found.st_mtime_ns) == facts:
        try:
            disk.unlink(name, below.open(folder))
        except OSError as trouble:
            trouble.filename = str(below.root / path)
            raise
    _remove_empty(below, folder)


def _remove_empty(below: disk.Below, folder: str) -> None:
    while folder:
        above, _, name = folder.rpartition("/")
        try:
            disk.remove_folder(name, below.open(above))
        except FileNotFoundError:
            pass  # removed before an interruption, while the one above may still be there
        except OSError as trouble:
            if trouble.errno in _STAYS:
                return
            raise
        below.forget()
        folder = above


def _disown(output: Path, folder: Path, paths: Iterable[str]) -> None:
    found = read_ownership(output, str(output))
    listed = check_listing(found.files, str(output)) if found else Listing()
    draft = folder / LISTING_DRAFT
    # Without the name of a state: this is none that the caller wanted.
    disk.write_file(draft, write_ownership(Ownership(listed.change(removed=paths), "")), durable=True)
    disk.rename(draft, output / OWNERSHIP_FILE)
