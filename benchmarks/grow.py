"""Measure how the costs of a build grow with the archive; draw the curves, and fill the manual's tables.

    python benchmarks/grow.py RUNNER [--n 1000,10000,100000] [--runs 3] [--work FOLDER] [--json FILE]
    python benchmarks/grow.py --from FILE [--write]

RUNNER is the folder of the shared runner (or the environment variable BENCH names it), whose corpus is built. The
first way measures, keeps the figures in FILE (benchmarks/results/growth.json) and prints the tables; with `--write`,
both ways draw the pictures and fill the tables of content/pages/manual/scale.md anew. The same FILE gives the same
bytes. 100,000 articles take some 20 minutes and 8 GB of disk.
"""

from __future__ import annotations

import datetime as dt
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import site_builder
from archives import Archive, Run, load_corpus, open_work, repeat
from figures import (
    Point,
    draw_table,
    fill_document,
    find_medians,
    fit_growth,
    word_runs,
    write_ratio,
    write_seconds,
    write_size,
)
from measuring import describe_machine, list_files, weigh
from options import obtain_results, read_options
from picture import draw_growth

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "growth.json"
DOCUMENT = ROOT / "content" / "pages" / "manual" / "scale.md"
PICTURES = DOCUMENT.parent / "pictures"

KINDS = ("cold", "noop", "add-one", "edit-one", "late-find")
STAGES = ("scan", "read", "plan", "render", "publish", "rest")
GOALS = (1_000_000, 10_000_000)
PAGES_LIMIT = 1_000_000_000
"""Bytes of a site on GitHub Pages."""

Growing = list[dict[str, Any]]
"""The figures of each size of archive, in the order of sizes."""


def main() -> None:
    """Measure, or read what was measured; print, and write what is asked for."""
    options = read_options(
        __doc__,
        "1000,10000,100000",
        3,
        RESULTS,
        "draw the pictures of the manual's scale.md and fill its tables",
        "; slow first builds run once",
    )
    results = obtain_results(options, measure)
    tables = draw_tables(results)
    print("\n".join(tables.values()))
    if options.write:
        PICTURES.mkdir(exist_ok=True)
        for name, picture in draw_pictures(results).items():
            (PICTURES / name).write_text(picture, encoding="utf-8")
        DOCUMENT.write_text(fill_document(DOCUMENT.read_text(encoding="utf-8"), tables), encoding="utf-8")


# --- measuring ---------------------------------------------------------------------------------------------------


def measure(runner: Path, sizes: Sequence[int], runs: int, work: Path | None) -> dict[str, Any]:
    """Return all figures, with what a reader must know of them."""
    corpus = load_corpus(runner)
    with open_work(work) as folder:
        return {
            "day": dt.datetime.now(dt.UTC).date().isoformat(),
            "machine": describe_machine(folder),
            "versions": f"site-builder {site_builder.__version__}, Python {platform.python_version()}",
            "runs": runs,
            "sizes": [measure_size(corpus, articles, runs, folder) for articles in sorted(sizes)],
        }


def measure_size(corpus: ModuleType, articles: int, runs: int, folder: Path) -> dict[str, Any]:
    """Return the figures of one size of archive."""
    print(f"{articles:,} articles", file=sys.stderr)
    archive = Archive(folder / str(articles), corpus, articles)
    content = weigh(archive.content)
    builds = {"cold": repeat(lambda: archive.build_after(archive.clear), runs)}
    state, plain = weigh(archive.state), weigh(archive.output)
    for kind, change in (
        ("noop", _leave),
        ("add-one", archive.add_newest),
        ("edit-one", archive.edit_old),
        ("late-find", archive.add_late),
    ):
        builds[kind] = repeat(partial(archive.build_after, change), runs)
    archive.switch(data=True, source=True)
    archive.clear()
    archive.build()
    extra = weigh_extras(archive.output)
    shutil.rmtree(archive.root)
    return {
        "articles": articles,
        "content": content._asdict(),
        "state": state._asdict(),
        "output": plain._asdict(),
        "extra": extra,
        "builds": {kind: describe_runs(done) for kind, done in builds.items()},
    }


def _leave() -> None:
    """Change nothing."""


def describe_runs(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the medians of some builds; the files written are those of the first."""
    wall, cpu, peak = find_medians(run.usage for run in runs)
    stages = find_medians([run.stages.get(stage, 0.0) for stage in STAGES] for run in runs)
    return {
        "wall": wall,
        "cpu": cpu,
        "peak": peak,
        "written": runs[0].written,
        "runs": len(runs),
        "stages": dict(zip(STAGES, stages, strict=True)),
    }


def weigh_extras(output: Path) -> dict[str, dict[str, int]]:
    """Return files and bytes of what stands beside the articles: `data`, and `source` with how it was read."""
    extra = {name: {"files": 0, "size": 0} for name in ("data", "source")}
    for path, size in list_files(output):
        if name := name_extra(path):
            extra[name]["files"] += 1
            extra[name]["size"] += size
    return extra


def name_extra(path: str) -> str:
    """Return which setting a file of the site is there by: `data`, `source`, or an empty string for neither."""
    if path == "archive/rules.html":
        return "source"
    if not path.startswith("articles/"):
        return ""
    if path.endswith(".json"):
        return "data"
    return "source" if path.endswith((".md", ".txt", ".marked.html")) else ""


# --- what the figures come to ------------------------------------------------------------------------------------


def draw_tables(results: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts for the places of the manual's scale.md, in Markdown."""
    sizes: Growing = results["sizes"]
    counts = " and ".join(f"{size['articles']:,}" for size in sizes[-2:])
    measured = ", ".join(f"{size['articles']:,}" for size in sizes)
    once = " (slow ones are run once)" if results["runs"] > 1 else ""
    about = (
        f"Measured on {results['day']} with {measured} articles: {results['machine']}; {results['versions']}.\n"
        f"{word_runs(results['runs'], 'build')}{once}. What is in italics was not\n"
        f"measured: two curves go through the figures of {counts} articles, a power law and a straight\n"
        f"line, and the greater value is given.\n"
    )
    return {
        "about": about,
        "time": _draw_times(sizes),
        "stages": _draw_stages(sizes, "cold"),
        "add-one": _draw_stages(sizes, "add-one"),
        "memory": _draw_growth(sizes, {kind: (kind, "peak") for kind in ("cold", "add-one")}, _write_megabytes),
        "size": _draw_sizes(sizes),
        "pages": _draw_pages(sizes),
    }


def draw_pictures(results: Mapping[str, Any]) -> dict[str, str]:
    """Return the pictures by their file names."""
    sizes: Growing = results["sizes"]
    names = {"cold": "A first build: seconds per stage", "add-one": "One new article: seconds per stage"}
    return {
        f"growth-{kind}.svg": draw_growth(title, "s", list_stages(sizes, kind), max(GOALS))
        for kind, title in names.items()
    }


def list_stages(sizes: Growing, kind: str) -> dict[str, list[Point]]:
    """Return the seconds of each stage, and of all together, as points."""
    whole = {"total": [(size["articles"], size["builds"][kind]["wall"]) for size in sizes]}
    stages = {stage: [(size["articles"], size["builds"][kind]["stages"][stage]) for size in sizes] for stage in STAGES}
    return whole | stages


def _draw_times(sizes: Growing) -> str:
    """Wall time of each kind of build, and CPU time of a first one."""
    rows = {f"{kind}, wall": (kind, "wall") for kind in KINDS} | {"cold, CPU": ("cold", "cpu")}
    return _draw_growth(sizes, rows, write_seconds)


def _draw_stages(sizes: Growing, kind: str) -> str:
    return _draw_lines(sizes, list_stages(sizes, kind), write_seconds)


def _draw_growth(sizes: Growing, rows: Mapping[str, tuple[str, str]], write: Callable[[float | None], str]) -> str:
    """Return a table of figures of builds; `rows` says which: the name of the row -> kind of build, figure."""
    lines = {
        name: [(size["articles"], size["builds"][kind][figure]) for size in sizes]
        for name, (kind, figure) in rows.items()
    }
    return _draw_lines(sizes, lines, write)


def _draw_sizes(sizes: Growing) -> str:
    lines = {
        "content": [(size["articles"], size["content"]["size"]) for size in sizes],
        "state": [(size["articles"], size["state"]["size"]) for size in sizes],
        **{name: [(size["articles"], bytes_) for size, bytes_ in points] for name, points in _list_outputs(sizes)},
    }
    return _draw_lines(sizes, lines, write_size)


def _list_outputs(sizes: Growing) -> Iterator[tuple[str, list[tuple[dict[str, Any], int]]]]:
    """Yield the name of each setting of `data` and `source` with the bytes of the output for each size."""
    settings = {
        "output": (),
        "output with data": ("data",),
        "output with source": ("source",),
        "output with both": ("data", "source"),
    }
    for name, extras in settings.items():
        yield name, [(s, s["output"]["size"] + sum(s["extra"][extra]["size"] for extra in extras)) for s in sizes]


def _draw_pages(sizes: Growing) -> str:
    """Where the limit of GitHub Pages is, by the bytes for each article in the largest archive."""
    rows = []
    for name, points in _list_outputs(sizes):
        size, bytes_ = points[-1]
        each = bytes_ / size["articles"]
        files = size["output"]["files"] + sum(size["extra"][x]["files"] for x in _named_extras(name))
        most = int(PAGES_LIMIT / each) // 1000 * 1000
        rows.append((name, write_size(each), f"{files / size['articles']:.2f}", f"{most:,}"))
    return draw_table(("site", "bytes an article", "files an article", "1 GB is full at"), rows)


def _named_extras(name: str) -> tuple[str, ...]:
    return ("data", "source") if name.endswith("both") else tuple(x for x in ("data", "source") if name.endswith(x))


def _draw_lines(sizes: Growing, lines: Mapping[str, Sequence[Point]], write: Callable[[float | None], str]) -> str:
    """Return a table: what was measured for each size, the exponent of growth, and what that comes to beyond."""
    head = ("articles", *(f"{size['articles']:,}" for size in sizes), "exponent", *(f"*{goal:,}*" for goal in GOALS))
    rows = []
    for name, points in lines.items():
        growth = fit_growth(points)
        guesses = (f"*{write(growth.at(goal))}*" if growth else "–" for goal in GOALS)
        rows.append((name, *(write(y) for _, y in points), write_ratio(growth and growth.exponent), *guesses))
    return draw_table(head, rows)


def _write_megabytes(megabytes: float | None) -> str:
    return write_size(None if megabytes is None else megabytes * 1024 * 1024)


if __name__ == "__main__":
    main()
