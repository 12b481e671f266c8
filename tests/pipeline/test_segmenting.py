"""Segmenting around the network: sizes, scales, tiles, what is foreground, soft alpha."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from linework.datasets.label_folder import Classes
from linework.datasets.labels import Label, Vocabulary, vocabulary
from linework.models.segmenter import SegmenterConfig
from linework.pipeline.segmenting import Labeller, cut_out, working_scale
from linework.strokes.errors import LineworkError
from torch import Tensor, nn

SEEN = (64, 128)
CONFIG = SegmenterConfig(channels=(4, 4), blocks=(1, 1), dilations=(1,))


class ByBrightness(nn.Module):
    """Class 1 where the picture is bright, class 0 where it is dark: logits of +-10 at the ends."""

    def forward(self, picture: Tensor) -> Tensor:
        grey = picture.mean(dim=1, keepdim=True)
        bright = (grey - 127.5) / 12.75
        return torch.cat([-bright / 2, bright / 2], dim=1)


def labeller(*labels: tuple[int, str, str], seen: tuple[int, int] = SEEN) -> Labeller:
    rows = labels or ((3, "background", "stuff"), (9, "cup", "thing"))
    names = Vocabulary("kitchen", tuple(Label(i, n, (i, i, i), kind) for i, n, kind in rows))
    classes = Classes(names, tuple(label.pixel for label in names.labels))
    return Labeller(ByBrightness(), CONFIG, classes, names, (), seen, torch.device("cpu"), "run")


def disc(height: int, width: int) -> np.ndarray:
    """A white disc on black, uint8 (H, W, 3), and no px between."""
    y, x = np.mgrid[:height, :width]
    inside = (y - height / 2) ** 2 + (x - width / 2) ** 2 < (min(height, width) * 0.3) ** 2
    return np.repeat((inside * 255).astype(np.uint8)[:, :, None], 3, axis=2)


@pytest.mark.parametrize("size", [(100, 130), (40, 30), (300, 700), (1, 1), (1, 900)])
def test_label_maps_have_the_pictures_size_and_the_vocabularys_pixels(
    size: tuple[int, int],
) -> None:
    picture = disc(*size)
    labels = labeller().labels(picture)
    assert labels.shape == size
    assert labels.dtype == np.uint8
    assert set(np.unique(labels)) <= {2, 8}
    true = np.where(picture[..., 0] > 127, 8, 2)
    assert (labels == true).mean() > 0.97


def test_grey_and_transparent_pictures_are_taken() -> None:
    grey = disc(80, 90)[..., 0]
    assert np.array_equal(labeller().labels(grey), labeller().labels(disc(80, 90)))
    clear = np.dstack([disc(80, 90), np.zeros((80, 90), np.uint8)])
    assert (labeller().labels(clear) == 8).all()  # on white


@pytest.mark.parametrize(
    ("size", "scale"),
    [((64, 900), 1), ((128, 128), 1), ((256, 300), 0.5), ((32, 40), 2), ((1, 900), 4)],
)
def test_pictures_are_brought_to_what_was_seen(size: tuple[int, int], scale: float) -> None:
    assert working_scale(*size, SEEN) == scale


def test_tiles_are_the_whole() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (90, 110, 3)).astype(np.uint8)
    told: list[tuple[int, int]] = []
    whole = labeller().labels(picture)
    cut = labeller().labels(picture, tile=32, progress=lambda *done: told.append(done))
    assert np.array_equal(whole, cut)
    assert told[-1] == (12, 12)
    smaller = labeller().labels(picture, scale=0.8)
    assert np.array_equal(smaller, labeller().labels(picture, scale=0.8, tile=32))


def test_alpha_is_soft_between_and_sure_inside() -> None:
    picture = disc(200, 260)
    alpha = labeller(seen=(64, 100)).alpha(picture)
    assert alpha.shape == (200, 260)
    assert alpha[100, 130] == 255
    assert alpha[0, 0] == 0
    between = ((alpha > 20) & (alpha < 235)).mean()
    assert 0 < between < 0.05
    upside = labeller(seen=(64, 100)).alpha(picture, "Background")
    assert np.abs(alpha.astype(int) + upside - 255).max() <= 1


def test_a_cutout_keeps_the_pictures_px() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (30, 40, 3)).astype(np.uint8)
    alpha = np.random.default_rng(1).integers(0, 256, (30, 40)).astype(np.uint8)
    out = cut_out(picture, alpha)
    assert np.array_equal(out[..., :3], picture)
    assert np.array_equal(out[..., 3], alpha)
    assert cut_out(picture[..., 0], alpha).shape == (30, 40, 4)


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        (((1, "background", "stuff"), (2, "cup", "stuff")), "cup"),
        (((1, "cup", "stuff"), (2, "BG", "stuff")), "cup"),
        (((1, "cup", "thing"), (2, "table", "stuff")), "cup"),
        (((1, "table", "stuff"), (2, "cup", "stuff")), "cup"),
        (((1, "other", "stuff"), (2, "rest", "stuff")), "rest"),
    ],
)
def test_the_foreground_is_what_is_no_background(
    labels: tuple[tuple[int, str, str], ...], name: str
) -> None:
    assert labeller(*labels).foreground_of().name == name


def test_the_foreground_can_be_named() -> None:
    assert labeller().foreground_of("background").name == "background"
    with pytest.raises(LineworkError, match="--foreground cap: no label of run; did you mean"):
        labeller().foreground_of("cap")


def test_alpha_wants_two_labels() -> None:
    scene = vocabulary("scene")
    many = Classes(scene, tuple(label.pixel for label in scene.labels))
    found = Labeller(ByBrightness(), CONFIG, many, scene, (), SEEN, torch.device("cpu"), "run")
    with pytest.raises(LineworkError, match=r"run: knows \d+ labels .*wants a model of two"):
        found.alpha(disc(20, 20))
