"""Suggestions of rules: what recurs is offered with its places, as a draft that is a valid pack."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from site_builder import suggest
from site_builder.readers import Pack
from site_builder.readers.rules import check_examples, compile_packs
from site_builder.readers.text import read_text
from site_builder.suggest import draft_pack, suggest_rules
from tests.packs import OPTIONS


def read(*texts: str):
    for number, text in enumerate(texts):
        article, _, _ = read_text(f"{number}.txt", text.encode(), OPTIONS)
        if article:
            yield article, text


def make_story(number: int, *lines: str) -> str:
    story = f"Judul nomor {number}\n\nCerita nomor {number} tentang sungai itu cukup panjang, kata warga desa.\n\n"
    return story + "".join(f"{line}\n\n" for line in lines)


def test_a_line_that_recurs_is_offered_with_its_places():
    texts = [make_story(n, "Ikuti saluran kami di mana saja") for n in range(4)] + [make_story(9)]
    (found,) = suggest_rules(read(*texts), 3)
    assert (found.matcher, found.text, found.articles) == ("line", "Ikuti saluran kami di mana saja", 4)
    assert [(place.id, place.line) for place in found.places] == [("0.txt", 5), ("1.txt", 5), ("3.txt", 5)]


def test_what_a_rule_moves_already_or_recurs_in_one_article_only_is_not_offered():
    texts = [make_story(n, "Advertisement") for n in range(4)]
    texts.append(make_story(7, "Reff lagu desa", "Kami pulang ke muara itu", "Reff lagu desa", "Reff lagu desa"))
    assert suggest_rules(read(*texts), 2) == ()


def test_what_its_owner_keeps_is_not_offered():
    told = "---\ntitle: A\nkeep: {}\n---\n"
    texts = [told.format(9) + make_story(n, "Salam dari muara") for n in range(4)]
    assert suggest_rules(read(*texts), 2) == ()
    assert suggest_rules(read(*(text.replace("keep: 9", "keep: 7") for text in texts)), 2) != ()


def test_a_label_before_different_headlines_or_names_is_offered_as_one():
    texts = [
        make_story(n, f"Simak pula: Harga ikan naik {n} rupiah lagi", f"Juru catat: Ana Contoh {n}") for n in "abc"
    ]
    found = suggest_rules(read(*texts), 3)
    assert [(s.matcher, s.text) for s in found] == [("label", "Juru catat"), ("label", "Simak pula")]
    draft = tomllib.loads("\n".join(draft_pack(found, "content")))
    assert [(rule["part"], rule["rest"]) for rule in draft["rule"]] == [("credit", "name"), ("related", "headline")]


def test_the_most_frequent_comes_first_and_ties_by_their_texts():
    texts = [make_story(n, "Bagian be", "Bagian a", *(["Paling sering"] if n else [])) for n in range(3)]
    texts.append(make_story(4, "Paling sering", "Bagian a", "Bagian be", "Paling sering"))
    texts.append(make_story(5, "Paling sering"))
    assert [s.text for s in suggest_rules(read(*texts), 3)] == ["Bagian a", "Bagian be", "Paling sering"]
    texts.append(make_story(6, "Paling sering"))
    assert [s.text for s in suggest_rules(read(*texts), 3)] == ["Paling sering", "Bagian a", "Bagian be"]


def test_memory_is_bounded_and_what_recurs_is_still_found(monkeypatch):
    monkeypatch.setattr(suggest, "MOST_KEYS", 20)
    texts = [make_story(n, "Ikuti kami", *(f"Baris {n} {m}" for m in range(8))) for n in range(30)]
    assert [s.text for s in suggest_rules(read(*texts), 25)] == ["Ikuti kami"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60)
        | st.builds("{}: {}".format, st.text("aBc \"\\'", max_size=9), st.text("Ab 1:.", max_size=30)),
        max_size=6,
    )
)
def test_a_draft_is_a_valid_pack_whose_rules_hold_their_examples(lines):
    found = suggest_rules(read(*(make_story(n, *lines) for n in range(2))), 2)
    draft = "\n".join(draft_pack(found, "content"))
    book = compile_packs((Pack("rules/draft.toml", draft),))
    assert check_examples(book) == ()
    assert len(book.rules) == len(found)
