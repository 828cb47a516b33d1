"""From saving an article to the new page being served, beside Hugo and Eleventy; and what serving costs at rest.

    python benchmarks/serving.py RUNNER [--n 1000,10000] [--runs 20] [--work FOLDER] [--json FILE] [--write]
    python benchmarks/serving.py --from FILE [--write]

RUNNER is the folder of the shared runner (or the environment variable BENCH names it). Its `serve_latency.py` starts
each server, saves an old article with another last paragraph, and asks for the page every 5 ms until it shows; those
that BENCH_TOOLS does not hold are left out. Ours is measured with a ledger, too. Then nothing happens for half a
minute in an archive of 100,000 articles (BENCH_IDLE sets another number, 0 leaves it out), and the CPU time of the
server is counted.

The figures are kept in FILE (benchmarks/results/serving.json); with `--write`, the table is put into
benchmarks/README.md. The same FILE gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from archives import CACHE, PROGRAM, SITE, Archive, load_corpus, open_work
from figures import fill_document, word_runs
from measuring import describe_machine
from options import obtain_results, read_options

README = Path(__file__).parent / "README.md"
RESULTS = Path(__file__).parent / "results" / "serving.json"
OURS = {"ours": "site-builder", "ours-ledger": "site-builder, with a ledger"}
PEERS = {"hugo": "Hugo", "eleventy": "Eleventy"}
PROGRAMS = {"hugo": "bin/hugo", "eleventy": "eleventy/node_modules/.bin/eleventy"}
LEDGER = '\n[addresses]\nledger = "addresses.csv"\n'
LIMITS = {1_000: 120, 10_000: 150}
"""Articles -> milliseconds that are wanted from saving to the new page, at most."""

REST = 30.0
"""Seconds for which nothing happens."""


def main() -> None:
    """Measure, or read what was measured; print the table."""
    options = read_options(__doc__, "1000,10000", 20, RESULTS, "put the table into benchmarks/README.md")
    results = obtain_results(options, measure)
    text = write_results(results)
    print(text, end="")
    if options.write:
        README.write_text(fill_document(README.read_text(encoding="utf-8"), {"serving": text}), encoding="utf-8")


def write_results(results: Mapping[str, Any]) -> str:
    """Return the table in Markdown, with the machine."""
    text = f"{results['day']}: {results['machine']}. {word_runs(results['runs'], 'save')}.\n\n"
    text += "| server | articles | from save to page, ms | least–most | wanted | CPU s a save | memory MB |\n"
    text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    for row in results["rows"]:
        text += write_row(row)
    idle = results.get("idle")
    if idle:
        share = 100 * idle["cpu"] / idle["seconds"]
        text += f"\nAt rest with {idle['articles']:,} articles: {share:.2f} % of a core (wanted: at most 1 %).\n"
    return text


def write_row(row: Mapping[str, Any]) -> str:
    """Return a row of the table; of a server that did not serve what was saved, why."""
    name = {**OURS, **PEERS}[row["peer"]]
    if not row["html"]:
        return f"| {name} | {row['n']:,} | {row.get('error', '–')} | – | – | – | – |\n"
    limit = LIMITS.get(row["n"]) if row["peer"] in OURS else None
    median = statistics.median(row["html"])
    wanted = "–" if limit is None else f"≤ {limit}: {'met' if median <= limit else '**not met**'}"
    cpu = statistics.median(row["cpu"])
    span = f"{min(row['html'])}–{max(row['html'])}"
    return f"| {name} | {row['n']:,} | {median:.0f} | {span} | {wanted} | {cpu:.2f} | {row['rss']:,} |\n"


# --- measuring ---------------------------------------------------------------------------------------------------


def measure(runner: Path, sizes: Sequence[int], saves: int, work: Path | None) -> dict[str, Any]:
    """Return all figures, with what a reader must know of them."""
    tools = Path(os.environ.get("BENCH_TOOLS", ""))
    peers = [*OURS, *(name for name, program in PROGRAMS.items() if (tools / program).exists())]
    with open_work(work) as folder:
        rows = run_runner(runner, peers, sizes, saves, folder)
        idle = measure_rest(runner, int(os.environ.get("BENCH_IDLE", "100000")), folder)
        machine = describe_machine(folder)
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return {"day": day, "machine": machine, "runs": saves, "rows": rows, "idle": idle}


def run_runner(
    runner: Path, peers: Sequence[str], sizes: Sequence[int], saves: int, folder: Path
) -> list[dict[str, Any]]:
    """Let the shared runner measure all servers in one run; return its rows."""
    kept = folder / "latency.json"
    command = [
        sys.executable, str(runner / "serve_latency.py"),
        "--peers", ",".join(peers), "--n", ",".join(map(str, sizes)), "--edits", str(saves),
        "--work", str(folder / "runner"), "--json", str(kept),
        "--peer-dir", f"ours={make_peer(folder / 'ours')}",
        "--peer-dir", f"ours-ledger={make_peer(folder / 'ledger', LEDGER)}",
    ]  # fmt: skip
    if tools := os.environ.get("BENCH_TOOLS"):
        command += ["--tools", tools]
    subprocess.run(command, check=True, stdout=sys.stderr)
    rows: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
    return rows


def make_peer(folder: Path, settings: str = "") -> Path:
    """Make what the runner must know of our server; with a ledger, a build records the addresses first."""
    shutil.copytree(SITE, folder)
    with (folder / "site.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    card = {
        "dialect": "yaml",
        "content": "content",
        "output": "output",
        "caches": [CACHE],
        "layout": "templates/article.html",
        "build": [PROGRAM, "build", "-q"],
        "prepare": f"'{PROGRAM}' build -q" if settings else "",
        "article_url": "/articles/{slug}.html",
        "serve": {"cmd": [PROGRAM, "serve", "--port", "{port}"]},
    }
    (folder / "peer.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def measure_rest(runner: Path, articles: int, folder: Path) -> dict[str, Any] | None:
    """Return the CPU seconds of a server in an archive in which nothing happens."""
    if not articles:
        return None
    archive = Archive(folder / "idle", load_corpus(runner), articles)
    archive.build()
    log = folder / "idle.log"
    with log.open("w") as stream:
        server = subprocess.Popen([PROGRAM, "serve", "--port", "0"], cwd=archive.root, stdout=stream, stderr=stream)
        try:
            while "unchanged" not in log.read_text(encoding="utf-8"):
                if server.poll() is not None:
                    raise SystemExit(log.read_text(encoding="utf-8"))
                time.sleep(0.5)
            time.sleep(5)
            before, started = read_cpu(server.pid), time.perf_counter()
            time.sleep(REST)
            cpu, seconds = read_cpu(server.pid) - before, time.perf_counter() - started
        finally:
            server.terminate()
            server.wait()
    return {"articles": articles, "cpu": round(cpu, 3), "seconds": round(seconds, 2)}


def read_cpu(process: int) -> float:
    """Return the seconds that a process has run, by user and system."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
