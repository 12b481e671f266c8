"""What commands show a person: a progress bar, figures as aligned text or as JSON."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any


def as_text(figures: Any, as_json: bool) -> str:
    """A dataclass of figures as JSON, or as the lines that its own `str` gives."""
    if not as_json:
        return str(figures)
    return json.dumps(dataclasses.asdict(figures), indent=2, ensure_ascii=False)


def bytes_bar() -> AbstractContextManager[Callable[[int, int], None]]:
    """A bar on stderr, moved by a call with the bytes done and in all; only on a terminal."""
    return count_bar("B", scale=True)


@contextmanager
def count_bar(unit: str, *, scale: bool = False) -> Iterator[Callable[[int, int], None]]:
    """The same for anything that is counted; `scale` shortens large numbers to k and M."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from tqdm import tqdm

    with tqdm(file=sys.stderr, unit=unit, unit_scale=scale, leave=False) as bar:

        def move(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield move
