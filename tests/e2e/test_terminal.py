"""What people see at a terminal: the progress of long work, and what the Tab key completes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.e2e.test_cli import read_terminal, run
from tests.sites import make_markdown


def show_on_terminal(arguments: list[str], cwd, **settings: str) -> tuple[int, str]:
    """Run a command whose two outputs are a terminal; return its status and all that it showed."""
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **settings}
    command = [sys.executable, "-m", "site_builder", *arguments]
    with subprocess.Popen(command, cwd=cwd, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = read_terminal(ours)
        status = process.wait(120)
    os.close(ours)
    return status, shown.decode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal here")
def test_a_long_build_shows_a_bar_and_leaves_nothing_of_it(site):
    (site.root / "site.toml").write_text('base_url = "https://example.org/"\n[search]\nengine = "titles"\n')
    for n in range(1500):
        site.write(f"2020-01-01-{n}.md", make_markdown(f"Judul {n}", "2020-01-01"))
    status, shown = show_on_terminal(["build", "--jobs", "1"], site.root)
    assert status == 0
    assert re.search(r"\r\x1b\[K(read|render) \[#* *\] \d+ %, [\d,]+ of [\d,]+", shown)
    assert re.search(r"render \[#* *\] \d+ %, [\d,]+ of [\d,]+, [\d,.]+/s, \d+ s left", shown)
    *_, last, end = shown.split("\r\n")
    assert end == ""
    assert re.search(r"\r\x1b\[K1,500 added, .* s$", last), "the line is empty before anything else is printed"
    site.write("new.md", make_markdown("Baru", "2020-01-02"))
    assert "%" not in show_on_terminal(["build", "--clean", "-q", "--jobs", "1"], site.root)[1]
    assert run("build", "--clean", "--jobs", "1", cwd=site.root).stderr == "", "a short build elsewhere says nothing"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal here")
def test_an_error_shows_its_line_with_a_caret_on_a_terminal_only(site):
    site.write("a.md", "---\ntitle: A\nx: &b \x1b[31mmerah\n---\nIsi")
    site.write("b.md", "---\ntitle: B\ndate: besok\n---\nIsi")
    site.template("article.html", '{% extends "base.html" %}\n{% block main %}{{ 1 + }}{% endblock %}\n')
    status, shown = show_on_terminal(["build"], site.root)
    assert status == 2
    assert "templates/article.html:2" in shown
    assert "    2 | {% block main %}{{ 1 + }}{% endblock %}\r\n      | ^" in shown
    (site.root / "templates" / "article.html").unlink()
    status, shown = show_on_terminal(["build"], site.root)
    assert status == 1
    assert "    3 | date: besok\r\n      | ^\r\n" in shown
    assert "\x1b[31m" not in shown
    assert "|" not in run("build", cwd=site.root).stderr
    (site.root / "site.toml").write_text('title = "A"\r\n[limits]\r\n  depth = "dalam"\r\n')
    for command in (["build"], ["check"], ["serve", "--port", "0"]):
        status, shown = show_on_terminal(command, site.root)
        assert status == 2
        assert '    3 |   depth = "dalam"\r\n      |   ^\r\n' in shown
    assert "|" not in run("build", cwd=site.root).stderr
    (site.root / "site.toml").write_text('title = "\x1b[31mmerah"\n')
    assert '    1 | title = "\\x1b[31mmerah"\r\n      |          ^\r\n' in show_on_terminal(["build"], site.root)[1]


def complete(script: str, *words: str) -> set[str]:
    """Return what bash offers for the last word."""
    asked = f"""
        source /dev/stdin <<'SCRIPT'
{script}
SCRIPT
        COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; COMP_TYPE=9; COMP_KEY=9
        COMP_LINE="{" ".join(words)}"; COMP_POINT=${{#COMP_LINE}}
        _shtab_site_builder site-builder "{words[-1]}" "{words[-2]}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash on this machine")
def test_bash_completes_commands_options_and_choices(tmp_path):
    script = run("completion", "bash", cwd=tmp_path).stdout
    assert complete(script, "site-builder", "de") == {"deploy"}
    assert complete(script, "site-builder", "build", "--ke") == {"--keep-going"}
    assert complete(script, "site-builder", "rules", "su") == {"suggest"}
    assert complete(script, "site-builder", "completion", "") >= {"bash", "fish", "zsh"}


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish on this machine")
def test_fish_completes_commands_and_options(tmp_path):
    (tmp_path / "site-builder.fish").write_text(run("completion", "fish", cwd=tmp_path).stdout)

    def offer(line):
        asked = f"source site-builder.fish; complete -C '{line}'"
        done = subprocess.run(["fish", "-N", "-c", asked], capture_output=True, text=True, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return [offered.partition("\t")[0] for offered in done.stdout.splitlines()]

    assert offer("site-builder de") == ["deploy"]
    assert offer("site-builder build --ke") == ["--keep-going"]


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_each_script_names_every_command_and_its_shell_reads_it(tmp_path, shell):
    from site_builder.cli import COMMANDS

    done = run("completion", shell, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", done.stdout)] == []
    assert "--keep-going" in done.stdout or "keep-going" in done.stdout
    if program := shutil.which(shell):
        read = subprocess.run([program, "-n"], input=done.stdout, capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, "")
    assert run("completion", "tcsh", cwd=tmp_path).returncode == 2
