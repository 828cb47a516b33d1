"""Those who work: in any number, started in any way, stuck or dying, they give the same results in the same order."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import MachineError
from site_builder.errors import error
from site_builder.jobs import reading
from site_builder.jobs.reading import ReadJob, TextJob, read_batch, read_texts
from site_builder.pool import FALSE_STARTS, Pool, choose_start_method
from site_builder.readers import ReadOptions
from site_builder.workers import (
    HARMLESS_BYTES,
    LARGEST_BATCH,
    WORTH_A_POOL,
    Alone,
    Lent,
    choose_workers,
    cut_batches,
)

METHODS = multiprocessing.get_all_start_methods()
FAST = "fork" if "fork" in METHODS else METHODS[0]


@dataclass(frozen=True)
class Words:
    """A job on words; what a worker does with one is told by the word."""

    items: tuple[str, ...]
    trace: str = ""
    seconds: float = 60.0

    def __len__(self):
        return len(self.items)

    def cut(self, start, stop):
        return replace(self, items=self.items[start:stop])

    def give_up(self, number, death):
        if self.items[number] == "precious":
            raise MachineError(error("precious", death))
        return f"{self.items[number]}: {death or 'slow'}"


class Heavy:
    """A value that says how often it was sent."""

    def __init__(self, number, sent=0):
        self.number, self.sent = number, sent

    def __reduce__(self):
        return Heavy, (self.number, self.sent + 1)


def weigh(job):
    return ((heavy.number, heavy.sent) for heavy in job.items)


def treat(job):
    return (_treat(word, job) for word in job.items)


def _treat(word, job):
    if job.trace:
        with Path(job.trace).open("a") as file:
            print(word, file=file)
    if word in ("dies", "precious"):
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "leaves":
        os._exit(3)
    if word == "dies once" and Path(job.trace).read_text().split("\n").count(word) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "hangs":
        re.match("(a+)+$", "a" * 64 + "b")
    if word == "waits a little":
        time.sleep(3 * job.seconds)
    if word == "waits for ever":
        time.sleep(600)
    if word == "fails":
        raise LookupError(word)
    if word == "odd":
        raise OddError("a", "b")
    if word == "cannot be sent":
        return lambda: word
    return word.upper()


class OddError(Exception):
    """One that does not survive being copied."""

    def __init__(self, one, two):
        super().__init__(one)
        self.two = two


class Poison(Words):
    """A job that kills whoever unpacks it."""

    def __reduce__(self):
        return os._exit, (7,)


def cut_words(words, size, **more):
    return [Words(tuple(words[n : n + size]), **more) for n in range(0, len(words), size)]


def treat_all(jobs, processes=2, method=FAST):
    with Pool(processes, method) as pool:
        results = [result for results in pool.run(treat, jobs) for result in results]
        assert len(multiprocessing.active_children()) <= processes
    assert not multiprocessing.active_children()
    return results


@pytest.mark.parametrize("method", METHODS)
def test_each_way_to_start_gives_the_same(method):
    words = [f"w{n}" for n in range(25)] + ["dies", "last"]
    expected = [f"W{n}" for n in range(25)] + ["dies: signal 9", "LAST"]
    assert treat_all(cut_words(words, 4), 2, method) == expected


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_neither_number_nor_batches_change_the_results(processes, size):
    words = ["a", "hangs", "b", "dies", "dies", "c", "leaves", *"defgh", "hangs"]
    results = treat_all(cut_words(words, size, seconds=0.2), processes)
    dead = ["dies: signal 9", "dies: signal 9", "C", "leaves: exit status 3"]
    assert results == ["A", "hangs: slow", "B", *dead, *"DEFGH", "hangs: slow"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not tell what a process computes")
def test_a_good_article_on_a_busy_machine_is_no_error():
    words = ["a", "waits a little", "b", "waits for ever", "c"]
    results = treat_all(cut_words(words, 5, seconds=0.2), 1)
    assert results == ["A", "WAITS A LITTLE", "B", "waits for ever: slow", "C"]


def test_who_dies_is_tried_once_more_and_the_others_once_at_most(tmp_path):
    trace = tmp_path / "trace"
    words = ["before", "dies once", "dies", "after"]
    assert treat_all(cut_words(words, 4, trace=str(trace)), 1) == ["BEFORE", "DIES ONCE", "dies: signal 9", "AFTER"]
    tried = trace.read_text().splitlines()
    assert {word: tried.count(word) for word in words} == {"before": 2, "dies once": 2, "dies": 2, "after": 1}


def test_what_a_job_raises_comes_in_its_turn():
    results = []
    with Pool(3, FAST) as pool, pytest.raises(LookupError, match="fails") as caught:
        for result in pool.run(treat, cut_words(["a", "b", "fails", "c", "precious", "odd"], 1)):
            results += result
    assert results == ["A", "B"]
    assert "in _treat" in "".join(caught.value.__notes__)
    with pytest.raises(MachineError, match="signal 9"):
        treat_all(cut_words(["a", "precious"], 2))


@pytest.mark.parametrize("word", ["odd", "cannot be sent"])
def test_what_cannot_be_sent_is_told_and_no_hang(word):
    with pytest.raises(RuntimeError, match=r"OddError: a|a result cannot be sent"):
        treat_all(cut_words(["a", word, "b"], 1))


def test_who_dies_before_it_begins_is_no_fault_of_an_item():
    with pytest.raises(MachineError, match=r"worker processes die before they begin \(exit status 7\)"):
        treat_all([Poison(("a",))], 1)
    assert FALSE_STARTS > 1


def test_an_idle_worker_that_is_killed_is_replaced():
    with Pool(1, FAST) as pool:
        assert list(pool.run(treat, cut_words(["a"], 1))) == [["A"]]
        (worker,) = multiprocessing.active_children()
        os.kill(worker.pid, signal.SIGKILL)
        assert list(pool.run(treat, cut_words(["b", "c"], 1))) == [["B"], ["C"]]


def test_no_more_is_taken_up_than_can_be_worked_on_soon():
    taken = []

    def give():
        for job in cut_words([f"w{n}" for n in range(100)], 1):
            taken.append(job)
            yield job

    with Pool(2, FAST) as pool:
        results = pool.run(treat, give())
        next(results)
        assert len(taken) < 10
        assert len(list(results)) == 99


def test_steps_of_other_work_are_taken_while_workers_work_and_the_rest_is_left():
    steps = iter(range(1_000_000))
    with Pool(1, FAST) as pool:
        assert list(pool.run(treat, cut_words(["waits a little"], 1, seconds=0.1), steps)) == [["WAITS A LITTLE"]]
    assert 0 < next(steps) < 999_999
    with Pool(1, FAST) as pool:
        assert list(pool.run(treat, cut_words(["waits a little", "b"], 1, seconds=0.1), iter(range(3)))) == [
            ["WAITS A LITTLE"],
            ["B"],
        ]


def test_a_mistake_in_other_work_is_raised_and_leaves_no_worker():
    def fail():
        yield
        raise LookupError("meanwhile")

    with pytest.raises(LookupError, match="meanwhile"), Pool(2, FAST) as pool:
        list(pool.run(treat, cut_words(["waits a little", "b"], 1, seconds=0.1), fail()))
    assert not multiprocessing.active_children()


def test_steps_are_taken_while_an_executor_works_and_by_nobody_who_never_waits():
    begun, ended = threading.Event(), threading.Event()

    def wait_for_step(job):
        begun.set()
        assert ended.wait(60)
        return [job]

    def step():
        assert begun.wait(60)
        ended.set()
        yield

    with ThreadPoolExecutor(1) as executor:
        assert list(Lent(executor).run(wait_for_step, ["a", "b"], step())) == [["a"], ["b"]]
    steps = iter("ab")
    assert list(Alone().run(lambda job: [job], ["a"], steps)) == [["a"]]
    assert next(steps) == "a"


def test_work_that_is_given_up_leaves_no_worker():
    with pytest.raises(KeyboardInterrupt), Pool(2, FAST) as pool:
        for _ in pool.run(treat, cut_words(["a", "hangs", "hangs"], 1)):
            raise KeyboardInterrupt
    assert not multiprocessing.active_children()


def test_workers_end_when_the_build_is_killed():
    script = "\n".join(
        [
            "import time",
            "from site_builder.pool import Pool",
            "from tests.unit.test_workers import FAST, cut_words, treat",
            "with Pool(3, FAST) as pool:",
            "    print(len(list(pool.run(treat, cut_words(['a', 'b', 'c'], 1)))), flush=True)",
            "    time.sleep(60)",
        ]
    )
    here = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", script], cwd=here, stdout=subprocess.PIPE, text=True) as build:
        assert build.stdout is not None
        assert build.stdout.readline() == "3\n"
        build.kill()
        with ThreadPoolExecutor(1) as reader:
            # The workers have this pipe too: it ends when the last of them does.
            assert reader.submit(build.stdout.read).result(timeout=50) == ""


def test_a_process_with_threads_is_not_copied(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda **_: None)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(time.sleep, 0)
        assert choose_start_method() != "fork"
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda **_: "spawn")
    assert choose_start_method() == "spawn"


# --- who is chosen -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jobs", "processes", "largest", "serial"),
    [
        (5, 0, 0, True),
        (5, 0, HARMLESS_BYTES, True),
        (5, 0, HARMLESS_BYTES + 1, False),
        (10_000, 1, 0, True),
        (10_000, 1, 10_000, False),
        (5, 2, 0, False),
    ],
)
def test_few_jobs_need_no_process_unless_one_may_have_to_be_killed(jobs, processes, largest, serial):
    with choose_workers(jobs, processes, largest) as workers:
        assert isinstance(workers, Alone) == serial
        assert not multiprocessing.active_children()


def test_many_jobs_are_shared_out(monkeypatch):
    monkeypatch.setattr("site_builder.workers._count_cores", lambda: 2)
    with choose_workers(WORTH_A_POOL) as workers:
        assert isinstance(workers, Pool)


def _choose_as_a_daemon(connection):
    with choose_workers(5, 2, 10_000) as workers:
        connection.send(type(workers).__name__)


def test_a_worker_of_somebody_else_works_alone():
    context = multiprocessing.get_context(FAST)
    ours, theirs = context.Pipe()
    process = context.Process(target=_choose_as_a_daemon, args=(theirs,), daemon=True)
    process.start()
    assert ours.poll(60)
    assert ours.recv() == "Alone"
    process.join()


class BreakingExecutor(Executor):
    def submit(self, _fn, /, *_args, **_kwargs):
        raise BrokenExecutor("the machine went away")


def test_an_executor_of_somebody_else_that_breaks_is_told():
    with pytest.raises(MachineError, match="the executor broke: the machine went away"):
        list(Lent(BreakingExecutor()).run(treat, cut_words(["a"], 1)))


@given(st.lists(st.integers(0, 10**7), max_size=2_000))
def test_batches_hold_every_item_once_in_order(costs):
    batches = list(cut_batches(range(len(costs)), costs))
    assert [item for batch in batches for item in batch] == list(range(len(costs)))
    assert all(0 < len(batch) <= LARGEST_BATCH for batch in batches)


def test_batches_are_of_one_cost():
    costs = [1] * 1000 + [100] * 1000
    sums = [sum(costs[n] for n in batch) for batch in cut_batches(range(2000), costs)]
    heavy = [sum(costs[n] for n in batch) for batch in cut_batches(range(1000, 2000), costs[1000:])]
    assert max(sums) < 2 * sum(sums) / 20
    assert len(set(heavy[:-1])) == 1


@pytest.mark.parametrize("ended", [MemoryError, SystemError("error return without exception set")], ids=repr)
def test_memory_that_ends_once_more_where_it_is_told_costs_no_other_article(tmp_path, monkeypatch, ended):
    """On a busy machine a hungry article ended the whole build now and then: telling of it took memory, too."""

    @contextmanager
    def end_late(megabytes):
        yield
        raise ended

    (tmp_path / "a.md").write_text("Isi.\n")
    monkeypatch.setattr(reading, "_limit_memory", end_late)
    (read,) = read_batch(ReadJob(tmp_path, ReadOptions(), 5.0, (("a.md", "", ""),), 7))
    (text,) = read_texts(TextJob(ReadOptions(), 5.0, (("a.md", b"Isi.", b""),), 7))
    assert read.entry
    assert text.article, "what was read before the memory ended is not lost"

    limits = []

    @contextmanager
    def limit(megabytes):
        limits.append(megabytes)
        try:
            yield
        finally:
            limits.pop()

    def end_memory(id_, *_):
        assert limits
        if id_ == "b.md":
            raise ended
        return original_reader(id_, None)

    def tell(*hungry):
        assert not limits
        return original_words(*hungry)

    original_reader, original_words = reading.reader_for, reading._tell_hungry
    monkeypatch.setattr(reading, "_limit_memory", limit)
    monkeypatch.setattr(reading, "reader_for", end_memory)
    monkeypatch.setattr(reading, "_tell_hungry", tell)
    ids = ["a.md", "b.md", "c.md"]
    for id_ in ids:
        (tmp_path / id_).write_text("Isi.\n")
    read = [*read_batch(ReadJob(tmp_path, ReadOptions(), 5.0, tuple((id_, "", "") for id_ in ids), 7))]
    texts = [*read_texts(TextJob(ReadOptions(), 5.0, tuple((id_, b"Isi.", b"") for id_ in ids), 7))]
    told = "needs more memory to read than there is, or more than 7 MB"
    assert [problem.message for problem in (*read[1].problems, *texts[1].problems)] == [told, told]
    assert [bool(result.entry) for result in read] == [True, False, True]
    assert [bool(text.article) for text in texts] == [True, False, True]
    assert [result.id for result in read] == ids


@pytest.mark.parametrize("method", METHODS)
def test_what_workers_have_at_hand_is_not_sent_to_those_that_are_copies(method):
    known, other = [Heavy(number) for number in range(6)], Heavy(6)
    jobs = [Words((*known[:3], other)), Words((*reversed(known), known[0]))]
    expected = [[(heavy.number, int(heavy is other or method != "fork")) for heavy in job.items] for job in jobs]
    with Pool(2, method, at_hand=known) as pool:
        assert list(pool.run(weigh, jobs)) == expected
        assert list(pool.run(weigh, [jobs[0].cut(1, 3)])) == [expected[0][1:3]]
