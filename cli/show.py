"""What commands show a person: a progress bar, figures as aligned text or as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def as_text(figures: Any, as_json: bool) -> str:
    """A dataclass of figures as JSON, or as the lines that its own `str` gives."""
    if not as_json:
        return str(figures)
    return json.dumps(dataclasses.asdict(figures), indent=2, ensure_ascii=False)


@contextmanager
def bytes_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, moved by a call with the bytes done and in all; only on a terminal."""
    from tqdm import tqdm

    with tqdm(
        file=sys.stderr, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False
    ) as bar:

        def move(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield move
