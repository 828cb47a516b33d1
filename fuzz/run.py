"""Run one target under the coverage-guided fuzzer Atheris: `python -m fuzz.run TARGET [options of libFuzzer]`.

What must hold is in `targets`; README.md says how to read what comes of it.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

import atheris

CASES = Path(__file__).parents[1] / "tests" / "fuzz"

DEFAULTS = ("-max_len=2000", "-len_control=0", "-timeout=20", "-rss_limit_mb=2048", "-max_total_time=600")


def main() -> None:
    """Instrument the package, and run until a limit or a finding."""
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m fuzz.run TARGET [options of libFuzzer]")
    with atheris.instrument_imports(include=["site_builder", "markdown", "yaml"]):
        from fuzz.targets import TARGETS

        _import_all()
    name, *options = sys.argv[1:]
    if name not in TARGETS:
        raise SystemExit(f"there is no target {name!r}: known are {', '.join(TARGETS)}")
    check = TARGETS[name]
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    folders = [str(corpus), *(str(path) for path in (CASES / name, CASES / "seeds" / name) if path.is_dir())]
    atheris.Setup([sys.argv[0], *DEFAULTS, *options, *folders], check)
    atheris.Fuzz()


def _import_all() -> None:
    """Import what the package would import when it is needed: only what is imported now is watched."""
    import site_builder
    import site_builder.readers

    for package in (site_builder, site_builder.readers):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if module.name not in ("site_builder.__main__", "site_builder.cluster"):
                importlib.import_module(module.name)
    importlib.import_module("markdown")


if __name__ == "__main__":
    main()
