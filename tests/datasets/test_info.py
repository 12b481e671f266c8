"""What `data info` tells of a table."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from linework.datasets.doodles import procedural_doodles
from linework.datasets.info import NO_WORD, offset_std, sample_sheet, table_info
from linework.strokes import Drawing, DrawingTable, TableWriter, to_stroke3
from linework.strokes.svg_write import svg_text
from linework.strokes.table import columns_from_drawings


def doodles(words: list[str], n: int, seed: int = 1) -> list[Drawing]:
    return list(procedural_doodles(words, n, np.random.default_rng(seed)))


def splits(n: int) -> list[str]:
    return [("train", "train", "train", "valid", "test")[i % 5] for i in range(n)]


def saved(path: Path, drawings: list[Drawing], batch: int) -> DrawingTable:
    names = splits(len(drawings))
    with TableWriter(path) as writer:
        for i in range(0, len(drawings), batch):
            part = slice(i, i + batch)
            writer.write(columns_from_drawings(drawings[part], names[part]))
    return DrawingTable.open(path)


def magenta_scale(drawings: list[Drawing]) -> float:
    """The definition, word for word: np.std over one long list of dx and dy."""
    data: list[float] = []
    for drawing in drawings:
        for dx, dy, _ in to_stroke3(drawing):
            data.append(min(max(float(dx), -1000), 1000))
            data.append(min(max(float(dy), -1000), 1000))
    return float(np.std(np.array(data)))


@pytest.mark.parametrize("batch", [1000, 7], ids=["one batch", "many batches"])
def test_offset_std_is_magentas(tmp_path: Path, batch: int) -> None:
    drawings = doodles(["cat", "sun", "fish"], 60)
    table = saved(tmp_path / "t.arrow", drawings, batch)
    train = [d for d, split in zip(drawings, splits(60), strict=True) if split == "train"]
    assert offset_std(table, "train") == pytest.approx(magenta_scale(train), rel=1e-9)
    assert offset_std(table) == pytest.approx(magenta_scale(drawings), rel=1e-9)


def test_offsets_are_clamped() -> None:
    drawing = Drawing.from_arrays([[[0, 0], [30_000, 0], [30_000, 5]]])
    table = DrawingTable.from_drawings([drawing])
    assert offset_std(table) == pytest.approx(np.std([1000, 0, 0, 5]))


def test_a_slice_of_an_arrow_batch_is_read_where_it_begins() -> None:
    drawings = doodles(["cat"], 20)
    [whole] = DrawingTable.from_drawings(drawings).batches
    assert offset_std(DrawingTable([whole.slice(5, 10)])) == pytest.approx(
        magenta_scale(drawings[5:15])
    )


@pytest.mark.parametrize(
    "drawings",
    [
        pytest.param([], id="no drawings"),
        pytest.param([Drawing()], id="an empty drawing"),
        pytest.param([Drawing(), Drawing()], id="empty drawings"),
    ],
)
def test_without_offsets_there_is_no_std(drawings: list[Drawing]) -> None:
    table = DrawingTable.from_drawings(drawings)
    info = table_info(table)
    assert info.offset_std is None
    assert info.total == len(drawings)
    assert "offset std: none" in str(info)
    page, _ = sample_sheet(table, np.random.default_rng(0))
    svg_text(page)


@pytest.mark.parametrize(
    "strokes",
    [
        pytest.param([[[3, 3]]], id="one point"),
        pytest.param([[[3, 3]], [[4, 9], [8, 8]]], id="a point, then a line"),
        pytest.param([[[4, 9], [8, 8]], [[3, 3]]], id="a line, then a point"),
    ],
)
def test_single_points_count_as_in_stroke3(strokes: list[list[list[int]]]) -> None:
    drawings = [*doodles(["cat"], 2), Drawing.from_arrays(strokes), *doodles(["sun"], 2)]
    table = DrawingTable.from_drawings(drawings)
    assert offset_std(table) == pytest.approx(magenta_scale(drawings), rel=1e-9)


def test_an_empty_drawing_between_others_changes_nothing() -> None:
    drawings = doodles(["cat"], 4)
    table = DrawingTable.from_drawings([Drawing(), *drawings[:2], Drawing(), *drawings[2:]])
    assert offset_std(table) == pytest.approx(magenta_scale(drawings))


def test_counts_lengths_and_size(tmp_path: Path) -> None:
    drawings = [*doodles(["sun", "cat"], 50), Drawing.from_arrays([[[0, 0], [9, 9]]])]
    table = saved(tmp_path / "t.arrow", drawings, 16)
    info = table_info(table)
    assert [w.word for w in info.words] == ["cat", "sun", NO_WORD]
    assert [w.total for w in info.words] == [25, 25, 1]
    assert sum(w.train for w in info.words) == splits(51).count("train")
    lengths = [d.n_points for d in drawings]
    assert (info.points.least, info.points.most) == (2, max(lengths))
    assert info.points.median == np.median(lengths)
    assert info.points.p95 == pytest.approx(np.percentile(lengths, 95))
    assert info.strokes.most == max(len(d.strokes) for d in drawings)
    assert info.size_on_disk == (tmp_path / "t.arrow").stat().st_size
    assert table_info(DrawingTable.from_drawings(drawings)).size_on_disk is None


def test_the_text_is_aligned(tmp_path: Path) -> None:
    lines = str(table_info(saved(tmp_path / "t.arrow", doodles(["sun", "cat"], 50), 50)))
    head, blank, *table = lines.splitlines()
    assert head.startswith(f"{tmp_path / 't.arrow'}: 50 drawings, 2 words, ")
    assert blank == ""
    assert table[:4] == [
        "word  train  valid  test  total",
        "cat      15      5     5     25",
        "sun      15      5     5     25",
        "all      30     10    10     50",
    ]
    assert len({len(line) for line in table[5:8]}) == 1
    assert table[-1].startswith("offset std ")


def test_the_sheet_is_seeded_and_keeps_words_on_their_rows() -> None:
    drawings = [
        *doodles(["sun"], 20),
        *doodles(["cat"], 3),
        Drawing.from_arrays([[[0, 0], [9, 0]]]),
    ]
    table = DrawingTable.from_drawings(drawings)
    page, captions = sample_sheet(table, np.random.default_rng(4), per_word=5)
    again, _ = sample_sheet(table, np.random.default_rng(4), per_word=5)
    other, _ = sample_sheet(table, np.random.default_rng(5), per_word=5)
    assert page == again != other
    assert [c.text for c in captions] == ["cat"] * 3 + ["sun"] * 5
    assert len({c.y for c in captions[:3]}) == len({c.y for c in captions[3:]}) == 1
    assert page.size[0] == 5 * 192


def test_many_words_get_one_drawing_each() -> None:
    drawings = [d.replace(label=f"word {i % 30}") for i, d in enumerate(doodles(["cat"], 60))]
    _, captions = sample_sheet(DrawingTable.from_drawings(drawings), np.random.default_rng(0))
    assert len(captions) == 30


def test_a_large_table_is_read_by_columns() -> None:
    [batch] = DrawingTable.from_drawings(doodles(["cat", "sun"], 200)).batches
    table = DrawingTable([batch] * 250)  # 50,000 rows
    begin = time.process_time()
    info = table_info(table)
    assert info.total == 50_000
    assert time.process_time() - begin < 3
