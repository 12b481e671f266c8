"""A tiny model, its data, and a way to run a command as a shell would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from linework.cli import main

Run = Callable[..., Result]

TINY = {
    "encoder_size": 16,
    "decoder_size": 32,
    "latent_size": 8,
    "mixtures": 3,
    "word_size": 4,
    "steps": 2,
    "batch_size": 8,
    "sample_every": 0,
    "precision": "float32",
}


def tiny(**changes: Any) -> list[str]:
    """`--set` for a network that trains in a blink."""
    return [f"--set={key}={value}" for key, value in (TINY | changes).items()]


def invoke(*arguments: object, input: str | bytes | None = None) -> Result:
    """`linework ARGUMENTS`, in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)


def succeed(*arguments: object, input: str | bytes | None = None) -> Result:
    """As `invoke`, and it went well."""
    result = invoke(*arguments, input=input)
    assert result.exit_code == 0, result.stderr
    return result


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`invoke` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return invoke


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with doodles (ndjson), a table of them, and what was trained on it.

    doodles.ndjson, pets.arrow (cat and dog), cat.arrow; pets/ (a run on two words), cat/
    (on one), plain/ (on one, by the published recipe).
    """
    folder = tmp_path_factory.mktemp("workshop")
    doodles, pets, cats = (folder / name for name in ("doodles.ndjson", "pets.arrow", "cat.arrow"))
    succeed("data", "doodles", "cat", "dog", "-n", 80, "--seed", 1, "-o", doodles)
    succeed("data", "pack", doodles, "-o", pets, "--split", "70,15,15")
    succeed("data", "doodles", "cat", "-n", 60, "--seed", 2, "-o", folder / "cats.ndjson")
    succeed("data", "pack", folder / "cats.ndjson", "-o", cats, "--split", "70,15,15")
    train = ("train", "sketchrnn", "--data")
    succeed(*train, pets, "--out", folder / "pets", *tiny())
    succeed(*train, cats, "--out", folder / "cat", *tiny())
    succeed(*train, cats, "--out", folder / "plain", "--recipe", "published", *tiny())
    return folder


@pytest.fixture(scope="session")
def pets(workshop: Path) -> Path:
    """A trained model of cat and dog."""
    return workshop / "pets"


@pytest.fixture(scope="session")
def half_cat() -> Path:
    """The example that the tour begins with."""
    return Path(__file__).parents[2] / "pipeline" / "examples" / "half_cat.svg"
