"""Near copies: what is taken for one, what is not, and that the work stays linear."""

from __future__ import annotations

import random

import pytest

from site_builder import likeness
from site_builder.likeness import ALIKE, LEAST, find_copies, measure_likeness, sketch

WORDS = [f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aiueo" for c in ("n", "ng", "t", "s", "la")]


def make_text(seed: int, length: int = 300) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice(WORDS) for _ in range(length)]


def change(words: list[str], seed: int, times: int) -> list[str]:
    rng = random.Random(seed)
    changed = list(words)
    for place in rng.sample(range(len(words)), times):
        changed[place] = "lain"
    return changed


def join(words: list[str]) -> str:
    return " ".join(words)


def test_the_likeness_is_about_the_share_of_common_shingles():
    for seed in range(20):
        words = make_text(seed)
        for times in (3, 10, 30):
            other = change(words, seed, times)
            one, two = ({tuple(w[i : i + 4]) for i in range(len(w) - 3)} for w in (words, other))
            share = len(one & two) / len(one | two)
            found = measure_likeness(sketch(join(words)), sketch(join(other)))
            assert abs(found - share) < 0.22, (seed, times)


def test_signs_capitals_and_line_ends_make_no_difference():
    text = "Kapal itu berlayar pagi ini dari dermaga lama, dan pulang lagi sesudah dua belas jam yang amat panjang."
    assert sketch(text)
    assert sketch(text) == sketch(text.upper().replace(", ", " –\r\n\r\n"))


def test_a_short_text_is_no_copy():
    short = join(make_text(1, LEAST + 2))
    assert sketch(short) == b""
    assert find_copies([sketch(short), sketch(short)]) == []
    assert sketch("") == b""
    assert sketch(join(make_text(1, LEAST + 3)))


@pytest.mark.parametrize("text", ["海辺の町で古い橋が直された。" * 2, "สะพานเก่าของเมืองริมน้ำเปิดใช้อีกครั้งแล้ว"])
def test_scripts_without_blanks_have_sketches(text):
    other = text + "新しい"
    assert measure_likeness(sketch(text), sketch(other)) > 0.6


def test_near_copies_are_found_and_others_are_not():
    texts = [make_text(seed) for seed in range(300)]
    planted = {300 + n: n for n in range(0, 100, 5)}
    texts += [change(texts[n], n, 3) for n in planted.values()]
    found = find_copies([sketch(join(words)) for words in texts])
    assert {copy.number: copy.first for copy in found} == dict(zip(range(300, 320), planted.values(), strict=True))
    assert all(ALIKE <= copy.likeness < 1 for copy in found)


def test_every_one_of_many_copies_is_found_once():
    words = make_text(7)
    same = [sketch(join(words))] * 50
    assert [(copy.number, copy.likeness) for copy in find_copies(same)] == [(n, 1.0) for n in range(1, 50)]
    near = [sketch(join(change(words, seed, 2))) for seed in range(50)]
    assert [copy.number for copy in find_copies(near)] == list(range(1, 50))


def test_the_order_of_others_decides_nothing():
    words = make_text(3)
    three = [sketch(join(words)), sketch(join(change(words, 1, 2))), sketch(join(words))]
    (first, second) = find_copies(three)
    assert (first.number, second.number, second.first, second.likeness) == (1, 2, 0, 1.0)
    apart = [sketch(join(make_text(seed))) for seed in range(50, 90)]
    mixed = [apart[0], three[0], *apart[1:20], three[1], *apart[20:], three[2]]
    assert [copy.likeness for copy in find_copies(mixed)] == [first.likeness, second.likeness]


def test_the_work_is_linear_also_when_all_share_their_smallest_hashes(monkeypatch):
    rng = random.Random(5)
    # No two are alike, and all have the same eight smallest hashes.
    common = list(range(1, 9))
    from array import array

    sketches = [array("I", [*common, *sorted(rng.sample(range(100, 2**32), 56))]).tobytes() for _ in range(400)]
    calls = []

    def measure(one: bytes, other: bytes) -> float:
        calls.append(1)
        return measure_likeness(one, other)

    monkeypatch.setattr(likeness, "measure_likeness", measure)
    assert find_copies(sketches) == []
    assert len(calls) <= 400 * 8 * 8
