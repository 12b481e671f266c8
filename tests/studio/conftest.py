"""A studio with tiny models of random weights: they draw nonsense, at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from linework.models.checkpoint import save_tensors
from linework.models.recogniser import Recogniser, RecogniserConfig
from linework.models.sketchrnn import SketchRNN, SketchRNNConfig
from linework.studio.app import make_app
from linework.studio.choices import Choices
from page_driver import chromium, page, studio  # noqa: F401  fixtures of the browser tests
from starlette.testclient import TestClient
from talking import PORT, TOKEN

WORDS = ("cat", "dog", "house")


@pytest.fixture(scope="session")
def choices(tmp_path_factory: pytest.TempPathFactory) -> Choices:
    """Weights files of a sketch-rnn and a recogniser; no painter."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    config = SketchRNNConfig(
        encoder_size=8,
        decoder_size=16,
        latent_size=4,
        mixtures=2,
        word_size=4,
        words=WORDS,
        latent_dropout=0.5,
        scale=30.0,
    )
    sketcher = SketchRNN(config)
    with torch.no_grad():  # few ends, so that drawings are long enough to be stopped
        sketcher.decoder.head.bias[2] -= 3
    told = RecogniserConfig(words=WORDS, channels=(4, 4), widths=(4, 4, 4), joint=8)
    for name, module, own in (
        ("sketchrnn", sketcher, config),
        ("recogniser", Recogniser(told), told),
    ):
        header = {"model": name, "config": dataclasses.asdict(own), "box": 255.0}
        save_tensors(folder / f"{name}.safetensors", module.state_dict(), header)
    return Choices(
        sketcher=str(folder / "sketchrnn.safetensors"),
        recogniser=str(folder / "recogniser.safetensors"),
        painter=str(folder / "no-painter.safetensors"),
    )


@pytest.fixture(scope="session")
def client(choices: Choices) -> Iterator[TestClient]:
    """The page's side of a server that runs in this process."""
    app = make_app(TOKEN, PORT, choices)
    with TestClient(app, base_url=f"http://127.0.0.1:{PORT}") as client:
        yield client


@pytest.fixture(scope="session")
def examples() -> Path:
    """The bundled drawings and photo."""
    return Path(__file__).parents[2] / "pipeline" / "examples"
