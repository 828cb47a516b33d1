"""The attach stage: which of the files that articles show or link to are there, and what is known of them.

Folders are listed and names compared, so that what is found is the same on every file system; links are not followed. A
site without such files costs nothing here. What pages make of the files is not known.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from site_builder.attachments import list_addresses
from site_builder.config import Config
from site_builder.model import FileFacts, Signature
from site_builder.reading import RACY_NS, Hire
from site_builder.sources import find_versions, make_signature
from site_builder.values import dataclass

FROM_ROOT = ("", "static/", "files/")
"""Folders of the content in which a path from the root of a site may lie; Hugo, Zola and Nikola copy the last two."""

_NOTHING = Signature(0, 0, 0, 0)
_MISSING = FileFacts("", _NOTHING, "", problem="is not there", hint="put the file there, or mend its path")


@dataclass(frozen=True, slots=True)
class Attached:
    """What is known of files now, and what was before, by the ids by which articles name them."""

    files: Mapping[str, FileFacts] = field(default_factory=dict)
    before: Mapping[str, FileFacts] = field(default_factory=dict)

    @property
    def changed(self) -> frozenset[str]:
        """The ids of the files that pages may have to show otherwise than before."""
        both = self.files.keys() & self.before.keys()
        return frozenset(id_ for id_ in both if _strip(self.files[id_]) != _strip(self.before[id_]))

    def name_changed(self) -> dict[str, str]:
        """Return the addresses of those files, as they were and as they are, each with the path of its source."""
        both = (files[id_] for id_ in self.changed for files in (self.before, self.files))
        return {address: facts.path for facts in both for address in list_addresses(facts)}

    @property
    def news(self) -> dict[str, FileFacts]:
        """What the next build must know and does not know yet."""
        return {id_: facts for id_, facts in self.files.items() if self.before.get(id_) != facts}


def _strip(facts: FileFacts) -> FileFacts:
    return facts._replace(signature=_NOTHING)


def attach_files(
    ids: Iterable[str], known: Mapping[str, FileFacts], config: Config, hire: Hire, started_ns: int
) -> Attached:
    """Return what is known of the files of these ids, which holds as long as nobody touches them.

    `known` is what the last build knew; `started_ns` is a time before any of this, in nanoseconds since the epoch.
    """
    tree = _Tree(config)
    found: dict[str, FileFacts] = {}
    unsure: dict[str, tuple[str, Signature]] = {}
    for id_ in sorted(set(ids)):
        place = tree.find(id_)
        if isinstance(place, FileFacts):
            found[id_] = place
        elif id_ in known and (known[id_].path, known[id_].signature) == place:
            found[id_] = known[id_]
        else:
            unsure[id_] = place
    if unsure:
        _measure(unsure, found, known, config, hire)
    for id_, (_, signature) in unsure.items():
        racy = max(signature.mtime_ns, signature.changed_ns) > started_ns - RACY_NS
        if racy and found[id_].path:
            found[id_] = found[id_]._replace(signature=found[id_].signature._replace(mtime_ns=-1))
    return Attached(found, known)


def locate_files(ids: Iterable[str], config: Config) -> dict[str, str | FileFacts]:
    """Return the path below the content folder of each of these files, or what is to be said of one that is not there.

    None of them is opened.
    """
    tree = _Tree(config)
    places = {id_: tree.find(id_) for id_ in sorted(set(ids))}
    return {id_: place if isinstance(place, FileFacts) else place[0] for id_, place in places.items()}


def _measure(
    unsure: Mapping[str, tuple[str, Signature]],
    found: dict[str, FileFacts],
    known: Mapping[str, FileFacts],
    config: Config,
    hire: Hire,
) -> None:
    from site_builder.jobs.measuring import MeasureJob, measure_batch
    from site_builder.workers import cut_batches

    scale = bool(find_versions("pillow"))
    items = [(path, known.get(id_)) for id_, (path, _) in unsure.items()]
    costs = [1000 + signature.size for _, signature in unsure.values()]
    # Who decodes pictures must be somebody who can be killed.
    with hire(len(items), max(costs) if scale else 0) as workers:
        job = MeasureJob(config.content, scale, ())
        jobs = (replace(job, items=batch) for batch in cut_batches(items, costs))
        results = [facts for batch in workers.run(measure_batch, jobs) for facts in batch]
    found.update(zip(unsure, results, strict=True))


class _Tree:
    """The content folder as far as it was asked for: each folder is listed once."""

    def __init__(self, config: Config) -> None:
        self._content = os.fspath(config.content)
        self._folders: dict[str, dict[str, os.DirEntry[str]]] = {}

    def find(self, id_: str) -> tuple[str, Signature] | FileFacts:
        """Return the path of a file and its signature, or what is to be known of one that is not there."""
        if not id_.startswith("/"):
            return self._find(id_)
        places = [self._find(folder + id_[1:]) for folder in FROM_ROOT]
        return next((place for place in places if not isinstance(place, FileFacts)), places[0])

    def _find(self, path: str) -> tuple[str, Signature] | FileFacts:
        folder = ""
        *folders, name = path.split("/")
        for part in folders:
            entry = self._look_up(folder, part)
            if isinstance(entry, FileFacts):
                return entry
            if entry.is_symlink():
                return _tell("lies behind a link", "put the folder itself there")
            if not entry.is_dir(follow_symlinks=False):
                return _MISSING
            folder += f"{entry.name}/"
        entry = self._look_up(folder, name)
        if isinstance(entry, FileFacts):
            return entry
        try:
            info = entry.stat(follow_symlinks=False)
        except OSError:
            return _MISSING
        if stat.S_ISREG(info.st_mode):
            return path, make_signature(info)
        kind = "a link" if stat.S_ISLNK(info.st_mode) else "no plain file"
        return _tell(f"is {kind}", "put the file itself there")

    def _look_up(self, folder: str, name: str) -> os.DirEntry[str] | FileFacts:
        listing = self._list(folder)
        entry = listing.get(name) or (None if name.isascii() else listing.get(unicodedata.normalize("NFD", name)))
        if entry is not None:
            return entry
        folded = unicodedata.normalize("NFC", name).casefold()
        near = sorted(other for other in listing if unicodedata.normalize("NFC", other).casefold() == folded)
        return (
            _tell("is not there", f"there is {folder}{near[0]}: small and capital letters count") if near else _MISSING
        )

    def _list(self, folder: str) -> dict[str, os.DirEntry[str]]:
        if folder not in self._folders:
            try:
                with os.scandir(os.path.join(self._content, folder)) as entries:  # noqa: PTH118 - as scandir takes it
                    self._folders[folder] = {entry.name: entry for entry in entries}
            except OSError:
                self._folders[folder] = {}
        return self._folders[folder]


def _tell(problem: str, hint: str) -> FileFacts:
    return FileFacts("", _NOTHING, "", problem=problem, hint=hint)
