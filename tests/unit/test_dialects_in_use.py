"""What sites of Hugo, Jekyll, Pelican, Nikola and Zola write and the reader once got wrong, in texts of our own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.readers import ReadOptions
from site_builder.readers.code_blocks import normalise_code_blocks
from site_builder.readers.front_matter import read_front_matter
from site_builder.readers.html import read_html
from site_builder.readers.inner_markdown import _find_open, mark_inner_markdown
from site_builder.readers.markdown import read_markdown
from site_builder.readers.sanitise import strip_tags
from site_builder.readers.template_links import name_linked_sources
from site_builder.readers.text import read_text

OPTIONS = ReadOptions()


def read(text: str):
    return read_front_matter("a.md", text)


def told(text: str) -> list[str]:
    return [f"{problem.severity}: {problem}" for problem in read(text).problems]


def show(text: str, source_id: str = "a.md") -> str:
    reading = read_markdown(source_id, f"---\ntitle: T\ndate: 2020\n---\n{text}".encode(), OPTIONS)
    assert reading.article is not None, reading.problems
    return "".join(block.text for block in reading.article.blocks)


# --- front matter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "block", ['+++\ntitle = "Garam"\ndate = 2024-05-06\n+++\n', '---\ntitle: Garam\n"date": 2024-05-06\n---\n']
)
def test_front_matter_below_blank_lines_was_text(block, ends):
    text = f"\n \n{block}Isi.\n".replace("\n", ends)
    front = read(text)
    assert front.fields == {"title": "Garam", "date": "2024-05-06"}
    assert text[front.end :] == f"Isi.{ends}"


@pytest.mark.parametrize("text", ["\n---\nIsi.\n---\nLagi.\n", "\n---\ntitle: Garam\n", "\n---\nhal: x\n---\n", "\n\n"])
def test_a_rule_of_markdown_below_a_blank_line_stays_text(text):
    assert (read(text).end, read(text).problems) == (0, ())


def test_mistakes_below_blank_lines_are_told_at_their_line():
    assert told("\n\n---\ntitle: A\ndate: besok\n---\n") == [
        "error: a.md:5: date: unknown date 'besok' (write YYYY-MM-DD)"
    ]


def test_header_lines_that_end_with_a_fence_were_text():
    text = "Title: Perahu\ndate: 2012-08-08 18:50\nslug: perahu\n---\nIsi.\n"
    front = read(text)
    assert front.fields == {"title": "Perahu", "date": "2012-08-08T18:50", "slug": "perahu"}
    assert text[front.end :] == "Isi.\n"
    assert not read("Title: Perahu\n---\nIsi.\n").end, "one line and dashes are a heading of Markdown"


@pytest.mark.parametrize("written", ["! 'Pasar: baru'", "!!str 'Pasar: baru'"])
def test_a_tag_that_says_text_was_refused(written):
    assert read(f"---\ntitle: {written}\n---\n").fields == {"title": "Pasar: baru"}


@pytest.mark.parametrize("written", ["! [a]", "!x a", "!!binary a"])
def test_all_other_tags_stay_refused(written):
    assert [problem.severity for problem in read(f"---\nx: {written}\n---\n").problems] == ["error"]


@pytest.mark.parametrize(
    ("slug", "becomes"),
    [("Pasar-TLS", "pasar-tls"), ("Pasar_Baru-1.2", "pasar_baru-1.2"), ("grüße", "grusse")],
)
def test_a_slug_of_one_word_with_other_signs_was_an_error(slug, becomes):
    assert read(f"---\nslug: {slug}\n---\n").fields == {"slug": becomes}
    assert told(f"---\nslug: {slug}\n---\n") == [
        f"warning: a.md:2: slug: {slug!r} becomes {becomes!r} (write {becomes!r} to say so yourself)"
    ]


@pytest.mark.parametrize("slug", ["dua kata", "a/b", "CON", "..."])
def test_a_slug_that_is_no_word_stays_an_error(slug):
    assert [problem.severity for problem in read(f"---\nslug: {slug}\n---\n").problems] == ["error"]


def test_a_language_that_is_no_code_was_an_error_and_is_kept():
    front = read("---\nlanguage: Kayu Lapis\n---\n")
    assert (front.fields, front.extra) == ({}, {"language": "Kayu Lapis"})
    assert told("---\nlanguage: Kayu Lapis\n---\n") == [
        "warning: a.md:2: language: 'Kayu Lapis' is no language, and is kept under extra "
        "(write 'lang' for the language of the text)"
    ]


def test_the_path_of_zola_is_a_former_address_and_gives_the_day_where_there_is_no_date():
    front = read('+++\npath = "2026/03/04/pasar-1.2"\n+++\n')
    assert front.fields == {"aliases": ("2026/03/04/pasar-1.2/",), "date": "2026-03-04"}
    assert read('+++\npath = "2026/03/04/x"\ndate = 2025-01-01\n+++\n').fields["date"] == "2025-01-01"
    assert "date" not in read("---\nurl: /2026/13/41/x/\n---\n").fields
    assert read("---\npath: berkas\n---\n").extra == {"path": "berkas"}


# --- raw text and HTML -------------------------------------------------------------------------------------------


def test_lines_of_nikola_in_raw_text_were_its_first_paragraph():
    text = ".. title: Angin\n.. slug: angin\n.. date: 2013/08/28 20:40:55\n.. tags: \n\nAngin datang.\n"
    article, problems, *_ = read_text("a.txt", text.encode(), OPTIONS)
    assert article is not None
    assert (article.title, article.date, article.slug) == ("Angin", "2013-08-28T20:40:55", "angin")
    assert not problems
    assert "title" not in "".join(block.text for block in article.blocks)


def test_dots_before_a_raw_text_stay_text():
    article, *_ = read_text("2020-01-02-a.txt", b".. dan angin datang: pagi\n\nSemua tidur.\n", OPTIONS)
    assert article is not None
    assert "dan angin datang" in f"{article.title}{article.blocks}"


@pytest.mark.parametrize(
    "head",
    [
        "---\ntitle: Angin Barat\npublished: 2013-09-01\ntags: [angin, laut]\n---\n",
        '+++\ntitle = "Angin Barat"\ndate = 2013-09-01\ntags = ["angin", "laut"]\n+++\n',
        "<!--\n.. title: Angin Barat\n.. date: 2013-09-01\n.. tags: angin, laut\n-->\n",
    ],
)
def test_front_matter_above_html_was_part_of_the_story(head):
    page = "<p>Angin barat datang pagi ini, kata nelayan.</p>\n<p>Laut tenang lagi pada sore hari.</p>\n"
    article, problems, *_ = read_html("a.html", (head + page).encode(), OPTIONS)
    assert article is not None
    assert not problems
    assert (article.title, article.date, article.topics) == ("Angin Barat", "2013-09-01", ("angin", "laut"))
    assert article.body == ("Angin barat datang pagi ini, kata nelayan.", "Laut tenang lagi pada sore hari.")
    assert article.parts[0] == (0, len(head), "front-matter", "html.front-matter")
    ends = [part.end for part in article.parts]
    assert [part.start for part in article.parts] == [0, *ends[:-1]]
    assert ends[-1] == len(head + page)


def test_lines_set_aside_below_front_matter_keep_their_place():
    page = "<nav><p>Beranda Kota</p></nav>\n<article><p>Angin barat datang pagi ini.</p></article>"
    article, *_ = read_html("a.html", f"---\ntitle: Angin\ndate: 2013\n---\n{page}".encode(), OPTIONS)
    assert article is not None
    assert [(moved.text, moved.line) for moved in article.residue] == [("Beranda Kota", 5)]


def test_an_error_in_front_matter_above_html_is_told_and_dashes_alone_are_none():
    article, problems, *_ = read_html("a.html", b"---\ndate: besok\n---\n<p>Angin datang.</p>", OPTIONS)
    assert article is None
    assert [str(problem) for problem in problems] == ["a.html:2: date: unknown date 'besok' (write YYYY-MM-DD)"]
    article, *_ = read_html("2020-01-02-a.html", b"---\n<p>Angin datang pagi ini.</p>", OPTIONS)
    assert article is not None


# --- Markdown ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "```rust,ignore\n# a <b>\n```",
        'Lihat:\n```md {file="a.md" copy=true}\n# a <b>\n```\nsesudah',
        "  ```\n  # a <b>\n  ```",
        "{% highlight ruby linenos %}\n# a <b>\n{% endhighlight %}",
        '{{< highlight go "linenos=table" >}}\n# a <b>\n{{< /highlight >}}',
        "1. satu\n   ```sh\n   # a <b>\n   ```\n2. dua",
        "- satu\n\n    ```sh\n    # a <b>\n    ```\n- dua",
        "~~~~ {.sh}\n# a <b>\n~~~~",
    ],
)
def test_code_in_another_dialect_became_headings_and_lost_its_tags(text):
    shown = show(text)
    assert re.search(r"<pre><code>\s*# a &lt;b&gt;\s*</code></pre>", shown), shown
    assert not re.search(r"<h\d|```|highlight", shown)


def test_code_between_tags_is_code_though_it_looks_like_prose():
    assert show("{% highlight text %}\nsatu\n  dua\n{% endhighlight %}") == "<pre><code>satu\n  dua\n</code></pre>"


def test_code_that_holds_a_fence_keeps_it():
    assert "```\na\n```" in show("````md {x=1}\n```\na\n```\n````")
    assert "```" in show("{% highlight md %}\n```\na\n{% endhighlight %}")


@pytest.mark.parametrize("text", ["```\ntanpa akhir", "{% highlight %}\ntanpa akhir", "    ```\n    x\n    ```"])
def test_what_is_no_closed_block_stays_as_it_stands(text):
    assert normalise_code_blocks(text) == text


def test_markdown_behind_a_blank_line_in_html_was_shown_as_its_signs():
    shown = show("<details>\n<summary>Lihat</summary>\n\n- *satu*\n\n</details>\n\nSesudah *itu*.")
    assert "<li><em>satu</em></li>" in shown
    assert "Sesudah <em>itu</em>" in shown
    assert "<em>" not in show("<div>*a*</div>\n")
    assert mark_inner_markdown("<div>\n\n*tanpa akhir*") == "<div>\n\n*tanpa akhir*"
    assert mark_inner_markdown("```\n<div>\n\n</div>\n```") == "```\n<div>\n\n</div>\n```"


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("@/kota/pasar.md", "kota/pasar.md"),
        ("{filename}/kota/pasar.md", "kota/pasar.md"),
        ("{filename}pasar.md", "berita/pasar.md"),
        ("|filename|pasar.md", "berita/pasar.md"),
        ("{% link _posts/2020-01-02-pasar.md %}", "_posts/2020-01-02-pasar.md"),
        ("{{ site.baseurl }}{% post_url 2020-01-02-pasar %}", "_posts/2020-01-02-pasar.md"),
        ('{{< ref "pasar.md" >}}', "berita/pasar.md"),
        ('{{% relref "/kota/pasar.md" %}}', "kota/pasar.md"),
    ],
)
def test_links_of_other_generators_to_sources_lead_there(written, target):
    for text in (f"[pasar]({written}#ikan)", f"[pasar][1]\n\n[1]: {written}#ikan"):
        reading = read_markdown("berita/a.md", f"---\ntitle: T\ndate: 2020\n---\n{text}".encode(), OPTIONS)
        assert reading.article is not None
        assert (reading.article.links, reading.problems) == ((target,), ())


def test_the_address_of_the_site_in_a_link_kept_the_link_from_being_read():
    assert strip_tags(show("[pasar]({{ site.baseurl }}/kota/) dan [ikan][1]\n\n[1]: {{ site.url }}/ikan/")) == (
        "pasar dan ikan"
    )


def test_other_tags_of_templates_stay_visible():
    text = '{{< figure src="a.png" >}} dan {% include b.html %} dan {{ site.title }}'
    assert strip_tags(show(text)).replace("“", '"').replace("”", '"') == text


_LINES = st.lists(st.sampled_from(["```", "~~~", "  ```", "- a", "    b", "", "<div>", "</div>", "{% highlight x %}",
                                   "{% endhighlight %}", "[a]({{ site.url }}/b)", "kata"]), max_size=14)  # fmt: skip


@given(_LINES)
def test_no_word_is_lost_on_the_way_to_markdown(lines):
    text = "\n".join(lines)
    normal = mark_inner_markdown(name_linked_sources(normalise_code_blocks(text)))
    for word in ("kata", "b", "a"):
        assert len(re.findall(rf"\b{word}\b", normal)) == len(re.findall(rf"\b{word}\b", text))


HTML_LINES = ["", "<div>", "</div>", "<DIV><div>", "teks", "<div></div>", "</div></div>"]


@given(st.lists(st.sampled_from(HTML_LINES), max_size=14))
def test_an_element_is_open_at_a_blank_line_when_more_were_opened_than_closed_until_it(lines):
    expected = set()
    for number, line in enumerate(lines):
        depth = 0
        for later in lines[number:] if line else []:
            if not later:
                expected.add(number)
                break
            depth += later.lower().count("<div") - later.count("</div")
            if depth <= 0:
                break
    assert _find_open(lines, "div") & {n for n, line in enumerate(lines) if "<div" in line.lower()} == {
        n for n in expected if "<div" in lines[n].lower()
    }
