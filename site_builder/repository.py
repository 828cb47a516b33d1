"""git, as a program that is run: a repository is asked, fetched into and pushed from, and what goes wrong is one line.

What git says comes in its untranslated words, without the passwords that an address may hold. Nothing is known here of
sites.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from site_builder.errors import ConfigError, MachineError, error
from site_builder.values import dataclass

NO_IDENTITY = 'git config user.name "…" and git config user.email "…"'


@dataclass(frozen=True, slots=True)
class Done:
    """How a run of git ended."""

    status: int
    out: str
    err: str

    @property
    def reason(self) -> str:
        """The line that tells best why it failed: what the remote says, why it rejects, or git's last words."""
        text = re.sub(r"//[^/@\s]+@", "//", self.err)
        said = re.findall(r"^remote:[ \t]+(\S.*?)\.?[ \t]*$", text, re.M)
        told = re.search(r"^remote: (?:error|fatal): (.*?)\.?[ \t]*$", text, re.M)
        rejected = re.search(r"^ ! \[.*rejected\].*\((.*)\)", text, re.M)
        if told or not rejected:
            last = told or re.search(r"^(?:fatal|error): (.*?)\.?[ \t]*$", text, re.M)
            return last[1] if last else (said or text.split("\n"))[0].strip() or f"it ended with status {self.status}"
        return said[0] if said and "hook declined" in rejected[1] else rejected[1]


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository whose work tree begins at `root`."""

    root: Path

    def run(self, *arguments: str, more: Mapping[str, str] | None = None) -> Done:
        """Run git; `more` goes into its environment. Raises MachineError when git is not there."""
        return run_git(self.root, arguments, more)

    def ask(self, *arguments: str) -> str:
        """Return what git prints. Raises MachineError when it fails."""
        done = self.run(*arguments)
        if done.status:
            raise MachineError(error(f"git {arguments[0]}", done.reason))
        return done.out.rstrip("\n")

    def find_remote(self, name: str) -> str:
        """Return the address that pushes to a remote go to. Raises ConfigError when there is no such remote."""
        done = self.run("remote", "get-url", "--push", "--", name)
        if not done.status:
            return done.out.strip()
        known = self.ask("remote").split()
        if known:
            message, hint = f"has no remote {name!r}", f"known are {', '.join(known)}: name one with --remote"
        else:
            message = f"has no remote {name!r} to deploy to"
            hint = f"git remote add {name} https://github.com/OWNER/REPO.git"
        raise ConfigError(error(str(self.root), message, hint))

    def find_commit(self, name: str) -> str:
        """Return the commit that a name stands for; empty when it stands for none."""
        done = self.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return "" if done.status else done.out.strip()

    def list_uncommitted(self, folder: Path, without: Sequence[Path]) -> list[str]:
        """Return the files below `folder` that are not as in the last commit, without those below some folders.

        All folders are whole paths, within the work tree.
        """
        excluded = [f":(exclude,top,literal){path.relative_to(self.root).as_posix()}" for path in without]
        inside = f":(top,literal){'' if folder == self.root else folder.relative_to(self.root).as_posix()}"
        out = self.ask("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", inside, *excluded)
        return [entry[3:] for entry in out.split("\0") if entry]

    def find_identity(self) -> tuple[str, str]:
        """Return the name and the mail address for commits. Raises ConfigError when git knows none."""
        done = self.run("var", "GIT_COMMITTER_IDENT")
        found = re.fullmatch(r"(.*) <(.*)> \d+ [+-]\d+", done.out.strip())
        if done.status or not found or not found[1]:
            raise ConfigError(error(str(self.root), "git does not know who you are", NO_IDENTITY))
        return found[1], found[2]


def find_repository(folder: Path) -> Repository:
    """Return the repository around a folder. Raises ConfigError when there is none, MachineError without git."""
    done = run_git(folder, ("rev-parse", "--show-toplevel"))
    if not done.status and done.out.strip():
        return Repository(Path(done.out.rstrip("\n")))
    if "not a git repository" in done.err:
        hint = "git init, git add ., git commit, git remote add origin https://github.com/OWNER/REPO.git"
        raise ConfigError(error(str(folder), "is not in a git repository", hint))
    raise ConfigError(error(str(folder), f"git cannot use the repository here: {done.reason}"))


def run_git(folder: Path, arguments: Sequence[str], more: Mapping[str, str] | None = None) -> Done:
    """Run git in a folder, to its end. Raises MachineError when it is not there."""
    return run_program(("git", *arguments), folder, more)


def run_program(command: Sequence[str], folder: Path, more: Mapping[str, str] | None = None) -> Done:
    """Run a program in a folder, to its end, with untranslated messages. Raises MachineError when it is not there."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", **(more or {})}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program; the arguments go to no shell
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True
        )
    except FileNotFoundError as exc:
        raise MachineError(error(command[0], "is not installed, or not in PATH", "https://git-scm.com")) from exc
    except OSError as exc:
        raise MachineError(error(command[0], f"cannot be run: {exc.strerror}")) from exc
    return Done(done.returncode, *(os.fsdecode(stream) for stream in (done.stdout, done.stderr)))
