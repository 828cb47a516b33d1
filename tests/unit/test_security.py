"""What SECURITY.md says: the tests that it names are there, and packages are bounded, locked and hashed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))


def fold(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_each_promise_has_its_test(path: str, name: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^(?:async )?def {name or 'test_'}", text, re.M), f"{path}::{name}"


def test_there_is_a_test_for_every_promise() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    promised = text[text.index("## What is promised") : text.index("Not promised")]
    rows = [row for row in promised.splitlines() if row.startswith("| ") and not row.startswith(("| promise", "| ---"))]
    assert len(rows) > 12
    assert [row for row in rows if "`tests/" not in row] == []


def test_what_runs_has_an_upper_bound() -> None:
    extras = [entry for entries in PROJECT["project"]["optional-dependencies"].values() for entry in entries]
    assert [entry for entry in (*PROJECT["project"]["dependencies"], *extras) if "<" not in entry] == []


def test_what_tests_run_with_is_locked_and_hashed() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", LOCK, flags=re.M).strip())
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.+!]+", entry), entry[:80]
        assert re.findall(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]
    locked = {fold(re.split(r"[\[=]", entry)[0]) for entry in entries}
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    assert {fold(re.split(r"[\[<>=]", entry)[0]) for entry in wanted} <= locked
    assert "://" not in LOCK, "no registry is named: it is the user's to choose"
