"""Orders drawn together are drawn as alone, may come and go, and stand in nobody's way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from linework.models.sketchrnn import SketchRNN
from linework.models.sketchrnn_batch import Batch, Member
from linework.models.sketchrnn_sampling import Order, Sampled, Sampler, Temperatures
from linework.strokes.errors import LineworkError
from sketches import WORDS, shaken, small_config


def sampler(**changes: Any) -> Sampler:
    torch.manual_seed(0)
    return Sampler(shaken(SketchRNN(small_config(words=WORDS, **changes))).eval())


def orders(found: Sampler) -> list[Order]:
    """Five that differ in all they can: words, counts, prefixes, pens, temperatures, lengths."""
    made = []
    for k, (n, points, limit) in enumerate(
        [(3, 5, 40), (1, 0, 20), (5, 17, 33), (2, 1, 70), (4, 9, 1)]
    ):
        rng = np.random.default_rng(k)
        prefix = rng.integers(-9, 10, (points, 3)).astype(np.float32)
        prefix[:, 2] = rng.random(points) < 0.3
        config = found.config
        z = torch.randn(n, config.latent_size, generator=torch.Generator().manual_seed(k))
        z = z[:1].expand(n, -1) if k % 2 else z  # where all begin alike the prefix is read once
        with torch.no_grad():
            condition = found.model.condition(
                z if config.variational else None, torch.full((n,), k % len(WORDS))
            )
        made.append(
            Order(
                condition,
                Temperatures(0.2 + 0.2 * k),
                torch.Generator().manual_seed(7 + k),
                limit,
                prefix if points else None,
                [bool(i % 2) for i in range(n)],
            )
        )
    return made


def close(a: Sampled, b: Sampled) -> bool:
    return (
        all(
            x.shape == y.shape and np.allclose(x, y, atol=1e-2)
            for x, y in zip(a.rows, b.rows, strict=True)
        )
        and bool((a.ended == b.ended).all())
        and bool((a.joined == b.joined).all())
    )


def drawn(batch: Batch, waiting: list[tuple[int, Member]]) -> dict[int, Sampled]:
    """All members, each added before the step of its number."""
    names = {id(member): k for k, (_, member) in enumerate(waiting)}
    found = {}
    for step in range(400):
        batch.add([member for at, member in waiting if at == step])
        for member in batch.step():
            found[names[id(member)]] = member.sampled()
        if not batch.members and step >= max(at for at, _ in waiting):
            break
    return found


@pytest.mark.parametrize("at", [(0, 0, 0, 0, 0), (0, 3, 4, 4, 30), (50, 9, 0, 80, 2)])
@pytest.mark.parametrize("positions", [False, True])
@pytest.mark.parametrize("cell", ["fused", "hyper"])
def test_together_is_as_alone(cell: str, positions: bool, at: tuple[int, ...]) -> None:
    found = sampler(decoder_cell=cell, encoder_cell=cell, positions=positions)
    alone = [found.fulfil(order) for order in orders(found)]
    waiting = list(zip(at, [Member(found, order) for order in orders(found)], strict=True))
    together = drawn(Batch(found), waiting)
    assert all(close(together[k], one) for k, one in enumerate(alone))


def test_what_is_no_longer_wanted_stops_at_once_and_the_others_do_not_notice() -> None:
    found = sampler()
    alone = [found.fulfil(order) for order in orders(found)]
    rows: list[int] = []
    members = [
        Member(found, order, (lambda going, row: rows.append(len(going))) if k == 3 else None)
        for k, order in enumerate(orders(found))
    ]
    batch = Batch(found)
    batch.add(members)
    ended = []
    for step in range(400):
        if step == 4:
            members[3].unwanted = members[2].unwanted = True
            before = len(rows)
        ended += batch.step()
        if not batch.members:
            break
    assert len(rows) == before > 0
    assert {members.index(member) for member in ended} == {0, 1, 4}
    assert all(close(members[k].sampled(), alone[k]) for k in (0, 1, 4))


def test_every_row_is_told() -> None:
    found = sampler()
    told: list[tuple[list[int], np.ndarray]] = []
    order = orders(found)[0]
    member = Member(found, order, lambda going, row: told.append((going, row.copy())))
    together = drawn(Batch(found), [(0, member)])[0]
    for k, rows in enumerate(together.rows):
        mine = [row[going.index(k)] for going, row in told if k in going]
        assert np.array_equal(np.array(mine).reshape(-1, 3), rows)


def test_nothing_is_no_work() -> None:
    batch = Batch(sampler())
    batch.add([])
    assert batch.step() == []
    assert batch.width == 0


def test_a_batch_does_not_ask_the_model_for_the_pen() -> None:
    found = sampler()
    order = orders(found)[0]
    asking = Order(order.condition, order.temperatures, order.generator, 5, order.prefix, "model")
    with pytest.raises(LineworkError, match="up or down"):
        Member(found, asking)
