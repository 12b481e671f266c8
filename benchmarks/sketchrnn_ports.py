"""Other people's sketch-rnn in PyTorch, behind two calls, for bench_sketchrnn.py.

None of their code is here. `open_port` looks at a checkout that the user has made, imports
it, and gives its own training step and its own sampling loop. Known:

- labmlai/annotated_deep_learning_paper_implementations (labml_nn/sketch_rnn), the best known;
- alexis-jacq/Pytorch-Sketch-RNN (sketch_rnn.py), the one that most others started from;
- rfeinman/Sketch-RNN (the package sketch_rnn), the closest to the published cells.

What they import and a step does not need (labml, einops, matplotlib, PIL, requests, six)
is stood in for. Samples never end by themselves, so that all draw equally many points.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Rows = list[npt.NDArray[np.int16]]
# Added to the logit of "end".
NEVER = -50.0


@dataclass(frozen=True, slots=True)
class Port:
    """A port ready to be timed.

    Args:
        name: whose it is.
        step: one training step on a batch of its own choosing; returns its real points.
        sample: draws one drawing; returns its points.
    """

    name: str
    step: Callable[[], int]
    sample: Callable[[], int]


def open_port(
    folder: Path, drawings: Rows, batch_size: int, longest: int, device: str = "cpu"
) -> Port | None:
    """The port in a checkout, set up as its own script does; None where none is recognised.

    Args:
        drawings: stroke-3 rows of the training split.
        longest: rows of the longest drawing, which all ports pad to.
        device: what its model is put on; not "cpu" is known of labmlai's only.
    """
    if (folder / "labml_nn" / "sketch_rnn" / "__init__.py").is_file():
        return _labml(folder, drawings, batch_size, longest, device)
    if device != "cpu":
        return None
    if (folder / "sketch_rnn" / "model.py").is_file():
        return _feinman(folder, drawings, batch_size, longest)
    if (folder / "sketch_rnn.py").is_file():
        return _jacq(folder / "sketch_rnn.py", drawings, batch_size, longest)
    return None


class _Anything(types.ModuleType):
    """Stands in for a module or object: every attribute, call and context is another."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything(name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _Anything("call")

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *args: Any) -> None:
        return None

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (object,)


@contextlib.contextmanager
def _standing_in(*names: str) -> Iterator[None]:
    added = [name for name in names if name not in sys.modules]
    sys.modules.update({name: _Anything(name) for name in added})
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]


def _labml(folder: Path, drawings: Rows, batch_size: int, longest: int, device: str) -> Port:
    sys.path.insert(0, str(folder))
    helpers = [f"labml_nn.helpers.{name}" for name in ("device", "optimizer", "trainer")]
    with _standing_in(
        "labml", "labml_nn.helpers", *helpers, "einops", "matplotlib", "matplotlib.pyplot"
    ):
        module = importlib.import_module("labml_nn.sketch_rnn")
    # Its one use: (directions, batch, hidden) -> (batch, directions x hidden).
    module.einops.rearrange = lambda x, pattern: x.transpose(0, 1).flatten(1)
    config = module.Configs
    dataset = module.StrokesDataset(drawings, longest)
    loader = iter(_endless(torch.utils.data.DataLoader(dataset, batch_size, shuffle=True)))
    run = types.SimpleNamespace(
        encoder=module.EncoderRNN(config.d_z, config.enc_hidden_size).to(device),
        decoder=module.DecoderRNN(config.d_z, config.dec_hidden_size, config.n_distributions).to(
            device
        ),
        mode=types.SimpleNamespace(is_train=True),
        device=torch.device(device),
        kl_div_loss=config.kl_div_loss,
        reconstruction_loss=config.reconstruction_loss,
        kl_div_loss_weight=config.kl_div_loss_weight,
        grad_clip=config.grad_clip,
    )
    parameters = [*run.encoder.parameters(), *run.decoder.parameters()]
    run.optimizer = torch.optim.Adam(parameters, lr=1e-3)

    def step() -> int:
        batch = next(loader)
        config.step(run, batch, types.SimpleNamespace(is_last=False))
        return int(batch[1].sum()) - len(batch[1])

    drawn: list[int] = []
    module.Sampler.plot = staticmethod(lambda seq: drawn.append(len(seq) - 1))
    sampler = module.Sampler(run.encoder, run.decoder)

    def sample() -> int:
        with torch.no_grad():
            run.decoder.q_head.bias[2] = NEVER
            sampler.sample(dataset[0][0].unsqueeze(1).to(device), config.temperature)
        return drawn.pop()

    return Port("labmlai/annotated_deep_learning_paper_implementations", step, sample)


def _feinman(folder: Path, drawings: Rows, batch_size: int, longest: int) -> Port:
    sys.path.insert(0, str(folder))
    with _standing_in("requests", "six"):
        module = importlib.import_module("sketch_rnn.model")
        data = importlib.import_module("sketch_rnn.dataset")
    hparams = importlib.import_module("sketch_rnn.hparams").hparams
    # Its default decoder is layer-normalised, and slower; the plain LSTM is the published one.
    settings = hparams(max_seq_len=longest, dec_model="lstm", batch_size=batch_size)
    model = module.SketchRNN(settings)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.lr)
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = data.SketchRNNDataset(
            [rows.astype(np.float32) for rows in drawings],
            max_len=longest,
            random_scale_factor=settings.random_scale_factor,
            augment_stroke_prob=settings.augment_stroke_prob,
        )
    loader = iter(
        _endless(
            torch.utils.data.DataLoader(
                dataset,
                batch_size,
                shuffle=True,
                collate_fn=lambda batch: data.collate_drawings(batch, longest),
            )
        )
    )

    def step() -> int:
        model.train()
        batch, lengths = next(loader)
        optimizer.zero_grad()
        module.model_step(model, batch, lengths).backward()
        torch.nn.utils.clip_grad_value_(model.parameters(), settings.grad_clip)
        optimizer.step()
        return int(lengths.sum())

    def sample() -> int:
        with torch.no_grad():
            model.param_layer.linear.bias[-1] = NEVER
        return len(module.sample_unconditional(model, T=0.4)[0]) - 1

    return Port("rfeinman/Sketch-RNN", step, sample)


def _jacq(path: Path, drawings: Rows, batch_size: int, longest: int) -> Port:
    """A script of 2017: it loads its data when imported, and needs torch 0.2 or three repairs."""
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("hp.enc_hidden_size.cuda()", "hp.enc_hidden_size).cuda()"),  # a bracket is missing
        (".data[0],", ".item(),"),
        (".data[0])", ".item())"),
        ("self.max_seq_length = 200", f"self.max_seq_length = {longest}"),
        ("self.batch_size = 100", f"self.batch_size = {batch_size}"),
        ("nn.utils.clip_grad_norm(", "nn.utils.clip_grad_norm_("),
    ):
        text = text.replace(old, new)
    module = types.ModuleType("jacq")
    load = np.load
    with _standing_in("PIL", "matplotlib", "matplotlib.pyplot"):
        np.load = lambda *args, **kwargs: {"train": drawings}
        try:
            exec(compile(text, str(path), "exec"), module.__dict__)
        finally:
            np.load = load
    module.Variable = lambda tensor: tensor
    real: list[int] = []
    make_batch = module.make_batch

    def counted(size: int) -> Any:
        batch, lengths = make_batch(size)
        real.append(sum(lengths))
        return batch, lengths

    module.make_batch = counted
    drawn: list[int] = []
    module.make_image = lambda sequence, epoch: drawn.append(len(sequence))
    model = module.Model()

    def step() -> int:
        with contextlib.redirect_stdout(io.StringIO()):
            model.train(1)
        return real.pop()

    def sample() -> int:
        with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            model.decoder.fc_params.bias[-1] = NEVER
            model.conditional_generation(1)
        return drawn.pop()

    return Port("alexis-jacq/Pytorch-Sketch-RNN", step, sample)


def _endless(loader: Any) -> Iterator[Any]:
    while True:
        yield from loader
