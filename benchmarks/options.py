"""What both scripts can be told on the command line. Knows nothing of what is measured."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


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
