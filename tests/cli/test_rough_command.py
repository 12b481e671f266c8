"""`linework data rough`: pairs on disk, by seed, from what is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from conftest import Run
from PIL import Image

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#000">'
    '<circle cx="12" cy="12" r="9"/></svg>'
)


def pictures(folder: str) -> dict[str, np.ndarray]:
    return {
        str(path.relative_to(folder)): np.asarray(Image.open(path))
        for path in sorted(Path(folder).rglob("*.png"))
    }


def test_pairs_by_seed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(SVG)
    for out, seed in (("one", 4), ("two", 4), ("three", 5)):
        result = run("data", "rough", "a.svg", "-n", 2, "--size", 64, "--seed", seed, "-o", out)
        assert result.exit_code == 0, result.stderr
        assert result.stderr == f"seed {seed}\n"
    one, two, three = (pictures(name) for name in ("one", "two", "three"))
    names = [f"{part}/00000{k}.png" for part in ("clean", "rough") for k in (1, 2)]
    assert list(one) == list(two) == list(three) == names
    assert all(np.array_equal(one[name], two[name]) for name in names)
    assert not np.array_equal(one["rough/000001.png"], three["rough/000001.png"])
    assert {p.shape for p in one.values()} == {(64, 64)}


def test_without_sources_figures_are_drawn(run: Run) -> None:
    assert run("data", "rough", "-n", 1, "--size", 64, "--seed", 1, "-o", "out").exit_code == 0
    assert (pictures("out")["clean/000001.png"] < 128).any()


def test_a_source_that_is_not_there(run: Run) -> None:
    result = run("data", "rough", "nowhere.svg", "-n", 1, "-o", "out")
    assert result.exit_code == 1
    assert "nowhere.svg" in result.stderr
    assert not Path("out").exists()
