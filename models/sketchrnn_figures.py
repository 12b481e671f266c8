"""Figures of a sketch-rnn on held-out drawings: three conventions, never mixed up.

- `lr`: L_R as published: density and pen over drawings x N_max, so it depends on N_max.
  Published training, and the validation it prints, also count the pen's cross-entropy
  over the padding, which `padding` does; the published code for using a model masks the
  padding and the end, which is all that can be asked of a model not trained on padding.
- `density`: nats per real point of the same density, pen included. Comparable between
  data sets, but on integer data it can run below zero while nothing improves.
- `cell`: nats per real point of the mass of the integer cell, pen included. Cannot be
  gamed. 2 ln(scale) is subtracted so that it stands in the same units as the density.
- `kl`: nats per real point that the latent costs, and `kl_dimension`, the published
  mean over drawings and dimensions.

The end of a drawing is a pen state without an offset: its cost counts, its row does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from .mixture import EVALUATION_NODES, Mixture
from .sketchrnn import PEN_STATES, SketchBatch, SketchRNN

# Nodes while training watches: within 0.002 nats of the full quadrature, and six times faster.
WATCH_NODES = 8


@torch.no_grad()
def sketchrnn_figures(
    model: SketchRNN,
    batches: Sequence[SketchBatch],
    *,
    nodes: int = EVALUATION_NODES,
    with_latent: bool = True,
    n_max: int | None = None,
    padding: bool = False,
) -> dict[str, float]:
    """The figures above over all batches; see the head of the file.

    Args:
        nodes: quadrature nodes of the cell mass.
        with_latent: decode with a sample of q(z | drawing); False withholds z, which
            is meaningful for models trained with `latent_dropout`.
        n_max: rows that L_R counts per drawing; None is the longest of these drawings.
        padding: whether L_R counts the pen over the padding.
    """
    model.eval()
    device = next(model.parameters()).device
    n_max = n_max or max(int(b.lengths.max()) for b in batches)
    variational = model.config.variational and with_latent
    sums = dict.fromkeys(("cell", "density", "pen", "end", "padded", "kl"), 0.0)
    points = drawings = 0
    for cpu_batch in batches:
        batch = cpu_batch.to(device)
        batch = replace(batch, keep_latent=torch.full_like(batch.keep_latent, variational))
        if padding:
            batch = _padded(batch, n_max)
        z = None
        if variational:
            mu, log_variance = model.encode(batch)
            z = mu + torch.exp(0.5 * log_variance) * batch.noise
            kl = -0.5 * (1 + log_variance - mu.square() - log_variance.exp())
            sums["kl"] += kl.sum().item()
        head = model.heads(batch, z).float()
        cell, density, pen, end = _nats(model, batch, head, nodes)
        sums["cell"] += cell.sum().item()
        sums["density"] += density.sum().item()
        sums["pen"] += pen.sum().item()
        sums["end"] += end.sum().item()
        if padding:
            everywhere = Mixture.from_head(head[:n_max].flatten(0, 1))
            sums["padded"] -= everywhere.log_pen(batch.pen[:n_max].flatten()).sum().item()
        points += int(batch.lengths.sum())
        drawings += len(batch.lengths)
    units = 2 * math.log(model.config.scale)
    figures = {
        "cell": (sums["cell"] + sums["pen"] + sums["end"]) / points - units,
        "density": (sums["density"] + sums["pen"] + sums["end"]) / points,
        "pen": (sums["pen"] + sums["end"]) / points,
        "lr": (sums["density"] + sums["padded" if padding else "pen"]) / (drawings * n_max),
        "n_max": float(n_max),
        "points": float(points),
        "drawings": float(drawings),
    }
    if variational:
        figures["kl"] = sums["kl"] / points
        figures["kl_dimension"] = sums["kl"] / (drawings * model.config.latent_size)
        figures["cell_with_kl"] = figures["cell"] + figures["kl"]
    return figures


def _padded(batch: SketchBatch, rows: int) -> SketchBatch:
    """The same drawings, padded to `rows` rows."""
    more = max(rows - len(batch.offsets), 0)
    return replace(
        batch,
        offsets=F.pad(batch.offsets, (0, 0, 0, 0, 0, more)),
        pen=F.pad(batch.pen, (0, 0, 0, more), value=PEN_STATES - 1),
    )


def _nats(
    model: SketchRNN, batch: SketchBatch, head: Tensor, nodes: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Cell, density and pen of the real rows, (rows,) each, and pen of the ends, (B,)."""
    steps = torch.arange(len(head), device=head.device)[:, None]
    real = steps[:-1] < batch.lengths
    mixture = Mixture.from_head(head[:-1][real].double())
    offsets = batch.offsets[real].double()
    cell = -mixture.log_cell_mass(offsets, 1 / model.config.scale, nodes)
    density = -mixture.log_density(offsets)
    pen = -mixture.log_pen(batch.pen[:-1][real])
    at_end = head.gather(0, batch.lengths[None, :, None].expand(1, -1, head.shape[2]))[0]
    end = -Mixture.from_head(at_end).log_pen(torch.full_like(batch.lengths, PEN_STATES - 1))
    return cell, density, pen, end
