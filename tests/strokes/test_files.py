"""Any format by its suffix: what goes in comes out, and each bad file has its sentence."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pytest
from drawings import AWKWARD
from linework.strokes import Drawing, Stroke
from linework.strokes.errors import FormatError, LineworkError
from linework.strokes.files import READABLE, WRITABLE, Layout, read_drawings, write_drawings
from PIL import Image

CATS = [
    Drawing.from_arrays([[[0, 0], [255, 9]], [[3, 3], [3, 3]]], label="cat", key=7, country="SE"),
    Drawing.from_arrays([[[0, 5], [9, 255], [30, 0]]], label="cat", key=8, country="FI"),
]


def _points(drawing: Drawing) -> list[list[list[float]]]:
    return [s.points.tolist() for s in drawing.strokes]


@pytest.mark.parametrize("suffix", [s for s in READABLE if s != ".svg"])
def test_there_and_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cat{suffix.upper()}"
    assert write_drawings(CATS, path) == 2
    back = list(read_drawings(path, word="cat"))
    assert [_points(d) for d in back] == [_points(d) for d in CATS]
    assert {d.label for d in back} == {"cat"}
    if suffix != ".npz":
        assert [d.key for d in back] == [7, 8]


def test_gzip_is_gzip(tmp_path: Path) -> None:
    write_drawings(CATS, tmp_path / "cat.ndjson.gz")
    assert gzip.decompress((tmp_path / "cat.ndjson.gz").read_bytes()).count(b"\n") == 2


def test_one_svg(tmp_path: Path) -> None:
    write_drawings(CATS[:1], tmp_path / "cat.svg")
    (back,) = read_drawings(tmp_path / "cat.svg")
    assert back.label == "cat"
    assert _points(back) == [[[0, 0], [255, 9]], [[3, 3]]]


def test_word_only_where_there_is_none(tmp_path: Path) -> None:
    write_drawings([CATS[0], CATS[1].replace(label=None)], tmp_path / "x.ndjson")
    assert [d.label for d in read_drawings(tmp_path / "x.ndjson", word="dog")] == ["cat", "dog"]


def test_several_to_one_picture_are_a_sheet(tmp_path: Path) -> None:
    layout = Layout(columns=2, size=300, captions=True, width="100mm")
    for name in ("x.svg", "x.png"):
        assert write_drawings(CATS, tmp_path / name, layout) == 2
    (page,) = read_drawings(tmp_path / "x.svg")
    assert len(page.strokes) == 3
    assert page.size[0] == pytest.approx(100 / 25.4 * 96, abs=1e-3)
    assert (tmp_path / "x.svg").read_text().count("<text") == 2
    with Image.open(tmp_path / "x.png") as image:
        assert image.size[0] == 300
        assert image.mode == "L"


def test_numbered_files(tmp_path: Path) -> None:
    assert write_drawings(iter(CATS), tmp_path / "cat-{}.svg") == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cat-1.svg", "cat-2.svg"]


def test_several_to_a_gif_are_its_frames(tmp_path: Path) -> None:
    write_drawings(CATS, tmp_path / "x.gif", Layout(size=64, seconds=1))
    with Image.open(tmp_path / "x.gif") as image:
        assert image.n_frames == 2
    write_drawings(CATS[:1], tmp_path / "x.gif", Layout(size=64, seconds=1))
    with Image.open(tmp_path / "x.gif") as image:
        assert image.n_frames > 10


def test_lines_on_the_edge_are_drawn_whole(tmp_path: Path) -> None:
    edge = Drawing.from_arrays([[[0, 0], [255, 0]], [[-9, 40], [20, 40]]])
    write_drawings([edge], tmp_path / "x.png", Layout(size=512, pen_width="16px"))
    with Image.open(tmp_path / "x.png") as image:
        pixels = np.asarray(image)
    assert (pixels[2:14, 256] < 20).all()
    assert (pixels[18:40, 256] == 255).all()
    assert (pixels[:, 0] < 128).sum() < 10  # the tip of the round end that left the canvas


def test_icons_are_enlarged_and_pages_kept(tmp_path: Path) -> None:
    for side, expected in ((24, 512), (700, 700)):
        drawing = Drawing.from_arrays([[[5, 5], [7, 7]]], size=(side, side / 2))
        write_drawings([drawing], tmp_path / "x.png")
        with Image.open(tmp_path / "x.png") as image:
            assert image.size == (expected, expected // 2)


class _Stream:
    """What sys.stdin and sys.stdout are: text with a buffer of bytes."""

    def __init__(self, content: bytes = b"") -> None:
        self.buffer = io.BytesIO(content)


def test_dash_is_ndjson(monkeypatch: pytest.MonkeyPatch) -> None:
    out = _Stream()
    monkeypatch.setattr(sys, "stdout", out)
    assert write_drawings(CATS, "-") == 2
    monkeypatch.setattr(sys, "stdin", _Stream(out.buffer.getvalue()))
    assert [_points(d) for d in read_drawings("-")] == [_points(d) for d in CATS]


def test_bad_lines_of_stdin_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Stream(b'{"drawing":[]}\n{"drawing":[[[1],[2'))
    with pytest.raises(FormatError, match="stdin:2: "):
        list(read_drawings("-"))


@pytest.mark.parametrize("suffix", [".ndjson", ".svg", ".png", ".gif"])
@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD)
def test_awkward(tmp_path: Path, drawing: Drawing, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    assert write_drawings([drawing], path, Layout(size=40, seconds=0.2)) == 1
    assert path.stat().st_size > 0
    if suffix in READABLE:
        (back,) = read_drawings(path)
        assert len(back.strokes) == len(drawing.strokes)
        assert back.label == drawing.label
        for mine, theirs in zip(drawing.strokes, back.strokes, strict=True):
            assert theirs.points[-1] == pytest.approx(mine.points[-1], abs=6e-4, rel=1e-6)


CUT_SHORT = [s for s in READABLE if s not in (".ndjson", ".jsonl")]


@pytest.mark.parametrize("suffix", READABLE)
def test_empty_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(b"")
    if suffix in (".svg", ".npz", ".arrow"):
        with pytest.raises(FormatError, match=f"x{suffix}"):
            list(read_drawings(path))
    else:  # no lines, no records
        assert list(read_drawings(path)) == []


@pytest.mark.parametrize("suffix", READABLE)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_truncated_file(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"x{suffix}"
    many = [CATS[0].replace(key=i) for i in range(50)]
    write_drawings(many[:1] if suffix == ".svg" else many, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share) - 1])
    with pytest.raises(FormatError, match=f"x{suffix}"):
        list(read_drawings(path))


BAD_NAMES = {
    "no suffix": "cats",
    "unknown suffix": "cats.docx",
    "picture": "cats.png",
    "json": "cats.json",
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_suffixes_that_are_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(LineworkError, match=r"wanted one of \.ndjson"):
        read_drawings(tmp_path / name)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="no such file"):
        read_drawings(tmp_path / "no.svg")
    with pytest.raises(LineworkError, match="is a folder"):
        read_drawings(tmp_path)
    for suffix in WRITABLE:
        with pytest.raises(LineworkError, match="does not exist"):
            write_drawings(CATS, tmp_path / "no" / f"x{suffix}")
    with pytest.raises(LineworkError, match="wanted one of"):
        write_drawings(CATS, tmp_path / "x.docx")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".gif"])
def test_nothing_to_draw(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(LineworkError, match="no drawings"):
        write_drawings([], tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".bin", ".npz", ".arrow"])
def test_what_a_form_cannot_hold(tmp_path: Path, suffix: str) -> None:
    halves = Drawing((Stroke([[0.5, 0.25], [1.5, 1]]),))
    with pytest.raises(LineworkError):
        write_drawings([halves], tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield CATS[0]
        raise LineworkError("the source broke")

    for suffix in WRITABLE:
        with pytest.raises(LineworkError, match="broke"):
            write_drawings(broken(), tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())
