"""Settings: typed from the dataclass's fields, unknown keys answered by the nearest."""

from __future__ import annotations

import dataclasses
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import pytest
from linework.models.settings import as_plain, parse_assignments, read_recipe, with_settings
from linework.models.simplifier import SimplifierConfig
from linework.models.simplifier_loss import SimplifierLossConfig
from linework.models.simplifier_task import PatchConfig
from linework.models.sketchrnn import SketchRNNConfig
from linework.models.sketchrnn_task import DataConfig, LossConfig
from linework.models.training import TrainConfig
from linework.pipeline import (
    dense_map_training,
    painter_training,
    portrait_training,
    recogniser_training,
    segmenter_training,
    sketch_painter_training,
    training,
)
from linework.strokes.errors import LineworkError


@dataclasses.dataclass(frozen=True)
class Shape:
    steps: int = 1
    rate: float = 0.5
    flag: bool = False
    kind: Literal["round", "flat"] = "round"
    words: tuple[str, ...] = ()
    limit: int | None = None
    name: str = "a"


@dataclasses.dataclass(frozen=True)
class Other:
    rate: float = 2.0
    depth: int = 3


SECTIONS = {"shape": Shape(), "other": Other()}


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("steps", "200", 200),
        ("steps", 200, 200),
        ("steps", "2e3", 2000),
        ("steps", -1, -1),
        ("shape.rate", "1e-3", 1e-3),
        ("shape.rate", 2, 2.0),
        ("flag", "yes", True),
        ("flag", "Off", False),
        ("flag", True, True),
        ("kind", "flat", "flat"),
        ("words", "cat,hot dog", ("cat", "hot dog")),
        ("words", ["cat", "dog"], ("cat", "dog")),
        ("words", "", ()),
        ("limit", "none", None),
        ("limit", "7", 7),
        ("name", "7", "7"),
    ],
)
def test_values_take_the_type_of_their_field(key: str, value: Any, wanted: Any) -> None:
    found = with_settings(SECTIONS, {key: value}, "--set")
    got = getattr(found["shape"], key.removeprefix("shape."))
    assert got == wanted
    assert type(got) is type(wanted)
    assert found["other"] == Other()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("stepz", 1, r"^here: no setting 'stepz'; did you mean 'steps'\?"),
        ("other.steps", 1, r"no setting 'other.steps'"),
        ("nothing.rate", 1, r"no setting 'nothing.rate'; did you mean 'rate'\?"),
        ("zzz", 1, r"there are shape.steps, .*other.depth"),
        ("rate", 1, r"'rate' could be shape.rate or other.rate; say which"),
        ("steps", "many", r"shape.steps is 'many'; wanted int"),
        ("steps", "1.5", r"shape.steps is '1.5'; wanted int"),
        ("steps", "nan", r"wanted int"),
        ("steps", "inf", r"wanted int"),
        ("steps", True, r"wanted int"),
        ("steps", [1], r"wanted int"),
        ("flag", "maybe", r"wanted bool"),
        ("flag", 2, r"wanted bool"),
        ("kind", "oval", r"shape.kind is 'oval'; wanted one of round, flat"),
        ("words", [1, [2]], r"wanted str"),
        ("words", 5, r"shape.words is 5; wanted a list"),
        ("name", True, r"wanted str"),
        ("limit", "x", r"wanted int"),
    ],
)
def test_what_does_not_fit_is_a_sentence(key: str, value: Any, message: str) -> None:
    with pytest.raises(LineworkError, match=message):
        with_settings(SECTIONS, {key: value}, "here")


@pytest.mark.parametrize(
    ("section", "changes", "message"),
    [
        (SketchRNNConfig, {"decoder_size": 0}, "decoder_size is 0; wanted 1 or more"),
        (SketchRNNConfig, {"mixtures": -1}, "mixtures"),
        (SketchRNNConfig, {"decoder_dropout": 1.0}, "decoder_dropout is 1.0; wanted 0 to 0.95"),
        (SketchRNNConfig, {"scale": 0.0}, "scale"),
        (SketchRNNConfig, {"scale": float("nan")}, "scale is nan"),
        (DataConfig, {"drop": 1.5}, "drop is 1.5; wanted 0 to 1"),
        (DataConfig, {"max_points": 0}, "max_points"),
        (LossConfig, {"kl_decay": 2.0}, "kl_decay"),
        (TrainConfig, {"steps": 0}, "steps is 0; wanted 1 or more"),
        (TrainConfig, {"batch_size": -3}, "batch_size"),
        (TrainConfig, {"evaluate_every": 0}, "evaluate_every"),
        (TrainConfig, {"learning_rate": float("nan")}, "learning_rate"),
    ],
)
def test_numbers_out_of_range(section: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LineworkError, match=message):
        section(**changes)


def test_several_changes_and_the_defaults_untouched() -> None:
    found = with_settings(SECTIONS, {"steps": 3, "other.rate": 1, "depth": 9}, "x")
    assert as_plain(found)["other"] == {"rate": 1.0, "depth": 9}
    assert SECTIONS["shape"].steps == 1


def test_assignments() -> None:
    assert parse_assignments(["a=1", " b = x=y ", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    with pytest.raises(LineworkError, match=r"--set steps: wanted key=value"):
        parse_assignments(["steps"])


def test_a_recipe_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('steps = 5\n[shape]\nwords = ["cat"]\n[other]\nrate = 1.5\n')
    recipe = read_recipe(path)
    assert recipe == {"steps": 5, "shape.words": ["cat"], "other.rate": 1.5}
    assert with_settings(SECTIONS, recipe, "r")["other"].rate == 1.5


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.toml", None, "no such recipe file"),
        ("bad.toml", b"a = [1", "not valid TOML"),
        ("bytes.toml", b"\xff\xfe", "not valid TOML"),
    ],
)
def test_bad_recipes(name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LineworkError, match=message):
        read_recipe(tmp_path / name)


def test_an_unknown_recipe_names_those_there_are() -> None:
    with pytest.raises(LineworkError, match=r"no recipe 'publisht'; there are .*published"):
        read_recipe("publisht")


TRAINED = {
    "densemap": dense_map_training.default_settings,
    "painter": painter_training.default_settings,
    "painter-sketch": sketch_painter_training.default_settings,
    "portraits": portrait_training.default_settings,
    "recogniser": recogniser_training.default_settings,
    "segmenter": segmenter_training.default_settings,
    "simpl": lambda: {
        "model": SimplifierConfig(),
        "patches": PatchConfig(),
        "loss": SimplifierLossConfig(),
        "train": TrainConfig(),
    },
    "": training.default_settings,  # sketch-rnn's have names of their own
}
"""Beginning of a recipe's name -> the sections that its training is set by; the longest counts."""


def shipped() -> list[str]:
    folder = resources.files("linework.models") / "recipes"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir())


@pytest.mark.parametrize("name", shipped())
def test_shipped_recipes_set_what_there_is(name: str) -> None:
    kind = max((kind for kind in TRAINED if name.startswith(kind)), key=len)
    with_settings(TRAINED[kind](), read_recipe(name), name)


def test_published_is_the_papers() -> None:
    """magenta's get_default_hparams, value by value."""
    sections = {
        "model": SketchRNNConfig(),
        "data": DataConfig(),
        "loss": LossConfig(),
        "train": TrainConfig(),
    }
    found = with_settings(sections, read_recipe("published"), "published")
    model, data, loss, train = (found[k] for k in ("model", "data", "loss", "train"))
    assert (model.encoder_size, model.decoder_size, model.latent_size, model.mixtures) == (
        256,
        512,
        128,
        20,
    )
    assert (model.encoder_cell, model.decoder_cell) == ("lstm", "lstm")
    assert (model.encoder_dropout, model.decoder_dropout) == (0.1, 0.1)
    assert (model.likelihood, model.positions, model.latent_dropout) == ("density", False, 0.0)
    assert data.augmentation(0.99) == data.augmentation(0.0)
    assert (data.stretch, data.drop, data.rotate, data.mirror) == (0.15, 0.1, 0.0, 0.0)
    assert (loss.kl_tolerance, loss.normalise) == (0.2, "published")
    assert loss.weight(0) == pytest.approx(0.01)
    assert loss.weight(10_000) == pytest.approx(0.5 - 0.49 * 0.99995**10_000)
    assert (train.batch_size, train.clip_value, train.beta2) == (100, 1.0, 0.999)
    assert (train.weight_decay, train.precision) == (0.0, "float32")
