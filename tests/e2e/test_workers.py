"""Builds in several processes, as people start them: articles that are stuck or kill who reads them, and a cluster."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from site_builder import ConfigError, MachineError, cluster
from tests.sites import list_files, make_markdown

METHODS = multiprocessing.get_all_start_methods()

HOOKED = '''
"""site-builder with readers and a renderer that hang or die; workers that start anew run this file too."""
import multiprocessing, os, pathlib, re, signal, sys, time
from site_builder import cli
from site_builder.jobs import reading, rendering

reader_for, render = reading.reader_for, rendering.render

def choose(id_, sidecar=None):
    if "hangs" in id_:
        pathlib.Path("begun").touch()
        re.match("(a+)+$", "a" * 64 + "b")
    if "dies" in id_:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "hungry" in id_:
        raise MemoryError
    if "waits" in id_ and not (mark := pathlib.Path("mark")).exists():
        pathlib.Path("half").write_text(str(os.getpid()))
        pathlib.Path("half").rename(mark)
        time.sleep(60)
    return reader_for(id_, sidecar)

def draw(output, *more):
    if "fatal" in output.path:
        os.kill(os.getpid(), signal.SIGKILL)
    return render(output, *more)

reading.reader_for, rendering.render = choose, draw

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    sys.exit(cli.main(sys.argv[2:]))
'''


@pytest.fixture
def run_hooked(site, tmp_path):
    script = tmp_path / "hooked.py"
    script.write_text(HOOKED)

    def run(method, *arguments):
        command = [sys.executable, str(script), method, "build", *arguments]
        return subprocess.run(command, cwd=site.root, capture_output=True, text=True, encoding="utf-8", timeout=120)

    return run


def write_many(site, count=70):
    for number in range(count):
        site.write(f"{number:03}.md", make_markdown(f"Judul {number}", f"2020-01-{number % 28 + 1:02}", "garam"))
    # Texts are indexed by a fake in this process, and not in those that are started.
    settings = 'base_url = "https://example.org/"\n[limits]\nseconds = 0.5\n[search]\nengine = "titles"\n'
    (site.root / "site.toml").write_text(settings)


@pytest.mark.parametrize("method", METHODS)
def test_articles_that_hang_or_kill_are_errors_at_their_place(site, tmp_path, run_hooked, method):
    write_many(site)
    for name in ("010-hangs", "020-dies", "030-hungry"):
        site.write(f"{name}.md", make_markdown(name))
    told = [
        "error: content/010-hangs.md: took longer than 0.5 s to read"
        " (simplify it, or raise seconds under [limits] in site.toml)",
        "error: content/020-dies.md: the process that read it died (signal 11)"
        " (simplify it, or keep it out of the content folder)",
        "error: content/030-hungry.md: needs more memory to read than there is, or more than 1,000 MB"
        " (simplify it, raise memory under [limits] in site.toml, or build with fewer --jobs)",
    ]
    done = run_hooked(method, "--jobs", "2")
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines() == [*told, "nothing was published: 3 errors; the old site stands as it was"]
    assert not site.output.exists()
    kept = run_hooked(method, "--jobs", "2", "-k")
    assert kept.returncode == 1
    assert kept.stderr.splitlines() == told
    for name in ("010-hangs", "020-dies", "030-hungry"):
        site.delete(f"{name}.md")
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean", jobs=1))


@pytest.mark.parametrize("jobs", ["0", "1"])
def test_a_large_article_that_hangs_is_stopped_without_many_processes_too(site, run_hooked, jobs):
    write_many(site, 3)
    site.write("hangs.md", make_markdown("Macet", body="Air naik. " * 500))
    done = run_hooked(METHODS[0], "--jobs", jobs, "-k")
    assert done.returncode == 1
    assert "error: content/hangs.md: took longer than 0.5 s to read" in done.stderr
    assert done.stdout.startswith("3 added, ")


def test_a_worker_that_is_killed_from_outside_costs_nothing_but_time(site, tmp_path):
    write_many(site)
    (site.root / "site.toml").write_text("")
    site.write("waits.md", make_markdown("Menunggu", "2021-02-03"))
    script = tmp_path / "hooked.py"
    script.write_text(HOOKED)
    command = [sys.executable, str(script), METHODS[0], "build", "--jobs", "2"]
    with subprocess.Popen(command, cwd=site.root, stderr=subprocess.PIPE, text=True) as build:
        deadline = time.monotonic() + 60
        while not (site.root / "mark").exists() and build.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(int((site.root / "mark").read_text()), signal.SIGKILL)
        assert build.wait(60) == 0
        assert build.stderr is not None
        assert "died" not in build.stderr.read()
    assert (site.output / "articles/menunggu.html").exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell what processes there are")
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("method", METHODS)
def test_no_worker_computes_on_for_ever_when_its_build_is_ended(site, tmp_path, method, sent):
    write_many(site)
    site.write("010-hangs.md", make_markdown("Macet"))
    script = tmp_path / "hooked.py"
    script.write_text(HOOKED)
    command = [sys.executable, str(script), method, "build", "--jobs", "2"]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=site.root, start_new_session=True, **pipes) as build:
        wait_until(lambda: (site.root / "begun").exists() or build.poll() is not None)
        os.kill(build.pid, sent)
        assert build.wait(60) in (-signal.SIGKILL, 130, 143)
    wait_until(lambda: not list_session(build.pid))
    assert list_session(build.pid) == []


def wait_until(holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)


def list_session(leader: int) -> list[str]:
    """Return the commands of all processes that were started by one, while they run: fields 3 and 6 of proc(5)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state not in "ZX":
                found.append((process / "cmdline").read_text().replace("\0", " "))
    return found


def test_an_output_that_kills_its_workers_is_named_and_the_old_site_stands(site, run_hooked):
    write_many(site)
    assert run_hooked(METHODS[0], "-q").returncode == 0
    before = list_files(site.output)
    site.write("x.md", make_markdown("Fatal"))
    done = run_hooked(METHODS[0], "--jobs", "2")
    assert done.returncode == 4, done.stderr
    assert "error: articles/fatal.html: the process that rendered it died (signal 9)" in done.stderr
    assert list_files(site.output) == before


def test_the_number_of_workers_changes_no_byte(site, tmp_path):
    write_many(site)
    sites = [list_files(site.build_clean(tmp_path / str(jobs), jobs=jobs)) for jobs in (1, 2, 3)]
    assert sites[0] == sites[1] == sites[2]


# --- a cluster ---------------------------------------------------------------------------------------------------

CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    here = {"host": "127.0.0.1", "protocol": "tcp", "dashboard_address": None}
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **here) as cluster:
        print(cluster.scheduler_address.removeprefix("tcp://"), flush=True)
        sys.stdin.read()
"""

needs_dask = pytest.mark.skipif(not importlib.util.find_spec("distributed"), reason="distributed is not installed")


@pytest.fixture
def address(tmp_path):
    """The address of a scheduler with two worker processes on this machine."""
    script = tmp_path / "start_cluster.py"
    script.write_text(CLUSTER)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    settings = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with subprocess.Popen([sys.executable, str(script)], cwd=tmp_path, text=True, env=settings, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(60)


def build_with(site, *arguments):
    command = [sys.executable, "-m", "site_builder", "build", *arguments]
    return subprocess.run(command, cwd=site.root, capture_output=True, text=True, encoding="utf-8", timeout=120)


@needs_dask
def test_a_cluster_gives_the_same_bytes(site, tmp_path, address):
    write_many(site, 100)
    site.write("galat.md", make_markdown("Galat", "2020-13-01"))
    done = build_with(site, "--executor", f"dask://{address}", "-k")
    assert "error: content/galat.md:3: date: unknown date '2020-13-01'" in done.stderr
    assert (done.returncode, done.stdout[:11]) == (1, "100 added, ")
    site.delete("galat.md")
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean", jobs=1))
    site.template("article.html", "{{ 1 / 0 }}")
    done = build_with(site, "--executor", f"dask://{address}")
    assert done.returncode == 2
    assert "templates/article.html:1: ZeroDivisionError" in done.stderr


DEADLY = """
import os, sys
from pathlib import Path
from site_builder import MachineError
from site_builder.cluster import join_cluster
from site_builder.workers import Lent

def treat(word):
    if word == "deadly":
        os._exit(1)
    return [word]

if __name__ == "__main__":
    here = Path.cwd()
    try:
        with join_cluster(sys.argv[1], here, here / "output") as executor:
            list(Lent(executor).run(treat, ["harmless", "deadly"]))
    except MachineError as exc:
        print(exc)
"""


@needs_dask
def test_a_job_that_kills_the_workers_of_a_cluster_ends_the_build_with_a_line(tmp_path, address):
    script = tmp_path / "deadly.py"
    script.write_text(DEADLY)
    command = [sys.executable, str(script), address]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.stdout.startswith(f"dask://{address}: the cluster was lost: "), done.stderr
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


@needs_dask
def test_a_scheduler_that_is_not_there_is_status_4(site):
    write_many(site, 1)
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        done = build_with(site, "--executor", f"dask://127.0.0.1:{reserved.getsockname()[1]}")
    assert done.returncode == 4
    assert "no scheduler answers within 5 s (start one with `dask scheduler`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("spec", ["dask", "dask://", "dask://host", "ray://host:1", "dask://a b:1", "dask://host:port"])
def test_an_address_of_another_form_is_status_2(site, spec):
    done = build_with(site, "--executor", spec)
    assert done.returncode == 2
    assert f"'{spec}' is no address of a cluster (write dask://HOST:PORT)" in done.stderr
    assert "not allowed with" in build_with(site, "--executor", "dask://host:1", "--jobs", "2").stderr


def test_dask_that_is_not_installed_is_told(site, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ConfigError, match=r"Dask is not installed \(pip install 'site-builder\[dask\]'\)"),
        cluster.join_cluster("127.0.0.1:8786", site.root, site.output),
    ):
        pass


class StandInClient:
    """Workers as they could be on other machines."""

    def __init__(self, outlooks=None, failure=None, workers=True):
        self.outlooks, self.failure, self.workers = outlooks, failure, workers

    def wait_for_workers(self, _count, **_):
        if not self.workers:
            raise TimeoutError

    def run(self, function, folders):
        if self.failure:
            raise self.failure
        return self.outlooks or {"tcp://there:1": function(folders)}


@pytest.mark.parametrize(
    ("client", "words"),
    [
        (StandInClient(workers=False), "dask://there:8786: the cluster has no workers (start some with"),
        (StandInClient(failure=ModuleNotFoundError("no site_builder")), "a worker cannot import site-builder"),
        (StandInClient({"tcp://b:1": cluster.Outlook((), "x")}), "the worker tcp://b:1 runs another version"),
        (
            StandInClient({"tcp://b:1": cluster.Outlook(("/data/content",), "x")}),
            "/data/content: the worker tcp://b:1 does not see this folder (content and output must be on a disk",
        ),
    ],
)
def test_workers_that_could_not_build_are_found_out_before_the_build(tmp_path, client, words):
    with pytest.raises(MachineError) as caught:
        cluster._check_workers(client, "dask://there:8786", (tmp_path,))
    assert words in str(caught.value)
    cluster._check_workers(StandInClient(), "dask://there:8786", (tmp_path,))
    with pytest.raises(MachineError, match="nowhere: the worker tcp://there:1 does not see this folder"):
        cluster._check_workers(StandInClient(), "dask://there:8786", (tmp_path / "nowhere",))
