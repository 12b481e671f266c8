"""Filling: outlines that nearly close become areas, and the map says how."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linework.strokes import Drawing, LineworkError, Stroke
from linework.strokes.fill import (
    METHODS,
    Filling,
    Group,
    colored,
    fill_drawing,
    find_regions,
    flat_colors,
    groups_of,
    is_open_by_nature,
)
from linework.strokes.fill.ball import trapped
from linework.strokes.fill.bridges import find_bridges
from linework.strokes.fill.lines import clusters, work_on
from linework.strokes.fill.shapes import alpha_shape, triangulate
from linework.strokes.fill.silhouette import silhouette

FloatArray = npt.NDArray[np.float64]


def circle(x: float, y: float, r: float, a: float = 0, b: float = 360) -> FloatArray:
    t = np.radians(np.linspace(a, b, 120))
    return np.stack([x + r * np.cos(t), y + r * np.sin(t)], axis=1)


def drawn(*strokes: npt.ArrayLike, label: str | None = "cat", size: int = 200) -> Drawing:
    return Drawing.from_arrays(strokes, size=(size, size), label=label)


def iou(found: npt.NDArray[np.bool_], outline: FloatArray, scale: float = 1.0) -> float:
    truth = np.zeros(found.shape, np.uint8)
    cv2.fillPoly(truth, [np.rint((outline * scale - 0.5) * 16).astype(np.int32)], 1, 8, 4)
    true = truth.view(np.bool_)
    return float((found & true).sum()) / float((found | true).sum())


SQUARE = np.array([(40, 40), (160, 40), (160, 160), (40, 160)], float)
CLOSED = np.concatenate([SQUARE, SQUARE[:1]])
# Outlines, what they enclose, and the method that ought to tell.
OUTLINES: dict[str, tuple[list[FloatArray], FloatArray, str]] = {
    "closed": ([CLOSED], SQUARE, "closed"),
    "lines that touch": ([CLOSED[:3], CLOSED[2:]], SQUARE, "closed"),
    "a gap at a corner": ([np.array([(44, 40), *SQUARE[1:], (40, 44)], float)], SQUARE, "bridged"),
    "a gap in a side": (
        [np.array([(96, 40), *SQUARE[1:], SQUARE[0], (91, 40)])],
        SQUARE,
        "bridged",
    ),
    "a circle of two halves": (
        [circle(100, 100, 60, 2, 177), circle(100, 100, 60, 182, 357)],
        circle(100, 100, 60),
        "bridged",
    ),
    "an end that misses a line": (
        [np.array([(40, 30), (40, 170)]), np.array([(45, 40), (160, 40), (160, 160), (45, 160)])],
        SQUARE,
        "bridged",
    ),
    "feet that stand apart": ([np.array([SQUARE[3], *SQUARE[:3]])], SQUARE, "stretched"),
}


@pytest.mark.parametrize(("lines", "truth", "method"), OUTLINES.values(), ids=OUTLINES.keys())
def test_outlines_are_filled_to_the_middle_of_their_lines(
    lines: list[FloatArray], truth: FloatArray, method: str
) -> None:
    filling = fill_drawing(drawn(*lines), size=400)
    [region] = filling.regions
    assert region.method == method
    assert region.name == "cat"
    assert iou(filling.numbers == 1, truth, 2.0) > 0.97


@pytest.mark.parametrize("pen", [1.0, 4.0, 10.0])
def test_the_pen_does_not_widen_what_it_encloses(pen: float) -> None:
    stroke = Stroke(CLOSED.astype(np.float32), width=pen)
    filling = fill_drawing(Drawing((stroke,), (200, 200), label="cat"), size=400)
    assert iou(filling.numbers == 1, SQUARE, 2.0) > 0.98


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.sampled_from([0.02, 0.3, 1.0, 30.0]))
def test_gaps_within_the_tolerance_are_closed_at_any_size(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    turn, missing = rng.uniform(0, 360), rng.uniform(1, 4.4)  # degrees: up to 4 % of the width
    ring = circle(100, 100, 60 + rng.uniform(0, 30), turn, turn + 360 - missing)
    ring += rng.uniform(-5, 5, 2)
    stroke = Stroke((ring * scale).astype(np.float32), width=2 * scale)
    size = (200 * scale, 200 * scale)
    filling = fill_drawing(Drawing((stroke,), size, label="cat"), size=200)
    assert filling.regions[0].method in ("closed", "bridged")
    assert iou(filling.numbers == 1, ring) > 0.96


def test_the_tolerance_and_the_last_method_are_the_users() -> None:
    half = drawn(circle(100, 100, 60, 0, 340))  # a gap of 12 % of the diagonal
    assert fill_drawing(half, tolerance=0.2).regions[0].method == "bridged"
    assert fill_drawing(half).regions[0].method == "stretched"
    assert fill_drawing(half, last="ball").regions[0].method == "line"
    assert fill_drawing(half, last="ball").numbers.max() == 1  # its ink remains
    for method in METHODS:
        assert fill_drawing(half, last=method).regions[0].tolerance == 0.04


def test_notches_of_a_closed_outline_stay_open() -> None:
    comb = [(20, 20), (60, 20), (60, 120), (70, 120), (70, 20), (110, 20), (110, 180), (20, 180)]
    outline = np.array([*comb, comb[0]], float)
    filling = fill_drawing(drawn(outline), size=800)
    assert filling.numbers[280, 260] == 0
    assert iou(filling.numbers == 1, outline, 4.0) > 0.98


def test_a_trapped_ball_finds_chambers_and_leaves_notches() -> None:
    walls = np.zeros((120, 120), np.bool_)
    walls[20:101, [20, 100]] = walls[[20, 100], 20:101] = True
    walls[20, 55:65] = False  # a gap of 10
    walls[40:60, 5] = True  # beside it a line alone
    assert not trapped(walls, 4.0).any()
    found = trapped(walls, 6.0)
    assert found[60, 60]
    assert not found[:15].any()
    assert not found[:, :15].any()
    assert abs(int(found.sum()) - 79 * 79) < 200


def test_alpha_shapes_close_gaps_of_twice_their_radius() -> None:
    ring = circle(50, 50, 40, 0, 320)  # a gap of 27
    triangles = triangulate(ring, 1.0)
    assert triangles is not None
    assert alpha_shape(triangles, 15.0, (100, 100)).sum() > 0.9 * np.pi * 40**2
    assert alpha_shape(triangles, 10.0, (100, 100)).sum() < 0.1 * np.pi * 40**2
    for few in (ring[:1], ring[:2], np.stack([np.arange(9.0)] * 2, axis=1)):
        assert triangulate(few, 1.0) is None


def test_bridges_prefer_the_end_they_point_at() -> None:
    # Two lines end 8 px before two others; the ends of neighbours are as near, but aside.
    lines = [
        np.array([(0, 50), (46, 50)], float),
        np.array([(54, 50), (100, 50)], float),
        np.array([(0, 57), (46, 57)], float),
        np.array([(54, 57), (100, 57)], float),
    ]
    work = work_on(lines, 1.0, 0.1)
    bridges = find_bridges(work, 9 * work.scale)
    middle = [b / work.scale + work.origin for b in bridges]
    middle = [b for b in middle if 40 < b[0][0] < 60]
    assert [round(float(np.ptp(b[:, 1]))) for b in middle] == [0, 0]


def test_writing_beside_an_object_is_not_its_outline() -> None:
    letters = [np.array([(150 + 12 * k, 20), (150 + 12 * k, 34)], float) for k in range(3)]
    filling = fill_drawing(drawn(circle(70, 120, 50), *letters), size=400)
    assert filling.regions[0].method == "closed"
    assert iou(filling.numbers == 1, circle(70, 120, 50), 2.0) > 0.97


def test_a_stem_belongs_to_its_flower_as_wide_as_drawn() -> None:
    stem = np.array([(100, 100), (100, 190)], float)
    filling = fill_drawing(drawn(circle(100, 60, 40), stem), size=400)
    assert filling.numbers[340, 200] == 1
    assert filling.numbers[340, 190] == 0
    assert (filling.numbers[200:372, 200] == 1).all()


def named(name: str, *lines: npt.ArrayLike) -> list[Stroke]:
    return [Stroke(np.asarray(line, np.float32), layer=name) for line in lines]


def scene(*parts: list[Stroke]) -> Drawing:
    return Drawing(tuple(s for part in parts for s in part), (200, 200))


def test_later_objects_lie_above_but_hide_none_drawn_inside_them() -> None:
    left, right = named("hill", circle(80, 100, 50)), named("tree", circle(130, 100, 50))
    window = named("sun", circle(60, 100, 15))
    filling = fill_drawing(scene(window, left, right))
    names = [region.name for region in filling.regions]
    at = {name: number for number, name in enumerate(names, 1)}
    assert filling.numbers[100, 60] == at["sun"]
    assert filling.numbers[100, 40] == at["hill"]
    assert filling.numbers[100, 105] == at["tree"]


def test_neighbours_that_share_a_line_leave_no_halo() -> None:
    left = np.array([(20, 20), (100, 20), (100, 180), (20, 180), (20, 20)], float)
    right = np.array([(100, 20), (180, 20), (180, 180), (100, 180), (100, 20)], float)
    filling = fill_drawing(scene(named("a", left), named("b", right)))
    assert (filling.numbers[30:170, 30:170] > 0).all()


def test_inner_regions_on_request() -> None:
    house = [CLOSED, np.array([(60, 60), (90, 60), (90, 90), (60, 90), (60, 60)], float)]
    assert len(fill_drawing(drawn(*house, label="house")).regions) == 1
    filling = fill_drawing(drawn(*house, label="house"), inner=True)
    whole, window = filling.regions
    assert (window.method, window.inside, window.name) == ("inner", whole.number, "house")
    assert filling.numbers[75, 75] == window.number
    assert filling.numbers[120, 120] == whole.number
    assert abs(window.area - 30 * 30) < 130


BANKS = [[(20, 0), (60, 100), (20, 199)], [(60, 0), (110, 100), (80, 199)]]


def test_rivers_are_bands_and_rain_is_ribbons() -> None:
    river = fill_drawing(scene(named("river", *BANKS)))
    assert river.regions[0].method == "band"
    assert river.numbers[100, 85] == 1
    assert river.numbers[100, 40] == river.numbers[100, 130] == 0
    rain = fill_drawing(scene(named("rain", [(50, 20), (40, 60)], [(120, 20), (110, 60)])))
    assert rain.regions[0].method == "ribbon"
    assert rain.numbers[40, 45] == 1
    assert rain.numbers[40, 80] == 0
    alone = fill_drawing(scene(named("river", BANKS[0])))
    assert alone.regions[0].method == "ribbon"
    lake = fill_drawing(scene(named("river", circle(100, 100, 60))))
    assert lake.regions[0].method == "closed"
    assert is_open_by_nature("grass")
    assert not is_open_by_nature("house")


def test_what_is_an_object_is_said_by_layers_then_the_label_then_nearness() -> None:
    apart = [circle(40, 40, 20), circle(150, 150, 20), np.array([(60, 40), (70, 40)], float)]
    assert [g.strokes for g in groups_of(drawn(*apart, label=None))] == [(1,), (0, 2)]
    assert groups_of(drawn(*apart)) == (Group((0, 1, 2), "cat"),)
    layered = scene(named("b", apart[0]), named("a", apart[1]), named("b", apart[2]))
    assert groups_of(layered) == (Group((1,), "a"), Group((0, 2), "b"))
    assert clusters([], 1.0) == []


AWKWARD: dict[str, Drawing] = {
    "nothing": drawn(),
    "a dot": drawn([(5, 5)]),
    "a dot twice": drawn([(5, 5), (5, 5)]),
    "one line": drawn([(0, 0), (199, 50)]),
    "dots on a line": drawn([(5, 5)], [(50, 50)], [(90, 90)]),
    "10,000 points": drawn(np.random.default_rng(0).normal(100, 20, (10_000, 2))),
    "off the canvas": drawn(circle(-500, 900, 60)),
    "half off the canvas": drawn(circle(200, 100, 60)),
    "far away": drawn(circle(900_000, 900_000, 60)),
    "tiny": drawn(circle(100, 100, 1e-3)),
    "a solid area": Drawing((Stroke(SQUARE.astype(np.float32), fill=True),), (200, 200)),
}


@pytest.mark.parametrize("drawing", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_drawings(drawing: Drawing) -> None:
    filling = fill_drawing(drawing)
    assert filling.numbers.shape == (200, 200)
    assert len(filling.regions) == min(len(drawing.strokes), 1)
    seen = np.bincount(filling.numbers.ravel(), minlength=2)
    assert [r.area for r in filling.regions] == seen[1 : 1 + len(filling.regions)].tolist()


def test_awkward_drawings_give_what_is_to_be_seen() -> None:
    assert fill_drawing(AWKWARD["off the canvas"]).regions[0].area == 0
    half = fill_drawing(AWKWARD["half off the canvas"])
    assert half.regions[0].area == pytest.approx(np.pi * 60**2 / 2, rel=0.03)
    solid = fill_drawing(AWKWARD["a solid area"])
    assert solid.regions[0].method == "solid"
    assert iou(solid.numbers == 1, SQUARE) > 0.97


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"tolerance": -0.1}, "a tolerance of -0.1"),
        ({"tolerance": float("nan")}, "a tolerance of nan"),
        ({"last": "magic"}, "no method 'magic'"),
        ({"size": 0}, "0 x 0 px"),
        ({"groups": [Group((7,))]}, r"strokes \[7\]; the drawing has 1"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(LineworkError, match=said):
        fill_drawing(drawn(CLOSED), **arguments)  # type: ignore[arg-type]


def page(paint: Callable[[npt.NDArray[np.uint8]], None], side: int = 200) -> npt.NDArray[np.bool_]:
    ink = np.zeros((side, side), np.uint8)
    paint(ink)
    return ink.view(np.bool_)


def two_rooms(ink: npt.NDArray[np.uint8]) -> None:
    cv2.rectangle(ink, (20, 20), (180, 180), 1, 3)
    cv2.line(ink, (100, 20), (100, 94), 1, 3)
    cv2.line(ink, (100, 106), (100, 180), 1, 3)  # a gap of about 3 line widths


def test_line_art_is_parted_and_gaps_are_bridged() -> None:
    ink = page(two_rooms)
    assert find_regions(ink, 3.0, gap=0).count == 2
    regions = find_regions(ink, 3.0, gap=4)
    assert (regions.count, regions.bridged) == (3, 1)
    assert regions.numbers[0, 0] == 1
    assert regions.numbers[100, 50] != regions.numbers[100, 150]
    # Regions meet in the middle of the line: no px is left, and none on the wrong side.
    assert regions.numbers.min() == 1
    assert len(np.unique(regions.numbers[60, 40:98])) == 1
    assert np.flatnonzero(np.diff(regions.numbers[60, 40:160])).tolist() == [60]


@pytest.mark.parametrize("turn", [0, 17, 45, 90, 135])
def test_gaps_are_bridged_at_any_angle(turn: float) -> None:
    ink = page(two_rooms).astype(np.float32)
    matrix = cv2.getRotationMatrix2D((100, 100), turn, 0.7)
    turned = cv2.warpAffine(ink, matrix, (200, 200)) > 0.5
    assert find_regions(turned, 2.2, gap=5).count == 3


def test_specks_go_to_their_neighbours() -> None:
    def paint(ink: npt.NDArray[np.uint8]) -> None:
        two_rooms(ink)
        cv2.rectangle(ink, (50, 50), (53, 53), 1, 1)

    assert find_regions(page(paint), 3.0).count == 3


def test_neighbours_have_different_colours_and_the_outside_is_paper() -> None:
    rng = np.random.default_rng(0)
    ink = np.zeros((300, 300), np.uint8)
    for _ in range(25):
        a, b = rng.integers(0, 300, (2, 2)).tolist()
        cv2.line(ink, a, b, 1, 2)
    regions = find_regions(ink.view(np.bool_), 2.0, gap=0)
    colors = flat_colors(regions, np.random.default_rng(1))
    assert len(colors) == regions.count + 1
    assert colors[1].tolist() == [255, 255, 255]
    numbers = regions.numbers
    for a, b in ((numbers[:, :-1], numbers[:, 1:]), (numbers[:-1], numbers[1:])):
        edge = a != b
        assert (colors[a[edge]] != colors[b[edge]]).any(axis=1).all()
    again = flat_colors(regions, np.random.default_rng(1))
    assert (again == colors).all()


def test_lines_lie_over_the_colours() -> None:
    numbers = np.array([[1, 2]], np.int32)
    colors = np.array([[0, 0, 0], [255, 255, 255], [200, 100, 50]], np.uint8)
    flat = colored(numbers, colors, np.array([[0.0, 0.5]]))
    assert flat.tolist() == [[[255, 255, 255], [100, 50, 25]]]
    assert colored(numbers, colors, np.ones((1, 2))).max() == 0


def test_a_page_without_paper_or_without_ink_is_one_region() -> None:
    for ink in (np.zeros((9, 9), np.bool_), np.ones((9, 9), np.bool_)):
        regions = find_regions(ink, 2.0)
        assert (regions.count, int(regions.numbers.max())) == (1, 1)


def test_shapes_with_gaps_hold_and_fit() -> None:
    """A few of what benchmarks/bench_fill.py measures on 600."""
    rng = np.random.default_rng(5)
    worst, leaks = 1.0, 0
    for k in range(8):
        t = np.linspace(0, 2 * np.pi, 400, endpoint=False)
        lobes = 1 + 0.25 * np.sin((2 + k % 5) * t + rng.uniform(0, 6))
        ring = np.stack([100 + 70 * lobes * np.cos(t), 100 + 60 * lobes * np.sin(t)], axis=1)
        gap = int(rng.integers(2, 5))  # up to 3.5 % of its width
        starts = np.sort(rng.choice(8, 3, replace=False)) * 50
        pieces = [np.roll(ring, -s, axis=0) for s in starts[:1]]
        ends = [*(starts[1:] - starts[0]), 400]
        cut = np.split(pieces[0], ends[:-1])
        lines = [piece[gap:] for piece in cut]
        found = silhouette(work_on(lines, 2.0, 0.1))
        filling = fill_drawing(drawn(*lines), size=400)
        score = iou(filling.numbers == 1, ring, 2.0)
        worst = min(worst, score)
        leaks += found.method not in ("closed", "bridged", "ball") or score < 0.9
    assert worst > 0.97
    assert leaks == 0


def test_a_filling_is_numbers_and_regions() -> None:
    filling = fill_drawing(scene(named("a", circle(60, 60, 30)), named("b", circle(140, 140, 30))))
    assert isinstance(filling, Filling)
    for region in filling.regions:
        x0, y0, x1, y1 = region.box
        assert (filling.numbers[y0:y1, x0:x1] == region.number).sum() == region.area
