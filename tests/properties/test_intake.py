"""Whatever is added, the bytes of a source are untouched, and nothing that is there is changed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder import build
from site_builder.errors import SiteBuilderError
from site_builder.intake import Facts, take_in
from site_builder.offering import collect
from site_builder.sources import load_config
from tests.sites import list_files

words = st.text(st.sampled_from("abc éß海 \n\r\t-#*>:\"'[]{}<&\\0123456789"), max_size=60)
bodies = words.map(str.encode) | words.map(lambda text: text.encode("utf-16")) | st.binary(max_size=40)
heads = st.sampled_from(
    [
        b"",
        b"---\ntags: x\n---\n",
        b"---\r\ntitle: A\r\n---\r\n",
        b"\xef\xbb\xbf",
        b"Title: A\n\n",
        b"+++\na = 1\n+++\n",
        b"\n\n",
    ]
)
sources = st.tuples(st.sampled_from(["txt", "md", "html"]), heads, bodies).map(lambda s: (s[0], s[1] + s[2]))
lines = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=20).map(
    lambda text: " ".join(text.split())
)
facts = st.builds(
    Facts,
    title=lines,
    date=st.sampled_from(["", "2020", "2020-02-29"]),
    section=st.lists(lines.filter(bool), max_size=2).map(tuple),
    lang=st.sampled_from(["", "id"]),
)


@settings(max_examples=60)
@given(there=st.lists(sources, max_size=2), added=st.lists(sources, min_size=1, max_size=3), said=facts)
def test_the_bytes_are_untouched_and_nothing_that_is_there_is_changed(there, added, said):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "site/content").mkdir(parents=True)
        (root / "new").mkdir()
        config = load_config(root / "site")
        for number, (suffix, data) in enumerate(there):
            (config.content / f"abc-{number}.{suffix}").write_bytes(data)
            (config.content / f"a.{suffix}").write_bytes(data)
        for number, (suffix, data) in enumerate(added):
            (root / "new" / f"{number}.{suffix}").write_bytes(data)
        before = list_files(config.content)
        given_ = list_files(root / "new")
        try:
            offered, _ = collect([root / "new"], config)
            taken = take_in(offered, said, config, progress=lambda *_: None)
        except SiteBuilderError:
            assert list_files(config.content) == before
            return
        finally:
            assert list_files(root / "new") == given_
        after = list_files(config.content)
        assert {path: after[path] for path in before} == before
        new = [one for one in taken if not one.is_there]
        sidecars = {one.id.rpartition(".")[0] + ".meta" for one in new}
        assert after.keys() - before.keys() <= {one.id for one in new} | sidecars
        for one in new:
            written = (config.content / one.id).read_bytes()
            source = Path(one.place).read_bytes()
            if written != source:  # front matter came into a Markdown text: all else is as it was
                assert one.id.endswith(".md")
                fence = source.find(b"\n") + 1 if source.startswith(b"---") else 0
                assert written.startswith(source[:fence])
                assert written.endswith(source[fence:])
            for name_ in ("title", "date", "lang"):
                if value := getattr(said, name_):
                    assert getattr(one.article, name_) == value
        report = build(config)
        if report.published:
            assert all((config.output / one.address).is_file() for one in new if one.address)
