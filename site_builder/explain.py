"""Explaining: each line of a source with its part and the rule that put it there, and the rules there are.

Reads one file as a build would, and returns what to print. What a build would do with the article is not said, nor how
it looks on a terminal.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from site_builder.config import Config
from site_builder.errors import ConfigError, ContentError, Problem, error
from site_builder.inputs import make_options
from site_builder.marking import mark_lines
from site_builder.model import Article
from site_builder.readers import SIDECAR, Reading, ReadOptions, Sidecar, kind_of, reader_for
from site_builder.readers.rules import check_examples, compile_packs
from site_builder.scanning import scan
from site_builder.sources import load_packs, read_source
from site_builder.suggest import draft_pack, suggest_rules


class Row(NamedTuple):
    """A line of a source, counted from 1, or one of its pieces: then several rows have its number."""

    number: int
    part: str
    rule: str
    text: str


class Explanation(NamedTuple):
    """What reading one source finds: its facts as pairs of name and words, its lines, and what is doubtful."""

    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def is_source(path: Path, config: Config) -> bool:
    """Tell whether a path that `explain_source` takes is there: a file, but none in the output folder, or an id."""
    return any(way.is_file() and not _is_below_output(way, config) for way in (path.absolute(), config.content / path))


def _is_below_output(path: Path, config: Config) -> bool:
    full = Path(os.path.normpath(path))
    return full.is_relative_to(config.output) and not full.is_relative_to(config.content)


def explain_source(path: Path, config: Config) -> Explanation:
    """Return what reading finds in the file at `path`: the facts, then every line with its part and rule.

    `path` is relative to the current folder, or an id below the content folder. Raises ConfigError when there is no
    such file, ContentError with its errors when the source cannot be read.
    """
    folder, source_id = _locate(path, config)
    if reader_for(source_id) is None:
        raise ConfigError(error(str(path), "is no article by its name", "articles end in .txt, .md or .html"))
    try:
        article, problems, text = _read(folder, source_id, make_options(config))
    except OSError as exc:
        raise ConfigError(error(str(path), f"cannot be read: {exc.strerror}", "name a source")) from exc
    if article is None:
        raise ContentError(
            *(problem._replace(place=f"{path}{problem.place.removeprefix(source_id)}") for problem in problems)
        )
    return Explanation(tuple(_list_facts(article)), tuple(_list_rows(text, article)), problems)


def _read(folder: Path, source_id: str, options: ReadOptions) -> Reading:
    """Read one source with the sidecar beside it, as a build would. Raises OSError."""
    limit, beside = int(options.megabytes * 1e6), source_id.rpartition(".")[0] + SIDECAR
    data = read_source(folder, source_id, limit)
    sidecar = Sidecar(beside, read_source(folder, beside, limit)) if (folder / beside).is_file() else None
    reader = reader_for(source_id, sidecar)
    assert reader is not None
    return reader(source_id, data, options)


def _locate(path: Path, config: Config) -> tuple[Path, str]:
    full = path.absolute()
    if full.is_file():
        if full.is_relative_to(config.content):
            return config.content, full.relative_to(config.content).as_posix()
        return full.parent, full.name
    if (config.content / path).is_file():
        return config.content, path.as_posix()
    raise ConfigError(error(str(path), "there is no such file", f"name a source, such as {config.shown}/a.txt"))


def _list_facts(article: Article) -> Iterator[tuple[str, str]]:
    facts = {
        "title": f"{article.title} ({article.title_from})",
        "date": f"{article.date} ({article.date_from})" if article.date else "unknown",
        "byline": article.byline,
        "publisher": article.publisher,
        "sections": ", ".join(article.sections),
        "topics": ", ".join(article.topics),
        "language": article.lang,
        "encoding": article.encoding + (", mended" if article.mended else ""),
        "goes on elsewhere": "yes" if article.truncated else None,
    }
    return ((name, value) for name, value in facts.items() if value)


def _list_rows(text: str, article: Article) -> Iterator[Row]:
    for number, pieces in mark_lines(text, article.parts):
        for piece in pieces:
            yield Row(number, *piece)


# --- rules -------------------------------------------------------------------------------------------------------


def list_rules(config: Config) -> list[str]:
    """Return a row for each rule, in the order in which they are tried: name, part, pack.

    Raises ConfigError for packs that are wrong.
    """
    book = compile_packs(load_packs(config), config.disable)
    width = max(len(rule.name) for rule in book.rules)
    return [f"{rule.name:<{width}}  {rule.part:<12}  {rule.pack}" for rule in book.rules]


def check_rules(config: Config) -> tuple[Problem, ...]:
    """Return what is wrong by the packs' own examples: a line that a rule should move and does not, or the reverse.

    Raises ConfigError for packs that are wrong in themselves.
    """
    return check_examples(compile_packs(load_packs(config), config.disable))


def draft_rules(config: Config, least: int, progress: Callable[[str, int, int], None] | None = None) -> Iterator[str]:
    """Yield the lines of a rule pack that the site's raw texts suggest: what stands in `least` articles or more.

    Sources that cannot be read are passed over: a build tells what is wrong with them. Raises ConfigError for packs
    that are wrong, and when nothing recurs.
    """
    suggestions = suggest_rules(_read_texts(config, progress), least)
    if not suggestions:
        message = f"no line of the running text stands in {least} articles or more"
        raise ConfigError(error(config.shown, message, "ask for fewer with --least"))
    return draft_pack(suggestions, config.shown)


def _read_texts(config: Config, progress: Callable[[str, int, int], None] | None) -> Iterator[tuple[Article, str]]:
    options = make_options(config)
    compile_packs(options.packs, options.disable)
    sources = [source for source in scan(config).sources if kind_of(source.id) == "article"]
    for done, source in enumerate(sources):
        if progress:
            progress("read", done, len(sources))
        try:
            article, _, text = _read(config.content, source.id, options)
        except OSError:
            continue
        if article is not None and article.format == "text":
            yield article, text
