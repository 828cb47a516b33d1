"""Files of words of titles: few for each title, the same for a word however it is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from site_builder.title_words import FILES, MOST_WORDS, find_word_file, list_word_files


@given(st.text())
def test_any_title_stands_in_few_files(title):
    numbers = list_word_files(title)
    assert len(numbers) <= MOST_WORDS
    assert numbers == sorted(set(numbers))
    assert all(0 <= number < FILES for number in numbers)


def test_the_longest_words_count_and_accents_do_not():
    assert list_word_files("Di kafé, pada pagi: PELABUHAN menunggu kapal-kapal ke Österås") == sorted(
        map(find_word_file, ("pelabuhan", "menunggu", "osteras", "kapal"))
    )
    assert list_word_files("Ke di a !") == []


def test_the_number_of_a_word_is_what_the_page_computes():
    assert [find_word_file(word) for word in ("dermaga", "kafe", "الميناء")] == [169, 511, 371]
