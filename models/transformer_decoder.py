"""A causal Transformer in the place of sketch-rnn's recurrent decoder.

Vaswani et al. 2017 (arXiv 1706.03762), the decoder half, with norms before the layers, no
biases, and rotary positions (Su et al. 2021, arXiv 2104.09864): what a row sees of another
depends on how many rows lie between, never on where in the drawing both stand.

What is to be drawn (z and the word) is said twice: it is added to every row, as the LSTM reads it
at every step, and it scales what each layer reads (the adaptive norm of Peebles and Xie 2022,
arXiv 2212.09748, section 3.2, without its shift, for which the first already stands).

A row sees `window` rows back, itself among them, and no more. So drawings longer than those
trained on meet no distance that was never trained, and what stepping has to keep stays bounded;
where the pen is, it is told anyway. Stepping is in transformer_stepping.py.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .mixture import make_head

# Units between the two halves of a layer, over its width: as in the paper.
WIDENING = 4
# The slowest pair of a head turns once in 2 pi times as many rows: some sixteen windows, so that
# it still tells the near from the far. The paper's 10,000 are for texts.
ROTARY_BASE = 1000.0


class TransformerDecoder(nn.Module):
    """Condition (z and word) and the rows so far -> mixture parameters of the next row."""

    def __init__(
        self,
        inputs: int,
        condition_size: int,
        size: int,
        *,
        layers: int,
        heads: int,
        window: int,
        mixtures: int,
        dropout: float = 0.0,
    ) -> None:
        """size: even in each of the `heads`; dropout: of what each layer adds."""
        super().__init__()
        self.condition_size, self.heads, self.window = condition_size, heads, window
        self.rows = nn.Linear(inputs, size)
        self.condition = nn.Linear(condition_size, size, bias=False) if condition_size else None
        self.blocks = nn.ModuleList(
            Block(size, condition_size, heads, dropout, 2 * layers) for _ in range(layers)
        )
        self.gain = nn.Parameter(torch.ones(size))
        self.head = make_head(size, mixtures)

    def read_heads(self, inputs: Tensor, condition: Tensor) -> Tensor:
        """inputs (T, B, I), condition (B, C) -> head (T, B, 3 + 6 M), of each row's next one."""
        x = self.rows(inputs).float()  # the sum over the layers stays whole under autocast
        if self.condition is not None:
            x = x + self.condition(condition)
        steps = torch.arange(len(inputs), device=inputs.device)
        turn = turns(steps, x.shape[2] // self.heads)[:, None, None, None]
        mask = None
        if len(inputs) > self.window:
            back = steps[:, None] - steps
            mask = (back >= 0) & (back < self.window)
        for block in self.blocks:
            x = block(x, condition, turn, mask)
        head: Tensor = self.head(normal(x) * self.gain)
        return head


class Block(nn.Module):
    """Attention and a layer of two, each added to what it read."""

    def __init__(
        self, size: int, condition_size: int, heads: int, dropout: float, added: int
    ) -> None:
        """added: how often the whole model adds to its rows, which starts each the smaller."""
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.gain = nn.Parameter(torch.ones(2 * size))
        self.scale = nn.Linear(condition_size, 2 * size, bias=False) if condition_size else None
        self.qkv = nn.Linear(size, 3 * size, bias=False)
        self.out = nn.Linear(size, size, bias=False)
        self.up = nn.Linear(size, WIDENING * size, bias=False)
        self.down = nn.Linear(WIDENING * size, size, bias=False)
        for layer in (self.qkv, self.out, self.up, self.down):
            nn.init.xavier_uniform_(layer.weight)
        with torch.no_grad():
            for layer in (self.out, self.down):  # Radford et al. 2019, section 2.3
                layer.weight *= added**-0.5
        if self.scale is not None:
            nn.init.zeros_(self.scale.weight)

    def scales(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        """What the condition (B, C) scales both inputs by: (B, S) each, or (S,) without one."""
        scales = self.gain
        if self.scale is not None:
            scales = scales + self.scale(condition)
        attention, wide = scales.chunk(2, dim=-1)
        return attention, wide

    def forward(self, x: Tensor, condition: Tensor, turn: Tensor, mask: Tensor | None) -> Tensor:
        """x (T, B, S), `turns` (T, 1, 1, 1, D / 2), rows seen (T, T) or all before -> (T, B, S)."""
        attention, wide = self.scales(condition)
        qkv = self.qkv(normal(x) * attention).unflatten(2, (3, self.heads, -1))
        (q, k), v = rotated(qkv[:, :, :2], turn).unbind(2), qkv[:, :, 2]
        q, k, v = (part.permute(1, 2, 0, 3) for part in (q, k, v))  # (B, H, T, D)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self._drop(self.out(seen.permute(2, 0, 1, 3).flatten(2)))
        return x + self._drop(self.down(squared_relu(self.up(normal(x) * wide))))

    def _drop(self, added: Tensor) -> Tensor:
        return F.dropout(added, self.dropout, self.training)


def normal(x: Tensor) -> Tensor:
    """x (..., S) with mean 0 and variance 1 in each row."""
    return F.layer_norm(x, x.shape[-1:])


def squared_relu(x: Tensor) -> Tensor:
    """So et al. 2021 (arXiv 2109.08668, "Primer"): as good as GELU, at half its time on a CPU."""
    return F.relu(x).square()


def turns(steps: Tensor, size: int) -> Tensor:
    """By what the pairs of a head of `size` units turn at each step: complex64 (T, size / 2)."""
    # In double, for an angle of thousands has few digits left behind the point in float32.
    pairs = torch.arange(size // 2, device=steps.device, dtype=torch.float64)
    angles = steps.double()[:, None] * ROTARY_BASE ** (-2 / size * pairs)
    return torch.polar(torch.ones_like(angles), angles).to(torch.complex64)


def rotated(x: Tensor, turn: Tensor) -> Tensor:
    """Neighbouring units of x (..., D) as pairs, turned by `turn` (..., D / 2)."""
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turn).flatten(-2).to(x.dtype)
