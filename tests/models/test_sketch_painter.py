"""The painter of sketches: shapes, gradients, what it is told, learning a picture by heart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from linework.datasets.sketch_folder import Sketched
from linework.models.painter import random_style
from linework.models.painter_critic import CriticConfig
from linework.models.painting_loss import PaintingLossConfig
from linework.models.sketch_painter import SketchPainter, SketchPainterConfig
from linework.models.sketch_painter_task import SketchPainterTask, as_ink
from linework.models.training import AdversarialTask, AveragedTask, TrainConfig, train
from linework.strokes.errors import LineworkError

SMALL = SketchPainterConfig(
    channels=(16, 12, 8), spade_levels=2, latent=4, embedding=8, encoder=4, size=16
)


def painted(painter: SketchPainter, ink: torch.Tensor, seed: int = 0) -> torch.Tensor:
    size = (len(ink), ink.shape[2], ink.shape[3])
    style = random_style(painter.config, size, torch.Generator().manual_seed(seed))
    made: torch.Tensor = painter(ink, painter.prior(style.latent), style.noise)
    return made


@pytest.mark.parametrize(("ink", "size"), [(1, (16, 16)), (3, (8, 24)), (1, (4, 4))])
def test_shapes(ink: int, size: tuple[int, int]) -> None:
    config = SketchPainterConfig(
        channels=(8, 6, 4), spade_levels=1, latent=4, embedding=6, ink=ink, size=16
    )
    torch.manual_seed(0)
    made = painted(SketchPainter(config).eval(), torch.rand(2, ink, *size))
    assert made.shape == (2, 3, *size)
    assert made.abs().max() <= 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ink": 2}, "ink is 2; wanted 1"),
        ({"classes": 2}, "classes"),
        ({"size": 18}, "multiple of 4"),
    ],
)
def test_configs_that_are_none(changes: dict[str, int], said: str) -> None:
    with pytest.raises(LineworkError, match=said):
        SketchPainterConfig(**{"channels": (8, 6, 4), "size": 16} | changes)


def test_sizes_that_do_not_halve_are_refused() -> None:
    with pytest.raises(LineworkError, match="sketch of 18 x 16 px; wanted multiples of 4"):
        painted(SketchPainter(SMALL), torch.zeros(1, 1, 16, 18))


def test_the_gradient_reaches_every_parameter() -> None:
    torch.manual_seed(0)
    painter = SketchPainter(SMALL)
    ink, picture = torch.rand(2, 1, 16, 16), torch.rand(2, 3, 16, 16)
    style = random_style(SMALL, (2, 16, 16), torch.Generator().manual_seed(0))
    code = painter.read_style(picture)
    made = painter(ink, code.sample(style.latent), style.noise)
    (made.square().sum() + code.kl.sum()).backward()
    unmoved = [
        name
        for name, parameter in painter.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    assert unmoved == []


def test_what_a_line_says_reaches_all_of_the_picture() -> None:
    """A place far from any line is told what shape it lies in."""
    torch.manual_seed(0)
    painter = SketchPainter(SMALL).eval()
    ink = torch.zeros(1, 1, 16, 16)
    drawn = ink.clone()
    drawn[:, :, 2, :] = 1
    apart = (painted(painter, ink) - painted(painter, drawn)).abs().amax(dim=(0, 1))
    assert (apart > 0).all()


def test_seeds_and_styles_change_the_picture() -> None:
    torch.manual_seed(0)
    painter = SketchPainter(SMALL).eval()
    ink = torch.zeros(1, 1, 16, 16)
    assert torch.equal(painted(painter, ink, 1), painted(painter, ink, 1))
    assert not torch.allclose(painted(painter, ink, 1), painted(painter, ink, 2))


class Boxes:
    """A box that is blue inside and yellow outside, and its outline."""

    def patch(self, size: int, rng: np.random.Generator) -> Sketched:
        top, left = (int(v) for v in rng.integers(1, size // 2, 2))
        side = size // 2 - 1
        picture = np.full((size, size, 3), (220, 190, 40), np.uint8)
        picture[top : top + side, left : left + side] = (30, 60, 200)
        sketch = np.full((size, size, 1), 255, np.uint8)
        sketch[top : top + side, left : left + side] = 0
        sketch[top + 1 : top + side - 1, left + 1 : left + side - 1] = 255
        return Sketched(sketch, picture)


def make(steps: int, **changes: object) -> tuple[SketchPainterTask, TrainConfig]:
    torch.manual_seed(0)
    loss = PaintingLossConfig(
        decay=0.9, colors=20.0, feature_matching=1.0, kl=0.01, spectral_norm=False
    )
    settings = TrainConfig(
        steps=steps,
        batch_size=4,
        learning_rate=4e-3,
        warmup=5,
        beta1=0.5,
        evaluate_every=steps,
        sample_every=0,
        checkpoint_seconds=0,
        **changes,
    )
    critic = CriticConfig(depths=(8, 8))
    return SketchPainterTask(SMALL, critic, Boxes(), Boxes(), loss, settings), settings


def test_it_is_a_task_with_a_critic_and_an_average() -> None:
    task, _ = make(1)
    assert isinstance(task, AdversarialTask)
    assert isinstance(task, AveragedTask)
    assert task.header()["input"] == "sketch"
    assert task.critic is not None
    # It sees the sketch beside the picture: another sketch, another word.
    picture, sketch = torch.rand(1, 3, 16, 16), torch.zeros(1, 1, 16, 16)
    one, _ = task.critic(torch.cat([picture, sketch], dim=1))
    two, _ = task.critic(torch.cat([picture, 1 - sketch], dim=1))
    assert one.shape == (1, 2, 16, 16)
    assert not torch.allclose(one, two)


@pytest.mark.slow
def test_it_learns_to_fill_outlines(tmp_path: Path) -> None:
    """Where no line is near, only its reading of shapes says in from out."""
    task, settings = make(80)
    train(task, settings, tmp_path / "run", progress=False)
    sketch, picture = task.watch
    average = task.average
    assert isinstance(average, SketchPainter)
    with torch.no_grad():
        made = (painted(average, as_ink(sketch)) + 1) * 127.5
    apart = (made - picture).abs().mean()
    flat = (picture.float().mean(dim=(0, 2, 3), keepdim=True) - picture).abs().mean()
    assert apart < 0.5 * flat, (apart, flat)


def test_it_resumes_exactly(tmp_path: Path) -> None:
    task, settings = make(4)
    train(task, settings, tmp_path / "whole", progress=False)
    first, stopped = make(4, max_minutes=1e-9)
    parts = tmp_path / "parts"
    assert train(first, stopped, parts, progress=False).stopped == "time"
    second, _ = make(4)
    train(second, settings, parts, resume=True, progress=False)
    for part in ("module", "critic", "average"):
        again = getattr(second, part).state_dict()
        for name, value in getattr(task, part).state_dict().items():
            assert torch.equal(value, again[name]), f"{part} {name}"
