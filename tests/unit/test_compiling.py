"""Templates are compiled once for all who render with them, and no page depends on where."""

import os

import pytest
from jinja2 import Environment

from site_builder import aside, compiling, load_config, render
from site_builder.store import open_store
from tests.sites import list_files, make_markdown

needs_copies = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system makes no copies of a process")
BROKEN = "{% extends '!default/article.html' %}\n{% block crumbs %}{{ page.unknown }}{% endblock %}\n"


@pytest.fixture
def compilers(tmp_path, monkeypatch):
    """Return a function that tells which processes have compiled templates to render with."""
    trace, original = tmp_path / "compilers", Environment.compile

    def compile_and_tell(self, source, name=None, filename=None, *rest, **more):
        if filename:  # else it is only looked at for mistakes
            with trace.open("a") as file:
                print(os.getpid(), file=file)
        return original(self, source, name, filename, *rest, **more)

    monkeypatch.setattr(Environment, "compile", compile_and_tell)
    monkeypatch.setattr(compiling, "WORTH_A_POOL", 1)
    monkeypatch.setattr(render, "_PRESSES", {})  # other tests may have rendered with the same templates here
    for module in (aside, compiling):  # whatever threads the tests have, or how many cores
        monkeypatch.setattr(module, "can_copy", lambda: hasattr(os, "fork"))
    return lambda: set(map(int, trace.read_text().split())) if trace.exists() else set()


def write_articles(site):
    for number in range(12):
        site.write(f"{number}.md", make_markdown(f"Artikel {number}", date="2024-01-02"))


@needs_copies
def test_one_copy_compiles_for_all_workers(site, compilers, tmp_path):
    write_articles(site)
    site.build(jobs=2)
    assert len(compilers()) == 1
    assert os.getpid() not in compilers()
    with open_store(load_config(site.root).state) as store:
        ((codes,),) = store.database.execute("select length(codes) from codes").fetchall()
    assert codes > 10_000
    before = compilers()
    site.write("new.md", make_markdown("Baru", date="2024-01-03"))
    site.build()
    assert compilers() == before, "and for the next build"
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))


@needs_copies
def test_a_template_that_fails_is_told_at_its_line_wherever_it_was_compiled(site, compilers):
    write_articles(site)
    site.template("article.html", BROKEN)
    with pytest.raises(Exception, match=r"templates/article\.html:2: UndefinedError: .*has no attribute 'unknown'"):
        site.build(jobs=2)
    assert len(compilers()) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_without_copies_all_is_the_same(site, compilers, monkeypatch, tmp_path, jobs):
    monkeypatch.setattr(compiling, "can_copy", lambda: False)
    write_articles(site)
    site.build(jobs=jobs)
    assert (os.getpid() in compilers()) == (jobs == 1)
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))
