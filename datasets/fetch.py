"""Fetch Quick, Draw! files by word from Google's public bucket, or from a mirror of it.

The addresses are those of googlecreativelab/quickdraw-dataset; the data are CC
BY 4.0, Google. A file lands at FOLDER/FORM/WORD.suffix. Nothing is unpacked: the
sketch-rnn files hold pickled arrays, which only the restricted reader of
linework.strokes may open.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .download import DEFAULT_POLICY, RetryPolicy, download
from .partfile import FetchError
from .words import find_word, join_or, nearest_words

BASE_URL = "https://storage.googleapis.com/quickdraw_dataset/"
BASE_URL_VARIABLE = "LINEWORK_DATA_URL"


@dataclass(frozen=True, slots=True)
class Form:
    """One of the forms the data set is published in.

    Args:
        folder: below the bucket's base.
        suffix: of the file.
        about: what it holds, for the help text.
    """

    folder: str
    suffix: str
    about: str


FORMS = {
    "raw": Form("full/raw", ".ndjson", "strokes as drawn, with times"),
    "simplified": Form("full/simplified", ".ndjson", "strokes in a 256 px box, few points"),
    "binary": Form("full/binary", ".bin", "simplified, as compact records"),
    "bitmap": Form("full/numpy_bitmap", ".npy", "28 x 28 grey pictures"),
    "sketchrnn": Form("sketchrnn", ".npz", "stroke-3, split 70,000 / 2,500 / 2,500"),
}


def fetch(
    words: Sequence[str],
    form: str = "simplified",
    folder: str | os.PathLike[str] = ".",
    base_url: str | None = None,
    policy: RetryPolicy = DEFAULT_POLICY,
    progress: bool | None = None,
) -> list[Path]:
    """Fetch one file a word into `folder`; files already complete are checked and kept.

    Args:
        words: in any spelling `find_word` takes.
        form: a key of `FORMS`.
        base_url: a mirror; None takes $LINEWORK_DATA_URL, else Google's bucket.
        progress: bars and notes on stderr; None shows them on a terminal only.

    Returns:
        The paths, in the order of `words`.

    Raises:
        UnknownWordError: a wrong word, before anything is fetched.
        FetchError: a wrong form, or a file that cannot be had (see `download`).
    """
    addresses = [(remote_url(w, form, base_url), local_path(w, form, folder)) for w in words]
    for url, path in addresses:
        download(url, path, policy, progress)
    return [path for _, path in addresses]


def remote_url(word: str, form: str, base_url: str | None = None) -> str:
    """Where a word's file is.

    >>> remote_url("alarm_clock", "binary")
    'https://storage.googleapis.com/quickdraw_dataset/full/binary/alarm%20clock.bin'

    Raises:
        UnknownWordError, FetchError: no such word, no such form.
    """
    base = base_url or os.environ.get(BASE_URL_VARIABLE) or BASE_URL
    found = _form(form)
    return f"{base.rstrip('/')}/{found.folder}/{quote(find_word(word))}{found.suffix}"


def local_path(word: str, form: str, folder: str | os.PathLike[str] = ".") -> Path:
    """Where `fetch` puts a word's file: FOLDER/FORM/WORD.suffix."""
    return Path(folder) / form / f"{find_word(word)}{_form(form).suffix}"


def _form(name: str) -> Form:
    if name not in FORMS:
        near = nearest_words(name, tuple(FORMS)) or tuple(FORMS)
        raise FetchError(f"{name!r} is not a form of the data; did you mean {join_or(near)}?")
    return FORMS[name]
