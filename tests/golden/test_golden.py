"""Whole small sites, byte for byte: `pytest --update-golden` writes them anew, for a reviewer to read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from site_builder import render as render_module
from tests.sites import build, list_files, load_config

HERE = Path(__file__).parent
CASES = sorted(path.name for path in HERE.iterdir() if (path / "site").is_dir())


@pytest.mark.parametrize("case", CASES)
def test_the_site_is_the_expected_one(case, tmp_path, monkeypatch, request):
    monkeypatch.chdir(HERE / case / "site")
    # What Pillow makes of a name differs from version to version: what it is asked for stands in its place.
    monkeypatch.setattr(render_module, "paint_social", lambda view: f"{view.site}\n{view.section}\n".encode())
    config = load_config(".", output=tmp_path / "output", cache=tmp_path / "cache")
    report = build(config)
    assert report.published
    expected = HERE / case / "expected"
    if request.config.getoption("--update-golden"):
        shutil.rmtree(expected, ignore_errors=True)
        shutil.copytree(tmp_path / "output", expected)
    found, wanted = list_files(tmp_path / "output"), list_files(expected)
    assert found.keys() == wanted.keys()
    for path in sorted(wanted):
        if found[path] != wanted[path]:
            assert (tmp_path / "output" / path).read_text() == (expected / path).read_text(), path


def test_there_is_a_golden_site():
    assert CASES
