"""Publishing safely: the one door through which files get into an output folder.

At every instant each published file is entirely old or entirely new, what is linked is there, and what is not
ours is untouched; an interrupted publication is finished by whoever opens the folder next. This room knows paths
and bytes, not what a page means; the caller brings the files in an order in which nothing leads to a later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from site_builder.errors import MachineError, Problem, RefusedError, error, warning
from site_builder.publish import disk, journal, swap
from site_builder.publish.listing import Listing
from site_builder.publish.ownership import (
    OWNERSHIP_FILE,
    Ownership,
    check_listing,
    check_vacant,
    check_way,
    check_writable,
    find_fault,
    find_state,
    locate_output,
    read_ownership,
)
from site_builder.publish.presence import (
    Looks,
    find_folders,
    find_missing,
    find_unchanged,
    is_same_look,
    look_at,
    look_at_file,
)
from site_builder.publish.workplace import (
    Workplace,
    clear_folder,
    has_left_work,
    read_record,
    refuse_record,
    take_workplace,
)

SWAP_ABOVE = 64
"""More changes than this, and more than half of the site, are published as a whole tree. A swap costs a second
name for everything that stays, so it must not be the way of the usual rebuild; but where most files change,
readers would meet a mixture of two versions for as long as the renames take."""

STILL_STANDS = "the site that was published before still stands"
HALF_DONE = "what was begun is recorded, and the next build finishes it"


def stage(staging: Path, path: str, data: bytes) -> None:
    """Put the bytes of one file of the site into the staging folder, under its path below the output.

    May be called from several processes at once, for different paths; a second call for a path replaces the
    first. Raises RefusedError for a path that is not plain (see `ownership.find_fault`), MachineError when the
    disk does not take it.
    """
    if fault := find_fault(path):
        hint = "give the page another address"
        raise RefusedError(error(path, f"this path {fault}, so nothing is written there", hint))
    file = f"{staging}/{path}"  # for each page of a site: as a `Path`, naming it is a tenth of staging it
    try:
        try:
            disk.write_file(file, data)
        except FileNotFoundError:
            disk.make_folders(Path(file).parent)
            disk.write_file(file, data)
    except OSError as trouble:
        raise disk.explain(trouble, Path(file), STILL_STANDS) from trouble


def write_at_once(path: Path, data: bytes) -> None:
    """Replace a file outside the output, such as the ledger, so that it is entirely old or entirely new.

    It has mode 0644 then. Raises MachineError.
    """
    try:
        disk.write_at_once(path, data)
    except OSError as trouble:
        raise disk.explain(trouble, path, "the file is as it was") from trouble


@contextmanager
def open_output(output: Path) -> Iterator[OutputFolder]:
    """Take an output folder, which need not exist, for this build alone.

    A publication that was interrupted is finished first. At the end nothing but the site is left, neither in the
    folder nor beside it, unless a publication could not be finished. Raises RefusedError when the folder is not
    ours to publish in, MachineError when another build holds it or the machine will not do it.
    """
    with ExitStack() as stack:
        try:
            full = locate_output(output)
            workplace, folder = _enter(full, str(output), stack)
        except OSError as trouble:
            raise disk.explain(trouble, output, STILL_STANDS) from trouble
        try:
            yield folder
        except (KeyboardInterrupt, SystemExit):
            # Stopped by the user: what is decided is finished, it takes milliseconds. If it cannot be, the record
            # stays and the next build does it.
            with suppress(OSError, RefusedError):
                _finish_left(full, workplace.folder)
            raise


def _enter(output: Path, place: str, stack: ExitStack) -> tuple[Workplace, OutputFolder]:
    if not has_left_work(output) and find_state(output, place) is None:
        check_vacant(output, place, working=False)  # before anything is touched
    check_writable(output)
    workplace = stack.enter_context(take_workplace(output, place))
    left = [_finish_left(output, folder) for folder in (workplace.folder, *workplace.others)]
    state = find_state(output, place)
    if state is None:
        check_vacant(output, place, working=not workplace.beside)
    disk.make_folder(workplace.tree)
    return workplace, OutputFolder(output, place, workplace, state, left)


class OutputFolder:
    """An output folder that is held for this build. Made by `open_output`, good for one publication.

    `state` is what the publication that put there what is there was called, empty when not known; `staging` is the
    folder for `stage`; `resumed` tells that an interrupted publication was just finished here, so what a cache says
    of the output may be wrong, and `remarks` are warnings about that; `publish` returns them with its own.
    """

    def __init__(
        self,
        output: Path,
        place: str,
        workplace: Workplace,
        state: str | None,
        left: Iterable[list[Problem] | None],
    ) -> None:
        finished = [remarks for remarks in left if remarks is not None]
        self.state = state or ""
        self.staging = workplace.tree
        self.resumed = bool(finished)
        self.remarks = tuple(remark for remarks in finished for remark in remarks)
        self._output = output
        self._place = place
        self._workplace = workplace
        self._new = state is None
        self._used = False
        self._touched: set[str] = set()
        self._listing: Listing | None = None
        """The paths that are ours; None as long as nobody has asked for them."""
        self._count: int | None = None
        """How many they are, if the listing is known to be as we wrote it."""
        self._looks: Looks = {}
        """What is known of the folders above the paths that are ours; nothing, where it is not known of all."""

    @property
    def owned(self) -> Listing:
        """The posix paths below it that are listed as ours. Raises RefusedError when they are not as we list them."""
        if self._listing is None:
            known = read_ownership(self._output, self._place)
            listing = known.files if known else Listing()
            self._listing = listing if self._count is not None else check_listing(listing, self._place)
        return self._listing

    def count_owned(self) -> int:
        """Return how many paths are listed as ours. Raises what `owned` raises."""
        return self._count if self._listing is None and self._count is not None else len(self.owned)

    def recall(self, looks: Looks) -> Looks:
        """Take what `look_again` gave for what is true still, as who watched the folder may do; give the folders."""
        folders = dict(looks)
        look, _, count = folders.pop(OWNERSHIP_FILE, "").rpartition(" ")
        if is_same_look(look, look_at_file(self._output / OWNERSHIP_FILE)):
            self._count = int(count)
        self._looks = folders
        return folders

    def find_missing(self, looks: Looks | None = None) -> set[str]:
        """Return those paths of ours that are not there as regular files. Raises MachineError.

        `looks` is what `look_again` gave when the output was left in the state that it is in.
        """
        known = self.recall(looks or {})
        try:
            self._looks = look_at(self._output, known or {"", *find_folders(self.owned)})
            unchanged = find_unchanged(known, self._looks)
            is_as_left = known and len(unchanged) == len(known)
            missing = set() if is_as_left else find_missing(self._output, self.owned, unchanged)
        except OSError as trouble:
            raise disk.explain(trouble, self._output, STILL_STANDS) from trouble
        if not missing:  # then a folder that is not there has nothing of ours
            self._looks = {folder: look for folder, look in self._looks.items() if look}
        return missing

    def look_again(self) -> Looks:
        """Return what the next build can give to `find_missing`, after what was published.

        Of a folder in which nothing was published, it is what was seen before: so the next build sees what came or
        went there meanwhile. It is nothing where too little is known.
        """
        if not self._looks:
            return {}
        listing = f"{look_at_file(self._output / OWNERSHIP_FILE)} {self.count_owned()}"
        return {**self._looks, **look_at(self._output, self._touched), OWNERSHIP_FILE: listing}

    def publish(
        self, writes: Sequence[str], deletions: Sequence[str], listing: Iterable[str], state: str = ""
    ) -> tuple[Problem, ...]:
        """Put the staged files `writes` into the output in this order, then delete `deletions`.

        `listing` is every path of ours after it (`owned.change(writes, deletions)`); `state` names what the site is
        then, for the next build to compare with what it remembers, and must not depend on the machine or the moment.
        What was staged and is not in `writes` is dropped. Returns warnings about a site that is published all the same.
        Raises RefusedError, naming all obstacles at once, and MachineError, also when a file is not staged any more;
        ValueError when the arguments contradict each other or `publish` was called before.
        """
        before = Ownership(self.owned, self.state)
        after = Ownership(listing if isinstance(listing, Listing) else Listing.write(listing), state)
        self._check_plan(writes, deletions, after.files)
        self._used = True
        if not self._new and not writes and not deletions and after == before:
            return self.remarks
        try:
            check_way(self._output, self.staging, writes, deletions, before.files)
            return self.remarks + self._put(writes, deletions, before, after)
        except OSError as trouble:
            raise self._explain(trouble) from trouble

    def _put(
        self, writes: Sequence[str], deletions: Sequence[str], before: Ownership, after: Ownership
    ) -> tuple[Problem, ...]:
        if self._is_large(writes, deletions, after.files):
            with suppress(swap.CannotSwap):
                remarks = self._swap(writes, deletions, before, after)
                self._listing = after.files
                self._looks = dict.fromkeys({"", *find_folders(after.files)}, "")  # all are others now
                self._touched = set(self._looks)
                return remarks
        self._touched = {"", *find_folders([*writes, *deletions])}
        remarks = self._step(writes, deletions, before, after)
        self._listing = after.files
        return remarks

    def _check_plan(self, writes: Sequence[str], deletions: Sequence[str], listing: Listing) -> None:
        written, deleted = frozenset(writes), frozenset(deletions)
        if self._used:
            raise ValueError("an opened output is good for one publication")
        if len(written) != len(writes) or len(deleted) != len(deletions) or written & deleted:
            raise ValueError("a path may be written once or deleted once, not both")
        if not all(path in self.owned and path not in listing for path in deleted):
            raise ValueError("only what is owned can be deleted, and the listing has nothing that is deleted")
        new = sum(path not in self.owned for path in written)
        if not all(path in listing for path in written) or len(listing) != len(self.owned) + new - len(deleted):
            raise ValueError("the listing must hold what is written, and what is owned and not deleted, and no more")
        if absent := find_missing(self.staging, writes):
            hint = "something cleared the folder while the site was being built; build again"
            raise MachineError(error(str(self.staging / min(absent)), f"is not there any more; {STILL_STANDS}", hint))

    def _is_large(self, writes: Sequence[str], deletions: Sequence[str], listing: Listing) -> bool:
        changes = len(writes) + len(deletions)
        if self._new or (changes > SWAP_ABOVE and 2 * changes > len(listing)):
            return True
        # A folder that becomes a file, or the reverse, can be replaced without a gap only with the whole tree.
        return bool(journal.find_blocking(writes, deletions))

    def _swap(
        self, writes: Sequence[str], deletions: Sequence[str], before: Ownership, after: Ownership
    ) -> tuple[Problem, ...]:
        done = swap.publish_by_swap(self._output, self._workplace, writes, deletions, after, before)
        try:
            kept = swap.finish_swap(self._output, self._workplace.folder, done)
            clear_folder(self._workplace.folder)
            return tuple(_tell_kept(self._output, kept))
        except OSError as trouble:
            reason = "the new site is published, but the old one could not be cleared away"
            where = str(trouble.filename or self._workplace.folder)
            return (warning(where, f"{reason}: {trouble.strerror}", "the next build tries again"),)

    def _step(
        self, writes: Sequence[str], deletions: Sequence[str], before: Ownership, after: Ownership
    ) -> tuple[Problem, ...]:
        if self._new and self._output.exists():
            with suppress(PermissionError):  # a folder of somebody else's that we may write in
                disk.allow(self._output, disk.FOLDER_MODE)
        left_alone = journal.publish_by_steps(self._output, self._workplace, writes, deletions, after, before)
        if left_alone:
            what = "appeared while the site was being published, and was left alone; the rest is published"
            hint = "move it away and build again"
            raise RefusedError(*(error(str(self._output / path), what, hint) for path in left_alone))
        return ()

    def _explain(self, trouble: OSError) -> Exception:
        decided = read_record(self._workplace.folder) is not None
        return disk.explain(trouble, self._output, HALF_DONE if decided else STILL_STANDS)


def _finish_left(output: Path, folder: Path) -> list[Problem] | None:
    """Finish what is recorded in a work folder and clear the folder.

    Returns None when nothing was recorded, else warnings about files that had to be given another name.
    """
    record = read_record(folder)
    kept: list[str] = []
    if record is not None:
        if not isinstance(record, dict) or record.get("way") not in (journal.WAY, swap.WAY):
            raise refuse_record(folder)
        if record["way"] == journal.WAY:
            journal.finish_steps(output, folder, journal.parse_steps(folder, record))
        else:
            kept = swap.finish_swap(output, folder, swap.parse_swap(folder, record))
    clear_folder(folder)
    return None if record is None else _tell_kept(output, kept)


def _tell_kept(output: Path, kept: Iterable[str]) -> list[Problem]:
    what = "appeared while the site was being published, where it has a file of its own; kept under this name"
    return [warning(str(output / path), what) for path in kept]
