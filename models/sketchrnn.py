"""sketch-rnn: a variational autoencoder over the offsets of a drawing's points.

Ha and Eck 2017 (arXiv 1704.03477): a bidirectional encoder gives a latent z, an
autoregressive decoder predicts each offset as a mixture of bivariate normals and
each pen state as a softmax. Beyond the paper, each switched by the config:

- one model for many words: an embedding of the word stands beside z;
- `positions`: the decoder also sees where the pen is, from the drawing's start and
  from the stroke's start, which an LSTM otherwise has to integrate, and without
  which closed shapes do not close;
- `latent_dropout`: for a share of the drawings z is withheld, so that the same
  decoder is a plain autoregressive model of the word: what completing needs;
- `likelihood` "cell": trains on the mass of the integer cell (models/mixture.py);
- `decoder_cell` "transformer": attention in place of the cell (models/transformer_decoder.py).

    linework train sketchrnn --data cat.arrow --out run

Sequences are time first: (T, B, ...). All offsets are in units of `scale`, the
pooled standard deviation of the training offsets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn

from ..strokes.errors import LineworkError
from .cells import State, make_cell
from .mixture import Mixture, make_head
from .settings import check_ranges
from .transformer_decoder import TransformerDecoder

Cell = Literal["fused", "lstm", "layernorm", "hyper"]
DecoderCell = Literal["fused", "lstm", "layernorm", "hyper", "transformer"]
Likelihood = Literal["cell", "density"]
PEN_STATES = 3
STROKE5 = 5
# Inputs beside stroke-5 with `positions`: from the drawing's and the stroke's start.
POSITION_INPUTS = 4
# More would leave nothing to learn from; less than the scale would divide by nothing.
MAX_DROPOUT = 0.95
MIN_SCALE = 1e-6
# Published: projections to and from the latent start near zero.
LATENT_STD = 0.001


@dataclass(frozen=True)
class SketchRNNConfig:
    """What a sketch-rnn is made of.

    The defaults are the fast form; recipes/published.toml has the paper's.
    """

    variational: bool = True
    """An encoder and a latent z; False is a decoder alone."""
    encoder_cell: Cell = "fused"
    decoder_cell: DecoderCell = "fused"
    """A recurrent cell; or a causal Transformer, which sees the rows themselves."""
    encoder_size: int = 256
    """Units of each direction."""
    decoder_size: int = 512
    """Units of the cell; width of a Transformer, even in each of its heads."""
    decoder_layers: int = 3
    """Layers of a Transformer."""
    decoder_heads: int = 4
    """Heads of each of them."""
    decoder_window: int = 256
    """Rows that each row of a Transformer sees; the training drawings' longest at most."""
    latent_size: int = 128
    mixtures: int = 20
    words: tuple[str, ...] = ()
    """The words it can draw; empty is one unnamed kind."""
    word_size: int = 64
    """Width of the word embedding, where there is more than one word."""
    positions: bool = True
    """Feed the pen's position beside the offsets."""
    latent_dropout: float = 0.0
    """Share of training drawings decoded without z."""
    encoder_dropout: float = 0.0
    decoder_dropout: float = 0.15
    """Of weights (fused), of candidates (the published cells), of what a layer adds
    (transformer)."""
    likelihood: Likelihood = "cell"
    """What training maximises: mass of the integer cell, or the published density."""
    latent_tanh: bool = False
    """Squash z before the decoder, as published files of version 5 and below do."""
    scale: float = 1.0
    """Data units per model unit: the std of the training offsets."""
    position_scale: float = 1.0
    """Model units per unit of the position inputs."""

    def __post_init__(self) -> None:
        least = 1 if self.variational else 0  # what is absent has no size
        check_ranges(
            self,
            {
                "encoder_size": (least, math.inf),
                "decoder_size": (1, math.inf),
                "decoder_layers": (1, math.inf),
                "decoder_heads": (1, math.inf),
                "decoder_window": (1, math.inf),
                "latent_size": (least, math.inf),
                "mixtures": (1, math.inf),
                "word_size": (1, math.inf),
                "latent_dropout": (0, 1),
                "encoder_dropout": (0, MAX_DROPOUT),
                "decoder_dropout": (0, MAX_DROPOUT),
                "scale": (MIN_SCALE, math.inf),
                "position_scale": (MIN_SCALE, math.inf),
            },
        )
        if self.decoder_cell == "transformer" and self.decoder_size % (2 * self.decoder_heads):
            raise LineworkError(
                f"decoder_size is {self.decoder_size}; wanted an even number of units for each "
                f"of the {self.decoder_heads} heads: a multiple of {2 * self.decoder_heads}"
            )

    @property
    def conditional(self) -> bool:
        """Whether there is a word embedding."""
        return len(self.words) > 1

    @property
    def row_size(self) -> int:
        """Width of what encoder and decoder read of each row."""
        return STROKE5 + POSITION_INPUTS * self.positions

    @property
    def condition_size(self) -> int:
        """Width of what the decoder is told beside the rows."""
        return self.latent_size * self.variational + self.word_size * self.conditional


@dataclass(frozen=True, slots=True)
class SketchBatch:
    """B drawings of up to T points after their first, time first, padded at the end.

    Args:
        offsets: float32 (T, B, 2), in units of the scale, 0 in the padding.
        pen: int64 (T + 1, B): 0 down, 1 up, 2 end (also in the padding).
        lengths: int64 (B,), real rows of each drawing, at least 1.
        words: int64 (B,), index among the config's words.
        noise: float32 (B, Z), standard normal, what z is sampled with.
        keep_latent: bool (B,), False where z is withheld.
    """

    offsets: Tensor
    pen: Tensor
    lengths: Tensor
    words: Tensor
    noise: Tensor
    keep_latent: Tensor

    def to(self, device: torch.device | str) -> SketchBatch:
        """The same batch on another device."""
        return SketchBatch(
            *(getattr(self, name).to(device, non_blocking=True) for name in self.__slots__)
        )


@dataclass(frozen=True, slots=True)
class Losses:
    """Sums over a batch, in nats; divide by `points` or `drawings`.

    Args:
        offset, pen: negative log likelihood of offsets and of pen states (with the end).
        kl: divergence of q(z|drawing) from the prior, summed over the dimensions, (B,).
        points: number of real rows.
    """

    offset: Tensor
    pen: Tensor
    kl: Tensor
    points: Tensor = field(default_factory=lambda: torch.tensor(0))


class Encoder(nn.Module):
    """Drawing -> mean and log variance of z, from the last state of both directions."""

    def __init__(self, config: SketchRNNConfig) -> None:
        super().__init__()
        size = config.encoder_size
        inputs = config.row_size
        self.forwards = make_cell(config.encoder_cell, inputs, size, config.encoder_dropout)
        self.backwards = make_cell(config.encoder_cell, inputs, size, config.encoder_dropout)
        self.mu = nn.Linear(2 * size, config.latent_size)
        self.presigma = nn.Linear(2 * size, config.latent_size)
        for head in (self.mu, self.presigma):
            nn.init.normal_(head.weight, std=LATENT_STD)
            nn.init.zeros_(head.bias)

    def forward(self, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """inputs (T, B, I), lengths (B,) -> mu (B, Z), log variance (B, Z)."""
        steps = torch.arange(len(inputs), device=inputs.device)[:, None]  # (T, 1)
        # Each drawing reversed within its own length, so that no direction reads padding
        # before it reads the drawing; the padding that follows is never looked at.
        back = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (T, B)
        reversed_ = inputs.gather(0, back[..., None].expand_as(inputs))
        last = (lengths - 1)[None, :, None]
        states = []
        for cell, x in ((self.forwards, inputs), (self.backwards, reversed_)):
            out, _ = cell(x)
            states.append(out.gather(0, last.expand(1, -1, out.shape[2]))[0])
        h = torch.cat(states, dim=1)
        return self.mu(h), self.presigma(h)


class Decoder(nn.Module):
    """Condition (z and word) and the rows so far -> mixture parameters of the next row."""

    def __init__(self, config: SketchRNNConfig) -> None:
        super().__init__()
        size = config.decoder_size
        self.condition_size = config.condition_size
        inputs = config.row_size + self.condition_size
        self.cell = make_cell(config.decoder_cell, inputs, size, config.decoder_dropout)
        self.head = make_head(size, config.mixtures)
        if self.condition_size:
            self.initial = nn.Linear(self.condition_size, 2 * self.cell.state_size)
            nn.init.normal_(self.initial.weight, std=LATENT_STD)
            nn.init.zeros_(self.initial.bias)

    def initial_state(self, condition: Tensor) -> State | None:
        """State [h, c] before the first row from a condition (B, C); None without one."""
        if not self.condition_size:
            return None
        h, c = torch.tanh(self.initial(condition)).chunk(2, dim=1)
        return h, c

    def forward(
        self, inputs: Tensor, condition: Tensor, state: State | None
    ) -> tuple[Tensor, State]:
        """inputs (T, B, I), condition (B, C) -> head (T, B, 3 + 6 M), last state."""
        repeated = condition.expand(len(inputs), *condition.shape)
        out, state = self.cell(torch.cat([inputs, repeated], dim=2), state)
        return self.head(out), state

    def read_heads(self, inputs: Tensor, condition: Tensor) -> Tensor:
        """The head (T, B, 3 + 6 M) of whole drawings, from their beginnings on."""
        head: Tensor = self(inputs, condition, self.initial_state(condition))[0]
        return head


def make_decoder(config: SketchRNNConfig) -> Decoder | TransformerDecoder:
    """The decoder that the config asks for."""
    if config.decoder_cell != "transformer":
        return Decoder(config)
    return TransformerDecoder(
        config.row_size,
        config.condition_size,
        config.decoder_size,
        layers=config.decoder_layers,
        heads=config.decoder_heads,
        window=config.decoder_window,
        mixtures=config.mixtures,
        dropout=config.decoder_dropout,
    )


class SketchRNN(nn.Module):
    """The whole model; see the head of the file."""

    def __init__(self, config: SketchRNNConfig) -> None:
        super().__init__()
        self.config = config
        if config.variational:
            self.encoder = Encoder(config)
            self.null_latent = nn.Parameter(torch.zeros(config.latent_size))
        if config.conditional:
            self.word = nn.Embedding(len(config.words), config.word_size)
            nn.init.normal_(self.word.weight, std=0.1)
        self.decoder = make_decoder(config)

    def inputs(self, offsets: Tensor, pen: Tensor, *, shift: bool) -> Tensor:
        """What a cell reads at each step.

        Args:
            offsets: (T, B, 2); pen: int64 (T, B), 0 down, 1 up, 2 end.
            shift: True gives the rows *before* each step, with the start token
                first (the decoder); False the rows themselves (the encoder).

        Returns:
            (T, B, 5), or (T, B, 9) with positions.
        """
        five = torch.cat([offsets, nn.functional.one_hot(pen, PEN_STATES).to(offsets)], dim=2)
        if shift:
            start = torch.zeros_like(five[:1])
            start[..., 2] = 1
            five = torch.cat([start, five[:-1]])
        if not self.config.positions:
            return five
        place = five[..., :2].cumsum(0)
        # Where the current stroke began: the first place after a lift, kept until the next.
        lifted = torch.zeros(five.shape[:2], dtype=torch.bool, device=five.device)
        lifted[1:] = five[:-1, :, 3] > 0.5
        steps = torch.arange(len(five), device=five.device)[:, None]
        began = torch.where(lifted, steps, 0).cummax(0).values
        origin = place.gather(0, began[..., None].expand_as(place))
        # The drawing's first point, at 0, 0, is no row: its stroke begins before row 0.
        origin = torch.where((began > 0)[..., None], origin, 0.0)
        if not shift:
            lengths_done = (pen == PEN_STATES - 1)[..., None]
            place, origin = place.masked_fill(lengths_done, 0), origin.masked_fill(lengths_done, 0)
        unit = 1 / self.config.position_scale
        return torch.cat([five, place * unit, (place - origin) * unit], dim=2)

    def encode(self, batch: SketchBatch) -> tuple[Tensor, Tensor]:
        """Mean and log variance of q(z | drawing): (B, Z) each."""
        x = self.inputs(batch.offsets, batch.pen[:-1], shift=False)
        mu, log_variance = self.encoder(x, batch.lengths)
        # Float under autocast too: the divergence is a difference of near equals.
        return mu.float(), log_variance.float()

    def condition(
        self, z: Tensor | None, words: Tensor, keep_latent: Tensor | None = None
    ) -> Tensor:
        """What the decoder is told at every step: z (or its absence) and the word, (B, C)."""
        parts = []
        if self.config.variational:
            null = self.null_latent.expand(len(words), -1)
            if z is not None and self.config.latent_tanh:
                z = torch.tanh(z)
            if z is None:
                z = null
            elif keep_latent is not None:
                z = torch.where(keep_latent[:, None], z, null)
            parts.append(z)
        if self.config.conditional:
            parts.append(self.word(words))
        return torch.cat(parts, dim=1) if parts else words.new_zeros(len(words), 0).float()

    def forward(self, batch: SketchBatch, count_padding: bool = False) -> Losses:
        """Summed losses of a batch; `count_padding` as in `nll`."""
        z, kl = None, batch.noise.new_zeros(len(batch.lengths))
        if self.config.variational:
            mu, log_variance = self.encode(batch)
            z = mu + torch.exp(0.5 * log_variance) * batch.noise
            kl = -0.5 * (1 + log_variance - mu.square() - log_variance.exp())
            kl = torch.where(batch.keep_latent[:, None], kl, 0.0).sum(1)
        head = self.heads(batch, z)
        offset, pen = self.nll(head, batch, count_padding)
        return Losses(offset.sum(), pen.sum(), kl, batch.lengths.sum())

    def heads(self, batch: SketchBatch, z: Tensor | None) -> Tensor:
        """Teacher-forced head of every step, the end's too: (T + 1, B, 3 + 6 M)."""
        end = torch.zeros_like(batch.offsets[:1])
        x = self.inputs(torch.cat([batch.offsets, end]), batch.pen, shift=True)
        return self.decoder.read_heads(x, self.condition(z, batch.words, batch.keep_latent))

    def nll(
        self,
        head: Tensor,
        batch: SketchBatch,
        count_padding: bool = False,
        everywhere: bool | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Negative log likelihoods in nats of the offsets, (rows,), and of the pens.

        In scaled units for the density; of the integer cell as such for the cell mass.
        Only real rows have offsets. Pens are those of the real rows and the end of each
        drawing, (rows + B,); with `count_padding` those of the first T rows, (T B,), as
        published, where T is N_max.

        Args:
            everywhere: all of ((T + 1) B,) for both, 0 where nothing counts. None is so on a GPU,
                which would have to be waited for to learn how many rows are real.
        """
        everywhere = head.is_cuda if everywhere is None else everywhere
        steps = torch.arange(len(head), device=head.device)[:, None]
        real = steps[:-1] < batch.lengths  # (T, B)
        counted = steps < len(real) if count_padding else steps <= batch.lengths
        counted = counted.expand(len(head), len(batch.lengths))  # (T + 1, B)
        flat = Mixture.from_head(head.flatten(0, 1).float())
        rows = torch.cat([real, real.new_zeros(1, real.shape[1])]).flatten()
        if everywhere:
            mixture = flat
            offsets = torch.cat([batch.offsets, batch.offsets[:1] * 0]).flatten(0, 1)
        else:
            mixture = Mixture(
                flat.pen, flat.log_pi[rows], flat.mu[rows], flat.log_sigma[rows], flat.rho[rows]
            )
            offsets = batch.offsets[real]
        if self.config.likelihood == "cell":
            log_p = mixture.log_cell_mass(offsets, 1 / self.config.scale)
        else:
            log_p = mixture.log_density(offsets)
        log_pen = mixture.log_pen(batch.pen.flatten())
        if everywhere:
            return (-log_p).where(rows, 0.0), (-log_pen).where(counted.flatten(), 0.0)
        return -log_p, -log_pen[counted.flatten()]
