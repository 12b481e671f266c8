"""The word list, and finding the word that was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from linework.datasets.words import UnknownWordError, find_word, nearest_words, quickdraw_words


def test_the_list_is_the_data_sets_own() -> None:
    words = quickdraw_words()
    assert len(words) == len(set(words)) == 345
    assert {"cat", "t-shirt", "The Eiffel Tower", "animal migration", "zigzag"} <= set(words)


def test_the_list_is_that_of_the_real_data(real_data: Path) -> None:
    listed = (real_data / "quickdraw" / "categories.txt").read_text("utf-8").splitlines()
    assert list(quickdraw_words()) == listed


def test_every_word_finds_itself_however_it_is_spelled() -> None:
    for word in quickdraw_words():
        for spelling in (word, word.upper(), word.replace(" ", "_"), word.replace(" ", "")):
            assert find_word(spelling) == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("CAT", "cat"),
        (" cat ", "cat"),
        ("alarm_clock", "alarm clock"),
        ("alarm-clock", "alarm clock"),
        ("teddybear", "teddy-bear"),
        ("T shirt", "t-shirt"),
        ("the eiffel tower", "The Eiffel Tower"),
    ],
)
def test_spelling_is_forgiven(text: str, word: str) -> None:
    assert find_word(text) == word


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("kat", "cat"),
        ("bycicle", "bicycle"),
        ("aeroplane", "airplane"),
        ("glasses", "eyeglasses"),
        ("eiffel tower", "The Eiffel Tower"),
        ("tshrt", "t-shirt"),
        ("smiley", "smiley face"),
    ],
)
def test_a_wrong_word_is_answered_by_the_nearest(text: str, near: str) -> None:
    assert near in nearest_words(text)
    with pytest.raises(UnknownWordError, match=f"'{text}' is not .* did you mean .*'{near}'"):
        find_word(text)


@pytest.mark.parametrize("text", ["", " ", "猫", "qqqqqqqq", "../../../\0"])
def test_what_resembles_nothing_says_so(text: str) -> None:
    with pytest.raises(UnknownWordError, match="no word of the list comes near"):
        find_word(text)
