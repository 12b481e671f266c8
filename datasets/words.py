"""The 345 words of the Quick, Draw! data set, and the word a user meant.

The list is the data set's own (googlecreativelab/quickdraw-dataset,
categories.txt; CC BY 4.0, Google). It names files on the public bucket, so
spelling matters there: "t-shirt", "teddy-bear", "The Eiffel Tower". People need
not care: case, spaces, underscores and hyphens are ignored when looking up.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from ..strokes import LineworkError

# Below this share of equal letters (difflib's ratio) a suggestion puzzles more than it helps.
CLOSE_ENOUGH = 0.6
# What a word scores that begins or ends with the text: nearer than a look-alike,
# not nearer than a slip of one letter.
PART_OF_WORD = 0.8
SAME_LENGTH = 0.1
SUGGESTIONS = 3


class UnknownWordError(LineworkError):
    """A word that is not in the list; the message names the nearest ones."""


@cache
def quickdraw_words() -> tuple[str, ...]:
    """All 345 words, spelled as the files of the data set are, in its order.

    >>> len(quickdraw_words()), quickdraw_words()[0]
    (345, 'aircraft carrier')
    """
    text = resources.files(__package__).joinpath("quickdraw_words.txt").read_text("utf-8")
    return tuple(text.splitlines())


def find_word(text: str) -> str:
    """The Quick, Draw! word that `text` spells, whatever its case, spaces or hyphens.

    >>> find_word("Cell_Phone"), find_word("tshirt")
    ('cell phone', 't-shirt')

    Raises:
        UnknownWordError: no such word; the nearest ones are named.
    """
    word = _by_key().get(_key(text))
    if word is not None:
        return word
    near = nearest_words(text)
    hint = f"did you mean {join_or(near)}?" if near else "no word of the list comes near"
    raise UnknownWordError(
        f"{text!r} is not one of the {len(quickdraw_words())} Quick, Draw! words; {hint}"
    )


def nearest_words(
    text: str, words: Sequence[str] | None = None, n: int = SUGGESTIONS
) -> tuple[str, ...]:
    """Up to `n` of `words` (all of Quick, Draw! by default) that `text` may have meant.

    A word that begins or ends with `text` ("eyeglasses" for "glasses") counts
    as near, whatever its length.
    """
    by_key = _by_key() if words is None else {_key(w): w for w in words}
    key = _key(text)
    scores = {k: _nearness(key, k) for k in by_key} if key else {}
    near = sorted((k for k, s in scores.items() if s >= CLOSE_ENOUGH), key=lambda k: -scores[k])
    return tuple(by_key[k] for k in near[:n])


def _nearness(key: str, candidate: str) -> float:
    # difflib's ratio depends on the order of its arguments; the better one is meant.
    alike = max(
        difflib.SequenceMatcher(None, key, candidate).ratio(),
        difflib.SequenceMatcher(None, candidate, key).ratio(),
    )
    if len(key) > 2 and (candidate.startswith(key) or candidate.endswith(key)):
        alike = max(alike, PART_OF_WORD)
    # Swapped and mistaken letters keep the length, so it settles ties.
    return alike + (SAME_LENGTH if len(key) == len(candidate) else 0.0)


def join_or(names: Sequence[str]) -> str:
    """'a', 'b' or 'c', quoted, for an error message."""
    quoted = [repr(name) for name in names]
    return " or ".join(filter(None, [", ".join(quoted[:-1]), quoted[-1]])) if quoted else ""


@cache
def _by_key() -> dict[str, str]:
    return {_key(word): word for word in quickdraw_words()}


def _key(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
