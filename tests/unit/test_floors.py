"""The floors of docs/architecture.md: a room knows only rooms below it; the lower ones know no disk and no clock."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import site_builder

PACKAGE = Path(site_builder.__file__).parent
FLOORS = [
    {"errors", "values", "digest", "paging", "accent", "footer", "likeness"},
    {"model", "urls", "localize", "titles", "title_words", "hyperlinks", "hosting"},
    {
        *("config", "ledger", "archive", "marking", "headlines", "tally", "citation", "attachments", "interface"),
        "structured_data",
    },
    {"catalogue", "feeds", "sitemap", "title_index", "data", "views", "templating", "guide", "social"},
    {"plan", "roles", "indexed_archive"},
    {"readers", "aside", "theme", "store", "index", "causes", "scaling"},
    {"sources", "publish", "suggest", "touched", "lookup", "fulltext", "gists", "offering"},
    {"render", "replan", "watch", "overlay", "shelf", "pool", "measuring", "repository", "scanning"},
    {"webserver", "jobs", "workers", "inputs", "manifest", "refusals", "verifying", "adding", "installed"},
    {"reading", "searching", "explain", "starter", "cluster", "compiling", "run"},
    {"attaching", "survey"},
    {"planning"},
    {"build", "provenance", "checking", "intake"},
    {"wording", "deploying"},
    {"serve"},
    {"commands"},
    {"cli"},
]
PURE = 5
"""So many of the lowest floors must not touch disk, clock or chance."""

FORBIDDEN = {"os", "time", "random", "secrets", "socket", "subprocess", "shutil", "tempfile", "multiprocessing", "glob"}
FORBIDDEN_CALLS = set(
    "now today utcnow read_text read_bytes write_text write_bytes exists is_file is_dir iterdir resolve cwd".split()
)

ROOMS = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def list_modules() -> list[Path]:
    inside = (p for p in PACKAGE.rglob("*.py") if p.name not in ("__init__.py", "__main__.py") or p.parent != PACKAGE)
    return sorted(inside)


def find_imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            names.add(node.module or "")
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", list_modules(), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_room_knows_only_the_floors_below(path):
    room = room_of(path)
    assert room in ROOMS, f"{room} stands on no floor: give it one here and in docs/architecture.md"
    for name in find_imports(path):
        parts = name.split(".")
        if parts[0] == "site_builder" and len(parts) > 1 and parts[1] in ROOMS and parts[1] != room:
            assert ROOMS[parts[1]] < ROOMS[room], f"{path.name} imports {name} from its own floor or above"


@pytest.mark.parametrize(
    "path",
    [p for p in list_modules() if ROOMS.get(room_of(p), 99) < PURE or room_of(p) == "readers"],
    ids=lambda p: p.relative_to(PACKAGE).as_posix(),
)
def test_the_lower_floors_know_no_disk_no_clock_no_chance(path):
    assert not {name.split(".")[0] for name in find_imports(path)} & FORBIDDEN
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not {call.attr for call in calls if isinstance(call, ast.Attribute)} & FORBIDDEN_CALLS
    assert "open" not in {call.id for call in calls if isinstance(call, ast.Name)}


def test_every_floor_is_drawn_in_the_architecture():
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = {
        int(match[1]): set(re.findall(r"`([a-z_]+)/?`", match[2]))
        for match in re.finditer(r"^\| (\d+) \| (.*?) \|", page, re.M)
    }
    assert drawn == dict(enumerate(FLOORS))
