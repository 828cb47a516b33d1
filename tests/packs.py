"""The packaged rule packs, as a build hands them to a reader."""

from __future__ import annotations

from pathlib import Path

import site_builder
from site_builder.readers import Pack, ReadOptions

RULES = Path(site_builder.__file__).parent / "rules"


def load_packs() -> tuple[Pack, ...]:
    """Return the packs of the package, in the order of their names; `compile_packs` puts them in theirs."""
    return tuple(Pack(path.name, path.read_text("utf-8")) for path in sorted(RULES.glob("*.toml")))


OPTIONS = ReadOptions(packs=load_packs())
