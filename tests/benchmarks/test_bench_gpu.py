"""benchmarks/bench_gpu.py: every row runs, in small, on a CPU; and what the figures rest on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def bench_gpu(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import bench_gpu

    return bench_gpu


SLOW = ("target", "pipeline", "feeding")


@pytest.mark.parametrize(
    "kind",
    [
        *("training", "simplifier", "painter", "sources"),
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in SLOW),
    ],
)
@pytest.mark.filterwarnings("ignore")  # the profiler's own
def test_a_row_is_measured(
    kind: str, bench_gpu: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [kind, "--device", "cpu", "--small", "--repeats", "1", "--workers", "0"]
    bench_gpu.main(arguments)
    head, _, *lines = capsys.readouterr().out.strip().splitlines()
    assert "figures say nothing" in head
    assert lines[0].startswith("| what | ours |")
    assert len(lines) > 2
    for line in lines[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert len(cells) == 6
        assert float(cells[1].split()[0].replace(",", "")) > 0


def test_every_row_is_a_subcommand_that_the_page_names(bench_gpu: ModuleType) -> None:
    page = (BENCHMARKS.parent / "docs" / "gpu.md").read_text(encoding="utf-8")
    for kind in (*bench_gpu.ROWS, *bench_gpu.APART):
        assert f"bench_gpu.py {kind}" in page, kind


def test_a_row_counts_the_operations_of_its_products(bench_gpu: ModuleType) -> None:
    from gpu_measure import operations
    from gpu_sketchrnn import operations_of_a_row
    from linework.models.cells import DropoutLSTM
    from linework.models.sketchrnn import SketchRNNConfig

    assert operations(lambda: torch.randn(3, 4) @ torch.randn(4, 5)) == 2 * 3 * 4 * 5
    # By the formula, and as the products of a cell, of two and of a head are counted.
    config = SketchRNNConfig(
        encoder_size=6, decoder_size=10, latent_size=4, mixtures=3, positions=False
    )
    small, large = DropoutLSTM(5, 6), DropoutLSTM(5 + 4, 10)
    x = torch.randn(1, 1, 9)
    of_cells = 2 * operations(lambda: small(x[..., :5])) + operations(lambda: large(x))
    head = 2 * 10 * (3 + 6 * 3)
    assert operations_of_a_row(config) == 3 * (of_cells + head)


def test_the_published_way_has_the_loss_of_ours(bench_gpu: ModuleType) -> None:
    from gpu_sketchrnn import made_table, padded_losses
    from linework.models.batches import Batches, select
    from linework.models.sketchrnn import SketchRNN, SketchRNNConfig

    config = SketchRNNConfig(encoder_size=6, decoder_size=8, latent_size=3, scale=20.0)
    torch.manual_seed(0)
    model = SketchRNN(config).eval()
    drawings = select(made_table(12, 20), "train")
    ours, *_ = Batches(drawings, config, 12).at(0)
    theirs, *_ = Batches(drawings, config, 12, bucket=False, pad_to=30).at(0)
    # Noise goes by place, and sorting has moved the drawings.
    ours, theirs = (replace(batch, noise=0 * batch.noise) for batch in (ours, theirs))
    short, padded = model(ours), padded_losses(model, theirs)
    assert len(theirs.offsets) > len(ours.offsets)
    order = torch.argsort(ours.lengths, stable=True)
    assert torch.equal(ours.lengths[order], theirs.lengths.sort(stable=True).values)
    for name in ("offset", "pen"):
        torch.testing.assert_close(getattr(padded, name), getattr(short, name))


def test_the_networks_of_2016_and_ours_fold_to_what_they_were(bench_gpu: ModuleType) -> None:
    from gpu_pictures import _folded
    from linework.models.simplification2016 import Simplification2016, Simplification2016Config

    torch.manual_seed(0)
    network = Simplification2016(Simplification2016Config(width=0.1))
    ink = torch.rand(2, 1, 16, 24)
    network.train()(ink)  # statistics that are not those of the beginning
    with torch.no_grad():
        wanted = network.eval()(ink)
        torch.testing.assert_close(_folded(network)(ink), wanted, rtol=1e-4, atol=1e-4)


def test_seconds_are_medians_and_shares_at_most_all(bench_gpu: ModuleType) -> None:
    from gpu_measure import Bench, Busy, Row, covered, table

    bench = Bench(torch.device("cpu"), small=True, repeats=3)
    calls: list[str] = []
    found = bench.medians({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")})
    assert calls == ["a", "b"] * 4  # in turn, and one of each that does not count
    assert all(0 <= seconds < 1 for seconds in found.values())
    assert covered([(5, 6), (0, 2), (1, 3), (1, 2), (6, 7)]) == 5
    assert Busy(1.0, 1.3).share == 1
    assert str(Busy(2.0, 1.0, {"void mul<float>(a)": 1.0})) == "busy 50%; of that mul 100%"
    text = table([Row("w", "u/s", 20.0, 5.0, 3, 5e9)], 1e10, bench)
    assert text.splitlines()[-1] == "| w | 20 u/s | 5 | 4.00 (3) | 0.005 (50.0%) |  |"
