"""Folders of rough and clean pictures, made from clean drawings: `write_rough_pairs`.

Pair k follows from the seed and k alone, so any number of processes write the same files. The
folders are as pair_folder.py reads them: rough/000001.png beside clean/000001.png.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np

from ..strokes.atomic import write_atomically
from ..strokes.errors import LineworkError
from .clean_drawings import read_clean_drawings
from .pairs import Pair
from .roughening import RoughenedDrawings

# Pairs that a process makes between two looks at the bar.
GROUP = 16
# A patch of this side takes 3 s and 400 MB: larger pictures are pages, not patches.
MAX_SIZE = 4096

Sources = Sequence[str | os.PathLike[str]]


def write_rough_pairs(
    sources: Sources,
    folder: str | os.PathLike[str],
    n: int,
    *,
    size: int = 256,
    seed: int = 0,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes `n` pairs as PNG into `folder`/rough and `folder`/clean, which are made.

    Args:
        sources: clean drawings, as `read_clean_drawings`; none are figures drawn by rules alone.
        size: side of the pictures, px.
        seed: the same one writes the same pictures.
        jobs: processes.
        progress: called with the pairs done and in all.

    Raises:
        LineworkError: sources that cannot be used, a size beyond 16 to `MAX_SIZE`, a folder that
            cannot be written.
    """
    if not 16 <= size <= MAX_SIZE:
        raise LineworkError(f"a size of {size} px; wanted 16 to {MAX_SIZE}")
    source = RoughenedDrawings(read_clean_drawings(sources))
    base = Path(folder)
    for part in ("rough", "clean"):
        try:
            (base / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LineworkError(f"{base / part}: {error.strerror or error}") from error
    groups = [range(a, min(a + GROUP, n)) for a in range(0, n, GROUP)]
    done = 0
    for count in (
        (_write_group(source, base, group, size, seed) for group in groups)
        if min(jobs, len(groups)) <= 1
        else _in_processes(sources, base, groups, size, seed, jobs)
    ):
        done += count
        if progress is not None:
            progress(done, n)


def rough_pair(source: RoughenedDrawings, size: int, seed: int, number: int) -> Pair:
    """Pair `number` of a seed, whatever was made before it."""
    return source.patch(size, np.random.default_rng([seed, number]))


def _write_group(
    source: RoughenedDrawings, folder: Path, numbers: range, size: int, seed: int
) -> int:
    import cv2

    for number in numbers:
        pair = rough_pair(source, size, seed, number)
        for part, picture in (("rough", pair.rough), ("clean", pair.clean)):
            png = cv2.imencode(".png", picture)[1].tobytes()
            write_atomically(folder / part / f"{number + 1:06}.png", png)
    return len(numbers)


def _in_processes(
    sources: Sources, folder: Path, groups: list[range], size: int, seed: int, jobs: int
) -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(groups))
    try:
        with ProcessPoolExecutor(workers, context, _start_worker, (list(sources),)) as pool:
            tasks = [pool.submit(_work, folder, group, size, seed) for group in groups]
            for task in as_completed(tasks):
                yield task.result()
    except BrokenProcessPool as error:
        raise LineworkError(
            "a process that made pairs died, likely for want of memory: use fewer jobs; a script "
            'needs the guard `if __name__ == "__main__":`'
        ) from error


_source: RoughenedDrawings | None = None


def _start_worker(sources: Sources) -> None:
    """Each process reads the drawings once, and draws with one thread."""
    import cv2

    global _source
    cv2.setNumThreads(1)
    _source = RoughenedDrawings(read_clean_drawings(sources))


def _work(folder: Path, numbers: range, size: int, seed: int) -> int:
    assert _source is not None  # _start_worker ran
    return _write_group(_source, folder, numbers, size, seed)
