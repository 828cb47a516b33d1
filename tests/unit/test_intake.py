"""Taking in single articles: what they are called, what is told of them, and what never happens to a file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from site_builder import build, intake
from site_builder.config import Config
from site_builder.errors import ConfigError, ContentError, MachineError, RefusedError
from site_builder.intake import Facts, Taken, is_readable, take_in
from site_builder.offering import PIPE, collect, guess_suffix
from site_builder.shelf import Shelf
from site_builder.sources import load_config
from tests.sites import list_files, make_markdown

TEXT = "Perahu kayu\n\nPerahu kayu itu berlayar dari dermaga lama menuju pulau kecil di seberang teluk, kata warga.\n"
OTHER = "Sumur tua\n\nSumur tua itu digali lagi oleh warga kampung sesudah musim kemarau yang panjang.\n"
HTML = (
    '<!doctype html><html lang="id"><head><title>Pasar malam</title>'
    '<meta property="article:published_time" content="2024-05-06"></head>'
    "<body><article><h1>Pasar malam</h1><p>Pasar malam itu dibuka lagi di tepi sungai.</p></article></body></html>"
)


@pytest.fixture
def config(tmp_path) -> Config:
    (tmp_path / "site/content").mkdir(parents=True)
    return load_config(tmp_path / "site")


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def add(config: Config, *paths: Path, dry_run: bool = False, **facts) -> list[Taken]:
    offered, _ = collect(paths, config)
    return take_in(offered, Facts(**facts), config, progress=lambda *_: None, dry_run=dry_run)


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("000_754b039b.txt", TEXT, "perahu-kayu.txt"),
        ("Untitled (3).TXT", TEXT, "perahu-kayu.txt"),
        ("2024-03-01-x.txt", TEXT, "2024-03-01-perahu-kayu.txt"),
        ("x.md", make_markdown("Über die Brücke", "2024-03-01"), "uber-die-brucke.md"),
        ("x.markdown", "Isi saja, tanpa judul.", "x.markdown"),
        ("x.htm", HTML, "pasar-malam.htm"),
        ("x.txt", "2024-03-01 kapal\n\nKapal itu pulang.\n", "text-2024-03-01-kapal.txt"),
        ("x.txt", "Index\n\nIndeks itu turun.\n", "text-index.txt"),
        ("x.txt", "!!!\n\n???\n\nDua.", "dua.txt"),
    ],
)
def test_the_name_is_made_from_the_title_and_the_bytes_stay(tmp_path, config, name, text, made):
    (taken,) = add(config, write(tmp_path / name, text))
    if name != "x.markdown":
        assert taken.id == made
    assert list_files(config.content).keys() == {taken.id}
    assert (config.content / taken.id).read_bytes() == text.encode()


def test_what_is_told_is_what_the_build_makes_of_it(tmp_path, config):
    paths = [write(tmp_path / "a/1.txt", TEXT), write(tmp_path / "b/1.html", HTML)]
    text, page = add(config, *paths)
    assert (text.article.title, text.article.date, dict(text.parts)) == ("Perahu kayu", None, {"body": 1, "title": 1})
    assert (page.article.date, page.article.date_from) == ("2024-05-06", "metadata")
    assert [problem.message.split(",")[0] for problem in text.problems] == ["has no date"]
    build(config)
    for taken in (text, page):
        assert (config.output / taken.address).is_file()


def test_what_the_owner_says_goes_beside_a_text_and_into_markdown(tmp_path, config):
    facts = {
        "title": 'Perahu: "lama" # dan baru', "date": "2019-05", "section": ("Kota, Desa",), "lang": "en",
        "source_url": "https://example.org/a?b=1",
    }  # fmt: skip
    markdown = "Isi *saja*.\n"
    fenced = "---\r\ntags: laut\r\n---\r\nIsi.\r\n"
    sources = {"a.txt": TEXT, "b.html": HTML, "c.md": markdown, "d.md": fenced, "e.md": "Title: Lain\n\nIsi.\n"}
    for name, text in sources.items():
        content = load_config(config.content.parent, content=tmp_path / f"content-{name}")
        content.content.mkdir()
        (taken,) = add(content, write(tmp_path / name, text), **facts)
        article = taken.article
        told = (article.title, article.date, article.sections, article.lang, article.source_url)
        assert told == tuple(facts.values()), name
        written = {path.name: path.read_bytes().decode() for path in content.content.iterdir()}
        if name in ("c.md", "d.md"):
            (data,) = written.values()
            lines = data.split("---", 2)
            assert data.endswith(markdown) if name == "c.md" else lines[2] == "\r\nIsi.\r\n", name
        else:
            assert written.keys() == {taken.id, taken.id.rpartition(".")[0] + ".meta"}
            assert written[taken.id] == text
        assert build(content, executor=None).errors == ()


def test_markdown_that_says_otherwise_itself_gets_a_file_beside_it(tmp_path, config):
    text = make_markdown("Lama", "2020-01-01", tags="laut")
    (taken,) = add(config, write(tmp_path / "a.md", text), title="Baru")
    assert (taken.id, taken.article.title, taken.article.date) == ("baru.md", "Baru", "2020-01-01")
    assert (config.content / "baru.md").read_text() == text
    assert (config.content / "baru.meta").is_file()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_markdown_in_another_encoding_stays_as_it_is(tmp_path, config, encoding):
    data = "# Über\n\nDie Brücke ist – endlich – fertig, sagte man.\n".encode(encoding)
    (taken,) = add(config, write(tmp_path / "a.md", data), date="2020-01-01")
    assert (config.content / taken.id).read_bytes() == data
    assert taken.article.date == "2020-01-01"


def test_metadata_beside_a_source_comes_with_it(tmp_path, config):
    path = write(tmp_path / "a.txt", TEXT)
    write(tmp_path / "a.meta", ".. title: Judul lain\n")
    (taken,) = add(config, path)
    assert taken.id == "judul-lain.txt"
    assert list_files(config.content).keys() == {"judul-lain.txt", "judul-lain.meta"}
    with pytest.raises(ContentError, match="has a file of metadata beside it"):
        add(config, path, date="2020-01-01")


def test_adding_twice_adds_nothing(tmp_path, config):
    path = write(tmp_path / "a.txt", TEXT)
    (first,) = add(config, path, date="2020")
    files = list_files(config.content)
    (second,) = add(config, path, date="2020")
    assert (first.is_there, second.is_there, second.id, second.address) == (False, True, first.id, first.address)
    assert list_files(config.content) == files


def test_another_file_of_the_name_is_never_written_over(tmp_path, config):
    mine = write(config.content / "perahu-kayu.txt", "Punya saya.")
    with pytest.raises(RefusedError, match=r"content/perahu-kayu.txt is there already with other bytes"):
        add(config, write(tmp_path / "a.txt", TEXT), write(tmp_path / "b.txt", OTHER))
    assert mine.read_text() == "Punya saya."
    assert list_files(config.content).keys() == {"perahu-kayu.txt"}


def test_a_file_of_another_kind_with_the_name_keeps_its_metadata_to_itself(tmp_path, config):
    write(config.content / "perahu-kayu.md", "Lain.")
    write(config.content / "perahu-kayu.meta", ".. title: Lain\n")
    (taken,) = add(config, write(tmp_path / "a.txt", TEXT), date="2020")
    assert taken.id.startswith("perahu-kayu-")
    assert len(list_files(config.content)) == 4


def test_two_at_once_with_one_title_both_come_in(tmp_path, config):
    paths = [write(tmp_path / f"{n}.txt", f"Sama\n\nTeks yang ke-{n} tentang hal lain.\n") for n in range(3)]
    paths.append(write(tmp_path / "again.txt", paths[0].read_bytes()))
    taken = add(config, *paths)
    assert len(taken) == 3
    assert taken[0].id == "sama.txt"
    assert len({one.address for one in taken}) == 3
    assert all(one.is_there for one in add(config, *paths))
    build(config)
    assert all((config.output / one.address).is_file() for one in taken)


def test_the_address_is_that_of_the_build_also_beside_others(tmp_path, config):
    write(config.content / "z.txt", TEXT)
    write(config.content / "berita.md", make_markdown("Berita", "2024-01-01"))
    build(config)
    for name, text in (
        ("a.txt", TEXT + "Lagi.\n"),
        ("b.txt", OTHER),
        ("c.md", make_markdown("Asap", slug="asap-tebal")),
    ):
        (taken,) = add(config, write(tmp_path / name, text))
        build(config)
        data = (config.output / taken.address).with_suffix(".json").read_text()
        assert f'"id": "{taken.id}"' in data or f'"id":"{taken.id}"' in data


def test_a_near_copy_is_named_built_or_not(tmp_path, config):
    words = [f"kata{n}" for n in range(120)]
    first = write(tmp_path / "a.txt", f"Satu\n\n{' '.join(words)}.\n")
    second = write(tmp_path / "b.txt", f"Dua\n\n{' '.join([*words[:60], 'lain', *words[61:]])}.\n")
    third = write(tmp_path / "c.txt", f"Tiga\n\n{' '.join([*words[:20], 'lain', *words[21:]])}.\n")
    assert [taken.copy for taken in add(config, first)] == [""]
    (near,) = add(config, second, dry_run=True)
    assert (near.copy, 0.8 < near.likeness < 1) == ("satu.txt", True)
    build(config)
    assert [taken.copy for taken in add(config, second, third)] == ["satu.txt", "satu.txt"]
    (config.content / "satu.txt").unlink()
    (config.content / "dua.txt").unlink()
    (config.content / "tiga.txt").unlink()
    assert [taken.copy for taken in add(config, first)] == [""]


def test_a_draft_has_no_address(tmp_path, config):
    (taken,) = add(config, write(tmp_path / "a.md", make_markdown("Nanti", draft="true")))
    assert taken.address == ""


def test_a_dry_run_writes_nothing(tmp_path, config):
    (taken,) = add(config, write(tmp_path / "a.txt", TEXT), dry_run=True, date="2020")
    assert (taken.id, taken.address) == ("perahu-kayu.txt", "articles/perahu-kayu.html")
    assert list_files(config.content) == {}
    config.content.rmdir()
    assert add(config, tmp_path / "a.txt", dry_run=True)[0].address == "articles/perahu-kayu.html"
    assert not config.content.exists()


# --- folders and pipes ----------------------------------------------------------------------------------------------


def test_a_folder_is_taken_in_with_its_folders_and_names_that_can_be_read(tmp_path, config):
    folder = tmp_path / "tulisan"
    write(folder / "b.txt", OTHER)
    write(folder / "2024/kapal-pulang.md", "# Kapal\n\nLihat [sumur](../sumur.md).\n")
    write(folder / "2024/000_754b039bdc54250b.txt", TEXT)
    write(folder / "foto.jpg", b"x")
    write(folder / ".git/x.txt", "Bukan.")
    (folder / "link.txt").symlink_to(folder / "b.txt")
    (folder / "loop").symlink_to(folder)
    offered, problems = collect([folder], config)
    (problem,) = problems
    assert problem.message == "files that are no articles were left out (1 .jpg, 1 a link)"
    taken = take_in(offered, Facts(), config, progress=lambda *_: None)
    assert [one.id for one in taken] == ["sumur-tua.txt", "2024/perahu-kayu.txt", "2024/kapal-pulang.md"]


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"Kapal\n\nKapal itu pulang.\n", ".txt"), (b"---\ntitle: Kapal\n---\nIsi.\n", ".md"),
        (HTML.encode(), ".html"), (HTML.encode("utf-16"), ".html"), (b"\n<!-- x -->\n<html><p>x", ".html"),
        (b"<3 cinta\n\nIsi.", ".txt"), (b"---\nGaris saja.\n---\n", ".txt"), (b"", ".txt"),
    ],
)  # fmt: skip
def test_what_comes_through_a_pipe_is_known_by_its_beginning(data, suffix):
    assert guess_suffix(data) == suffix


def test_a_text_from_a_pipe(config):
    offered, _ = collect([PIPE], config, [TEXT.encode()])
    (taken,) = take_in(offered, Facts(), config, progress=lambda *_: None)
    assert (taken.place, taken.id) == ("standard input", "perahu-kayu.txt")


# --- what cannot be ---------------------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_added(tmp_path, config):
    good = write(tmp_path / "good.txt", TEXT)
    with pytest.raises(ConfigError) as caught:
        collect([tmp_path / "none.txt", write(tmp_path / "a.docx", b"x"), tmp_path / "empty", config.content], config)
    assert [problem.message for problem in caught.value.problems] == [
        "there is no such file",
        "is no article by its name",
        "there is no such file",
        "is in the content folder already",
    ]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="holds no articles"):
        collect([tmp_path / "empty"], config)
    bad = [
        write(tmp_path / "bad.md", "---\ndate: kemarin\n---\nIsi.\n"), write(tmp_path / "binary.txt", b"\x00\x01" * 50),
        write(tmp_path / "blank.txt", " \n"),
    ]  # fmt: skip
    with pytest.raises(ContentError) as told:
        add(config, good, *bad)
    assert [Path(problem.place.split(":")[0]).name for problem in told.value.problems] == [
        "bad.md", "binary.txt", "blank.txt"
    ]  # fmt: skip
    assert all(problem.severity == "error" for problem in told.value.problems)
    assert list_files(config.content) == {}


def test_an_address_of_somebody_else_is_an_error(tmp_path, config):
    write(config.content / "a.md", make_markdown("A", slug="kapal"))
    with pytest.raises(ContentError, match="asks for the address"):
        add(config, write(tmp_path / "b.md", make_markdown("B", slug="kapal")))
    assert list_files(config.content).keys() == {"a.md"}


@pytest.mark.parametrize("fails", range(4))
def test_when_one_cannot_be_written_all_are_taken_back(tmp_path, config, monkeypatch, fails):
    paths = [write(tmp_path / "a.txt", TEXT), write(tmp_path / "b.txt", OTHER)]
    create, calls = Shelf.create, []

    def fail(self, path, data):
        calls.append(path)
        if len(calls) == fails + 1:
            raise MachineError(intake.error(path, "no space left"))
        return create(self, path, data)

    monkeypatch.setattr(Shelf, "create", fail)
    with pytest.raises(MachineError):
        add(config, *paths, date="2020")
    assert list_files(config.content) == {}


def test_a_name_that_is_taken_meanwhile_is_left_alone(tmp_path, config, monkeypatch):
    create = Shelf.create

    def be_late(self, path, data):
        if path == "sumur-tua.txt":
            write(config.content / path, "Orang lain.")
        return create(self, path, data)

    monkeypatch.setattr(Shelf, "create", be_late)
    with pytest.raises(RefusedError, match="has come to be there meanwhile"):
        add(config, write(tmp_path / "a.txt", TEXT), write(tmp_path / "b.txt", OTHER))
    assert list_files(config.content).keys() == {"sumur-tua.txt"}
    assert (config.content / "sumur-tua.txt").read_text() == "Orang lain."


def test_a_source_that_changes_meanwhile_is_told_and_nothing_is_added(tmp_path, config, monkeypatch):
    paths = [write(tmp_path / "a.txt", TEXT), write(tmp_path / "b.txt", OTHER)]
    create = Shelf.create

    def edit(self, path, data):
        paths[1].write_text("Sumur tua\n\nLain.\n")
        return create(self, path, data)

    monkeypatch.setattr(Shelf, "create", edit)
    with pytest.raises(RefusedError, match=r"b\.txt: was changed meanwhile"):
        add(config, *paths)
    assert list_files(config.content) == {}


def test_a_text_that_takes_too_long_is_told_and_the_time_limit_holds(tmp_path, config):
    slow = write(tmp_path / "slow.md", "# Istilah\n\n" + "a\n: " * 20_000)
    with pytest.raises(ContentError) as caught:
        add(replace(config, seconds=0.5), write(tmp_path / "a.txt", TEXT * 80), slow)
    (problem,) = caught.value.problems
    assert (problem.place, problem.message) == (str(slow), "took longer than 0.5 s to read")
    assert list_files(config.content) == {}


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell how much memory is used")
def test_the_limit_of_memory_is_that_of_the_settings(tmp_path, config):
    """Jobs had a default of their own, which held here whatever `limits.memory` said."""
    path = write(tmp_path / "a.md", "# Banyak\n\n" + "Air *naik* di [kota](b.md).\n\n" * 60_000)
    with pytest.raises(ContentError, match="or more than 5 MB"):
        add(replace(config, memory=5), path)
    assert list_files(config.content) == {}


def test_nothing_is_put_through_a_link(tmp_path, config):
    outside = tmp_path / "outside"
    outside.mkdir()
    (config.content / "2024").symlink_to(outside)
    with pytest.raises(RefusedError, match="is, or lies in, a link or a file"):
        add(config, write(tmp_path / "f/2024/a.txt", TEXT).parents[1])
    assert list(outside.iterdir()) == []


def test_a_pipe_of_the_system_is_not_waited_for(tmp_path, config):
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(ConfigError, match="is no plain file"):
        collect([tmp_path / "a.txt"], config)


@pytest.mark.parametrize(
    ("stem", "readable"),
    [
        ("ferry", True), ("2024-03-01-ferry-runs", True), ("a1", False), ("Ferry", False), ("ferry runs", False),
        ("000_754b039bdc54250b", False), ("news-20240301123456", False), ("deadbeef", True), ("ferry-1234567", True),
    ],
)  # fmt: skip
def test_which_names_can_be_read(stem, readable):
    assert is_readable(stem) is readable
