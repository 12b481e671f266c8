"""Which pictures there are, what their results are called, and work that goes on past errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from linework.pipeline.folders import find_pictures, for_each, in_order, result_paths
from linework.strokes import LineworkError


def test_a_folders_pictures_by_name(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", ".hidden.png", "notes.txt", "c.tiff"):
        (tmp_path / name).touch()
    (tmp_path / "inner.png").mkdir()
    found = find_pictures([tmp_path, "elsewhere/x.unknown"])
    assert [p.name for p in found] == ["a.jpg", "b.PNG", "c.tiff", "x.unknown"]


@pytest.mark.parametrize(
    ("out", "names"),
    [
        ("to", ["to/a.svg", "to/b.png.svg", "to/b.jpg.svg"]),
        ("to/{}.npz", ["to/a.npz", "to/b.png.npz", "to/b.jpg.npz"]),
        ("{}-x.svg", ["a-x.svg", "b.png-x.svg", "b.jpg-x.svg"]),
    ],
)
def test_results_are_called_as_their_pictures(out: str, names: list[str]) -> None:
    pictures = [Path("in/a.png"), Path("in/b.png"), Path("other/b.jpg")]
    assert [p.as_posix() for p in result_paths(pictures, out)] == names


def test_two_pictures_of_one_name_are_refused() -> None:
    with pytest.raises(LineworkError, match="two pictures are called b"):
        result_paths([Path("x/b.png"), Path("y/b.png")], "to")


def test_errors_are_results(tmp_path: Path) -> None:
    def work(item: int) -> int:
        if item == 1:
            raise LineworkError("one is bad")
        if item == 2:
            (tmp_path / "none").read_text()
        return item * 10

    results = in_order(for_each(work, [0, 1, 2, 3]))
    assert [r for r in results if isinstance(r, int)] == [0, 30]
    assert str(results[1]) == "one is bad"
    assert "none: No such file" in str(results[2])


def test_a_mistake_of_ours_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        list(for_each(lambda item: 1 // item, [1, 0]))
