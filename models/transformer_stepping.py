"""A Transformer decoder of sketch-rnn a row at a time, with the keys and values of earlier rows.

The same arithmetic as `TransformerDecoder.read_heads`, which reads whole drawings: the two agree
to 1e-5 (tests/models/test_transformer_decoder.py). What a drawing's condition adds and scales is
computed once. Keys are kept turned, so a row is turned once, by its own place; the cache is a ring
of `window` slots, of which only those that are filled are kept and read. Drawings in one memory
may have read different numbers of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from .packed_linear import PackedLinear
from .transformer_decoder import Block, TransformerDecoder, normal, rotated, turns

# Slots that a cache begins with, and grows by the double of: most doodles have 20 to 60 rows.
FIRST_SLOTS = 32


class BlockWeights:
    """One block laid out for single steps."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.qkv = PackedLinear(block.qkv.weight)
        self.out = PackedLinear(block.out.weight)
        self.up = PackedLinear(block.up.weight)
        self.down = PackedLinear(block.down.weight)


class TransformerWeights:
    """A decoder laid out for single steps; valid while its weights stand still."""

    def __init__(self, decoder: TransformerDecoder) -> None:
        self.decoder = decoder
        self.blocks = [BlockWeights(block) for block in decoder.blocks]
        self.rows = decoder.rows.weight.detach().T.contiguous()
        self.head = PackedLinear(decoder.head.weight)
        self.head_bias = decoder.head.bias.detach()
        self.gain = decoder.gain.detach()

    def begin(self, condition: Tensor) -> TransformerMemory:
        """The memory of drawings of which no row is read, one for each condition (N, C)."""
        return TransformerMemory(self, condition)


class TransformerMemory:
    """What N drawings' decoder remembers: keys and values of the rows in the window."""

    def __init__(self, weights: TransformerWeights, condition: Tensor) -> None:
        decoder, n = weights.decoder, len(condition)
        self.weights = weights
        base = decoder.rows.bias.detach().expand(n, -1)
        if decoder.condition is not None:
            base = base + decoder.condition(condition)
        self.base: Tensor = base
        # (blocks, 2, N, S): before attention and before the layer of two.
        self.scales = torch.stack(
            [
                torch.stack([scale.expand(n, -1) for scale in block.block.scales(condition)])
                for block in weights.blocks
            ]
        )
        self.read_rows = torch.zeros(n, dtype=torch.long, device=condition.device)
        self.alike, self.most = True, 0  # whether all have read as many rows, and the most of any
        self.size = base.shape[1] // decoder.heads
        # (2, blocks, N, H, slots, D): keys and values. Zeros, for what is masked is still read.
        self.cache = base.new_zeros(2, len(weights.blocks), n, decoder.heads, 0, self.size)

    def read(self, x: Tensor) -> Tensor:
        """The next row of each drawing (N, I) -> the head of the one after, (N, 3 + 6 M)."""
        weights, window = self.weights, self.weights.decoder.window
        slots = min(self.most + 1, window)
        self._make_room(slots)
        rows = self.read_rows
        turn = turns(rows[:1] if self.alike else rows, self.size)[:, None, None]
        mask = None
        if not self.alike:
            mask = (torch.arange(slots, device=x.device) <= rows[:, None])[:, None, None]
        x = torch.addmm(self.base, x, weights.rows)
        for index, block in enumerate(weights.blocks):
            attention, wide = self.scales[index]
            qkv = block.qkv(normal(x) * attention).unflatten(1, (3, block.block.heads, -1))
            q, k = rotated(qkv[:, :2], turn).unbind(1)
            self._write(index, k, qkv[:, 2])
            keys, values = self.cache[:, index, ..., :slots, :]
            seen = F.scaled_dot_product_attention(q[:, :, None], keys, values, attn_mask=mask)
            x = block.out(seen.flatten(1), x)
            x = block.down(F.gelu(block.up(normal(x) * wide)), x)
        self.read_rows = rows + 1
        self.most += 1
        return weights.head(normal(x) * weights.gain, weights.head_bias)

    def join(self, others: Sequence[TransformerMemory]) -> None:
        """Others of the same weights go on behind these, each from where it stands."""
        whole = (self, *others)
        most = {memory.most for memory in whole}
        self.alike = len(most) == 1 and all(memory.alike for memory in whole)
        self.most = max(most)
        slots = max(memory.cache.shape[4] for memory in whole)
        caches = [F.pad(m.cache, (0, 0, 0, slots - m.cache.shape[4])) for m in whole]
        self.cache = torch.cat(caches, dim=2)
        self.base = torch.cat([memory.base for memory in whole])
        self.scales = torch.cat([memory.scales for memory in whole], dim=2)
        self.read_rows = torch.cat([memory.read_rows for memory in whole])

    def keep(self, chosen: Tensor) -> None:
        """Forgets all drawings but `chosen` (K,); one that is named twice goes on as two."""
        self.cache = self.cache[:, :, chosen]
        self.base, self.scales = self.base[chosen], self.scales[:, :, chosen]
        self.read_rows = self.read_rows[chosen]

    def _make_room(self, slots: int) -> None:
        have = self.cache.shape[4]
        if slots > have:
            wanted = min(max(FIRST_SLOTS, 2 * have, slots), self.weights.decoder.window)
            self.cache = F.pad(self.cache, (0, 0, 0, wanted - have))

    def _write(self, index: int, keys: Tensor, values: Tensor) -> None:
        """keys, values (N, H, D) of the row that is read, into the ring's next slots."""
        window = self.weights.decoder.window
        if self.alike:
            slot = self.most % window
            self.cache[0, index, :, :, slot] = keys
            self.cache[1, index, :, :, slot] = values
        else:
            each = torch.arange(len(keys), device=keys.device)
            slots = self.read_rows % window
            self.cache[0, index, each, :, slots] = keys
            self.cache[1, index, each, :, slots] = values
