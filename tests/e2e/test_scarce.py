"""A machine that has no more of something: the old site stands, and one line says what was missing."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.sites import Site, list_files, make_markdown

resource = pytest.importorskip("resource", reason="this system has no limits for processes")

ARTICLES = 40


def write_some(site: Site, words: str) -> None:
    for number in range(ARTICLES):
        body = f"{words} {number}. " * 50
        site.write(f"{number}.md", make_markdown(f"Judul {number}", f"2020-01-{number % 28 + 1:02}", "laut", body=body))


def build(site: Site, limit: int = 0, amount: int = 0) -> subprocess.CompletedProcess:
    def hold() -> None:
        if limit:
            resource.setrlimit(limit, (amount, amount))

    command = [sys.executable, "-m", "site_builder", "build", "-q"]
    return subprocess.run(command, cwd=site.root, capture_output=True, text=True, timeout=120, preexec_fn=hold)


@pytest.mark.parametrize(
    ("limit", "amounts"),
    [("RLIMIT_NOFILE", [6, 8, 10, 12, 14, 17, 20]), ("RLIMIT_AS", [48_000_000, 64_000_000, 96_000_000, 160_000_000])],
)
def test_with_few_files_or_little_memory_a_build_makes_all_or_nothing(tmp_path, limit, amounts):
    """A traceback came where the folder of the full-text index could not be listed to be removed."""
    site = Site(tmp_path / "site", 'title = "Arsip"\n')
    write_some(site, "Air naik")
    assert build(site).returncode == 0
    old = list_files(site.output)
    write_some(site, "Air surut")
    ends = []
    for amount in amounts:
        done = build(site, getattr(resource, limit), amount)
        ends.append(done.returncode)
        if done.returncode == 0:
            break
        assert "Traceback" not in done.stderr, (amount, done.stderr)
        assert done.returncode == 4, (amount, done.stderr)
        assert done.stderr.startswith("error: "), (amount, done.stderr)
        assert done.stderr.count("\n") == 1, (amount, done.stderr)
        assert list_files(site.output) == old, amount
    assert ends[0] == 4, "what is tried first is not enough"
    assert build(site).returncode == 0
    new = list_files(site.output)
    assert new != old
    shutil.rmtree(site.output)
    shutil.rmtree(site.root / ".site-builder-cache")
    assert build(site).returncode == 0
    assert list_files(site.output) == new, "a build from nothing"
