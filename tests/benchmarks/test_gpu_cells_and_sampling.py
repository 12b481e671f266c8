"""The GPU benchmarks of cells and sampling run, in small, on a CPU."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def _beside_the_benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def lines(printed: str) -> list[list[str]]:
    """The cells of a Markdown table's body."""
    rows = [line.strip("| ").split(" | ") for line in printed.splitlines() if line[:1] == "|"]
    return rows[2:]


@pytest.mark.parametrize(("precision", "apart"), [("float32", 1e-4), ("bfloat16", 0.1)])
def test_cells(precision: str, apart: float, capsys: pytest.CaptureFixture[str]) -> None:
    import bench_gpu_cells

    bench_gpu_cells.main(
        ["--device", "cpu", "--small", "--precision", precision, "--kinds", "lstm", "layernorm"]
    )
    found = lines(capsys.readouterr().out)
    assert [row[0] for row in found] == ["lstm", "layernorm"]
    for row in found:
        assert float(row[4]) > 0
        assert float(row[5]) > 0
        assert 0 < float(row[-1]) < apart


def test_sampling(capsys: pytest.CaptureFixture[str]) -> None:
    import bench_gpu_sampling

    bench_gpu_sampling.main(["--device", "cpu", "--small"])
    found = lines(capsys.readouterr().out)
    assert [row[0] for row in found] == ["2", "5"]
    assert all(re.fullmatch(r"[\d,]+", cell) for row in found for cell in row[1:3])


def test_a_folder_without_a_port_is_named(tmp_path: Path) -> None:
    import bench_gpu_sampling

    with pytest.raises(SystemExit, match="no port that"):
        bench_gpu_sampling.main(["--device", "cpu", "--small", "--port", str(tmp_path)])
