"""A small preset of the kit of faults that stands beside the checkout; docs/reliability.md tells of the whole of it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from tests.sites import NO_SHARED, SHARED

KIT = SHARED / "faults/run_faults.py"
TESTS = "kill,reader,foreign,dangerous,power"


@pytest.mark.skipif(not KIT.is_file(), reason=NO_SHARED)
@pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace on this machine")
def test_the_kit_finds_no_fault(tmp_path):
    project = tmp_path / "project"
    (project / "content").mkdir(parents=True)
    (project / "site.toml").write_text('title = "Arsip"\nbase_url = "https://example.org/"\n')
    (project / "templates").mkdir()
    (project / "templates/base.html").write_text('{% extends "!default/base.html" %}')
    told = tmp_path / "told.json"
    command = f"{sys.executable} -m site_builder build --content {{content}} --output {{output}}"
    options = ["--style", "yaml", "--template-file", "templates/base.html", "--config-file", "site.toml"]
    # The kit spoils all hidden files in the output, of which this one is a part of the site.
    options += ["--ignore", ".nojekyll", "--n", "3", "--articles", "30", "--tests", TESTS, "--work", str(tmp_path)]
    kit = [sys.executable, str(KIT), "--project", str(project), "--cmd", command, *options, "--json", str(told)]
    done = subprocess.run(kit, capture_output=True, text=True, timeout=600)
    assert told.is_file(), done.stdout + done.stderr
    found = json.loads(told.read_text())
    wrong = {name: found[name] for name in TESTS.split(",") if not found[name]["summary"]["ok"]}
    assert not wrong, json.dumps(wrong, indent=1)
