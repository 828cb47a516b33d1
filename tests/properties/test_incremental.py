"""Whatever people do to an archive: a build after it gives the bytes that a clean build gives."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from site_builder import Report, build, load_config
from site_builder.build import Session
from tests.pictures import make_png
from tests.sites import Site, list_files, make_markdown

TITLES = st.sampled_from(
    ["Air naik", "Air surut", "Jembatan baru", "Jembatan", "???", "Con", "Índeks", "Air Naik", "2019"]
)
DATES = st.sampled_from(
    ["", "1998", "2019-03", "2019-03-04", "2019-03-04T10:00", "2020-12-31", "2024-02-29", "2024-03-01"]
)
TAGS = st.sampled_from(["", "garam", "Garam", "C, C++, C#", "sungai, garam", "a/b"])
SECTIONS = st.sampled_from(["", "Kota", "Desa", "kota"])
FOLDERS = st.sampled_from(["", "lama/", "baru/2/"])
NAMES = st.sampled_from(["a", "a2", "a10", "b", "2019-05-06-c", "É"])
BODIES = st.sampled_from(
    [
        "Isi.",
        "Isi lain.\n\nDan [tautan](a.md) ke sana.",
        "Satu\n\n> dua\n\n- tiga",
        "[ke b](../b.md#x) dan ![g](g.png)",
        "[a](/articles/a.html) [b](https://example.org/r/articles/b.html) [c](/articles/air-naik) [d](/tidak-ada)",
        "![g](/g.png) dan [p](p.pdf)",
        '![g](lama/g.png "Judul")',
        "![G](G.png) [p](</lama/p.pdf>) [h](pages/h.md)",
    ]
)
FILES = st.sampled_from(["g.png", "G.png", "lama/g.png", "static/g.png", "p.pdf", "lama/p.pdf", "baru/2/g.png"])
BYTES = st.sampled_from([make_png(), make_png(shade=3), make_png(600, 2), make_png(600, 2)[:-30], b"%PDF", b""])
TEXTS = st.sampled_from(
    [
        "Air naik | Dunia | Berita\n\nAir naik sejak pagi di kampung itu, kata warga.\n",
        "Jembatan baru\n\nVIVA – Jembatan itu dibuka kemarin, dan warga senang sekali.\n\nHalaman Selanjutnya\n",
        "Surut\nKompas.com - 14/11/2022, 07:35 WIB\n\nAir surut pada malam hari, kata warga.\n\nBaca juga: Air naik\n",
    ]
)
SETTINGS = st.sampled_from(
    ["", "page_size = 1", "page_size = 2", 'base_url = "https://example.org/r/"', "data = false", "source = false"]
)
TABLES = {"page_size": "listings", "data": "outputs", "source": "outputs"}


class Archive(RuleBasedStateMachine):
    """One site, edited at random; after every edit it is built, and now and then held against a clean build."""

    ledger = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="site-builder-"))
        self.site = Site(self.folder / "site")
        self.ids: set[str] = set()
        self.files: set[str] = set()
        self.settings = ""

    def teardown(self) -> None:
        self.build()
        self.compare()
        shutil.rmtree(self.folder)

    def build(self) -> None:
        report = self.site.build(force=True)
        assert not report.errors, report.problems
        again = self.site.build(force=True)
        assert (again.written, again.deleted, again.rendered) == ((), (), ())

    @initialize()
    def start(self) -> None:
        self.set_up(self.settings)
        self.site.write("pages/about.md", make_markdown("Tentang", body="![g](../g.png)"))
        self.site.write("pages/h.md", make_markdown("Halaman", body="[a](../a.md) ![g](../lama/g.png)"))
        self.build()

    def set_up(self, setting: str) -> None:
        table = TABLES.get(setting.split(" ")[0])
        lines = [setting] if setting and not table else []
        lines += [f"[{table}]", setting] if table else []
        lines += ["[addresses]", 'ledger = "addresses.csv"'] if self.ledger else []
        (self.site.root / "site.toml").write_text("\n".join(lines), encoding="utf-8")

    @rule(folder=FOLDERS, name=NAMES, title=TITLES, date=DATES, tags=TAGS, section=SECTIONS, body=BODIES)
    def write_markdown(self, folder: str, name: str, title: str, date: str, tags: str, section: str, body: str) -> None:
        """Add an article, or edit, retitle, redate, retag one that is there."""
        self.write(f"{folder}{name}.md", make_markdown(title, date, tags, section, body))

    @rule(folder=FOLDERS, name=NAMES, text=TEXTS)
    def write_text(self, folder: str, name: str, text: str) -> None:
        self.write(f"{folder}{name}.txt", text)

    def write(self, id_: str, text: str) -> None:
        self.site.write(id_, text)
        self.ids.add(id_)
        self.build()

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), folder=FOLDERS, name=NAMES)
    def rename(self, data: st.DataObject, folder: str, name: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.ids)))
        new = f"{folder}{name}{Path(old).suffix}"
        self.site.rename(old, new)
        self.ids = self.ids - {old} | {new}
        self.build()

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.ids)))
        self.site.delete(id_)
        self.ids.remove(id_)
        self.build()

    @rule(id_=FILES, data=BYTES)
    def write_file(self, id_: str, data: bytes) -> None:
        """Add a picture or another file that articles may show, or change one."""
        self.site.write(id_, data)
        self.files.add(id_)
        self.build()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), new=st.one_of(st.none(), FILES))
    def move_file(self, data: st.DataObject, new: str | None) -> None:
        """Rename or delete one."""
        old = data.draw(st.sampled_from(sorted(self.files)))
        self.files.remove(old)
        if new is None:
            self.site.delete(old)
        else:
            self.site.rename(old, new)
            self.files.add(new)
        self.build()

    @rule(name=st.sampled_from(["article.html", "partials/card.html", "base.html"]), mark=st.sampled_from("xyz"))
    def edit_template(self, name: str, mark: str) -> None:
        self.site.template(
            name, f'{{% extends "!default/{name}" %}}{{# {mark} #}}' if mark != "x" else f"<p>{mark}</p>"
        )
        self.build()

    @rule(setting=SETTINGS)
    def edit_settings(self, setting: str) -> None:
        self.set_up(setting)
        self.build()

    @rule(data=st.data())
    def lose_an_output(self, data: st.DataObject) -> None:
        paths = sorted(p for p in list_files(self.site.output) if not p.startswith("."))
        (self.site.output / data.draw(st.sampled_from(paths))).unlink()
        self.build()

    @rule()
    def lose_the_cache(self) -> None:
        shutil.rmtree(self.site.root / ".site-builder-cache")
        self.build()

    @rule()
    def compare(self) -> None:
        clean = self.site.build_clean(self.folder / "clean", force=True)
        assert list_files(self.site.output) == list_files(clean)


class ArchiveWithLedger(Archive):
    """The same with a ledger: what it records is an input of the clean build as well."""

    ledger = True


class ServedArchive(ArchiveWithLedger):
    """The same as the development server builds it: told what was touched, and without recording anything itself."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session()
        self.seen: set[tuple[str, int, int]] = set()

    def build(self) -> None:
        seen = set(self.look())
        changed = {path for path, *_ in seen ^ self.seen}
        self.seen = seen
        is_plain = self.session.touched is not None and all(path.startswith("content/") for path in changed)
        touched = frozenset(path.removeprefix("content/") for path in changed) if is_plain else None
        self.build_touched(touched)
        again = self.build_touched(frozenset())
        assert (again.written, again.deleted, again.rendered) == ((), (), ())

    def look(self) -> Iterator[tuple[str, int, int]]:
        for path in self.site.root.rglob("*"):
            name = path.relative_to(self.site.root).as_posix()
            if path.is_file() and not name.startswith(("output/", ".site-builder")):
                yield name, path.stat().st_mtime_ns, path.stat().st_ino

    def build_touched(self, touched: frozenset[str] | None) -> Report:
        self.session.touched = touched
        report = build(load_config(self.site.root, force=True, record=False), session=self.session)
        assert not report.errors, report.problems
        return report

    @rule()
    def lose_an_output(self) -> None:
        """Have it noticed by the next look at everything: nobody watches the output."""
        paths = sorted(p for p in list_files(self.site.output) if not p.startswith("."))
        (self.site.output / paths[0]).unlink()
        self.session.touched = None
        self.build()

    @precondition(lambda self: self.ids)
    @rule()
    def record(self) -> None:
        """Build beside the server, as people do in the end: now the ledger is written."""
        report = self.site.build(force=True)
        assert not report.errors, report.problems
        lines = (self.site.root / "addresses.csv").read_text(encoding="utf-8")
        assert all(f",{id_}," in lines for id_ in self.ids)
        self.build()


TestArchive = Archive.TestCase
TestArchive.settings = settings(max_examples=20, stateful_step_count=12)
TestArchiveWithLedger = ArchiveWithLedger.TestCase
TestArchiveWithLedger.settings = settings(max_examples=15, stateful_step_count=12)
TestServedArchive = ServedArchive.TestCase
TestServedArchive.settings = settings(max_examples=10, stateful_step_count=12)
