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
from torch.nn.functional import scaled_dot_product_attention

from .packed_linear import PackedLinear
from .transformer_decoder import Block, TransformerDecoder, squared_relu, turns

# Slots that a cache begins with, and grows by the double of: most doodles have 20 to 60 rows.
FIRST_SLOTS = 32


class BlockWeights:
    """One block laid out for single steps."""

    def __init__(self, block: Block) -> None:
        self.scales = block.scales
        self.qkv = PackedLinear(block.qkv.weight)
        self.out = PackedLinear(block.out.weight)
        self.up = PackedLinear(block.up.weight)
        self.down = PackedLinear(block.down.weight)


class TransformerWeights:
    """A decoder laid out for single steps; valid while its weights stand still."""

    def __init__(self, decoder: TransformerDecoder) -> None:
        self.heads, self.window = decoder.heads, decoder.window
        self.size = decoder.gain.numel() // decoder.heads
        self.blocks = [BlockWeights(block) for block in decoder.blocks]
        self.rows = decoder.rows.weight.detach().T.contiguous()
        self.bias = decoder.rows.bias.detach()
        self.condition = decoder.condition
        self.head = PackedLinear(decoder.head.weight)
        self.head_bias = decoder.head.bias.detach()
        self.gain = decoder.gain.detach()
        self._turns = self.bias.new_zeros(0, self.size // 2, dtype=torch.complex64)

    def begin(self, condition: Tensor) -> TransformerMemory:
        """The memory of drawings of which no row is read, one for each condition (N, C)."""
        return TransformerMemory(self, condition)

    def turns(self, most: int) -> Tensor:
        """`turns` of all steps up to `most`, at least."""
        if most >= len(self._turns):
            steps = torch.arange(2 * most + FIRST_SLOTS, device=self.bias.device)
            self._turns = turns(steps, self.size)
        return self._turns


class TransformerMemory:
    """What N drawings' decoder remembers: keys and values of the rows in the window."""

    def __init__(self, weights: TransformerWeights, condition: Tensor) -> None:
        n = len(condition)
        self.weights = weights
        self.base: Tensor = weights.bias.expand(n, -1)
        if weights.condition is not None:
            self.base = self.base + weights.condition(condition)
        scales = [scale for block in weights.blocks for scale in block.scales(condition)]
        # (2 blocks, N, S): before attention and before the layer of two, in turn.
        self.scales = torch.stack([scale.expand(n, -1) for scale in scales])
        self.rows = torch.zeros(n, dtype=torch.long, device=condition.device)
        self.alike, self.most = True, 0  # whether all have read as many rows, and the most of any
        # (blocks, keys and values, N, H, slots, D). Zeros, for what is masked is read still.
        self.cache = self.base.new_zeros(len(weights.blocks), 2, n, weights.heads, 0, weights.size)

    def read(self, x: Tensor) -> Tensor:
        """The next row of each drawing (N, I) -> the head of the one after, (N, 3 + 6 M)."""
        # A single drawing's row is some eighty small operations, so they are counted here:
        # views are taken once for all blocks, and layers norm without torch's wrappers.
        weights, n = self.weights, len(x)
        slots = min(self.most + 1, weights.window)
        self._make_room(slots)
        turn = weights.turns(self.most)
        turn = turn[self.most : self.most + 1] if self.alike else turn[self.rows]
        turn = turn[:, None, None]
        mask = None if self.alike else self._filled(slots)
        pasts = self.cache[..., :slots, :].unbind()
        scales = self.scales.unbind()
        width = scales[0].shape[1:]
        x = torch.addmm(self.base, x, weights.rows)
        for index, block in enumerate(weights.blocks):
            attention, wide = scales[2 * index : 2 * index + 2]
            qkv = block.qkv(torch.layer_norm(x, width) * attention)
            pairs = torch.view_as_complex(qkv.view(n, 3, weights.heads, -1, 2))
            pairs[:, :2].mul_(turn)
            qkv = qkv.view(n, 3, weights.heads, -1).transpose(0, 1)
            self._write(index, qkv[1:])
            keys, values = pasts[index].unbind()
            seen = scaled_dot_product_attention(qkv[0][:, :, None], keys, values, mask)
            x = block.out(seen.view(n, -1), x)
            x = block.down(squared_relu(block.up(torch.layer_norm(x, width) * wide)), x)
        self.rows = self.rows + 1
        self.most += 1
        return weights.head(torch.layer_norm(x, width) * weights.gain, weights.head_bias)

    def join(self, others: Sequence[TransformerMemory]) -> None:
        """Others of the same weights go on behind these, each from where it stands."""
        whole = (self, *others)
        slots = max(memory.cache.shape[4] for memory in whole)
        caches = [F.pad(m.cache, (0, 0, 0, slots - m.cache.shape[4])) for m in whole]
        self.cache = torch.cat(caches, dim=2)
        self.base = torch.cat([memory.base for memory in whole])
        self.scales = torch.cat([memory.scales for memory in whole], dim=1)
        self.rows = torch.cat([memory.rows for memory in whole])
        self._compare()

    def keep(self, chosen: Tensor) -> None:
        """Forgets all drawings but `chosen` (K,); one that is named twice goes on as two."""
        self.cache = self.cache[:, :, chosen]
        self.base, self.scales = self.base[chosen], self.scales[:, chosen]
        self.rows = self.rows[chosen]
        self._compare()

    def _compare(self) -> None:
        least, most = (int(row) for row in self.rows.aminmax()) if len(self.rows) else (0, 0)
        self.alike, self.most = least == most, most

    def _make_room(self, slots: int) -> None:
        have = self.cache.shape[4]
        if slots > have:
            wanted = min(max(FIRST_SLOTS, 2 * have, slots), self.weights.window)
            self.cache = F.pad(self.cache, (0, 0, 0, wanted - have))

    def _filled(self, slots: int) -> Tensor:
        """Which slots hold a row, this one's too: (N, 1, 1, slots)."""
        return (torch.arange(slots, device=self.rows.device) <= self.rows[:, None])[:, None, None]

    def _write(self, index: int, new: Tensor) -> None:
        """Keys and values (2, N, H, D) of the row that is read, into the ring's next slots."""
        if self.alike:
            self.cache[index].select(3, self.most % self.weights.window).copy_(new)
        else:
            each = torch.arange(new.shape[1], device=new.device)
            places = self.rows % self.weights.window
            self.cache[index, :, each, :, places] = new.transpose(0, 1)
