"""Adding dumps: every record of a dump becomes a file of its own below the content folder.

A dump is read as a stream, and no more than one record is held. What a record is, and how its file is written, is
decided in `readers`; when a site is built from the files is not known here.
"""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from site_builder.config import Config
from site_builder.errors import ConfigError, MachineError, Problem, error, warning
from site_builder.readers.dump_rows import BadHeaderError, Line, Row, read_csv, read_jsonl, split_lines
from site_builder.readers.dumps import BadRecordError, make_record
from site_builder.readers.record_file import list_names, name_folder, write_record
from site_builder.shelf import Shelf
from site_builder.values import dataclass

SUFFIXES = (".jsonl", ".jsonl.gz", ".csv")
"""How the names of dumps end, in small letters."""

Progress = Callable[[int, int, int], None]
"""Told after each record: records seen, bytes of the dump read, bytes of the dump."""


@dataclass(slots=True)
class Addition:
    """What came of a dump. Every record is counted once."""

    added: int = 0
    there: int = 0
    """Records whose file was there already with the same bytes."""
    left_out: int = 0
    is_damaged: bool = False
    """Whether the dump ended before its end; what was added stays."""


def check_dump(path: Path) -> None:
    """Raise ConfigError when `path` is no dump, is missing or cannot be opened."""
    kinds = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
    try:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            path.open("rb").close()
    except FileNotFoundError:
        raise ConfigError(error(str(path), "there is no such file")) from None
    except OSError as exc:
        raise ConfigError(error(str(path), f"cannot be read: {exc.strerror}")) from None
    if stat.S_ISDIR(mode):
        raise ConfigError(error(str(path), "is a folder, and no dump", f"name files that end in {kinds}"))
    if not path.name.lower().endswith(SUFFIXES):
        hint = f"dumps end in {kinds}"
        raise ConfigError(error(str(path), "is no dump of articles", hint))
    if not stat.S_ISREG(mode):
        raise ConfigError(error(str(path), "is no plain file", "save the dump in a file"))


def add_dump(
    path: Path,
    config: Config,
    *,
    tell: Callable[[Problem], None],
    progress: Progress | None = None,
    dry_run: bool = False,
) -> Addition:
    """Add the records of a dump to the content folder, which is made when its parent is there; return the counts.

    Problems go to `tell` as they come, in the order of the lines: an error for a record that is left out and for a dump
    that is damaged, a warning for a fact that is. The same dump added to the same folder gives the same names, so
    adding it twice adds nothing. With `dry_run` nothing is written; of records that are the same each counts as added.

    Raises ConfigError for what is no dump, has no records or a header that names no columns; RefusedError when a link
    or a file stands where a folder should be; MachineError when the disk fails. What was added until then stays.
    """
    check_dump(path)
    addition = Addition()
    limit = int(config.megabytes * 1_000_000)
    mapped = dict(config.import_map)
    stem = path.name[: -len(next(s for s in SUFFIXES if path.name.lower().endswith(s)))]
    seen = 0
    with _opened(path) as (file, tell_position), Shelf(config.content, config.shown, dry_run=dry_run) as shelf:
        rows = _read_rows(path, split_lines(file.readline, limit), limit)
        size = path.stat().st_size
        while (row := _next_row(rows, path, seen, tell, addition)) is not None:
            seen += 1
            place = f"{path}:{row.line}"
            try:
                if row.values is None:
                    raise BadRecordError(row.trouble)
                record, remarks = make_record(row.values, mapped)
                data = write_record(record, config.megabytes)
            except BadRecordError as exc:
                tell(error(place, str(exc), exc.hint))
                addition.left_out += 1
            else:
                for message, hint in remarks:
                    tell(warning(place, message, hint))
                if shelf.put(name_folder(stem, record), (f"{name}.txt" for name in list_names(record, data)), data):
                    addition.added += 1
                else:
                    addition.there += 1
            if progress:
                progress(seen, tell_position(), size)
    if not seen and not addition.is_damaged:
        raise ConfigError(error(str(path), "holds no records", "is it the right file?"))
    return addition


# --- the dump ----------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Yield the bytes of a dump, and a function that says how far the file itself is read."""
    with path.open("rb") as raw:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked, raw.tell  # type: ignore[misc]  # a GzipFile is read like any binary file
        else:
            yield raw, raw.tell


def _read_rows(path: Path, lines: Iterator[Line], limit: int) -> Iterator[Row]:
    if path.name.lower().endswith(".csv"):
        return read_csv(lines, limit)
    return read_jsonl(lines, limit)


def _next_row(
    rows: Iterator[Row], path: Path, seen: int, tell: Callable[[Problem], None], addition: Addition
) -> Row | None:
    """Return the next row, or None at the end of the dump, which may be before its time."""
    try:
        return next(rows, None)
    except BadHeaderError as exc:
        hint = "the first row names the columns, with commas between them"
        raise ConfigError(error(f"{path}:1", str(exc), hint)) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        tell(error(str(path), f"is cut short or damaged after {seen:,} records", "what was added stays; get it again"))
        addition.is_damaged = True
        return None
    except OSError as exc:
        raise MachineError(error(str(path), f"cannot be read: {exc.strerror or exc}")) from exc
