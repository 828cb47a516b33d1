"""Which sources lie under the content folder, and which of its folders are as the last build left them.

Looking only, by names and what the file system says of each: no file is opened, no link followed. What the sources
hold is for others.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from site_builder.aside import can_copy, run_aside
from site_builder.config import Config
from site_builder.digest import digest
from site_builder.errors import ConfigError, Problem, error, warning
from site_builder.model import Signature, Source
from site_builder.readers import ARTICLE_SUFFIXES, SIDECAR
from site_builder.sources import make_signature
from site_builder.store import peek_listings
from site_builder.values import dataclass

Confirm = Callable[[Mapping[str, str]], dict[str, list[str]]]
"""Returns those of the folders that have the listing which is given, by paths, each with the names of its folders."""

NOT_PLAIN = "?"
"""Stands for the listing of a folder that is looked at file by file whatever it holds."""
WORTH_A_COPY = (16_000_000, 500_000_000)
"""Bytes of state above which one copy of this process looks at the sources, and two: 1,200 articles or so, 38,000."""
MOST_CHANGED = 16
"""Folders that may have changed before they are all looked at in full: after a checkout every one has."""

_SUFFIXES = (*ARTICLE_SUFFIXES, SIDECAR)
_LINK_HINT = "put the file itself here"
_FOLDER_HINT = "put the folder itself here"
_SECTION_PAGE = re.compile(r"_index(?:\.[a-z]{2,3})?\.(?:md|markdown)\Z")
_BUNDLE = re.compile(r"index(?:\.[a-z]{2,3}(?:-[a-z]{2,4})?)?\.(?:md|markdown)\Z")


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies under the content folder.

    `sources` are the articles in the order of their ids, without those of folders that are as they were; `listings` has
    for each folder (its path with `/` at the end, or nothing) what it holds, `same` names those that are as they were.
    """

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    """With names, or links."""
    listings: Mapping[str, str]
    """A line for each file: four numbers of its signature and its name. `NOT_PLAIN` where more is to be known."""
    same: frozenset[str]
    count: int
    """How many articles there are."""
    ids: frozenset[str]
    """Those of `sources`."""

    def __contains__(self, id_: object) -> bool:
        folder, slash, name = str(id_).rpartition("/")
        if folder + slash in self.same:
            return f" {name}\n" in self.listings[folder + slash]
        return id_ in self.ids

    def list_ids(self) -> frozenset[str]:
        """Return the ids of all articles."""
        found = set(self.ids)
        for folder in self.same:
            found.update(folder + line.split(" ", 4)[4] for line in self.listings[folder].splitlines())
        return frozenset(found)


def scan(
    config: Config,
    known: Mapping[str, str] | None = None,
    touched: Collection[str] | None = None,
    confirm: Confirm | None = None,
) -> Scan:
    """Return the sources under the content folder.

    Left out by rule: names that begin with a dot or `#` or end in `~` (editors' files), what is no article by its
    suffix, and everything that is neither a plain file nor a folder. Links are told, not followed; what other
    generators keep beside their articles (see `_choose`) is told, too. `known` are listings of an earlier scan: a
    folder that still has its listing has no news. `touched` is the caller's word that since that scan nothing has
    changed but at these paths below the content folder, and below them: then no other folder is looked at. Else
    `confirm` tells which of the known folders are as they were, if they have been looked at already (`look_ahead`).
    Raises ConfigError when there is no content folder.
    """
    if not config.content.is_dir():
        hint = "make the folder, or name another with --content"
        raise ConfigError(error(config.shown, "there is no folder of articles here", hint))
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    listings: dict[str, str] = {}
    same: set[str] = set()
    count = 0
    known = known or {}
    confirm = confirm or partial(_find_same, config)
    still = confirm(known) if touched is None else _find_untouched(known, touched)
    for prefix, files, is_told in _walk(config, still, problems):
        if files is None:
            listings[prefix] = known[prefix]
            same.add(prefix)
            count += known[prefix].count("\n")
            continue
        listing = _write_listing(files)
        listings[prefix] = NOT_PLAIN if is_told or not _is_plain(listing) else listing
        for name, info in files:
            path = prefix + name
            id_ = path if path.isascii() else unicodedata.normalize("NFC", path)
            if id_ in sources:
                problems.append(error(f"{config.shown}/{id_}", "two files have this name in other bytes", "rename one"))
            sources[id_] = Source(id_, make_signature(info))
    chosen = _join_sidecars(_choose(sources, config.shown, problems), config.shown, problems)
    return Scan(
        sources=tuple(chosen[id_] for id_ in sorted(chosen)),
        problems=tuple(problems),
        listings=listings,
        same=frozenset(same),
        count=count + len(chosen),
        ids=frozenset(chosen),
    )


def _is_plain(listing: str) -> bool:
    """Tell whether no name in a listing is more than the name of an article, so that no rule about names is needed."""
    small = listing.lower()
    return (
        listing.isascii()
        and listing.count(" ") == 4 * listing.count("\n")
        and listing.replace("\n", "").isprintable()
        and "index." not in small
        and f"{SIDECAR}\n" not in small
    )


def _choose(sources: Mapping[str, Source], shown: str, problems: list[Problem]) -> dict[str, Source]:
    """Return the sources without Hugo's pages of sections, and without the Markdown beside the `index.md` of a folder.

    What is left out is told. The folder of all articles and that of all pages are no bundles.
    """
    names = "\n".join(sources)
    if "index." not in names.lower():
        return dict(sources)
    bundles: dict[str, str] = {}
    for id_ in sorted(sources):
        folder, _, name = id_.rpartition("/")
        if folder not in ("", "pages") and _BUNDLE.match(name.lower()):
            bundles.setdefault(folder, name)
    chosen: dict[str, Source] = {}
    for id_, source in sources.items():
        folder, _, name = id_.rpartition("/")
        lower = name.lower()
        if _SECTION_PAGE.match(lower):
            hint = "sections get their lists from their articles; name the file otherwise to publish its text"
            problems.append(warning(f"{shown}/{id_}", "is the page of a section and was left out", hint))
        elif folder in bundles and lower.endswith((".md", ".markdown")) and not _BUNDLE.match(lower):
            hint = "move it to another folder if it is an article"
            message = f"belongs to {folder}/{bundles[folder]} and was left out"
            problems.append(warning(f"{shown}/{id_}", message, hint))
        else:
            chosen[id_] = source
    return chosen


def _join_sidecars(sources: Mapping[str, Source], shown: str, problems: list[Problem]) -> dict[str, Source]:
    """Return the articles, each with the signature of its sidecar in its own: a change of either is one of both."""
    if f"{SIDECAR}\n" not in "\n".join((*sources, "")):
        return dict(sources)
    joined = {id_: source for id_, source in sources.items() if not id_.endswith(SIDECAR)}
    lonely = set(sources.keys() - joined.keys())
    for id_, source in joined.items():
        sidecar = sources.get(id_.rpartition(".")[0] + SIDECAR)
        if sidecar is not None:
            lonely.discard(sidecar.id)
            signature = _join_signatures(source.signature, sidecar.signature)
            joined[id_] = Source(id_, signature, sidecar.id)
    for id_ in sorted(lonely):
        hint = "give it the name of its article, but for the suffix"
        problems.append(warning(f"{shown}/{id_}", "has no article beside it and was not read", hint))
    return joined


def _join_signatures(one: Signature, other: Signature) -> Signature:
    """Return a signature that changes with every value of both, and is as young as the younger of them."""
    both = int(digest((one, other))[:15], 16)
    return Signature(
        one.size + other.size, max(one.mtime_ns, other.mtime_ns), max(one.changed_ns, other.changed_ns), both
    )


class _Folder(NamedTuple):
    """What lies in one folder."""

    files: list[tuple[str, os.stat_result]]
    """Its articles and sidecars."""
    below: list[str]
    """The names of its folders."""
    problems: list[Problem]


def _find_untouched(known: Mapping[str, str], touched: Collection[str]) -> dict[str, list[str]]:
    """Return the known folders in which nothing was touched, by paths, each with the names of its folders."""
    near = {_find_known(known, path) for path in touched}
    # What was touched may be a folder that was put in the place of another, with all that is in it.
    deep = tuple(f"{path}/" for path in touched if f"{path}/" in known)
    inner: dict[str, list[str]] = {prefix: [] for prefix in known}
    for prefix in filter(None, known):
        above, _, name = prefix[:-1].rpartition("/")
        inner.setdefault(f"{above}/" if above else "", []).append(name)
    return {
        prefix: inner[prefix]
        for prefix, listing in known.items()
        if listing != NOT_PLAIN and prefix not in near and not prefix.startswith(deep)
    }


def _find_known(known: Mapping[str, str], path: str) -> str:
    """Return the innermost folder above a path that was there before: in it appeared what was not."""
    while path:
        path = path[: path.rstrip("/").rfind("/") + 1]
        if path in known:
            break
    return path


def _write_listing(files: Iterable[tuple[str, os.stat_result]]) -> str:
    # Each value is asked for here: a signature of every file would cost as much as all else.
    return "".join(sorted([f"{i.st_size} {i.st_mtime_ns} {i.st_ctime_ns} {i.st_ino} {name}\n" for name, i in files]))


def _walk(
    config: Config, still: Mapping[str, list[str]], problems: list[Problem]
) -> Iterator[tuple[str, list[tuple[str, os.stat_result]] | None, bool]]:
    """Yield every folder below the content folder, but none inside the output or the cache.

    Of each its path with `/` at the end, its articles and sidecars (None where it is `still` as it was), and whether
    there was a problem to tell.
    """
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        if prefix in still:
            waiting += [f"{prefix}{name}/" for name in still[prefix]]
            yield prefix, None, False
            continue
        folder = _look_into(config, prefix)
        waiting += [f"{prefix}{name}/" for name in folder.below]
        problems += folder.problems
        yield prefix, folder.files, bool(folder.problems)


def _look_into(config: Config, prefix: str) -> _Folder:
    shut = {str(config.output), str(config.cache)}
    found = _Folder([], [], [])
    try:
        with os.scandir(f"{config.content}/{prefix}") as entries:
            for entry in entries:
                name = entry.name
                if name[0] in ".#" or name[-1] == "~":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if f"{config.content}/{prefix}{name}" not in shut:
                        found.below.append(name)
                elif entry.is_symlink() and entry.is_dir():
                    told = warning(
                        f"{config.shown}/{prefix}{name}", "is a link to a folder and was left out", _FOLDER_HINT
                    )
                    found.problems.append(told)
                elif name.endswith(_SUFFIXES) or name.lower().endswith(ARTICLE_SUFFIXES):
                    seen = _look_at(entry)
                    if isinstance(seen, Problem):
                        found.problems.append(seen._replace(place=f"{config.shown}/{prefix}{name}"))
                    else:
                        found.files.append((name, seen))
    except OSError as exc:
        return _Folder([], [], [error(f"{config.shown}/{prefix}", f"cannot be listed: {exc.strerror}")])
    return found


def _look_at(entry: os.DirEntry[str]) -> os.stat_result | Problem:
    """Return what the system says of a file, or why it is no source."""
    try:
        if not entry.name.isascii():
            entry.name.encode("utf-8")
        info = entry.stat(follow_symlinks=False)
    except UnicodeEncodeError:
        return error("", "the name of the file is not UTF-8", "rename it")
    except OSError as exc:
        return error("", f"cannot be read: {exc.strerror}")
    if stat.S_ISREG(info.st_mode):
        return info
    return warning("", f"is {'a link' if stat.S_ISLNK(info.st_mode) else 'no plain file'} and was left out", _LINK_HINT)


# --- looking ahead -----------------------------------------------------------------------------------------------


@contextmanager
def look_ahead(config: Config) -> Iterator[Confirm | None]:
    """Begin to look at the folders that the last build knew, in copies of this process; give `scan` their answer.

    Nothing takes more of a build that changes little, and much can be loaded meanwhile. Gives None, and does nothing,
    in a small archive and where there is no second core.
    """
    copies = sum(_weigh(config) > bytes_ for bytes_ in WORTH_A_COPY) if can_copy() and not config.clean else 0
    with ExitStack() as stack:
        looks = [partial(_look_at_part, config, part, copies) for part in range(copies)]
        waits = [stack.enter_context(run_aside(look)) for look in looks]

        def confirm(known: Mapping[str, str]) -> dict[str, list[str]]:
            seen = [(prefix, *found) for wait in waits for prefix, found in wait().items()]
            return {prefix: below for prefix, mark, below in seen if mark == hash(known.get(prefix))}

        yield confirm if copies else None


def may_have_news(config: Config, known: Iterable[str]) -> bool:
    """Tell whether something came or went in a known folder since the last build; an edit in place is not seen.

    A guess by times, good for nothing but to be prepared.
    """
    try:
        built = config.state.stat().st_mtime_ns
        return any((config.content / prefix).stat().st_mtime_ns > built for prefix in known)
    except OSError:
        return True


def _weigh(config: Config) -> int:
    try:
        return config.state.stat().st_size
    except OSError:
        return 0


def _look_at_part(config: Config, part: int, parts: int) -> dict[str, tuple[int, list[str]]]:
    """Return the folders of a part of the archive that are as they were, each with a mark of the listing that it has.

    By the mark the program finds out whether it knows the same: another build may have been at work in between.
    Hashes of texts are the same in all copies of a process.
    """
    known = peek_listings(config.state)
    shares: list[dict[str, str]] = [{} for _ in range(parts)]
    sizes = [0] * parts
    for prefix in sorted(known, key=lambda prefix: (-len(known[prefix]), prefix)):
        lightest = sizes.index(min(sizes))
        shares[lightest][prefix] = known[prefix]
        sizes[lightest] += len(known[prefix])
    same = _find_same(config, shares[part])
    return {prefix: (hash(known[prefix]), below) for prefix, below in same.items()}


def _find_same(config: Config, known: Mapping[str, str]) -> dict[str, list[str]]:
    """Return those of the known folders that are as they were; one may be where no walk comes now, below a link."""
    same: dict[str, list[str]] = {}
    changed = 0
    for prefix, listing in known.items():
        if listing == NOT_PLAIN:
            continue
        folder = _look_into(config, prefix)
        if not folder.problems and listing == _write_listing(folder.files):  # what is known is plain
            same[prefix] = folder.below
        elif (changed := changed + 1) > MOST_CHANGED:
            break
    return same
