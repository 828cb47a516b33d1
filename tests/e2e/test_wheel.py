"""The wheel, as a user gets it: installed into an empty environment, it builds the site that the checkout builds."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.sites import list_files

ROOT = Path(__file__).parents[2]


def test_the_wheel_ships_the_theme_the_rules_and_the_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    templates = {p.relative_to(ROOT / "templates").as_posix() for p in (ROOT / "templates").rglob("*") if p.is_file()}
    assert templates
    assert {f"site_builder/_templates/{name}" for name in templates} <= names
    assert {f"site_builder/rules/{p.name}" for p in (ROOT / "site_builder" / "rules").glob("*.toml")} <= names
    assert "site_builder/py.typed" in names
    assert not [name for name in names if name.split("/")[0] in ("templates", "content", "output", "tests")]


@pytest.mark.slow
def test_installed_into_an_empty_environment_it_builds_the_same_site(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    empty = tmp_path / "empty"
    empty.mkdir()
    console = python.with_name("site-builder")
    subprocess.run([str(console), "new", "arsip"], cwd=empty, check=True, capture_output=True)
    shutil.copytree(ROOT / "content", empty / "arsip" / "content", dirs_exist_ok=True)
    settings = empty / "arsip" / "site.toml"  # Pagefind is here and not there
    settings.write_text(settings.read_text().replace("[search]", '[search]\nengine = "titles"'))
    built = subprocess.run([str(console), "build"], cwd=empty / "arsip", capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    site = shutil.copytree(
        empty / "arsip", tmp_path / "again", ignore=shutil.ignore_patterns("output", ".site-builder-cache")
    )
    here = [sys.executable, "-m", "site_builder", "build"]
    subprocess.run(here, cwd=site, check=True, capture_output=True)
    assert list_files(empty / "arsip" / "output") == list_files(site / "output")
