"""Inputs that once broke something, or that fuzzing begins with: what must hold of each holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.targets import TARGETS

CASES = Path(__file__).parents[1] / "fuzz"
FOUND = sorted(path for path in CASES.rglob("*") if path.is_file())


@pytest.mark.parametrize("case", [pytest.param(path, id=str(path.relative_to(CASES))) for path in FOUND])
def test_what_must_hold_holds(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())


def test_there_are_cases_for_each_target() -> None:
    assert {path.parent.name for path in FOUND} == TARGETS.keys()
