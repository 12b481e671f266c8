"""Doodles with label maps to learn from: read, augmented, and refused where they do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from linework.datasets.doodled_scenes import DoodledScenes, index_map, open_scenes
from linework.datasets.labels import vocabulary
from linework.datasets.scenes.folder import Recipe, write_scenes
from linework.strokes.errors import FormatError, LineworkError

SCENE = vocabulary("scene")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes of 48 px, two of them held out."""
    base = tmp_path_factory.mktemp("doodled") / "scenes"
    write_scenes(base, 6, Recipe(seed=3, width=48, height=48, val=0.34))
    return base


@pytest.fixture(scope="module")
def scenes(folder: Path) -> tuple[DoodledScenes, DoodledScenes]:
    return open_scenes(folder)


def test_both_splits_share_their_labels(scenes: tuple[DoodledScenes, DoodledScenes]) -> None:
    train, held_out = scenes
    assert (len(train), len(held_out)) == (4, 2)
    assert train.labels == held_out.labels
    assert {"sky", "grass"} <= set(train.labels)


def test_a_sample_is_of_its_generator_alone(scenes: tuple[DoodledScenes, DoodledScenes]) -> None:
    train, _ = scenes
    one, two = (train.sample(32, np.random.default_rng(7)) for _ in range(2))
    for part in ("ink", "area", "truth"):
        assert np.array_equal(getattr(one, part), getattr(two, part))
        assert getattr(one, part).shape == (32, 32)
    other = train.sample(32, np.random.default_rng(8))
    assert not np.array_equal(one.ink, other.ink)


def test_what_is_given_is_true(scenes: tuple[DoodledScenes, DoodledScenes]) -> None:
    """Areas say the label that is there, or that nobody knows; ink says a label or the same."""
    train, _ = scenes
    unknown, nothing = len(train.labels), len(train.labels) + 1
    seen = set()
    for seed in range(60):
        sample = train.sample(32, np.random.default_rng(seed))
        said = (sample.area < unknown) & (sample.truth != 255)
        clouds = train.labels.index("clouds") if "clouds" in train.labels else -1
        agree = sample.area[said] == sample.truth[said]
        assert agree[sample.area[said] != clouds].all()
        assert sample.ink.max() <= nothing
        seen |= {int(v) for v in np.unique(sample.ink)} | {int(v) for v in np.unique(sample.area)}
    assert {unknown, nothing} <= seen


def test_withheld_labels_are_ink_all_the_same(
    scenes: tuple[DoodledScenes, DoodledScenes],
) -> None:
    train, _ = scenes
    unknown, nothing = len(train.labels), len(train.labels) + 1
    known, hidden = train.plain(0, 48), train.plain(0, 48, withheld=1.0)
    assert np.array_equal(known.ink == nothing, hidden.ink == nothing)
    assert set(np.unique(hidden.ink)) == {unknown, nothing}
    assert (known.area == nothing).all()


def test_lines_are_drawn_as_their_index() -> None:
    across = np.array([[0, 0.5], [1, 0.5]], np.float32)
    dot = np.array([[0.25, 0.25]], np.float32)
    found = index_map([across, dot], [3, 4], 16, 9)
    assert (found[8] == 3).sum() >= 15
    assert (found == 4).sum() == 1
    assert (found == 9).sum() > 200


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ("no folder", "`linework data scenes -n 1000 -o DIR`"),
        ("no map", "has no label map"),
        ("no doodle", "holds no doodles"),
        ("layer", "wanted name#id"),
    ],
)
def test_what_does_not_fit_is_a_sentence(
    spoil: str, says: str, folder: Path, tmp_path: Path
) -> None:
    import shutil

    base = tmp_path / "scenes"
    shutil.copytree(folder, base)
    if spoil == "no folder":
        shutil.rmtree(base / "val_doodle")
    elif spoil == "no map":
        next((base / "train_label").iterdir()).unlink()
    elif spoil == "no doodle":
        for path in (base / "val_doodle").iterdir():
            path.unlink()
    else:
        path = next((base / "train_doodle").iterdir())
        path.write_text('{"word":"cat","drawing":[[[0,5],[0,5]]]}\n')
    with pytest.raises((LineworkError, FormatError), match=says):
        read_all(base)


def read_all(folder: Path) -> None:
    train, _ = open_scenes(folder)
    for k in range(len(train)):
        train.read(k)
