"""Deploying: the built output becomes a commit on the branch from which GitHub Pages serves, and is pushed.

All is looked at first: that the output is what a build would make, its size, its address, the branch as it is at the
remote. The commit is made by ghp-import on a branch of ours, which is gone at the end, so that neither the work tree
nor any other branch is touched, and a push that fails leaves nothing (docs/decisions/0020). Nothing is known here of
how pages are made.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from site_builder.build import confirm
from site_builder.config import Config
from site_builder.errors import (
    ConfigError,
    ContentError,
    MachineError,
    Problem,
    RefusedError,
    SiteBuilderError,
    error,
    warning,
)
from site_builder.hosting import check_address, check_size, find_domain
from site_builder.publish import OWNERSHIP_FILE, read_listing
from site_builder.repository import Done, Repository, find_repository, run_program
from site_builder.values import dataclass

WORK_BRANCH = "site-builder-deploying"
"""The branch on which the commit is made; it is there while `deploy` works."""

EXTRA = frozenset({OWNERSHIP_FILE, ".nojekyll"})
SHOWN_FILES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be deployed where: to `branch` of `remote`, by the repository around the folder `site`."""

    site: Path
    remote: str = "origin"
    branch: str = "gh-pages"
    force: bool = False
    """Although the site is too large, or something else stands at the branch."""
    dry_run: bool = False
    """Do all but the push."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What was deployed. `commit` is empty when the branch had these very files already."""

    address: str
    """Where pushes to the remote go."""
    commit: str
    is_first: bool
    """Whether the branch was not there before."""
    files: int
    size: int
    """Bytes of all files."""


def deploy(
    config: Config, wish: Wish, tell: Callable[[Problem], None], progress: Callable[[str, int, int], None]
) -> Deployed:
    """Put the output on the branch at the remote, tell warnings and the stages; return what was done.

    Only files that the last build made are deployed. Raises RefusedError when the output is not what a build would
    make now, is too large or would replace something else; ContentError when the content has errors; ConfigError for a
    wrong repository, remote or address; MachineError when git or the remote will not do it. Then nothing has changed.
    """
    progress("looking at the build", 0, 0)
    if importlib.util.find_spec("ghp_import") is None:
        raise ConfigError(error("", "deploy needs ghp-import", "pip install 'site-builder[deploy]'"))
    repository = find_repository(wish.site)
    address = repository.find_remote(wish.remote)
    _check_branch(repository, wish)
    if problem := check_address(config.base_url, address, config.name):
        raise ConfigError(problem)
    if read_listing(config.output, str(config.output)) is None:
        raise RefusedError(error(str(config.output), "no site is built here", "run site-builder build first"))
    for problem in _find_doubts(repository, config, wish):
        tell(problem)
    with confirm(config) as report:
        if report.errors:
            raise ContentError(*report.errors)
        if not report.published:
            message = "is not what a build would make now"
            raise RefusedError(error(str(config.output), message, "run site-builder build, then deploy again"))
        paths = _list_files(config)
        sizes = {path: (config.output / path).stat().st_size for path in paths}
        _refuse_size(sizes, wish, tell)
        with _working_branch(repository):
            return _deploy_files(repository, config, wish, sizes, address, progress)


def _check_branch(repository: Repository, wish: Wish) -> None:
    """Raise ConfigError for a branch that cannot be, RefusedError for the one on which the sources are."""
    if repository.run("check-ref-format", f"refs/heads/{wish.branch}").status:
        raise ConfigError(error(wish.branch, "cannot be the name of a branch"))
    if repository.run("symbolic-ref", "--quiet", "--short", "HEAD").out.strip() == wish.branch:
        message = "is the branch of your work tree, which a deployment would replace"
        raise RefusedError(error(wish.branch, message, "name another --branch"))


def _list_files(config: Config) -> list[str]:
    """Return every path that is deployed. Raises RefusedError for names that ghp-import cannot write down."""
    listed = read_listing(config.output, str(config.output)) or frozenset()
    paths = sorted(listed | {path for path in EXTRA if (config.output / path).is_file()})
    if odd := next((path for path in paths if "\n" in path or path.startswith('"')), ""):
        raise RefusedError(error(odd, "a file of this name cannot be deployed", "give it another name"))
    return paths


def _refuse_size(sizes: Mapping[str, int], wish: Wish, tell: Callable[[Problem], None]) -> None:
    problems = list(check_size(sizes))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors and not wish.force:
        raise RefusedError(*errors)
    for problem in problems:
        tell(problem._replace(severity="warning"))


def _find_doubts(repository: Repository, config: Config, wish: Wish) -> Iterator[Problem]:
    """Yield what does not keep a site from being deployed, but may surprise later."""
    folder, root = wish.site.resolve(), repository.root
    built = [path.resolve() for path in (config.output, config.cache) if root in path.resolve().parents]
    uncommitted = repository.list_uncommitted(folder, built)
    if uncommitted:
        names = ", ".join(uncommitted[:SHOWN_FILES]) + (", …" if len(uncommitted) > SHOWN_FILES else "")
        message = f"what is deployed is in no commit: {len(uncommitted)} not committed ({names})"
        yield warning(str(root), message, "git add, git commit")
    if repository.find_commit("HEAD") and repository.run("symbolic-ref", "--quiet", "HEAD").status:
        message = "HEAD is on no branch, so what is deployed may be in no branch"
        yield warning(str(root), message, "git switch main")


# --- git -----------------------------------------------------------------------------------------------------------


@contextmanager
def _working_branch(repository: Repository) -> Iterator[None]:
    """Take away the branch on which the commit is made, which a deployment that was killed may have left."""
    reference = f"refs/heads/{WORK_BRANCH}"
    repository.run("update-ref", "-d", reference)
    try:
        yield
    finally:
        repository.run("update-ref", "-d", reference)


def _deploy_files(
    repository: Repository,
    config: Config,
    wish: Wish,
    sizes: Mapping[str, int],
    address: str,
    progress: Callable[[str, int, int], None],
) -> Deployed:
    progress(f"fetching {wish.branch} from {wish.remote}", 0, 0)
    domain = find_domain(config.base_url)
    before = _fetch(repository, wish)
    if before and not wish.force:
        _refuse_foreign(repository, before, wish, domain)
    progress(f"committing {len(sizes):,} files", 0, 0)
    _commit(repository, config, list(sizes), domain)
    commit = repository.find_commit(WORK_BRANCH)
    if not commit:
        raise MachineError(error("git fast-import", "made no commit"))
    _check_commit(repository, commit, {*sizes, ".nojekyll", *(("CNAME",) if domain else ())})
    if before and repository.ask("rev-parse", f"{before}^{{tree}}") == repository.ask(
        "rev-parse", f"{commit}^{{tree}}"
    ):
        commit = ""
    elif not wish.dry_run:
        progress(f"pushing to {wish.remote}/{wish.branch}", 0, 0)
        done = repository.run("push", wish.remote, f"refs/heads/{WORK_BRANCH}:refs/heads/{wish.branch}")
        if done.status:
            raise _explain_push(done, wish)
    return Deployed(address=address, commit=commit, is_first=not before, files=len(sizes), size=sum(sizes.values()))


def _fetch(repository: Repository, wish: Wish) -> str:
    """Begin the working branch where the remote's branch ends; return that commit, empty when there is no branch."""
    reference = f"refs/heads/{wish.branch}"
    listed = repository.run("ls-remote", wish.remote, reference)
    if listed.status:
        message = f"the remote cannot be read: {listed.reason}"
        raise MachineError(error(wish.remote, message, "look at its address (git remote -v) and your access to it"))
    if reference not in listed.out.split():
        return ""
    done = repository.run("fetch", "--quiet", "--no-tags", wish.remote, f"+{reference}:refs/heads/{WORK_BRANCH}")
    if done.status:
        raise MachineError(error(f"{wish.remote}/{wish.branch}", f"cannot be fetched: {done.reason}"))
    return repository.find_commit(WORK_BRANCH)


def _refuse_foreign(repository: Repository, commit: str, wish: Wish, domain: str) -> None:
    """Raise RefusedError when something else than a site of ours stands at the branch, or has another domain."""
    place = f"{wish.remote}/{wish.branch}"
    if repository.run("cat-file", "-e", f"{commit}:{OWNERSHIP_FILE}").status:
        message = "holds something that site-builder did not make, and would be replaced"
        raise RefusedError(error(place, message, "name another --branch, or use --force; its history is kept"))
    claimed = repository.run("show", f"{commit}:CNAME").out.strip()
    if claimed and claimed != domain:
        message = f"has the domain {claimed!r} in its file CNAME, which base_url does not have"
        hint = f'write base_url = "https://{claimed}/" and build, or use --force'
        raise RefusedError(error(place, message, hint))


def _commit(repository: Repository, config: Config, paths: list[str], domain: str) -> None:
    """Make the commit on the working branch. Raises ConfigError, MachineError."""
    name, mail = repository.find_identity()
    head = repository.find_commit("HEAD")
    message = f"Deploy the site of {head[:12]}" if head else "Deploy the site"
    with _gathered(config, paths) as folder:
        command = [sys.executable, "-m", "ghp_import", "--no-jekyll", "-b", WORK_BRANCH, "-m", message]
        command += ["--cname", domain] if domain else []
        identity = {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail}
        done = run_program([*command, str(folder)], repository.root, identity)
    if done.status:
        raise MachineError(error("ghp-import", f"could not make the commit: {done.reason}"))


@contextmanager
def _gathered(config: Config, paths: list[str]) -> Iterator[Path]:
    """Give a folder with links to the files that are deployed, and no others. Raises MachineError."""
    folder = config.cache / f"deploy-{config.state.stem}"  # of this output, which is held
    shutil.rmtree(folder, ignore_errors=True)  # left by a deployment that was killed
    try:
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to((config.output / path).absolute())
        yield folder
    except OSError as exc:
        raise MachineError(error(str(config.cache), f"the cache cannot be written: {exc.strerror}")) from exc
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_commit(repository: Repository, commit: str, paths: set[str]) -> None:
    """Raise MachineError when the commit does not hold these files: ghp-import ends well when git has not."""
    held = repository.ask("ls-tree", "-r", "-z", "--name-only", commit).split("\0")
    if {path for path in held if path} != paths:
        raise MachineError(error("git fast-import", "did not take all files", "is the disk full?"))


def _explain_push(done: Done, wish: Wish) -> SiteBuilderError:
    place = f"{wish.remote}/{wish.branch}"
    if any(words in done.err for words in ("fetch first", "non-fast-forward", "cannot lock ref")):
        return MachineError(error(place, "somebody else pushed to it meanwhile", "deploy again"))
    hint = ""
    if "rotected branch" in done.err or "GH006" in done.err or "GH013" in done.err:
        hint = "let the branch be pushed to (on GitHub: Settings, Branches or Rules), or publish with the workflow"
    return MachineError(error(place, f"the push was rejected: {done.reason}", hint))
