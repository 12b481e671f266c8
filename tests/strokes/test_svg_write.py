"""SVG out: byte-stable, in mm, one Inkscape layer a pen, and nothing lost on the way."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from drawings import AWKWARD, drawings
from hypothesis import given
from linework.strokes import Drawing, Stroke
from linework.strokes.caption import Caption
from linework.strokes.errors import LineworkError
from linework.strokes.quickdraw import read_ndjson
from linework.strokes.svg_read import read_svg
from linework.strokes.svg_write import svg_text, write_svg

INKSCAPE = "{http://www.inkscape.org/namespaces/inkscape}"
SVG = "{http://www.w3.org/2000/svg}"


def _again(text: str, **options: str) -> str:
    return svg_text(read_svg(text.encode()), **options)


@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD)
@pytest.mark.parametrize("options", [{}, {"width": "150mm", "background": "ivory"}], ids=str)
def test_same_bytes_again(drawing: Drawing, options: dict[str, str]) -> None:
    if drawing.bounds[2] == 1e6 and options:
        drawing = drawing.map_points(lambda points: points / 1000)
    text = svg_text(drawing, **options)
    assert _again(text, **options) == text


@given(drawings())
def test_same_bytes_again_for_any_drawing(drawing: Drawing) -> None:
    text = svg_text(drawing)
    assert _again(text) == text


@given(drawings())
def test_what_comes_back(drawing: Drawing) -> None:
    back = read_svg(svg_text(drawing).encode())
    assert len(back.strokes) == len(drawing.strokes)
    for mine, theirs in zip(drawing.strokes, back.strokes, strict=True):
        assert np.abs(mine.points[0] - theirs.points[0]).max() <= 0.0005 + 1e-7 * 1e6
        assert len(theirs) in (1, len(mine))
        assert (mine.time is None) == (theirs.time is None)
        if mine.width is not None and theirs.width is not None:
            assert abs(mine.width - theirs.width) <= 0.001
    assert (back.key, back.country, back.created, back.recognized) == (
        drawing.key,
        drawing.country,
        drawing.created,
        drawing.recognized,
    )


def test_everything_survives() -> None:
    drawing = AWKWARD["everything"]
    back = read_svg(svg_text(drawing).encode())
    for mine, theirs in zip(drawing.strokes, back.strokes, strict=True):
        assert np.array_equal(mine.points, theirs.points)
        assert (mine.layer, mine.width or 1.89) == (theirs.layer, theirs.width)
    assert [s.color for s in back.strokes] == ["#d04020", None, "#d04020", "#000080"]
    assert np.array_equal(back.strokes[1].time, [0, 16.5, 40])
    assert np.array_equal(back.strokes[1].pressure, [0.25, 0.5, 1])
    assert back.replace(strokes=()) == drawing.replace(strokes=())


def test_unicode_label_survives() -> None:
    drawing = AWKWARD["unicode label"]
    assert read_svg(svg_text(drawing).encode()).label == drawing.label


def test_what_xml_cannot_hold_is_replaced() -> None:
    drawing = Drawing((Stroke([[0, 0], [1, 1]], layer="a\x00"),), label="\x01b\ufffe")
    back = read_svg(svg_text(drawing).encode())
    assert (back.label, back.strokes[0].layer) == ("\ufffdb\ufffd", "a\ufffd")


def test_form() -> None:
    drawing = Drawing(
        (
            Stroke([[0, 0], [10, 10.12345]], layer="2 blue", color="blue"),
            Stroke([[5, 5]], layer="1 dots"),
            Stroke([[7, 7], [8, 8]]),
        ),
        size=(96, 192),
    )
    root = ElementTree.fromstring(svg_text(drawing))
    assert (root.get("width"), root.get("height")) == ("25.4mm", "50.8mm")
    assert root.get("viewBox") == "0 0 96 192"
    layers = root.findall(f"{SVG}g")
    assert [g.get(f"{INKSCAPE}groupmode") for g in layers] == ["layer"] * 3
    assert [g.get(f"{INKSCAPE}label") for g in layers] == ["2 blue", "1 dots", "3 ink"]
    for group in layers:
        assert group.get("fill") == "none"
        assert group.get("stroke-linecap") == group.get("stroke-linejoin") == "round"
    paths = [path.get("d") for path in root.iter(f"{SVG}path")]
    assert paths == ["M0,0L10,10.123", "M5,5h0", "M7,7L8,8"]


def test_width_scales_the_drawing_and_not_the_pen() -> None:
    drawing = Drawing((Stroke([[0, 0], [96, 48]]), Stroke([[0, 0], [1, 1]], width=2)), (96, 48))
    back = read_svg(svg_text(drawing, width="2in", pen_width="1mm").encode())
    assert back.size == (192, 96)
    assert back.strokes[0].points.tolist() == [[0, 0], [192, 96]]
    assert [s.width for s in back.strokes] == [pytest.approx(96 / 25.4, abs=5e-4), 4]


def test_interleaved_layers_keep_the_order() -> None:
    names = ["a", "b", "a", None, "b"]
    drawing = Drawing(
        tuple(Stroke([[i, 0], [i, 9]], layer=n) for i, n in enumerate(names)), size=(9, 9)
    )
    text = svg_text(drawing)
    assert text.count("groupmode") == 3
    assert [s.layer for s in read_svg(text.encode()).strokes] == names


def test_captions_and_paper_are_not_strokes() -> None:
    text = svg_text(
        AWKWARD["one line"], background="white", captions=[Caption("cat <1>", 50, 90, 12)]
    )
    assert "cat &lt;1&gt;" in text
    assert len(read_svg(text.encode()).strokes) == 1
    empty = svg_text(Drawing(), background="white")
    assert read_svg(empty.encode()) == Drawing()


BAD = {
    "width": ({"width": "wide"}, "width"),
    "no width": ({"width": "0mm"}, "above 0"),
    "pen": ({"pen_width": "-1px"}, "pen width"),
    "paper": ({"background": "papery"}, "papery"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD)
def test_bad_options(tmp_path: Path, options: dict[str, str], message: str) -> None:
    with pytest.raises(LineworkError, match=message):
        write_svg(AWKWARD["one line"], tmp_path / "x.svg", **options)
    assert not list(tmp_path.iterdir())


def test_bad_color() -> None:
    with pytest.raises(LineworkError, match="inky"):
        svg_text(Drawing((Stroke([[0, 0]], color="inky"),)))


def test_real_cats(real_data: Path) -> None:
    source = read_ndjson(real_data / "quickdraw" / "simplified" / "cat.ndjson")
    for drawing, _ in zip(source, range(100), strict=False):
        text = svg_text(drawing)
        back = read_svg(text.encode())
        assert svg_text(back) == text
        assert (back.key, back.label, back.size) == (drawing.key, drawing.label, drawing.size)
        for mine, theirs in zip(drawing.strokes, back.strokes, strict=True):
            assert np.array_equal(mine.points[: len(theirs)], theirs.points)


@pytest.mark.parametrize("options", [{}, {"width": "150mm"}], ids=str)
def test_real_icons(real_data: Path, options: dict[str, str]) -> None:
    with zipfile.ZipFile(real_data / "vector_svg" / "lucide.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".svg"))[::20]
        for name in names:
            text = svg_text(read_svg(archive.read(name), name=name), **options)
            assert _again(text, **options) == text, name
