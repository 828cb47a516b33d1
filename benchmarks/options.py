"""What the scripts can be told on the command line, and where figures come from. Knows nothing of what is measured."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Measure = Callable[[Path, Sequence[int], int, Path | None], dict[str, Any]]
"""Gives all figures for a runner, numbers of articles, how often each build runs, and the folder to work in."""


def read_options(
    about: str | None, sizes: str, runs: int, results: Path, writes: str, more_on_runs: str = ""
) -> argparse.Namespace:
    """Return `runner`, `n` (numbers of articles), `runs`, `work`, `json`, `past` and `write`.

    `about` is a script's docstring, `sizes`, `runs` and `results` its defaults; `writes` says what `--write` does.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    runner = os.environ.get("BENCH")
    parser.add_argument("runner", type=Path, nargs="?", default=runner and Path(runner), metavar="RUNNER")
    parser.add_argument("--n", default=sizes, help="numbers of articles")
    parser.add_argument("--runs", type=int, default=runs, help=f"of each build, for the median{more_on_runs}")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="where the sites are built; best in memory")
    parser.add_argument("--json", type=Path, default=results, metavar="FILE", help="keep the figures here")
    parser.add_argument("--from", dest="past", type=Path, metavar="FILE", help="use figures that were kept")
    parser.add_argument("--write", action="store_true", help=writes)
    options = parser.parse_args()
    options.n = [int(number) for number in options.n.split(",")]
    if not options.runner and not options.past:
        parser.error("name the folder of the shared runner")
    return options


def obtain_results(options: argparse.Namespace, measure: Measure) -> dict[str, Any]:
    """Return the figures that were kept, where `--from` names them; else measure, and keep them."""
    results: dict[str, Any]
    if options.past:
        results = json.loads(options.past.read_text(encoding="utf-8"))
    else:
        results = measure(options.runner, options.n, options.runs, options.work)
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return results
