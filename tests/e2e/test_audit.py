"""The quality of the root site, by the audit kit beside the project: every page, and some in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.test_browser import CHROMIUM
from tests.sites import NO_SHARED, SHARED, build, load_config

ROOT = Path(__file__).parents[2]
KIT = SHARED / "audit"
BASE = "/archive/"
MOST_WARNINGS = 3
NODE = (20, 19)
"""The version of Node that the kit asks for."""

pytestmark = pytest.mark.browser


def find_node() -> str:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("there is no Node with npm on this machine")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(int(part) for part in version.lstrip("v").split(".")[:2]) < NODE:
        pytest.skip(f"Node {version} is older than the kit asks for")
    return node


@pytest.fixture(scope="module")
def kit(tmp_path_factory) -> Path:
    """A copy of the kit with its programs; the kit's own folder is left as it is."""
    if not KIT.is_dir():
        pytest.skip(NO_SHARED)
    find_node()
    ready = os.environ.get("AUDIT_KIT")
    if ready:
        return Path(ready)
    copy = tmp_path_factory.mktemp("kit") / "audit"
    shutil.copytree(KIT, copy, ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"the kit's programs cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    return copy


@pytest.mark.slow
def test_the_root_site_has_no_fault_that_the_kit_can_find(kit, tmp_path):
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install it, or name it in the variable CHROMIUM")
    site = tmp_path / "site"
    base_url = f"https://example.github.io{BASE}"
    assert build(load_config(ROOT, output=site, record=False, base_url=base_url)).published
    result = tmp_path / "audit.json"
    options = ["--base", BASE, "--only", "static,browser", "--pages", "4", "--json", str(result)]
    command = [find_node(), "audit.mjs", str(site), *options]
    settings = {**os.environ, "CHROMIUM": CHROMIUM}
    done = subprocess.run(command, cwd=kit, capture_output=True, text=True, timeout=400, env=settings, check=False)
    assert result.is_file(), done.stderr
    checks = json.loads(result.read_text(encoding="utf-8"))["checks"]
    told = {
        status: [f"{c['id']}: {c['value']}" for c in checks if c["status"] == status] for status in ("fail", "warn")
    }
    assert told["fail"] == []
    assert len(told["warn"]) <= MOST_WARNINGS, told["warn"]
