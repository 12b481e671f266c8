"""SVG in: every command, shape, transform, style and unit; and every way a file can be bad."""

from __future__ import annotations

import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linework.strokes import Drawing
from linework.strokes.errors import FormatError, LineworkError
from linework.strokes.flatten import Subpath, flatten_subpath
from linework.strokes.svg_path import parse_path
from linework.strokes.svg_read import read_svg
from linework.strokes.svg_transform import IDENTITY

Lines = list[list[list[float]]]


def svg(body: str, attributes: str = 'viewBox="0 0 100 100"') -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" stroke="black" '
        f'stroke-linecap="round" {attributes}>{body}</svg>'
    ).encode()


def lines(drawing: Drawing) -> Lines:
    return [np.round(s.points, 4).tolist() for s in drawing.strokes]


PATHS: dict[str, tuple[str, Lines]] = {
    "M L": ("M1 2L3 4L5 6", [[[1, 2], [3, 4], [5, 6]]]),
    "m l": ("m1 2l3 4l5 6", [[[1, 2], [4, 6], [9, 12]]]),
    "M with more points": ("M1 2 3 4", [[[1, 2], [3, 4]]]),
    "m with more points": ("m1 2 3 4", [[[1, 2], [4, 6]]]),
    "H V h v": ("M1 1H5V6h-2v-3", [[[1, 1], [5, 1], [5, 6], [3, 6], [3, 3]]]),
    "H with more numbers": ("M0 0H1 2 3", [[[0, 0], [1, 0], [2, 0], [3, 0]]]),
    "Z closes": ("M0 0H5V5Z", [[[0, 0], [5, 0], [5, 5], [0, 0]]]),
    "Z on the start": ("M0 0H5V5L0 0z", [[[0, 0], [5, 0], [5, 5], [0, 0]]]),
    "after Z": ("M1 1h4zl0 5", [[[1, 1], [5, 1], [1, 1]], [[1, 1], [1, 6]]]),
    "m after Z": ("M1 1h4zm2 2h1", [[[1, 1], [5, 1], [1, 1]], [[3, 3], [4, 3]]]),
    "subpaths that touch": ("M0 0H5M5 0H9", [[[0, 0], [5, 0]], [[5, 0], [9, 0]]]),
    "m after m": ("m1 1m2 2h1", [[[3, 3], [4, 3]]]),
    "lone M draws nothing": ("M1 1M2 2", []),
    "dot by h0": ("M5 6h0", [[[5, 6]]]),
    "dot by z": ("M5 6z", [[[5, 6]]]),
    "dot by L": ("M5 6L5 6", [[[5, 6]]]),
    "numbers run together": ("M.5.5-1-1l1e1-.5E1", [[[0.5, 0.5], [-1, -1], [9, -6]]]),
    "commas and lines": ("M 1,2\n\tL3 ,4", [[[1, 2], [3, 4]]]),
    "arc without radius": ("M0 0A0 5 0 0 1 9 0", [[[0, 0], [9, 0]]]),
    "arc to where it is": ("M3 3A5 5 0 0 1 3 3", []),
    "nothing": ("", []),
    "none": ("none", []),
}


@pytest.mark.parametrize(("data", "expected"), PATHS.values(), ids=PATHS)
def test_path(data: str, expected: Lines) -> None:
    assert lines(read_svg(svg(f'<path d="{data}"/>'))) == expected


CURVES = {
    "C": ("M0 0C0 10 20 10 20 0", [10, 7.5], 20),
    "c": ("M5 5c0 10 20 10 20 0", [15, 12.5], 25),
    "S mirrors": ("M-20 0C-20 -10 0 -10 0 0S20 10 20 0", [10, 7.5], 20),
    "S without C": ("M0 0S20 10 20 0", [10, 3.75], 20),
    "Q": ("M0 0Q10 20 20 0", [10, 10], 20),
    "q": ("M5 5q10 20 20 0", [15, 15], 25),
    "T mirrors": ("M-20 0Q-10 -20 0 0T20 0", [10, 10], 20),
    "t": ("M-20 0Q-10 -20 0 0t20 0", [10, 10], 20),
    "T without Q": ("M0 0T20 0", [10, 0], 20),
    "A": ("M0 0A10 10 0 0 0 20 0", [10, 10], 20),
    "A sweep": ("M0 0A10 10 0 0 1 20 0", [10, -10], 20),
    "A flags run together": ("M0 0A10 10 0 0120 0", [10, -10], 20),
    "a": ("M5 5a10 10 0 0 0 20 0", [15, 15], 25),
    "A too small grows": ("M0 0A1 1 0 0 0 20 0", [10, 10], 20),
    "A ellipse turned": ("M0 0A5 10 90 0 0 20 0", [10, 5], 20),
}


@pytest.mark.parametrize(("data", "through", "end"), CURVES.values(), ids=CURVES)
def test_curve_passes_through(data: str, through: list[float], end: float) -> None:
    points = read_svg(svg(f'<path d="{data}"/>'), accuracy=0.001).strokes[0].points
    assert _distance(points, np.array([through]))[0] < 0.01
    assert points[-1, 0] == end


SHAPES: dict[str, tuple[str, Lines]] = {
    "line": ('<line x1="1" y1="2" x2="3" y2="4"/>', [[[1, 2], [3, 4]]]),
    "line with defaults": ('<line x2="3"/>', [[[0, 0], [3, 0]]]),
    "line in percent": ('<line x2="50%" y2="10%"/>', [[[0, 0], [50, 10]]]),
    "polyline": ('<polyline points="1,2 3,4 5,6"/>', [[[1, 2], [3, 4], [5, 6]]]),
    "polygon": ('<polygon points="1 2 3 4 5 6"/>', [[[1, 2], [3, 4], [5, 6], [1, 2]]]),
    "polyline without points": ("<polyline/>", []),
    "rect": (
        '<rect x="1" y="2" width="3" height="4"/>',
        [[[1, 2], [4, 2], [4, 6], [1, 6], [1, 2]]],
    ),
    "rect in mm": (
        '<rect width="25.4mm" height="1in"/>',
        [[[0, 0], [96, 0], [96, 96], [0, 96], [0, 0]]],
    ),
    "rect without height": ('<rect width="3"/>', []),
    "circle without radius": ('<circle cx="3" cy="3"/>', []),
    "transform": ('<line x2="1" transform="translate(5 6)"/>', [[[5, 6], [6, 6]]]),
    "nested transforms": (
        '<g transform="translate(10)"><g transform="scale(2 3)">'
        '<line x1="1" y1="1" x2="2" y2="2"/></g></g>',
        [[[12, 3], [14, 6]]],
    ),
    "list of transforms": (
        '<line x2="1" transform="translate(10,0) rotate(90), scale(2)"/>',
        [[[10, 0], [10, 2]]],
    ),
    "rotate about a point": ('<line x2="2" transform="rotate(180 1 1)"/>', [[[2, 2], [0, 2]]]),
    "matrix": ('<line x2="1" y2="1" transform="matrix(1 2 3 4 5 6)"/>', [[[5, 6], [9, 12]]]),
    "skewX": ('<line y2="2" transform="skewX(45)"/>', [[[0, 0], [2, 2]]]),
    "skewY": ('<line x2="2" transform="skewY(45)"/>', [[[0, 0], [2, 2]]]),
    "use": ('<defs><line id="a" x2="1"/></defs><use href="#a" x="5"/>', [[[5, 0], [6, 0]]]),
    "use by xlink": (
        '<line id="a" x2="1"/><use xlink:href="#a" transform="scale(2)" y="1"/>',
        [[[0, 0], [1, 0]], [[0, 2], [2, 2]]],
    ),
    "use of a symbol": (
        '<symbol id="a" viewBox="0 0 10 10"><line x2="10"/></symbol>'
        '<use href="#a" x="5" width="50" height="50"/>',
        [[[5, 0], [55, 0]]],
    ),
    "use of nothing": ('<use href="#b"/>', []),
    "svg within svg": (
        '<svg x="10" y="10" width="20" height="20" viewBox="0 0 2 2"><line x2="2"/></svg>',
        [[[10, 10], [30, 10]]],
    ),
    "not lines": (
        '<defs><line x2="1"/></defs><clipPath><line x2="1"/></clipPath><text>a</text>'
        '<image href="http://a/b.png"/><metadata><line x2="1"/></metadata>',
        [],
    ),
}


@pytest.mark.parametrize(("body", "expected"), SHAPES.values(), ids=SHAPES)
def test_shape(body: str, expected: Lines) -> None:
    assert lines(read_svg(svg(body))) == expected


ROUND = {
    "circle": ('<circle cx="50" cy="50" r="40"/>', 40, 40),
    "ellipse": ('<ellipse cx="50" cy="50" rx="40" ry="10"/>', 40, 10),
    "ellipse with one radius": ('<ellipse cx="50" cy="50" rx="40"/>', 40, 40),
    "rect rounded to the full": (
        '<rect x="10" y="40" width="80" height="20" rx="99" ry="99"/>',
        40,
        10,
    ),
    "circle squeezed": ('<circle r="10" transform="translate(50 50) scale(4 1)"/>', 40, 10),
}


@pytest.mark.parametrize(("body", "rx", "ry"), ROUND.values(), ids=ROUND)
def test_round_within_the_accuracy(body: str, rx: float, ry: float) -> None:
    for accuracy in (1.0, 0.1, 0.01):
        (stroke,) = read_svg(svg(body), accuracy=accuracy).strokes
        assert np.array_equal(stroke.points[0], stroke.points[-1])
        angles = np.linspace(0, 2 * np.pi, 500)
        truth = 50 + np.stack([rx * np.cos(angles), ry * np.sin(angles)], axis=1)
        assert _distance(stroke.points, truth).max() <= accuracy + 1e-4


def test_accuracy_is_finer_on_small_pages() -> None:
    body = '<circle cx="12" cy="12" r="10"/>'
    small = read_svg(svg(body, 'viewBox="0 0 24 24"'))
    large = read_svg(svg(body, 'viewBox="0 0 24 24" width="256" height="256"'))
    assert small.n_points == large.n_points


PAGES = {
    "viewBox alone": ('viewBox="0 0 100 50"', (100, 50), (10, 10)),
    "width and height alone": ('width="200" height="80"', (200, 80), (10, 10)),
    "mm": ('width="254mm" height="127mm" viewBox="0 0 100 50"', (960, 480), (96, 96)),
    "cm": ('width="2.54cm" height="2.54cm"', (96, 96), (10, 10)),
    "in": ('width="1in" height="2in" viewBox="0 0 1 2"', (96, 192), (960, 960)),
    "pt": ('width="72pt" height="72pt" viewBox="0 0 72 72"', (96, 96), (40 / 3, 40 / 3)),
    "percent": ('width="100%" height="100%" viewBox="0 0 100 50"', (100, 50), (10, 10)),
    "em": ('width="1em" height="1em" viewBox="0 0 24 24"', (24, 24), (10, 10)),
    "width alone": ('width="200" viewBox="0 0 100 50"', (200, 100), (20, 20)),
    "height alone": ('height="100" viewBox="0 0 100 50"', (200, 100), (20, 20)),
    "origin": ('viewBox="5 -5 100 50"', (100, 50), (5, 15)),
    "centred": ('width="200" height="100" viewBox="0 0 100 100"', (200, 100), (60, 10)),
    "to the left": (
        'width="200" height="100" viewBox="0 0 100 100" preserveAspectRatio="xMinYMid"',
        (200, 100),
        (10, 10),
    ),
    "slice": (
        'width="200" height="100" viewBox="0 0 100 100" preserveAspectRatio="xMidYMax slice"',
        (200, 100),
        (20, -80),
    ),
    "stretched": (
        'width="200" height="100" viewBox="0 0 100 100" preserveAspectRatio="none"',
        (200, 100),
        (20, 10),
    ),
    "no size": ("", (10, 10), (10, 10)),
}


@pytest.mark.parametrize(("attributes", "size", "at"), PAGES.values(), ids=PAGES)
def test_page(attributes: str, size: tuple[float, float], at: tuple[float, float]) -> None:
    drawing = read_svg(svg('<path d="M10 10h0"/>', attributes))
    assert drawing.size == pytest.approx(size)
    assert drawing.strokes[0].points[0].tolist() == pytest.approx(at, rel=1e-6)


LINE = '<line x2="9" {}/>'
INK = {
    "inherited": (LINE.format(""), [("#000000", 1.0)]),
    "attributes": (LINE.format('stroke="#f80" stroke-width="2"'), [("#ff8800", 2.0)]),
    "style": (LINE.format('style="stroke:rgb(255,0,0); stroke-width:3px"'), [("#ff0000", 3.0)]),
    "style beats attribute": (LINE.format('stroke="red" style="stroke:blue"'), [("#0000ff", 1.0)]),
    "group": ('<g stroke="red">' + LINE.format("") + "</g>", [("#ff0000", 1.0)]),
    "class": ("<style>.a{stroke:red}</style>" + LINE.format('class="b a"'), [("#ff0000", 1.0)]),
    "class in CDATA": (
        "<style><![CDATA[/* x */ .a, .c { stroke : red }]]></style>" + LINE.format('class="c"'),
        [("#ff0000", 1.0)],
    ),
    "id beats class beats type": (
        "<style>#i{stroke:red} .a{stroke:lime;stroke-width:4} line{stroke:blue}</style>"
        + LINE.format('id="i" class="a"'),
        [("#ff0000", 4.0)],
    ),
    "class beats attribute": (
        "<style>.a{stroke:red}</style>" + LINE.format('class="a" stroke="blue"'),
        [("#ff0000", 1.0)],
    ),
    "rules that do not apply": (
        "<style>@import 'a.css'; @media print{line{stroke:red}} g line{stroke:red} "
        "line:hover{stroke:red}</style>" + LINE.format(""),
        [("#000000", 1.0)],
    ),
    "currentColor": (LINE.format('stroke="currentColor"'), [(None, 1.0)]),
    "currentColor with a color": (
        '<g color="red">' + LINE.format('stroke="currentColor"') + "</g>",
        [("#ff0000", 1.0)],
    ),
    "gradient": (LINE.format('stroke="url(#g)"'), [(None, 1.0)]),
    "width scales": (LINE.format('transform="scale(4 1)"'), [("#000000", 2.0)]),
    "width that does not": (
        LINE.format('transform="scale(4)" vector-effect="non-scaling-stroke"'),
        [("#000000", 1.0)],
    ),
    "width in mm": (LINE.format('stroke-width="25.4mm"'), [("#000000", 96.0)]),
    "width in percent": (LINE.format('stroke-width="5%"'), [("#000000", 5.0)]),
    "stroke none": (LINE.format('stroke="none"'), []),
    "no width": (LINE.format('stroke-width="0"'), []),
    "stroke-opacity 0": (LINE.format('stroke-opacity="0"'), []),
    "opacity 0 of a group": ('<g opacity="0">' + LINE.format("") + "</g>", []),
    "faint": (LINE.format('opacity=".1"'), [("#000000", 1.0)]),
    "display none of a group": ('<g style="display:none">' + LINE.format("") + "</g>", []),
    "hidden": (LINE.format('visibility="hidden"'), []),
    "visible in hidden": (
        '<g visibility="hidden">' + LINE.format('visibility="visible"') + "</g>",
        [("#000000", 1.0)],
    ),
    "filled beside stroked": (
        "" + LINE.format("") + '<rect stroke="none" width="5" height="5"/>',
        [("#000000", 1.0)],
    ),
    "only filled": ('<rect stroke="none" fill="red" width="5" height="5"/>', [("#ff0000", None)]),
}


@pytest.mark.parametrize(("body", "expected"), INK.values(), ids=INK)
def test_ink(body: str, expected: list[tuple[str | None, float | None]]) -> None:
    strokes = read_svg(svg(body)).strokes
    assert [(s.color, s.width) for s in strokes] == expected


def test_fills_on_request() -> None:
    content = svg('<line x2="9"/><rect stroke="none" width="5" height="5"/>')
    assert [len(read_svg(content, fills=f).strokes) for f in (None, False, True)] == [1, 1, 2]


def test_butt_ends_make_no_dots() -> None:
    assert read_svg(svg('<path d="M5 5h0" stroke-linecap="butt"/>')).strokes == ()


def test_inkscape_layers() -> None:
    layer = '<g inkscape:groupmode="layer" {}>{}</g>'
    body = (
        layer.format('inkscape:label="1 Tusch ü"', '<g><line x2="1"/></g>')
        + layer.format('id="layer2"', '<line x2="1"/>')
        + '<g inkscape:label="no layer"><line x2="1"/></g>'
    )
    assert [s.layer for s in read_svg(svg(body)).strokes] == ["1 Tusch ü", "layer2", None]


def test_order_is_the_document_s() -> None:
    body = '<g><rect width="1" height="1"/></g><line x2="2"/><g><g><path d="M3 0H4"/></g></g>'
    assert [s.points[-1, 0] for s in read_svg(svg(body)).strokes] == [0, 2, 4]


def test_w3c_doctype_is_only_a_name() -> None:
    doctype = (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    assert len(read_svg(doctype + svg('<line x2="1"/>')).strokes) == 1


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "spaces": (b" \n ", "is empty"),
    "not XML": (b"hello", "line 1: not well-formed"),
    "a PNG": (b"\x89PNG\r\n\x1a\n\x00", "not well-formed"),
    "another XML": (b"<html/>", "outermost element is <html>; wanted <svg>"),
    "cut short in a tag": (svg('<path d="M0 0')[:-8], "cut short"),
    "cut short between tags": (svg("<g>\n<line/>\n")[:-6], "line 3: .*cut short"),
    "DTD": (b"<!DOCTYPE svg [<!ELEMENT a ANY>]>" + svg(""), "line 1: .*DTD.*refused"),
    "DTD elsewhere": (b'<!DOCTYPE svg SYSTEM "http://a.b/c.dtd">' + svg(""), "DTD.*refused"),
    "entities": (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "s" [<!ENTITY a "b">]>' + svg("&a;"),
        "DTD.*refused",
    ),
    "entity bomb": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        + svg("&b;"),
        "DTD.*refused",
    ),
    "unknown entity": (svg("&nbsp;"), "undefined entity"),
    "a million groups": (svg("<g>" * 10**6), "nested more than 256 deep"),
    "use outside": (svg('<use href="http://a/b.svg#c"/>'), "outside the file, which is refused"),
    "use of itself": (svg('<g id="a"><use href="#a"/></g>'), "contains itself"),
    "use bomb": (
        svg(
            '<g id="a0"><line/></g>'
            + "".join(
                f'<g id="a{i}">' + f'<use href="#a{i - 1}"/>' * 9 + "</g>" for i in range(1, 12)
            )
        ),
        "more elements than any drawing",
    ),
    "no command": (svg('<path d="3 4"/>'), "wanted M"),
    "L first": (svg('<path d="L3 4"/>'), "wanted M"),
    "unknown command": (svg('<path d="M0 0 X1 1"/>'), "line 1: path command M at character 0"),
    "too few numbers": (svg('\n<path d="M0 0L1"/>'), "line 2: .*has 1 numbers; wanted 2"),
    "curve too short": (svg('<path d="M0 0C1 1 2 2 3"/>'), "has 5 numbers; wanted 6"),
    "no numbers": (svg('<path d="M0 0L"/>'), "has 0 numbers"),
    "arc flag": (svg('<path d="M0 0A1 1 0 2 0 5 5"/>'), "wanted rx ry rotation flag flag"),
    "Z with numbers": (svg('<path d="M0 0Z5"/>'), "takes no numbers"),
    "NaN": (svg('<path d="M0 nan"/>'), "is not a list of numbers"),
    "1e30": (svg('<path d="M0 0L1e30 0"/>'), "wanted finite coordinates"),
    "1e999": (svg('<path d="M0 0L1e999 0"/>'), "too large"),
    "1e30 in a curve": (svg('<path d="M0 0C1e30 0 0 0 1 1"/>'), "not finite|points"),
    "1e30 by transform": (
        svg('<g transform="scale(1e30)"><circle r="1"/></g>'),
        "not finite|points",
    ),
    "overflow by transforms": (
        svg('<g transform="scale(1e300)"><g transform="scale(1e300)"><path d="M0 0L1 1"/></g></g>'),
        "wanted finite coordinates",
    ),
    "radius below 0": (svg('<circle r="-1"/>'), "r is -1"),
    "not a length": (svg('<circle r="big"/>'), "'big' is not a length"),
    "unknown unit": (svg('<circle r="3furlongs"/>'), "furlongs"),
    "odd points": (svg('<polyline points="1 2 3"/>'), "even number"),
    "unknown transform": (svg('<g transform="twist(3)"/>'), "twist"),
    "broken transform": (svg('<g transform="scale(3"/>'), "wanted a function"),
    "transform too short": (svg('<g transform="matrix(1 2)"/>'), "has 2 numbers; wanted 6"),
    "viewBox": (svg("", 'viewBox="0 0 10"'), "viewBox"),
    "viewBox without area": (svg("", 'viewBox="0 0 0 10"'), "above 0"),
    "page of nothing": (svg("", 'width="0" height="5"'), "not above 0"),
    "page too large": (svg("", 'width="1e9mm" height="5"'), "beyond"),
    "width": (svg('<line stroke-width="x"/>'), "stroke-width"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_bad_file(content: bytes, message: str) -> None:
    started = time.process_time()
    with pytest.raises(FormatError, match=message) as caught:
        read_svg(content, name="bad.svg")
    assert str(caught.value).startswith("bad.svg")
    assert time.process_time() - started < 10


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="no such file"):
        read_svg(tmp_path / "no.svg")
    with pytest.raises(LineworkError, match="is a folder"):
        read_svg(tmp_path)
    with pytest.raises(LineworkError, match="accuracy"):
        read_svg(svg(""), accuracy=0)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for body in (
        content,
        b"<svg>" + content,
        b'<svg stroke="red"><path d="' + content + b'"/></svg>',
    ):
        with suppress(LineworkError):
            read_svg(body)


_number = st.floats(-100, 100).map(lambda v: f"{v:.3f}")
_flag = st.sampled_from("01")
_ARGUMENTS = {
    "M": [_number] * 2,
    "L": [_number] * 2,
    "H": [_number],
    "V": [_number],
    "C": [_number] * 6,
    "S": [_number] * 4,
    "Q": [_number] * 4,
    "T": [_number] * 2,
    "A": [st.floats(0.1, 50).map(lambda v: f"{v:.3f}")] * 2
    + [_number, _flag, _flag, _number, _number],
    "Z": [],
}


@st.composite
def path_data(draw: st.DrawFn) -> str:
    parts = ["M1 2"]
    for letter in draw(st.lists(st.sampled_from("LHVCSQTAZlhvcsqtaz"), min_size=1, max_size=8)):
        parts.append(letter + " ".join(draw(a) for a in _ARGUMENTS[letter.upper()]))
    return "".join(parts)


@given(path_data())
def test_agrees_with_svgpathtools(data: str) -> None:
    _compare(data)


def test_agrees_with_svgpathtools_on_icons(real_data: Path) -> None:
    with zipfile.ZipFile(real_data / "vector_svg" / "openmoji_black.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".svg"))[::60]
        for name in names:
            for part in archive.read(name).decode().split(' d="')[1:]:
                _compare(part.split('"')[0])


def _compare(data: str) -> None:
    """Every curve as svgpathtools sees it lies on our polylines."""
    import svgpathtools

    subpaths = parse_path(data)
    polylines = [flatten_subpath(s, IDENTITY, 0.01) for s in subpaths if _is_drawn(s)]
    try:
        segments = list(svgpathtools.parse_path(data))
    except AssertionError:  # svgpathtools has no arc that ends where it begins
        return
    t = np.linspace(0, 1, 9)
    samples = [np.array([s.point(v) for v in t]) for s in segments]
    if not samples or not polylines:
        assert not polylines or all(np.ptp(p, axis=0).max() == 0 for p in polylines)
        return
    flat = np.concatenate(samples)
    truth = np.stack([flat.real, flat.imag], axis=1)
    nearest = np.min([_distance(p, truth) for p in polylines], axis=0)
    assert nearest.max() < 0.011


def _is_drawn(subpath: Subpath) -> bool:
    return bool(subpath.segments) or subpath.closed


def _distance(polyline: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Distance of each point from a polyline."""
    polyline = np.asarray(polyline, np.float64)
    if len(polyline) == 1:
        polyline = np.repeat(polyline, 2, axis=0)
    start, along = polyline[:-1], np.diff(polyline, axis=0)
    length = np.maximum((along**2).sum(axis=1), 1e-30)
    away = points[:, None] - start
    share = np.clip((away * along).sum(axis=2) / length, 0, 1)
    return np.sqrt(((away - share[..., None] * along) ** 2).sum(axis=2)).min(axis=1)
