"""How long reading takes: the median CPU time of one article, with all rule packs loaded.

    python benchmarks/reading.py FOLDER [ROUNDS]

reads every article below FOLDER in this process, ROUNDS times (12), and takes the fastest round of each, as another
program can only slow one down. `../shared/bench/make_corpus.py --format text` makes a folder of raw texts.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from pathlib import Path

from site_builder import load_config
from site_builder.inputs import make_options
from site_builder.readers import reader_for


def main(folder: Path, rounds: int) -> None:
    """Print the medians over all articles of `folder`: CPU milliseconds for each, and for each 3,000 bytes."""
    options = make_options(load_config(folder, content=folder))
    articles = [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in sorted(folder.rglob("*.*"))]
    fastest = dict.fromkeys(articles, 10**12)
    gc.disable()
    for _ in range(rounds):
        for article in articles:
            reader = reader_for(article[0])
            assert reader is not None, article[0]
            started = time.process_time_ns()
            reader(*article, options)
            fastest[article] = min(fastest[article], time.process_time_ns() - started)
    each = statistics.median(fastest.values()) / 1e6
    sized = statistics.median(time / len(data) * 3_000 for (_, data), time in fastest.items()) / 1e6
    print(f"{len(articles):,} articles: {each:.3f} ms each, {sized:.3f} ms for 3 kB (medians of CPU time)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12)
