"""A set of paths as the lines of a file, of which no more is read than is asked for.

A site of 100,000 articles has 8 MB of paths; a small change asks for a few hundred of them and adds a handful. This
room knows how the lines are written, not where they are kept, nor whose the paths are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Set
from functools import cached_property
from typing import Any

MANY = 1_000
"""With more questions than this all lines are read, with more changes all are written anew: each of a few costs a
search, some 20 microseconds."""

_END = b",\n"


class Listing(Set[str]):
    """A set of paths that never changes, kept as lines: JSON, in UTF-8, one path on each, sorted by code points."""

    def __init__(self, data: bytes = b"", start: int = 0, stop: int | None = None) -> None:
        """Take the lines from a place in `data`: each ends with a comma and a newline, the last with a newline.

        They are not looked at: `parse` tells what they say, and before that they are good for single questions only
        if they are known to be of this kind.
        """
        # Not as a copy, and not as lines: for 8 MB each of these takes longer than all that a small change asks.
        self._data, self._start = data, start
        self._stop = len(data) if stop is None else stop
        self._asked: dict[object, bool] = {}
        """The answers that were given: a build asks for the same paths again and again."""

    @classmethod
    def write(cls, paths: Iterable[str]) -> Listing:
        """Return the listing of these paths. Raises UnicodeEncodeError for one that cannot be written as UTF-8."""
        known = frozenset(paths)
        text = json.dumps(sorted(known), ensure_ascii=False, separators=(",\n", ": "))
        listing = cls(f"{text[1:-1]}\n".encode() if known else b"")
        listing._paths = known  # who asks for so many asks for more
        return listing

    @property
    def lines(self) -> memoryview:
        """The lines."""
        return memoryview(self._data)[self._start : self._stop]

    def parse(self) -> list[object]:
        """Return what the lines say, in their order. Raises ValueError where they are no JSON, or RecursionError."""
        found: list[object] = json.loads(b"".join((b"[", self.lines, b"]")))
        return found

    # --- a set --------------------------------------------------------------------------------------------------------

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(map(str, self.parse()))

    @cached_property
    def _count(self) -> int:
        return self._data.count(b"\n", self._start, self._stop)

    def __len__(self) -> int:
        """Return how many paths there are."""
        return self._count

    def __iter__(self) -> Iterator[str]:
        """Yield all paths in no order."""
        return iter(self._paths)

    def __contains__(self, path: object) -> bool:
        """Tell whether a path is one of them."""
        if "_paths" in self.__dict__ or len(self._asked) >= MANY:
            return path in self._paths
        if path not in self._asked:
            self._asked[path] = isinstance(path, str) and bool(self._find(path))
        return self._asked[path]

    def __eq__(self, other: object) -> bool:
        """Tell whether these are the same paths."""
        if isinstance(other, Listing):
            one, two = self.lines, other.lines
            return self is other or (len(one) == len(two) and bytes(one) == bytes(two))
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:  # what `|` and its like give
        return frozenset(it)

    # --- as lines -----------------------------------------------------------------------------------------------------

    def change(self, added: Iterable[str] = (), removed: Iterable[str] = ()) -> Listing:
        """Return the listing with all that is `added`, and without what else is `removed`."""
        new = frozenset(added)
        old = frozenset(removed) - new
        if len(new) + len(old) > MANY:
            is_same = new <= self._paths and old.isdisjoint(self._paths)
            return self if is_same else Listing.write((self._paths | new) - old)
        pieces: list[bytes | memoryview] = []
        coming = {path for path in new if path not in self}
        going = {path for path in old if path in self}
        if not coming and not going:
            return self
        done = self._start
        for path in sorted(coming | going):
            place = self._find(path)
            pieces += [self._cut(done, place.start), _write_line(path) if path in coming else b""]
            done = place.stop
        count = len(self) + len(coming) - len(going)
        if done < self._stop:
            changed = Listing(b"".join([*pieces, self.lines[done - self._start :]]))
        else:
            changed = Listing(b"".join(pieces).removesuffix(_END) + b"\n") if count else Listing()
        changed._count = count
        changed._asked = {**self._asked, **dict.fromkeys(coming, True), **dict.fromkeys(going, False)}
        return changed

    def _cut(self, start: int, stop: int) -> bytes | memoryview:
        """Return lines after which others may come."""
        lines = self.lines[start - self._start : stop - self._start]
        return lines if stop < self._stop or not lines else bytes(lines).removesuffix(b"\n") + _END

    def _find(self, path: str) -> range:
        """Return where the line of a path stands; an empty range, where it would stand."""
        data, sought = self._data, path.encode("utf-8", "surrogatepass")
        low, high = self._start, self._stop
        while low < high:
            middle = (low + high) // 2
            start = max(low, data.rfind(b"\n", low, middle) + 1)
            stop = data.index(b"\n", middle) + 1
            found = _read_line(data[start:stop])
            if found == sought:
                return range(start, stop)
            low, high = (stop, high) if found < sought else (low, start)  # UTF-8 has the order of code points
        return range(low, low)


def _write_line(path: str) -> bytes:
    return json.dumps(path, ensure_ascii=False).encode() + _END


def _read_line(line: bytes) -> bytes:
    """Return the path of a line in UTF-8."""
    text = line.rstrip(_END)
    if b"\\" not in text:
        return text[1:-1]
    path: str = json.loads(text)
    return path.encode("utf-8", "surrogatepass")
