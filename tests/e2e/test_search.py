"""Search in a real browser: whole texts and titles, from a host and from a disk, forth and back."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from site_builder.plan import search
from site_builder.plan.places import word_file_path
from site_builder.sources import find_versions
from site_builder.title_words import find_word_file
from tests.e2e.test_browser import browser  # noqa: F401 - a fixture
from tests.indexers import use_pagefind
from tests.sites import Site, make_markdown

pytestmark = pytest.mark.browser

ARTICLES = {
    "1998/dermaga.md": ("Dermaga lama", "1998-05-04", "Kota", "id", "Tukang membangun dermaga kayu di tepi muara."),
    "2019/kafe.md": ("Kafé di Jalan Éclair", "2019-03-04", "Kota", "id", "Kedai itu menjual kopi déjà vu sejak pagi."),
    "2019/tulis.md": ("Lomba menulis surat", "2019-03-05", "Desa", "id", "Anak-anak menulis surat kepada nakhoda."),
    "2024/bridge.md": ("The bridge of ropes", "2024-01-02", "City", "en", "Children walked over the bridge at dusk."),
    "2024/sakit.md": ("<b>Tanda</b> & </script> di judul", "2024-02-03", "Kota", "id", "Isi <img src=x> biasa."),
    "kabar.md": ("Kabar tanpa tanggal", "", "Desa", "id", "Pasar garam tutup lebih awal."),
    **{
        f"2010/{n}.md": (f"Panen garam ke-{n}", f"2010-06-{n:02}", "Desa", "id", f"Petani garam memanen petak {n}.")
        for n in range(1, 26)
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def sites(tmp_path_factory) -> Path:
    """A folder with the same archive thrice: `archive/` with whole texts, `titles/` with titles alone, and `words/`, in
    which titles are found by their words as in a large archive."""
    with pytest.MonkeyPatch.context() as patch:
        use_pagefind(patch)
        return build_sites(tmp_path_factory.mktemp("search"))


def build_sites(root: Path) -> Path:
    for name, engine in (("archive", "pagefind"), ("titles", "titles"), ("words", "titles")):
        if engine == "pagefind" and not find_versions("pagefind_bin"):
            continue
        site = Site(root / "made" / name, f'title = "Arsip Muara"\n[search]\nengine = "{engine}"\n')
        for id_, (title, date, section, lang, body) in ARTICLES.items():
            site.write(id_, make_markdown(f"'{title}'", date, section=section, lang=lang, body=body))
        with pytest.MonkeyPatch.context() as patch:
            if name == "words":
                patch.setattr(search, "FEWEST_TITLES", 5)
            report = site.build(output=root / name)
        assert report.published, report.problems
        assert not report.errors
    return root


@pytest.fixture(scope="module")
def host(sites) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(sites)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["texts", "titles", "disk"])
def start(request, sites, host) -> str:
    """The address of a site: with whole texts, with titles alone, and from a disk."""
    if request.param != "titles" and not (sites / "archive").is_dir():
        pytest.skip("Pagefind is not installed: pip install pagefind-bin")
    return {"texts": f"{host}archive/", "titles": f"{host}titles/", "disk": f"{(sites / 'archive').as_uri()}/"}[
        request.param
    ]


@pytest.fixture
def page(browser):  # noqa: F811
    """A page of which every complaint is an error in the end."""
    complaints: list[str] = []
    context = browser.new_context(locale="id")
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def ask(page, start: str, query: str) -> list[str]:
    """Search by way of the address; return the titles that were found."""
    page.goto(f"{start}search.html?q={query}")
    return wait(page)


def wait(page) -> list[str]:
    # Not `wait_for_function`, which evaluates a string and so breaks the page's own policy.
    expect(page.locator("#status")).to_have_text(re.compile(r"\.$"))
    return page.locator("#results li > a").all_inner_texts()


def test_an_inflected_word_finds_its_root_and_the_root_what_is_made_of_it(page, start):
    assert ask(page, start, "tulisan") == ["Lomba menulis surat"]
    assert ask(page, start, "menulis") == ["Lomba menulis surat"]
    assert page.locator("#results mark").first.inner_text().lower() == "menulis"


def test_accents_and_capitals_do_not_count(page, start):
    assert ask(page, start, "KAFE eclair") == ["Kafé di Jalan Éclair"]
    assert ask(page, start, "déjà") == ["Kafé di Jalan Éclair"]


def test_a_phrase_is_found_in_its_order_alone(page, start):
    assert ask(page, start, '"surat kepada nakhoda"') == ["Lomba menulis surat"]
    assert ask(page, start, '"kepada surat"') == []
    assert "Tidak ada hasil" in page.locator("#status").inner_text()


def test_nothing_is_found_of_what_is_not_there(page, start):
    assert ask(page, start, "xyzzyq") == []
    assert "Tidak ada hasil" in page.locator("#status").inner_text()
    assert "seluruh arsip" in page.locator("#status").inner_text()


def test_a_title_is_text_and_never_markup(page, start):
    assert ask(page, start, "tanda") == ["<b>Tanda</b> & </script> di judul"]
    assert page.locator("#results img, #results b").count() == 0


def test_what_is_found_opens_and_back_brings_the_results_again(page, start):
    page.goto(f"{start}index.html")
    page.get_by_role("searchbox").fill("dermaga")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url(re.compile(r"search\.html\?q=dermaga$"))
    assert wait(page) == ["Dermaga lama"]
    page.locator("#results a").click()
    page.wait_for_selector("article")
    page.go_back()
    assert wait(page) == ["Dermaga lama"]
    page.locator("#q").fill("nakhoda")
    page.locator("#q").press("Enter")
    page.wait_for_url(re.compile(r"q=nakhoda$"))
    expect(page.locator("#results a")).to_have_text(["Lomba menulis surat"])
    page.go_back()
    expect(page.locator("#results a")).to_have_text(["Dermaga lama"])
    assert page.locator("#q").input_value() == "dermaga"


def test_filters_have_counts_and_stand_in_the_address(page, start):
    ask(page, start, "garam")
    assert re.fullmatch(r"Desa \(\d+\+\)", page.locator("select[name=section] option").last.inner_text())
    while page.locator("#more").is_visible():
        page.locator("#more").click()
        wait(page)
    assert page.locator("#results li").count() == 26
    assert page.locator("select[name=section] option").all_inner_texts() == ["Semua", "Desa (26)"]
    page.locator("select[name=from]").select_option("2010")
    page.wait_for_url(re.compile(r"from=2010"))
    expect(page.locator("#status")).to_have_text(re.compile("^25 "))
    page.reload()
    wait(page)
    assert page.locator("select[name=from]").input_value() == "2010"


def test_the_newest_years_come_first_and_older_ones_when_they_are_asked_for(page, host):
    titles = ask(page, f"{host}titles/", "garam")
    assert titles[0] == "Panen garam ke-25"
    assert len(titles) == 10
    assert page.locator("#more").inner_text() == "Hasil selanjutnya"
    loaded = page.evaluate("performance.getEntriesByType('resource').map(r => r.name.split('/').pop())")
    assert "2010.js" in loaded
    assert "1998.js" not in loaded, "older years wait"


@pytest.mark.parametrize("way", ["host", "disk"])
def test_words_of_an_old_title_find_it_first_in_a_large_archive(page, sites, host, way):
    start = f"{host}words/" if way == "host" else f"{(sites / 'words').as_uri()}/"
    assert ask(page, start, "lama dermaga")[0] == "Dermaga lama"
    names = page.evaluate("[...document.scripts].map((script) => script.src)")
    loaded = [name.partition("/search/")[2] for name in names if "/search/" in name]
    first = min(place for place, name in enumerate(loaded) if name.startswith("titles/"))
    assert {name for name in loaded[:first] if name.startswith("words/")} == {
        word_file_path(find_word_file(word)).removeprefix("search/") for word in ("lama", "dermaga")
    }
    assert ask(page, start, "ECLAIR kafé") == ["Kafé di Jalan Éclair"]
    assert ask(page, start, '"dermaga lama"') == ["Dermaga lama"]
    assert ask(page, start, "garam")[0] == "Panen garam ke-25"


def test_without_script_the_page_leads_to_other_ways(browser, start):  # noqa: F811
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{start}search.html?q=garam")
    assert "JavaScript" in page.locator("noscript").inner_text()
    page.get_by_role("link", name="Judul dari A sampai Z").click()
    assert page.url.endswith("titles/index.html")
    context.close()


def test_a_full_text_index_that_is_gone_leaves_the_titles(browser, sites, host):  # noqa: F811
    if not (sites / "archive").is_dir():
        pytest.skip("Pagefind is not installed: pip install pagefind-bin")
    context = browser.new_context()
    page = context.new_page()
    page.route("**/pagefind.js", lambda route: route.abort())
    assert ask(page, f"{host}archive/", "menulis") == ["Lomba menulis surat"]
    assert "hanya judul" in page.locator("#status").inner_text()
    context.close()


STEMS = [
    ("membangun", "bangun"), ("pembangunan", "bangun"), ("menyapu", "sapu"), ("penulisan", "tulis"),
    ("mengirimkan", "kirim"), ("pengiriman", "kirim"), ("diambilnya", "ambil"), ("mengambil", "ambil"),
    ("memukul", "pukul"), ("berlayar", "layar"), ("pelayaran", "layar"), ("tersimpan", "simpan"),
    ("sebesar", "besar"), ("bukukah", "buku"), ("nelayanlah", "nelayan"), ("dibukukan", "buku"),
]  # fmt: skip


def test_words_are_cut_to_their_roots(page, sites):
    page.goto(f"{(sites / 'titles').as_uri()}/search.html")
    find = "word => [...archive.findStems(word)]"
    assert {word for word, root in STEMS if root not in page.evaluate(find, word)} == set()
    for word in ("di", "kan", "ikan", "pelan", "mengapa"):
        assert word in page.evaluate(find, word)
    assert page.evaluate(find, "ikan") == ["ikan"]
