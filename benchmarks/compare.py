"""Compare with Hugo in both of its layouts: run the shared runner for all three, and print the table of targets.

    python benchmarks/compare.py RUNNER [--n 1000,10000] [--runs 5] [--work FOLDER] [--json FILE] [--write]
    python benchmarks/compare.py --from FILE [--write]

RUNNER is the folder of the shared runner (or the environment variable BENCH names it); BENCH_TOOLS says where its
generators are installed. What the runner has no kind of build for is measured here in the same way, by medians of whole
processes: raw texts, one late-found article, and what data, source and search cost.

The first way measures, keeps the figures in FILE (benchmarks/results/compare.json) and prints the tables; with
`--write`, both ways put them into benchmarks/README.md. The same FILE gives the same bytes. An archive of 100,000 is
measured by itself, beside that layout of Hugo alone which is the faster one, and without what data, source and search
cost; it is kept in another FILE. Five runs take an hour.
"""

from __future__ import annotations

import datetime as dt
import json
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import site_builder
from archives import CACHE, PROGRAM, SITE, SLOW, Archive, Run, load_corpus, open_work, repeat
from figures import fill_document, find_medians, word_runs
from measuring import Usage, describe_machine, weigh
from options import obtain_results, read_options
from targets import OURS, Figures, draw_figures, draw_verdicts, judge

README = Path(__file__).parent / "README.md"
RESULTS = Path(__file__).parent / "results" / "compare.json"

LARGE = 100_000
"""Articles from which on an archive has its tables in a part of their own: it is measured apart, as it takes long."""

HUGO, UGLY = "Hugo", "Hugo, uglyURLs"
COSTS: Mapping[str, Mapping[str, Any]] = {
    "data": {"data": True},
    "source": {"source": True},
    "feeds of sections and topics": {"feeds": True},
    "search by titles": {"search": "titles"},
    "search by texts": {"search": "pagefind"},
}
"""What is off for equal work -> the settings that turn it on."""

PEERS = {"ours": OURS, "hugo": HUGO, "hugo-ugly": UGLY}
"""What the runner calls them -> what the table calls them."""


def main() -> None:
    """Measure, or read what was measured; print the tables."""
    options = read_options(__doc__, "1000,10000", 5, RESULTS, "put the tables into benchmarks/README.md")
    results = obtain_results(options, measure)
    text = write_results(results)
    print(text, end="")
    if options.write:
        part = "latest" if max(row["articles"] for row in results["rows"]) < LARGE else "large"
        README.write_text(fill_document(README.read_text(encoding="utf-8"), {part: text}), encoding="utf-8")


def write_results(results: Mapping[str, Any]) -> str:
    """Return the tables of all sizes in Markdown, with the machine and the versions."""
    rows = [Figures(**row) for row in results["rows"]]
    text = f"{results['day']}: {results['machine']}; {results['versions']}. {word_runs(results['runs'], 'run')}.\n"
    for articles in sorted({row.articles for row in rows}):
        text += f"\n### {articles:,} articles: targets\n\n{draw_verdicts(judge(rows, articles))}"
        text += f"\n### {articles:,} articles: figures\n\n"
        sized = (row for row in rows if row.articles == articles)
        text += draw_figures(sorted(sized, key=lambda row: row.who != OURS))
    return text


# --- measuring ---------------------------------------------------------------------------------------------------


def measure(runner: Path, sizes: Sequence[int], runs: int, work: Path | None) -> dict[str, Any]:
    """Return all figures, with what a reader must know of them."""
    corpus = load_corpus(runner)
    with open_work(work) as folder:
        told = run_runner(runner, sizes, runs, folder)
        rows = [read_row(row) for row in told]
        for articles in sizes:
            rows += measure_ours(corpus, articles, runs, folder)
        machine = describe_machine(folder)
    return {
        "day": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine,
        "versions": write_versions(row.get("version", "") for row in told),
        "runs": runs,
        "rows": [row._asdict() for row in rows],
    }


def write_versions(versions: Iterable[str]) -> str:
    """Return our version, Python's and Hugo's, of which the whole line that it says of itself is given."""
    numbers = sorted({found[0] for line in versions if (found := re.search(r"v\d[\w.]*", line))})
    hugo = f", Hugo {', '.join(numbers)}" if numbers else ""
    return f"site-builder {site_builder.__version__}, Python {platform.python_version()}{hugo}"


def run_runner(runner: Path, sizes: Sequence[int], runs: int, folder: Path) -> list[dict[str, Any]]:
    """Let the shared runner measure ours and Hugo, a large archive beside one layout, in one run; return the rows."""
    kept = folder / "runner.json"
    peers = [name for name, shown in PEERS.items() if shown != UGLY or max(sizes) < LARGE]
    command = [
        sys.executable, str(runner / "run.py"),
        "--peers", ",".join(peers), "--n", ",".join(map(str, sizes)), "--runs", str(runs),
        "--slow", str(SLOW), "--slow-cold", str(SLOW),
        "--work", str(folder / "runner"), "--json", str(kept),
        "--cmd", f"ours={shlex.quote(PROGRAM)} build -q", "--config", str(SITE), "--cache", CACHE,
        "--layout", "templates/article.html",
        "--article-url", "/articles/{slug}.html", "--tag-url", "/topics/{tag}.html",
        "--peer-dir", f"hugo-ugly={make_ugly(runner / 'peers' / 'hugo', folder / 'ugly')}",
    ]  # fmt: skip
    (folder / "runner").mkdir()
    subprocess.run(command, check=True, stdout=sys.stderr)
    rows: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
    return rows


def make_ugly(peer: Path, folder: Path) -> Path:
    """Copy the runner's Hugo and let it write `a.html` instead of `a/index.html`; return the folder."""
    shutil.copytree(peer, folder)
    settings = folder / "hugo.toml"
    settings.write_text(f"uglyURLs = true\n{settings.read_text(encoding='utf-8')}", encoding="utf-8")
    card = folder / "peer.json"
    facts = json.loads(card.read_text(encoding="utf-8"))
    facts |= {"article_url": "/{section}/{slug}.html", "tag_url": "/tags/{tag}.html"}
    card.write_text(json.dumps(facts), encoding="utf-8")
    return folder


def read_row(row: Mapping[str, Any]) -> Figures:
    """Return a row of the runner's as ours. What ran out of time has no CPU time and no peak, and shows nothing."""
    medians = row["median"]
    return Figures(
        who=PEERS[row["peer"]],
        articles=row["n"],
        what=row["scenario"],
        wall=medians["wall"],
        cpu=round((medians["user"] or 0.0) + (medians["sys"] or 0.0), 3),
        peak=medians["rss"] or 0.0,
        files=row["files"],
        written=row.get("touched"),
        changed=row.get("changed"),
        shown=row["shown"],
    )


def measure_ours(corpus: ModuleType, articles: int, runs: int, folder: Path) -> Iterator[Figures]:
    """Yield the figures of what the runner has no kind of build for."""
    texts = Archive(folder / "texts", corpus, articles, "text")
    yield make_row("cold, raw text", repeat_cold(texts, runs), texts)
    shutil.rmtree(texts.root)
    archive = Archive(folder / "markdown", corpus, articles)
    archive.build()
    archive.build()
    adds, finds = [], []
    for _ in range(runs):  # in turn, so that both have the same luck with the machine
        adds.append(archive.build_after(archive.add_newest))
        finds.append(archive.build_after(archive.add_late))
    topics = len(corpus.article(articles, articles)["tags"])
    yield make_row("add-one beside it", adds, archive)._replace(topics=topics)
    yield make_row("late-find", finds, archive)
    for name, settings in COSTS.items() if articles < LARGE else ():
        archive.switch(**settings)
        yield make_row(f"cold, {name} on", repeat_cold(archive, runs), archive)
        adds = repeat(lambda: archive.build_after(archive.add_newest), runs)
        yield make_row(f"add-one, {name} on", adds, archive)
    shutil.rmtree(archive.root)


def repeat_cold(archive: Archive, runs: int) -> list[Run]:
    """Build from nothing so many times; no files are counted then, as all are new."""
    return [run._replace(written=0) for run in repeat(lambda: archive.build_after(archive.clear), runs)]


def make_row(what: str, runs: Sequence[Run], archive: Archive) -> Figures:
    """Return the medians of some builds; the files written are those of the first, as the runner counts them."""
    usage, first = Usage(*find_medians(run.usage for run in runs)), runs[0]
    return Figures(
        who=OURS,
        articles=archive.count,
        what=what,
        **usage._asdict(),
        files=weigh(archive.output).files,
        written=first.written or None,
        closings=first.closings,
    )


if __name__ == "__main__":
    main()
