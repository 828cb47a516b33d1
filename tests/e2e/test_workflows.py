"""The workflows for GitHub Pages: their form, and their steps run by hand in an empty environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import yaml

from site_builder.starter import WORKFLOW
from tests.sites import list_files

ROOT = Path(__file__).parents[2]
OURS = (ROOT / ".github" / "workflows" / "pages.yml").read_text(encoding="utf-8")
ACTIONS = {
    "actions/checkout": "v7",
    "actions/setup-python": "v7",
    "actions/configure-pages": "v6",
    "actions/cache": "v6",
    "actions/upload-pages-artifact": "v5",
    "actions/deploy-pages": "v5",
}
"""The official actions, each with its current major version (November 2026)."""

BASE_URL = "https://rima.github.io/repo"
"""As configure-pages gives it: without a slash at the end."""

both = pytest.mark.parametrize("text", [WORKFLOW, OURS], ids=["new", "ours"])


def parse(text: str) -> dict[Any, Any]:
    flow = yaml.safe_load(text)
    flow["on"] = flow.pop(True)  # YAML 1.1 takes the word for a truth value
    return flow


def list_steps(text: str) -> list[dict[str, Any]]:
    return [step for job in parse(text)["jobs"].values() for step in job["steps"]]


@both
def test_actions_are_official_and_of_their_current_version(text):
    for step in list_steps(text):
        assert ("uses" in step) != ("run" in step)
        if "uses" in step:
            name, _, version = step["uses"].partition("@")
            assert ACTIONS[name] == version
    used = {step["uses"].partition("@")[0] for step in list_steps(text) if "uses" in step}
    assert used == ACTIONS.keys()


@both
def test_each_job_may_do_only_what_it_must(text):
    flow = parse(text)
    assert flow["permissions"] == {}
    assert flow["concurrency"]["cancel-in-progress"] is False
    jobs = flow["jobs"]
    assert jobs["deploy"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert jobs["deploy"]["environment"]["name"] == "github-pages"
    assert jobs["build"]["permissions"] == {"contents": "read", "pages": "read"}
    assert all(job["permissions"] == {"contents": "read"} for name, job in jobs.items() if name in ("test", "audit"))
    assert all(job["timeout-minutes"] <= 60 for job in jobs.values())
    assert jobs["deploy"]["needs"] == "build"
    for step in list_steps(text):
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"] == {"persist-credentials": False}


@both
def test_no_expression_stands_in_a_script_and_each_names_what_there_is(text):
    """What GitHub puts into the text of a script would be run by the shell."""
    ids = {step["id"] for step in list_steps(text) if "id" in step}
    for step in list_steps(text):
        assert "${{" not in step.get("run", "")
    named = re.findall(r"\$\{\{ *(?:steps\.(\w+)\.outputs\.\w+|github\.\w+) *\}\}", text)
    assert len(named) == text.count("${{")
    assert set(named) - {""} == ids == {"pages", "deployment"}


@both
def test_the_cache_the_build_and_the_upload_speak_of_the_same_folders(text):
    steps = {step.get("uses", step.get("name", "")).partition("@")[0]: step for step in list_steps(text)}
    assert steps["actions/cache"]["with"]["path"].split() == [".site-builder-cache", "output"]
    assert steps["actions/upload-pages-artifact"]["with"]["path"] == "output"
    assert steps["Build"]["env"] == {"BASE_URL": "${{ steps.pages.outputs.base_url }}"}
    order = list(steps)
    upload = order.index("actions/upload-pages-artifact")
    assert order.index("Test the rules") < order.index("Build") < order.index("Check the site") < upload
    for step in list_steps(text):
        if step.get("uses", "").startswith("actions/setup-python"):
            assert step["with"]["cache"] == "pip"
            files = step["with"]["cache-dependency-path"].split()
            assert (text == WORKFLOW and files == ["requirements.txt"]) or all(
                (ROOT / file).is_file() for file in files
            )


def test_ours_tests_everything_before_it_builds():
    jobs = parse(OURS)["jobs"]
    assert jobs["build"]["needs"] == "test"
    assert [step["run"] for step in jobs["test"]["steps"] if "run" in step] == ["make test"]


@both
def test_actionlint_finds_nothing(text, tmp_path):
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("there is no actionlint on this machine")
    (tmp_path / "pages.yml").write_text(text)
    done = subprocess.run([program, str(tmp_path / "pages.yml")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


# --- the steps, run by hand ----------------------------------------------------------------------------------------


def run_steps(text: str, job: str, folder: Path, environment: dict[str, str]) -> list[str]:
    """Run the scripts of a job as GitHub does, in their order; return them."""
    done = []
    for step in parse(text)["jobs"][job]["steps"]:
        if "run" in step:
            given = {
                name: value.replace("${{ steps.pages.outputs.base_url }}", BASE_URL)
                for name, value in step.get("env", {}).items()
            }
            ran = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                cwd=folder,
                env={**environment, **given},
                capture_output=True,
                text=True,
            )
            assert ran.returncode == 0, f"{step['run']}\n{ran.stdout}{ran.stderr}"
            done.append(step["run"])
    return done


@pytest.fixture
def empty(tmp_path) -> dict[str, str]:
    """The environment of a Python in which nothing is installed but pip."""
    venv.create(tmp_path / "env", with_pip=True)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_")) or "proxy" in name}
    return {**kept, "PATH": f"{tmp_path / 'env' / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}


def build_here(site: Path, output: Path) -> dict[str, str]:
    """Build a site with the program under test, without its cache; return its files."""
    command = [sys.executable, "-m", "site_builder", "build", "--base-url", BASE_URL, "--output", str(output)]
    shutil.rmtree(site / ".site-builder-cache", ignore_errors=True)
    done = subprocess.run(command, cwd=site, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list_files(output)


@pytest.mark.slow
def test_the_steps_of_a_new_site_give_the_bytes_of_a_local_build_and_so_does_a_second_run(wheel, tmp_path, empty):
    site = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "site_builder", "new", str(site)], check=True, capture_output=True)
    # There is no release yet; the wheel stands for it.
    environment = {**empty, "PIP_FIND_LINKS": str(wheel.parent)}
    assert len(run_steps(WORKFLOW, "build", site, environment)) == 4
    assert list_files(site / "output") == build_here(site, tmp_path / "local")
    with (site / "content" / "first-steps.md").open("a") as file:
        file.write("\nSatu kalimat lagi.\n")
    steps = [step for step in parse(WORKFLOW)["jobs"]["build"]["steps"] if step.get("name") == "Build"]
    again = yaml.safe_dump({True: {}, "jobs": {"build": {"steps": steps}}})
    run_steps(again, "build", site, environment)
    assert list_files(site / "output") == build_here(site, tmp_path / "local")


@pytest.mark.slow
def test_the_steps_of_this_repository_give_the_bytes_of_a_local_build(tmp_path, empty):
    copy = tmp_path / "copy"
    names = ("site_builder", "templates", "content", "rules")
    for name in names:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "site.toml", "addresses.csv"):
        shutil.copy(ROOT / name, copy)
    assert len(run_steps(OURS, "build", copy, empty)) == 4
    assert list_files(copy / "output") == build_here(copy, tmp_path / "local")
