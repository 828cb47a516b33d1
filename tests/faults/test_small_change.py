"""A small change, killed at its system calls in turn: no file torn, no link dead, the next build ends as a clean one.

`strace` counts the calls of one undisturbed build that change the disk, and then kills one build at each of them. The
usual run takes a sample of a small site; SITE_BUILDER_FAULTS=all takes every call at 1,000 articles.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from site_builder.hyperlinks import find_target, scan_page
from tests.sites import Site, list_files, make_markdown

STRACE = shutil.which("strace")
ALL = os.environ.get("SITE_BUILDER_FAULTS") == "all"
ARTICLES = 1_000 if ALL else 30
SAMPLE = 6
SETTINGS = '[search]\nengine = "titles"\n'
"""Without the full-text index all is done in one process: strace counts the calls of each process by itself."""

CALLS = (
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
    *("write", "pwrite64", "ftruncate", "fsync", "fdatasync", "syncfs", "fchmod"),
)
"""Calls that change something. An open that empties or makes a file is followed by `fchmod` before anything else."""


def run_build(site: Site, *prefix: str) -> subprocess.CompletedProcess[str]:
    command = [*prefix, sys.executable, "-m", "site_builder", "build", "-q"]
    return subprocess.run(command, cwd=site.root, capture_output=True, text=True, timeout=120)


def count_calls(site: Site, log: Path) -> dict[str, int]:
    run = run_build(site, STRACE, "-f", "-qq", "-o", str(log), "-e", f"trace={','.join(CALLS)}")
    assert run.returncode == 0, run.stderr
    counts = dict.fromkeys(CALLS, 0)
    for line in log.read_text(errors="replace").splitlines():
        if match := re.match(r"\d+\s+(\w+)\(", line):
            counts[match[1]] += 1
    return counts


def change(site: Site) -> None:
    site.write("new.md", make_markdown("Judul baru", "2024-02-03", "kota", body="Baru."))
    site.write("3.md", make_markdown("Judul lain", "2024-01-04", "kota", body="Lain."))
    site.delete("5.md")


def find_dead_links(output: Path) -> list[str]:
    """Return the links that lead nowhere, of all pages that can be reached from the home page."""
    seen, waiting, dead = {"index.html"}, ["index.html"], []
    while waiting:
        page = waiting.pop()
        for reference in scan_page((output / page).read_text(encoding="utf-8")).references:
            found = find_target(page, reference.url, "")
            if found is None or reference.url.startswith(("http:", "https:")):
                continue
            path = f"{found[0]}index.html" if not found[0] or found[0].endswith("/") else found[0]
            if not (output / path).is_file():
                dead.append(f"{page} -> {reference.url}")
            elif path.endswith(".html") and path not in seen:
                seen.add(path)
                waiting.append(path)
    return dead


def list_published(output: Path) -> dict[str, str]:
    inside = (".site-builder.work", ".site-builder.json")
    return {path: digest for path, digest in list_files(output).items() if not path.startswith(inside)}


def choose_points(counts: dict[str, int]) -> list[tuple[str, int]]:
    points = [(call, number) for call in CALLS for number in range(1, counts[call] + 1)]
    return points if ALL else points[:: max(1, len(points) // SAMPLE)]


@pytest.mark.skipif(STRACE is None and not os.environ.get("CI"), reason="strace is not installed")
def test_a_small_change_killed_at_any_call_leaves_a_whole_site(tmp_path: Path) -> None:
    assert STRACE, "continuous integration installs strace (.ci/run)"
    site = Site(tmp_path / "site", SETTINGS)
    for n in range(ARTICLES):
        site.write(f"{n}.md", make_markdown(f"Judul {n}", f"20{n % 20:02}-01-0{1 + n % 9}", "kota", body=f"Isi {n}."))
    assert run_build(site).returncode == 0
    old = list_published(site.output)
    kept = shutil.copytree(site.root, tmp_path / "kept", symlinks=True)
    change(site)
    counts = count_calls(site, tmp_path / "calls")
    new = list_published(site.output)
    points = choose_points(counts)
    clean = Site(tmp_path / "clean", SETTINGS)
    shutil.copytree(site.root / "content", clean.root / "content", dirs_exist_ok=True)
    assert run_build(clean).returncode == 0
    assert list_files(clean.output) == list_files(site.output)
    hits = 0
    for call, number in points:
        shutil.rmtree(site.root)
        shutil.copytree(kept, site.root, symlinks=True)
        change(site)
        run = run_build(site, STRACE, "-f", "-qq", "-o", os.devnull, "-e", f"inject={call}:signal=KILL:when={number}")
        hits += run.returncode != 0
        at = f"killed at {call} {number} of {counts[call]}"
        there = list_published(site.output)
        torn = [path for path, digest in there.items() if digest not in (old.get(path), new.get(path))]
        assert not torn, at
        assert not find_dead_links(site.output), at
        again = run_build(site)
        assert again.returncode == 0, f"{at}: {again.stderr}"
        assert list_files(site.output) == list_files(clean.output), at
    print(f"{hits} of {len(points)} points hit; calls of one build: {counts}")
    assert hits == len(points)
