"""Explaining: each line of a source with its part and the rule that put it there, and the rules there are.

Reads one file as a build would, and returns lines to print. What a build would do with the article is not said.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from site_builder.config import Config
from site_builder.errors import ConfigError, ContentError, Problem, error
from site_builder.inputs import make_options
from site_builder.marking import mark_lines
from site_builder.model import Article
from site_builder.readers import SIDECAR, Sidecar, decode_source, reader_for
from site_builder.readers.rules import check_examples, compile_packs
from site_builder.sources import load_packs, read_source


def explain_source(path: Path, config: Config) -> list[str]:
    """Return what reading finds in the file at `path`: the facts, then every line with its part and rule.

    `path` is relative to the current folder, or an id below the content folder. Raises ConfigError when there is no
    such file, ContentError with its errors when the source cannot be read.
    """
    folder, source_id = _locate(path, config)
    limit, beside = int(config.megabytes * 1e6), source_id.rpartition(".")[0] + SIDECAR
    try:
        data = read_source(folder, source_id, limit)
        sidecar = Sidecar(beside, read_source(folder, beside, limit)) if (folder / beside).is_file() else None
    except OSError as exc:
        raise ConfigError(error(str(path), f"cannot be read: {exc.strerror}", "name a source")) from exc
    reader = reader_for(source_id, sidecar)
    if reader is None:
        raise ConfigError(error(str(path), "is no article by its name", "articles end in .txt, .md or .html"))
    article, problems = reader(source_id, data, make_options(config))
    if article is None:
        raise ContentError(
            *(problem._replace(place=f"{path}{problem.place.removeprefix(source_id)}") for problem in problems)
        )
    lines = [*_list_facts(article), ""]
    lines += _list_lines(decode_source(source_id, data, config.encodings), article)
    lines += [f"{problem.severity}: {problem}" for problem in problems]
    return lines


def _locate(path: Path, config: Config) -> tuple[Path, str]:
    full = path.absolute()
    if full.is_file():
        if full.is_relative_to(config.content):
            return config.content, full.relative_to(config.content).as_posix()
        return full.parent, full.name
    if (config.content / path).is_file():
        return config.content, path.as_posix()
    raise ConfigError(error(str(path), "there is no such file", f"name a source, such as {config.shown}/a.txt"))


def _list_facts(article: Article) -> Iterator[str]:
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
    return (f"{name + ':':<18} {value}" for name, value in facts.items() if value)


def _list_lines(text: str, article: Article) -> Iterator[str]:
    """Yield a row for each piece of each line: number, part, rule, text. Rows of one line share its number."""
    width = max((len(part.rule) for part in article.parts), default=0)
    for number, pieces in mark_lines(text, article.parts):
        for part, rule, words in pieces:
            yield f"{number:>5}  {part:<12}  {rule:<{width}}  {words}".rstrip()


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
