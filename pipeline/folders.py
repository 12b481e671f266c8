"""Many pictures at once: which they are, what their results are called, and work on several
processes that one bad picture does not stop."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..strokes.errors import LineworkError
from ..strokes.files import NUMBER

Path_ = str | os.PathLike[str]
Item = TypeVar("Item")
Result = TypeVar("Result")

# Files of a folder that are taken for pictures.
PICTURES = (
    *(".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".gif", ".bmp"),
    *(".pgm", ".ppm", ".pbm", ".jp2"),
)


def find_pictures(sources: Sequence[Path_]) -> list[Path]:
    """Files as they are given; in place of a folder its pictures, by name.

    Raises:
        LineworkError: a folder without a picture.
    """
    found: list[Path] = []
    for source in sources:
        path = Path(source)
        if not path.is_dir():
            found.append(path)
            continue
        inside = [
            file
            for file in sorted(path.iterdir())
            if file.suffix.lower() in PICTURES and not file.name.startswith(".") and file.is_file()
        ]
        if not inside:
            raise LineworkError(f"{source}: the folder holds no pictures; wanted {_suffixes()}")
        found += inside
    return found


def result_paths(pictures: Sequence[Path], out: Path_, suffix: str = ".svg") -> list[Path]:
    """A file for each picture, by the picture's name.

    Args:
        out: a folder, or a name with `{}` in the place of the picture's ("traced/{}.npz").
        suffix: of files in a folder.

    Returns:
        paths, all different: pictures of one name keep their own suffixes ("a.png.svg").

    Raises:
        LineworkError: two pictures of the very same name.
    """
    pattern = Path(out)
    if NUMBER not in pattern.name:
        pattern = pattern / f"{NUMBER}{suffix}"
    stems = [picture.stem for picture in pictures]
    names = [
        picture.stem if stems.count(picture.stem) == 1 else picture.name for picture in pictures
    ]
    for name in names:
        if names.count(name) > 1:
            raise LineworkError(
                f"two pictures are called {name}; give the folders one by one, with an "
                "output of their own"
            )
    return [pattern.with_name(pattern.name.replace(NUMBER, name)) for name in names]


def for_each(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int = 1
) -> Iterator[tuple[int, Result | LineworkError]]:
    """What a function makes of each item, or the LineworkError that it raised, as they end.

    Args:
        function: to be found by its name in a module where `jobs` is above 1.
        jobs: processes; 1 works in this one, in order.

    Yields:
        number of the item, and result or error.

    Raises:
        LineworkError: a process was killed, as it is when memory runs out.
    """
    if jobs == 1 or len(items) < 2:
        for number, item in enumerate(items):
            yield number, _tried(function, item)
        return
    # A tenth of a second, which a single picture need not pay.
    from concurrent.futures import Future, ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Forking would copy what torch and OpenCV hold, threads and all.
    with ProcessPoolExecutor(min(jobs, len(items)), mp_context=get_context("spawn")) as pool:
        waiting: dict[Future[Any], int] = {
            pool.submit(_tried, function, item): number for number, item in enumerate(items)
        }
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BrokenProcessPool as error:
            raise LineworkError(
                "a process was killed before it was done, perhaps because memory ran out; "
                "try with fewer (-j)"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _tried(function: Callable[[Item], Result], item: Item) -> Result | LineworkError:
    try:
        return function(item)
    except LineworkError as error:
        return error
    except OSError as error:
        what = error.strerror or str(error) or type(error).__name__
        where = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        return LineworkError(f"{where}{what}")


def _suffixes() -> str:
    return " ".join(PICTURES)


def in_order(results: Iterable[tuple[int, Result]]) -> list[Result]:
    """Results by the numbers of their items."""
    return [result for _, result in sorted(results, key=lambda pair: pair[0])]
