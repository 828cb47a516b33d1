"""`deploy` as people use it: a site in a real repository, a bare remote on the disk, a clone that serves the branch."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.crawling import crawl, serving
from tests.sites import list_files, make_markdown

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")

BASE_URL = "https://rima.github.io/repo/"
TITLES = '[search]\nengine = "titles"\n'
REJECTS = "#!/bin/sh\necho 'error: GH006: Protected branch update failed for refs/heads/gh-pages.' >&2\nexit 1\n"
QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Rima Senja",
    "GIT_AUTHOR_EMAIL": "rima@example.org",
    "GIT_COMMITTER_NAME": "Rima Senja",
    "GIT_COMMITTER_EMAIL": "rima@example.org",
}


def run(*arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "site_builder", *arguments]
    env = {**os.environ, **QUIET, **more}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60)


def git(*arguments: str, cwd: Path) -> str:
    command = ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **QUIET}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path) -> Path:
    git("init", "--bare", "--quiet", "remote.git", cwd=tmp_path)
    return tmp_path / "remote.git"


@pytest.fixture
def built(site, remote) -> Path:
    """A site that is built and committed, with a remote."""
    (site.root / "site.toml").write_text(f'base_url = "{BASE_URL}"\n' + TITLES)
    (site.root / ".gitignore").write_text("output/\n.site-builder-cache/\n")
    for n, day in enumerate(("2019-03-01", "2019-04-02", "2020-01-05"), start=1):
        site.write(f"{n}.md", make_markdown(f"Judul {n}", day, "garam", "Kota", body="Lihat [ini](2.md)."))
    site.write("draft.md", make_markdown("Rahasia", draft="true"))
    assert run("build", "-q", cwd=site.root).returncode == 0
    git("init", "--quiet", cwd=site.root)
    git("add", ".", cwd=site.root)
    git("commit", "--quiet", "-m", "Begin", cwd=site.root)
    git("remote", "add", "origin", str(remote), cwd=site.root)
    return site.root


def look(root: Path) -> tuple[str, str, str, dict[str, str]]:
    """Return all that a deployment must leave as it is: branches but the remote's, HEAD, the index, the files."""
    refs = [line for line in git("for-each-ref", cwd=root).splitlines() if "refs/remotes/" not in line]
    files = {p: d for p, d in list_files(root).items() if not p.startswith((".git/", ".site-builder-cache/"))}
    return "\n".join(refs), (root / ".git/HEAD").read_text(), git("status", "--porcelain", cwd=root), files


def clone(remote: Path, where: Path, branch: str = "gh-pages") -> Path:
    shutil.rmtree(where, ignore_errors=True)
    git("clone", "--quiet", "--branch", branch, str(remote), str(where), cwd=remote)
    return where


def test_the_branch_is_the_output_and_no_link_is_dead_below_a_folder(built, remote, tmp_path):
    before = look(built)
    done = run("deploy", cwd=built)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    served = clone(remote, tmp_path / "served")
    published = {path: digest for path, digest in list_files(served).items() if not path.startswith(".git/")}
    assert published == list_files(built / "output")
    assert done.stdout.startswith(f"origin/gh-pages: has {len(published)} files, 0.")
    assert done.stdout.endswith(f" MB: {BASE_URL} in a few minutes\n")
    assert {".nojekyll", "404.html"} <= published.keys()
    assert not [path for path in published if "rahasia" in path]
    assert look(built) == before
    with serving(served, "/repo/") as address:
        found, dead = crawl(address, "no/such/page")
    assert dead == []
    assert len(found) > 20
    assert f"{address}articles/judul-1.html" in found


def test_a_second_deployment_goes_on_from_the_first(built, remote, tmp_path, site):
    assert run("deploy", cwd=built).returncode == 0
    same = run("deploy", cwd=built)
    assert (same.returncode, same.stderr) == (0, "")
    assert same.stdout.startswith("origin/gh-pages: has these ")
    site.write("4.md", make_markdown("Judul 4", "2020-02-01"))
    site.delete("1.md")
    assert run("build", "-q", cwd=built).returncode == 0
    done = run("deploy", cwd=built)
    assert done.returncode == 0
    assert "what is deployed is in no commit: 2 not committed (content/1.md, content/4.md)" in done.stderr
    served = clone(remote, tmp_path / "served")
    assert (served / "articles/judul-4.html").exists()
    assert not (served / "articles/judul-1.html").exists()
    assert git("rev-list", "--count", "gh-pages", cwd=served) == "2"
    assert git("log", "-1", "--format=%an <%ae> %s", cwd=served).startswith("Rima Senja <rima@example.org> Deploy the ")


def test_from_a_detached_head_of_a_site_in_a_folder_of_the_repository(tmp_path, remote, built, site):
    whole = tmp_path / "whole"
    git("init", "--quiet", "whole", cwd=tmp_path)
    git("remote", "add", "elsewhere", str(remote), cwd=whole)
    shutil.copytree(built, whole / "arsip", ignore=shutil.ignore_patterns(".git", "output", ".site-builder-cache"))
    git("add", ".", cwd=whole)
    git("commit", "--quiet", "-m", "Begin", cwd=whole)
    git("switch", "--quiet", "--detach", cwd=whole)
    (whole / "beside.txt").write_text("not of the site\n")
    assert run("build", "-q", cwd=whole / "arsip").returncode == 0
    done = run("deploy", "--remote", "elsewhere", "--branch", "web", cwd=whole / "arsip")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        f"warning: {whole}: HEAD is on no branch, so what is deployed may be in no branch (git switch main)\n"
    )
    assert (clone(remote, tmp_path / "served", "web") / "index.html").exists()


def test_a_domain_of_one_s_own_and_files_that_are_not_ours(built, remote, tmp_path):
    (built / "site.toml").write_text('base_url = "https://arsip.example.org/"\n' + TITLES)
    (built / "output" / "private.txt").write_text("not made by a build")
    assert run("build", "-q", cwd=built).returncode == 0
    assert run("deploy", "-q", cwd=built).stderr == ""
    served = clone(remote, tmp_path / "served")
    assert (served / "CNAME").read_text() == "arsip.example.org"
    assert not (served / "private.txt").exists()
    with serving(served, "/") as address:
        assert crawl(address, "no/such/page")[1] == []
    (built / "site.toml").write_text(f'base_url = "{BASE_URL}"\n' + TITLES)
    assert run("build", "-q", cwd=built).returncode == 0
    refused = run("deploy", "-q", cwd=built)
    assert refused.returncode == 3
    assert "origin/gh-pages: has the domain 'arsip.example.org' in its file CNAME" in refused.stderr


def test_a_dry_run_pushes_nothing(built, remote):
    done = run("deploy", "--dry-run", cwd=built)
    assert done.returncode == 0
    assert done.stdout.startswith("origin/gh-pages: would get ")
    assert git("for-each-ref", cwd=remote) == ""


def test_something_else_at_the_branch_is_replaced_only_when_asked_for(built, remote, tmp_path):
    git("push", "--quiet", "origin", "main:gh-pages", cwd=built)
    refused = run("deploy", cwd=built)
    assert refused.returncode == 3
    assert "origin/gh-pages: holds something that site-builder did not make" in refused.stderr
    assert run("deploy", "--force", cwd=built).returncode == 0
    served = clone(remote, tmp_path / "served")
    assert (served / "index.html").exists()
    assert git("rev-list", "--count", "gh-pages", cwd=served) == "2", "what was there is in its history"


def write_base_url(text):
    return lambda root, _: (root / "site.toml").write_text(text)


def edit(root, _):
    (root / "content" / "1.md").write_text(make_markdown("Lain", "2019-03-01"))


def break_article(root, _):
    (root / "content" / "9.md").write_text(make_markdown("X", "2019-13-01"))


def build_drafts(root, _):
    assert run("build", "-q", "--drafts", cwd=root).returncode == 0


def build_some(root, _):
    break_article(root, _)
    assert run("build", "-q", "-k", cwd=root).returncode == 1


def reject(hook):
    def arrange(_, remote):
        (remote / "hooks" / "pre-receive").write_text(hook)
        (remote / "hooks" / "pre-receive").chmod(0o755)

    return arrange


def forget_remote(root, _):
    git("remote", "remove", "origin", cwd=root)


def lose_remote(_, remote):
    remote.rename(remote.with_name("moved.git"))


def point_at(address):
    return lambda root, _: git("remote", "set-url", "origin", address, cwd=root)


def check_out_branch(_, remote):
    """Make the remote a repository with a work tree, in which the branch is checked out."""
    git("config", "core.bare", "false", cwd=remote)
    git("symbolic-ref", "HEAD", "refs/heads/gh-pages", cwd=remote)


@pytest.mark.parametrize(
    ("arrange", "status", "words"),
    [
        (edit, 3, "output: is not what a build would make now (run site-builder build, then deploy again)"),
        (build_drafts, 3, "output: is not what a build would make now"),
        (break_article, 1, "content/9.md:3: date: unknown date '2019-13-01'"),
        (build_some, 1, "content/9.md:3: date: unknown date '2019-13-01'"),
        (lambda root, _: shutil.rmtree(root / "output"), 3, "output: no site is built here (run site-builder build"),
        (lambda root, _: (root / "output/index.html").unlink(), 3, "output: is not what a build would make now"),
        (lambda root, _: shutil.rmtree(root / ".site-builder-cache"), 3, "output: is not what a build would make now"),
        (write_base_url(""), 2, "site.toml: without base_url there is no feed"),
        (lambda root, _: shutil.rmtree(root / ".git"), 2, "is not in a git repository (git init, git add ., "),
        (forget_remote, 2, "has no remote 'origin' to deploy to (git remote add origin https://github.com/OWNER/"),
        (lose_remote, 4, "error: origin: the remote cannot be read: "),
        (
            point_at("https://github.com/rima/other.git"),
            2,
            "but the site of this repository stands at https://rima.github.io/other/ (write base_url = ",
        ),
        (reject(REJECTS), 4, "the push was rejected: GH006: Protected branch update failed for refs/heads/gh-pages ("),
        (reject("#!/bin/sh\nexit 1\n"), 4, "origin/gh-pages: the push was rejected: pre-receive hook declined"),
        (check_out_branch, 4, "origin/gh-pages: the push was rejected: "),
    ],
    ids=lambda value: getattr(value, "__name__", "")[:20] or None,
)  # fmt: skip
def test_a_deployment_that_cannot_be_is_one_line_and_leaves_nothing(built, remote, arrange, status, words):
    arrange(built, remote)
    here = built / ".git"
    before = look(built) if here.exists() else None
    there = git("for-each-ref", cwd=remote) if remote.exists() else ""
    done = run("deploy", cwd=built)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == status, done.stderr
    assert len(errors) == 1
    assert words in errors[0]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    if before:
        assert look(built) == before
        assert not git("for-each-ref", "refs/remotes", cwd=built)
    assert (git("for-each-ref", cwd=remote) if remote.exists() else "") == there == ""
    assert not list((built / ".site-builder-cache").glob("deploy-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_deployment_that_is_interrupted_leaves_nothing(built, remote, tmp_path, number):
    before = look(built)
    hook = built / ".git" / "hooks" / "pre-push"
    hook.write_text(f'#!/bin/sh\ntouch "{tmp_path}/pushing"\nsleep 5\nexit 1\n')
    hook.chmod(0o755)
    command = [sys.executable, "-m", "site_builder", "deploy"]
    env = {**os.environ, **QUIET}
    with subprocess.Popen(command, cwd=built, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not (tmp_path / "pushing").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(60) == {signal.SIGTERM: 143, signal.SIGINT: 130}[number]
        assert b"Traceback" not in process.communicate()[1]
    hook.unlink()
    assert look(built) == before
    assert git("for-each-ref", cwd=remote) == ""
    assert not list((built / ".site-builder-cache").glob("deploy-*"))


def test_what_a_killed_deployment_left_is_taken_away(built, remote):
    before = look(built)
    git("branch", "site-builder-deploying", cwd=built)
    (left,) = (path.stem for path in (built / ".site-builder-cache").glob("state-*.sqlite"))
    (built / ".site-builder-cache" / f"deploy-{left}").mkdir()
    (built / ".site-builder-cache" / f"deploy-{left}" / "old.html").write_text("not of this site")
    assert run("deploy", cwd=built).returncode == 0
    assert look(built) == before
    assert "old.html" not in git("ls-tree", "-r", "--name-only", "gh-pages", cwd=remote)


@pytest.mark.parametrize(
    ("branch", "status", "words"),
    [("main", 3, "main: is the branch of your work tree"), ("a..b", 2, "a..b: cannot be the name of a branch")],
)
def test_a_branch_that_cannot_take_a_site(built, remote, branch, status, words):
    done = run("deploy", "--force", "--branch", branch, cwd=built)
    assert (done.returncode, words in done.stderr) == (status, True)
    assert git("for-each-ref", cwd=remote) == ""


def test_git_and_its_identity_are_needed(built, tmp_path):
    (tmp_path / "bin").mkdir()
    missing = run("deploy", cwd=built, PATH=str(tmp_path / "bin"))
    assert (missing.returncode, missing.stderr) == (
        4,
        "error: git: is not installed, or not in PATH (https://git-scm.com)\n",
    )
    unknown = dict.fromkeys(("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), "")
    git("config", "user.useConfigOnly", "true", cwd=built)
    nobody = run("deploy", cwd=built, **unknown)
    assert nobody.returncode == 2
    assert "git does not know who you are" in nobody.stderr


def test_a_site_that_is_too_large(built, monkeypatch, capsys):
    from site_builder import cli, hosting

    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(built)
    monkeypatch.setattr(hosting, "FILE_BYTES", 3000)
    monkeypatch.setattr(hosting, "SITE_BYTES", 9000)
    monkeypatch.setattr(hosting, "DEPLOYMENT_MINUTES", 1)
    assert cli.main(["deploy"]) == 3
    told = capsys.readouterr().err
    assert "GitHub takes no file above" in told
    assert "GitHub Pages allows 1 GB; the largest files are " in told
    assert cli.main(["deploy", "--force"]) == 0
    told = capsys.readouterr().err
    assert "warning: " in told
    assert "(an estimate)" in told
    assert "error: " not in told


def test_somebody_who_pushes_meanwhile_is_not_overwritten(built, remote, tmp_path):
    """The branch moves between being fetched and being pushed to."""
    assert run("deploy", cwd=built).returncode == 0
    other = clone(remote, tmp_path / "other")
    git("commit", "--quiet", "--allow-empty", "-m", "Meanwhile", cwd=other)
    hook = built / ".git" / "hooks" / "pre-push"
    hook.write_text(f'#!/bin/sh\ncd "{other}" && unset GIT_DIR && git push --quiet origin gh-pages\n')
    hook.chmod(0o755)
    (built / "content" / "4.md").write_text(make_markdown("Judul 4", "2020-02-01"))
    assert run("build", "-q", cwd=built).returncode == 0
    done = run("deploy", "-q", cwd=built)
    assert done.returncode == 4
    assert done.stderr == "error: origin/gh-pages: somebody else pushed to it meanwhile (deploy again)\n"
    assert git("log", "-1", "--format=%s", "gh-pages", cwd=remote) == "Meanwhile"
    hook.unlink()
    assert run("deploy", "-q", cwd=built).returncode == 0
    assert git("rev-list", "--count", "gh-pages", cwd=remote) == "3"


def test_a_password_in_the_address_of_the_remote_is_not_told(built):
    git("remote", "set-url", "origin", "https://rima:secret@127.0.0.1:1/x.git", cwd=built)
    done = run("deploy", cwd=built)
    assert done.returncode == 4
    assert "the remote cannot be read: " in done.stderr
    assert "secret" not in done.stderr
