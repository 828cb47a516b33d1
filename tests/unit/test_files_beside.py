"""Files beside articles, from the content folder to the output: which are published, and what is told of the others."""

from __future__ import annotations

import json
import os
import sys

import pytest

from site_builder import attaching
from tests.pictures import make_photo, make_png
from tests.sites import Site, list_files, make_markdown


def write(site: Site, id_: str, body: str, title: str = "Perahu tiba", date: str = "2024-03-01") -> None:
    site.write(id_, make_markdown(title, date, body=body))


def list_published(site: Site) -> list[str]:
    return [path.removeprefix("files/") for path in list_files(site.output) if path.startswith("files/")]


def tell(report) -> list[str]:
    told = (str(problem) for problem in report.problems if "base_url" not in problem.message)
    return [line.removeprefix("warning: ").removeprefix("site/") for line in told]


def test_only_what_is_referred_to_is_published_in_its_own_bytes(site):
    write(site, "2024/a.md", "Lihat [notulen](notulen.pdf) dan ![perahu](../img/p.png).")
    for id_, data in {"2024/notulen.pdf": b"%PDF", "img/p.png": make_png(), "img/scan.png": make_png(9, 9)}.items():
        site.write(id_, data)
    report = site.build()
    assert tell(report) == []
    assert list_published(site) == ["2024/notulen.pdf", "img/p.png"]
    assert (site.output / "files/img/p.png").read_bytes() == make_png()
    page = site.read("articles/perahu-tiba.html")
    assert '<a href="../files/2024/notulen.pdf">notulen</a>' in page
    assert '<img src="../files/img/p.png" alt="perahu" width="3" height="2" loading="lazy" decoding="async">' in page
    files = json.loads(site.read("articles/perahu-tiba.json"))["files"]
    assert files == [
        {"id": "2024/notulen.pdf", "url": "files/2024/notulen.pdf"}, {"id": "img/p.png", "url": "files/img/p.png"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "![x](<foto 1.png>)", "![x](foto%201.png)", "![x](foto%201.png 'Judul')", '<img src="foto 1.png" alt="x">',
        "![x](./foto%201.png?v=2#atas)", "![x](/2024/foto%201.png)", "![x]({static}/2024/foto%201.png)",
        "![x]({attach}foto%201.png)", "![x](@/2024/foto%201.png)", "![x]({{ site.baseurl }}/2024/foto%201.png)",
        "![x][1]\n\n[1]: foto%201.png", '<img src="{{ site.url }}{{ site.baseurl }}/2024/foto%201.png" alt="x">',
        "![x]({{ '/2024/foto%201.png' | relative_url }})",
    ],
)  # fmt: skip
def test_the_ways_to_write_an_address(site, written):
    write(site, "2024/a.md", written)
    site.write("2024/foto 1.png", make_png())
    assert tell(site.build()) == []
    (name,) = list_published(site)
    assert name.startswith("2024/foto-1-")
    assert f' src="../files/{name}" alt="x"' in site.read("articles/perahu-tiba.html")


@pytest.mark.parametrize("folder", ["", "static/", "files/"])
def test_a_path_from_the_root_of_another_generators_site(site, folder):
    write(site, "posts/a.md", "![x](/assets/p.png)")
    site.write(f"{folder}assets/p.png", make_png())
    assert tell(site.build()) == []
    assert list_published(site) == [f"{folder}assets/p.png"]


def test_a_bundle_has_its_pictures_beside_it(site):
    write(site, "posts/banjir/index.md", "![x](air.png)")
    site.write("posts/banjir/air.png", make_png())
    site.build()
    assert list_published(site) == ["posts/banjir/air.png"]


def test_a_page_that_a_browser_saved_has_its_pictures(site):
    story = "<p>" + "Perahu itu tiba di dermaga pada pagi hari. " * 10 + "</p>"
    head = '<title>Perahu tiba</title><link rel="canonical" href="https://example.org/perahu">'
    pictures = '<p><img src="./Perahu_files/p.png" alt="x"><img src="/jauh.png" alt="y"></p>'
    site.write(
        "2024-03-01-p.html", f"<html><head>{head}</head><body><article>{story}{pictures}{story}</article></body>"
    )
    site.write("Perahu_files/p.png", make_png())
    assert tell(site.build()) == []
    (name,) = list_published(site)
    page = site.read("articles/perahu-tiba.html")
    assert f'src="../files/{name}"' in page
    assert 'src="https://example.org/jauh.png"' in page


def test_pages_show_files_too_and_the_page_about_the_archive(site):
    write(site, "pages/about.md", "![x](img/a.png)", "Tentang")
    write(site, "pages/help/faq.md", "![x](../img/b.png) [tentang](../about.md) [perahu](../../p.md)", "Tanya")
    write(site, "p.md", "[tanya](pages/help/faq.md)")
    site.write("pages/img/a.png", make_png())
    site.write("pages/img/b.png", make_png())
    assert tell(site.build()) == []
    assert 'src="files/pages/img/a.png"' in site.read("about.html")
    page = site.read("help/faq.html")
    assert 'src="../files/pages/img/b.png"' in page
    assert 'href="../about.html"' in page
    assert 'href="../articles/perahu-tiba.html"' in page
    assert 'href="../help/faq.html"' in site.read("articles/perahu-tiba.html")


def test_a_page_stays_linked_to_an_article_that_goes_and_comes(site):
    """A page changes with an article that it links to, though no list names the page."""
    for name in ("a", "b", "c"):
        write(site, f"{name}.md", "Isi.", f"Kabar {name}")
    write(site, "pages/info.md", "[kabar](../b.md)", "Info")
    site.build()
    text = (site.root / "content/b.md").read_text()
    site.delete("b.md")
    site.build()
    assert "articles/kabar-b.html" not in site.read("info.html")
    site.write("b.md", text)
    site.build()
    assert 'href="articles/kabar-b.html"' in site.read("info.html")


# --- what is not published ------------------------------------------------------------------------------------------


def test_what_is_missing_is_told_with_its_line(site):
    write(site, "a.md", "Satu.\n\nLihat [notulen](notulen.pdf) dan ![perahu](Img/P.png).")
    site.write("img/p.png", make_png())
    assert tell(site.build()) == [
        "content/a.md:8: the file 'Img/P.png' is not there (there is img: small and capital letters count)",
        "content/a.md:8: the file 'notulen.pdf' is not there (put the file there, or mend its path)",
    ]
    page = site.read("articles/perahu-tiba.html")
    assert '<span class="picture">perahu</span>' in page
    assert "<a>notulen</a>" in page
    assert [file["url"] for file in json.loads(site.read("articles/perahu-tiba.json"))["files"]] == [None, None]


def test_of_many_that_are_missing_one_is_named(site):
    write(site, "a.md", " ".join(f"![x]({n}.png)" for n in range(20)))
    assert [p.message for p in site.build().problems if p.file.endswith("a.md")] == [
        "has 19 more files that are not there or are broken", "the file '0.png' is not there"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["../rahasia.png", "/../rahasia.png", "..%2Frahasia.png", ".git/x.png", "img/.x.png", "a.md", "file:///x.png"],
)
def test_nothing_hidden_and_nothing_outside_is_published(site, address):
    write(site, "a.md", f"![x]({address}) [y](<{address.replace('.md', '.mdx.pn')}>)")
    for path in (site.root / "rahasia.png", site.root / "content/.git/x.png", site.root / "content/img/.x.png"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_png())
    site.build()
    assert list_published(site) == []


def test_no_link_is_followed(site, tmp_path):
    secret = tmp_path / "lain"
    secret.mkdir()
    (secret / "x.png").write_bytes(make_png())
    write(site, "a.md", "![x](tautan.png) ![y](folder/x.png) ![z](pipa.png)")
    (site.root / "content/tautan.png").symlink_to(secret / "x.png")
    (site.root / "content/folder").symlink_to(secret)
    os.mkfifo(site.root / "content/pipa.png")
    told = tell(site.build())
    assert list_published(site) == []
    assert [line.partition(": the file ")[2].partition(" (")[0] for line in told] == [
        "'folder/x.png' lies behind a link", "'pipa.png' is no plain file", "'tautan.png' is a link", ""
    ]  # fmt: skip
    assert "folder: is a link to a folder and was left out" in told[-1]


def test_a_draft_publishes_no_file(site):
    site.write("a.md", make_markdown("Perahu", "2024-03-01", body="![x](p.png)", draft="true"))
    site.write("p.png", make_png())
    site.build()
    assert list_published(site) == []
    site.build(drafts=True)
    assert list_published(site) == ["p.png"]


def test_a_file_too_large_for_github_is_told_and_published(site, monkeypatch):
    monkeypatch.setattr("site_builder.measuring.FILE_BYTES", 10)
    write(site, "a.md", "[x](x.zip)")
    site.write("x.zip", b"0123456789a")
    assert tell(site.build())[0].endswith("is large (0 MB) (GitHub takes no file of more than 100 MB)")
    assert list_published(site) == ["x.zip"]


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_a_large_picture_has_copies(site):
    pytest.importorskip("PIL")
    write(site, "a.md", '![x](p.jpg "Perahu di muara")')
    site.write("p.jpg", make_photo(600, 1200, orientation=8))
    site.build()
    assert list_published(site) == ["p.jpg", "p.jpg.480.webp", "p.jpg.960.webp"]
    assert b"Kamera Sungai" in (site.output / "files/p.jpg").read_bytes(), "the original is what it was"
    page = site.read("articles/perahu-tiba.html")
    ways = "../files/p.jpg.480.webp 480w, ../files/p.jpg.960.webp 960w, ../files/p.jpg 1200w"
    assert f'width="1200" height="600" srcset="{ways}"' in page
    assert "<figcaption>Perahu di muara</figcaption></figure>" in page


def test_without_pillow_a_picture_has_its_size_alone(site, monkeypatch):
    pytest.importorskip("PIL")
    monkeypatch.setattr(attaching, "find_versions", lambda *_: ())
    write(site, "a.md", "![x](p.jpg) ![y](q.jpg)")
    site.write("p.jpg", make_photo(600, 1200, orientation=8))
    site.write("q.jpg", b"bukan gambar")
    assert [line.partition(": ")[2].partition(" (")[0] for line in tell(site.build())] == [
        "the file 'q.jpg' is no picture whose size can be read"
    ]
    assert list_published(site) == ["p.jpg", "q.jpg"]
    page = site.read("articles/perahu-tiba.html")
    assert '<img src="../files/p.jpg" alt="x" width="1200" height="600" loading' in page
    assert '<img src="../files/q.jpg" alt="y" loading' in page


def test_a_broken_picture_is_told_and_published_without_copies(site):
    pytest.importorskip("PIL")
    write(site, "a.md", "![x](p.jpg) ![y](q.png)")
    site.write("p.jpg", make_photo(1200, 800)[:4000])
    site.write("q.png", b"bukan gambar")
    hint = "it is published as it is; put a whole picture in its place"
    assert tell(site.build()) == [
        f"content/a.md:6: the file 'p.jpg' is damaged or cut off ({hint})",
        f"content/a.md:6: the file 'q.png' is no picture that can be read ({hint})",
    ]
    assert list_published(site) == ["p.jpg", "q.png"]


@pytest.mark.parametrize(
    ("name", "data", "size"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>', 'width="40" height="30" '),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"/>', ""),
        ("a.gif", b"GIF89a\x05\x00\x04\x00\x80\x00\x00" + bytes(60), 'width="5" height="4" '),
        ("a.png", make_png(7, 5), 'width="7" height="5" '),
    ],
)
def test_sizes_of_other_kinds_of_picture(site, name, data, size):
    write(site, "a.md", f"![x]({name})")
    site.write(name, data)
    assert tell(site.build()) == []
    assert f'<img src="../files/{name}" alt="x" {size}loading' in site.read("articles/perahu-tiba.html")


# --- builds after a change --------------------------------------------------------------------------------------------


@pytest.fixture
def archive(site):
    """A site of some articles, two of which show one picture."""
    for number in range(8):
        body = "![x](img/p.png)" if number in (2, 6) else "Isi."
        write(site, f"{number}.md", body, f"Kabar {number}", f"2024-03-0{number + 1}")
    site.write("img/p.png", make_png())
    site.build()
    return site


def build_as_clean(site: Site, tmp_path) -> set[str]:
    """Build, hold the output against a clean build, and return what was written or deleted."""
    report = site.build()
    assert list_files(site.output) == list_files(site.build_clean(tmp_path / "clean"))
    again = site.build()
    assert (again.written, again.rendered, again.deleted) == ((), (), ())
    assert [str(p) for p in again.problems] == [str(p) for p in report.problems]
    return {*report.written, *report.deleted}


SHOWING = {"articles/kabar-2.html", "articles/kabar-6.html"}
DATA = {"articles/kabar-2.json", "articles/kabar-6.json"}


def test_other_bytes_of_the_same_size_touch_the_file_alone(archive, tmp_path):
    archive.write("img/p.png", make_png(shade=9))
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png"}


def test_another_size_touches_the_pages_that_show_it(archive, tmp_path):
    archive.write("img/p.png", make_png(9, 9))
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", *SHOWING}


def test_a_file_that_goes_and_comes_touches_the_same(archive, tmp_path):
    archive.delete("img/p.png")
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", *SHOWING, *DATA}
    archive.write("img/p.png", make_png())
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", *SHOWING, *DATA}


def test_a_file_that_is_renamed_is_missing_until_a_text_names_it(archive, tmp_path):
    archive.rename("img/p.png", "img/q.png")
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", *SHOWING, *DATA}
    write(archive, "2.md", "![x](img/q.png)", "Kabar 2", "2024-03-03")
    touched = build_as_clean(archive, tmp_path)
    assert "files/img/q.png" in touched
    assert "articles/kabar-6.html" not in touched


def test_a_file_goes_with_the_last_article_that_shows_it(archive, tmp_path):
    write(archive, "2.md", "Isi.", "Kabar 2", "2024-03-03")
    assert "files/img/p.png" not in build_as_clean(archive, tmp_path)
    write(archive, "6.md", "Isi.", "Kabar 6", "2024-03-07")
    assert "files/img/p.png" in build_as_clean(archive, tmp_path)
    assert list_published(archive) == []


def test_two_ways_to_name_one_file_are_one_file(archive, tmp_path):
    write(archive, "2.md", "![x](/img/p.png)", "Kabar 2", "2024-03-03")
    assert "files/img/p.png" not in build_as_clean(archive, tmp_path)
    archive.delete("6.md")
    build_as_clean(archive, tmp_path)
    assert list_published(archive) == ["img/p.png"]


def test_a_file_nobody_names_is_nobodys_business(archive, tmp_path):
    archive.write("img/lain.png", make_png())
    assert build_as_clean(archive, tmp_path) == set()


def test_a_file_whose_times_alone_change_touches_nothing(archive, tmp_path):
    os.utime(archive.root / "content/img/p.png", (1, 1))
    assert build_as_clean(archive, tmp_path) == set()


def test_a_copy_is_made_again_when_the_picture_is_another(archive, tmp_path):
    pytest.importorskip("PIL")
    archive.write("img/p.png", make_photo(600, 400, "PNG"))
    copy = "files/img/p.png.480.webp"
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", copy, *SHOWING}
    archive.write("img/p.png", make_photo(600, 400, "PNG", orientation=3))
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", copy}
    archive.write("img/p.png", make_png())
    assert build_as_clean(archive, tmp_path) == {"files/img/p.png", copy, *SHOWING}


def test_a_state_that_is_lost_costs_nothing_but_time(archive, tmp_path):
    (state,) = (archive.root / ".site-builder-cache").glob("*.sqlite")
    state.unlink()
    assert build_as_clean(archive, tmp_path) == set()


def test_a_site_without_such_files_looks_for_none(site, monkeypatch):
    write(site, "a.md", "Isi.")
    site.write("img/p.png", make_png())
    monkeypatch.setattr(sys.modules["site_builder.build"], "attach_files", None)
    assert site.build().published
