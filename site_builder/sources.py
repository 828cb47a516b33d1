"""What a site is made of, found on the disk: its configuration, its rules, its ledger, the code, a source's bytes.

Finding and reading bytes only; what they mean is for others. Nothing is followed through links, and nothing but plain
files is opened. Which sources there are is told by `scanning`.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from site_builder.config import Config, parse_settings
from site_builder.errors import ConfigError, error
from site_builder.ledger import Line, parse_ledger
from site_builder.model import Signature
from site_builder.readers import Pack

SITE_FILE = "site.toml"
CACHE = ".site-builder-cache"
PACKAGE = Path(__file__).parent

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def find_site(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds `site.toml`, else `start` itself."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / SITE_FILE).is_file()), start)


def load_config(
    site: Path | str = ".", *, content: Path | str | None = None, output: Path | str | None = None, **settings: object
) -> Config:
    """Return the configuration of the site in folder `site`, whose `site.toml` may be missing.

    `content` and `output` are taken relative to the current folder, everything in `site.toml` relative to the site.
    With `content` given and no `site.toml`, the output is `output/` in the current folder. `settings` are further
    fields of `Config`, which win over the file. Raises ConfigError with all that is wrong in `site.toml`.
    """
    folder = Path(site).absolute()
    file = folder / SITE_FILE
    found = parse_settings(_read_text(file), SITE_FILE) if file.is_file() else {}
    home = folder if file.is_file() or content is None else Path.cwd()
    foreign = content is not None and Path(content).absolute() != folder / "content"
    ledger = found.pop("ledger", "")
    content_folder = Path(os.path.normpath(Path(content).absolute())) if content is not None else folder / "content"
    config = Config(
        content=content_folder,
        output=Path(os.path.normpath(Path(output).absolute())) if output is not None else home / "output",
        cache=home / CACHE,
        templates=_folder(folder / "templates"),
        rules=_folder(folder / "rules"),
        ledger=folder / str(ledger) if ledger and not foreign else None,
        shown=_show(content, content_folder),
        record=not foreign,
        **found,  # type: ignore[arg-type]  # parse_settings checked the kind of each
    )
    return replace(config, **settings)  # type: ignore[arg-type]


def _folder(path: Path) -> Path | None:
    return path if path.is_dir() else None


def _show(given: Path | str | None, content: Path) -> str:
    """Return the content folder as the user would write it: as they did, or relative to where they are."""
    if given is not None:
        return Path(given).as_posix()
    here = Path.cwd()
    return content.relative_to(here).as_posix() if content.is_relative_to(here) else content.as_posix()


def _read_text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as exc:
        raise ConfigError(error(f"{file.name}", f"byte {exc.start} is not UTF-8", "save the file as UTF-8")) from None
    except OSError as exc:
        raise ConfigError(error(f"{file.name}", f"cannot be read: {exc.strerror}")) from None


# --- one source ----------------------------------------------------------------------------------------------------


def make_signature(info: os.stat_result) -> Signature:
    """Return the signature of a file from what the system says of it."""
    return Signature(info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)


def open_source(content: Path, source_id: str) -> int:
    """Return a descriptor of a file below the content folder; no link at its end is followed. Raises OSError."""
    try:
        return os.open(f"{content}/{source_id}", _READ)
    except FileNotFoundError:
        if source_id.isascii():
            raise
        return os.open(f"{content}/{unicodedata.normalize('NFD', source_id)}", _READ)


def read_source(content: Path, source_id: str, limit: int) -> bytes:
    """Return at most `limit` + 1 bytes of a source, without following a link at its end. Raises OSError."""
    descriptor = open_source(content, source_id)
    try:
        size = min(os.fstat(descriptor).st_size, limit) + 1
        data = os.read(descriptor, size)
        if len(data) < size:
            return data
        # It has grown meanwhile, or is more than one call gives.
        with open(descriptor, "rb", closefd=False) as file:
            return data + file.read(limit + 1 - len(data))
    finally:
        os.close(descriptor)


# --- rules, ledger, code -----------------------------------------------------------------------------------------


def load_packs(config: Config) -> tuple[Pack, ...]:
    """Return the rule packs of the package and then those of the site, each in the order of their names."""
    packs = [(path.name, path) for path in sorted((PACKAGE / "rules").glob("*.toml"))]
    if config.rules:
        packs += [(f"rules/{path.name}", path) for path in sorted(config.rules.glob("*.toml"))]
    return tuple(Pack(name, _read_text(path)) for name, path in packs)


def load_ledger(config: Config) -> tuple[Line, ...] | None:
    """Return the ledger's lines; none when the file is still to be made, None when the site has no ledger."""
    if config.ledger is None:
        return None
    if not config.ledger.exists():
        return ()
    return parse_ledger(_read_text(config.ledger), config.ledger.name)


def load_code() -> Mapping[str, bytes]:
    """Return the package's own code, by path, in no order: a change of it, or of a library, makes every cache stale."""
    code: dict[str, bytes] = {}
    waiting = [""]
    # Every build begins with it: what pathlib adds to two hundred small files is more than reading them.
    while waiting:
        prefix = waiting.pop()
        with os.scandir(PACKAGE / prefix) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(f"{prefix}{entry.name}/")
                elif entry.name.endswith(".py"):
                    with open(entry.path, "rb", buffering=0) as file:  # noqa: PTH123
                        code[prefix + entry.name] = file.read()
    return code


def find_versions(*packages: str) -> tuple[str, ...]:
    """Return name and version of installed packages, from the names of their metadata folders on sys.path.

    importlib.metadata would tell the same and cost 40 ms of every command.
    """
    import sys

    wanted = tuple(package.lower().replace("-", "_") for package in packages)
    found: set[str] = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - names alone, at a tenth of the cost
        except OSError:
            continue
        for name in names:
            stem, _, ending = name.lower().rpartition(".")
            if ending in ("dist-info", "egg-info") and stem.split("-")[0].replace("-", "_") in wanted:
                found.add(stem)
    return tuple(sorted(found))
