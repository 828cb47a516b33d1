"""The scripts of the title index: whatever an article says, they are one call with exactly that."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from site_builder.title_index import (
    ShardListView,
    TextBucket,
    TitleRow,
    TitleShardView,
    WordFileView,
    WordRow,
    format_shard_list,
    format_titles,
    format_words,
)

TEXTS = st.text(st.characters(codec=None)) | st.sampled_from(
    ["</script>", "<!--", "]]>", "\u2028", "\u2029", "\\", '"', "\ud800", "\x00", "𝄞", "سلام"]
)
ROWS = st.lists(st.builds(TitleRow, *[TEXTS] * 6), max_size=5).map(tuple)


@given(ROWS, st.integers(1, 30))
def test_any_text_comes_back_and_none_can_end_the_script(rows, number):
    data = format_titles(TitleShardView(period="2019", number=number, rows=rows))
    assert data.isascii()
    assert b"<" not in data
    call = re.fullmatch(r"archive\.add\((.*)\);\n", data.decode("ascii"), re.S)
    assert json.loads(f"[{call[1]}]") == ["2019", number, [list(row) for row in rows]]


def test_the_format():
    row = TitleRow("articles/a.html", "Él", "Isi.", "2019-03-04", "Kota", "id")
    assert format_titles(TitleShardView(period="2019", number=2, rows=(row, row))) == (
        b'archive.add("2019", 2, [\n'
        b'["articles/a.html","\\u00c9l","Isi.","2019-03-04","Kota","id"],\n'
        b'["articles/a.html","\\u00c9l","Isi.","2019-03-04","Kota","id"]\n]);\n'
    )
    found = ShardListView(titles=(("2019", 2), ("undated", 1)), texts=(TextBucket("id", "2015-2019"),), words=512)
    assert format_shard_list(found) == b'archive.list([["2019",2],["undated",1]], [["id","2015-2019"]], 512);\n'
    words = WordFileView(number=17, rows=(WordRow("a.html", "Él", "2019", "Kota", "id"),))
    assert format_words(words) == b'archive.words(17, [\n["a.html","\\u00c9l","2019","Kota","id"]\n]);\n'
