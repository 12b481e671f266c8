"""Rough pictures: the same for a seed, in registration with the clean ones, as asked for."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from linework.datasets.even_lines import even_lines
from linework.datasets.pairs import Pair
from linework.datasets.papers import WHITE, Paper, paper_tooth, take_picture
from linework.datasets.pencils import PENCILS, draw_density, line_width, through_grain
from linework.datasets.random_lines import KINDS, random_figure
from linework.datasets.rough_additions import construction_lines, hatching, scribble, wrong_strokes
from linework.datasets.rough_strokes import roughen_strokes, sketch_stroke
from linework.datasets.roughening import Looks, RoughenedDrawings, draw_sketch
from linework.datasets.sketch_scene import draw_clean, gaps_beside
from linework.datasets.sketching_habits import NO_STRAY, Habits, random_habits
from linework.strokes import Drawing, Stroke
from linework.strokes.errors import LineworkError
from scipy.spatial import cKDTree

LOOKS = tuple(field.name for field in fields(Looks))
SIZE = 192
STEADY = replace(NO_STRAY, pressure=0.0)
SCREEN_PEN = PENCILS["screen pen"]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def only(look: str) -> Looks:
    return Looks(**{name: float(name == look) for name in LOOKS})


def circle(r: float = 60.0, at: float = 96.0, n: int = 200) -> Stroke:
    angle = np.linspace(0, 2 * np.pi, n)
    points = at + r * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points[-1] = points[0]
    return Stroke(points.astype(np.float32), width=3.5)


def wave() -> Stroke:
    x = np.linspace(10, 180, 120)
    return Stroke(np.stack([x, 96 + 30 * np.sin(x / 25)], axis=1).astype(np.float32), width=3.5)


LINES = {
    "straight": Stroke([[15.0, 40.0], [175.0, 150.0]], width=3.5),
    "circle": circle(),
    "wave": wave(),
    "corner": Stroke([[20.0, 150.0], [90.0, 30.0], [170.0, 150.0]], width=3.5),
}


def across(points: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Signed distance of points from a finely drawn line, px."""
    tree = cKDTree(line)
    _, at = tree.query(points)
    ahead = np.gradient(line, axis=0)[at]
    aside = points - line[at]
    return (ahead[:, 0] * aside[:, 1] - ahead[:, 1] * aside[:, 0]) / np.hypot(*ahead.T)


@pytest.mark.parametrize("look", LOOKS)
def test_the_same_seed_gives_the_same_bytes(look: str) -> None:
    def pairs() -> list[Pair]:
        source, generator = RoughenedDrawings(looks=only(look)), rng(5)
        return [source.patch(SIZE, generator) for _ in range(2)]

    for one, other in zip(pairs(), pairs(), strict=True):
        for a, b in ((one.rough, other.rough), (one.clean, other.clean)):
            assert (a.shape, a.dtype) == ((SIZE, SIZE), np.uint8)
            assert a.tobytes() == b.tobytes()
    first, second = pairs()
    assert first.rough.tobytes() != second.rough.tobytes()
    assert (first.clean == 255).all() == (look == "blank")


@pytest.mark.parametrize("name", LINES)
def test_a_steady_hand_draws_the_clean_line(name: str) -> None:
    """Without stray the rough ink lies on the clean ink: mean offset below half a px everywhere."""
    scene = Drawing((LINES[name],), size=(SIZE, SIZE))
    density = draw_sketch(scene, SCREEN_PEN, STEADY, SIZE, rng())
    rough, clean = take_picture(density, density, WHITE, rng()), draw_clean(scene, SIZE)
    line = fine(LINES[name])
    for picture in (rough, clean):
        y, x = np.nonzero(picture < 160)
        pixels = np.stack([x, y], axis=1) + 0.5
        off = across(pixels, line)
        place = cKDTree(line).query(pixels)[1] * 8 // len(line)
        assert max(abs(off[place == k].mean()) for k in range(8)) < 0.5
        assert abs(off.mean()) < 0.25
        assert np.abs(off).max() < 3.5


def fine(stroke: Stroke) -> np.ndarray:
    runs = even_lines(stroke.points, 0.25)
    return np.concatenate([run.points for run in runs])


@pytest.mark.parametrize("name", LINES)
def test_what_hands_stray_averages_out(name: str) -> None:
    """Strokes scatter by px, yet their mean follows the line everywhere."""
    habits = Habits(arc=70.0, cover=6.0, scatter=4.0, tremor=0.0, hook=0.0)
    line = fine(LINES[name])
    spread, middle = [], []
    for seed in range(4):
        strokes = sketch_stroke(LINES[name], habits, rng(seed))
        points = np.concatenate([s.points for s in strokes]).astype(float)
        off = across(points, line)
        place = cKDTree(line).query(points)[1] * 8 // len(line)
        spread.append(off.std())
        middle += [abs(off[place == k].mean()) for k in range(8)]
    assert np.mean(spread) > 2.0
    assert np.mean(middle) < 0.5


def test_sketching_covers_the_line_as_often_as_asked() -> None:
    line = LINES["wave"]
    length = np.hypot(*np.diff(fine(line), axis=0).T).sum()
    for cover in (1.0, 4.0):
        habits = Habits(arc=60.0, cover=cover, scatter=1.0, overlap=0.1)
        drawn = 0.0
        for seed in range(30):
            for s in sketch_stroke(line, habits, rng(seed)):
                drawn += float(np.hypot(*np.diff(s.points, axis=0).T).sum())
        assert drawn / 30 / length == pytest.approx(max(cover, 1.1), rel=0.15)


def test_gaps_only_where_hands_leave_them() -> None:
    line = fine(LINES["circle"])
    for overlap, whole in ((0.2, True), (-0.3, False)):
        habits = replace(STEADY, arc=60.0, overlap=overlap)
        points = np.concatenate([s.points for s in sketch_stroke(LINES["circle"], habits, rng(1))])
        reached = (cKDTree(points).query(line)[0] < 3).mean()
        assert (reached == 1.0) == whole


def test_lines_side_by_side_are_kept_apart() -> None:
    rails = [Stroke([[0.0, y], [180.0, y]], width=2.0) for y in (60.0, 72.0, 160.0)]
    near, same, far = gaps_beside(rails, (0, 0, SIZE, SIZE))
    assert near == same == pytest.approx(12.0)
    assert far == pytest.approx(88.0)
    [alone] = gaps_beside(rails[:1], (0, 0, SIZE, SIZE))
    assert alone == np.inf
    [round_trip] = gaps_beside([circle(40.0)], (0, 0, SIZE, SIZE))
    assert round_trip > 40


def test_dots_and_areas_stay() -> None:
    dot, area = Stroke([[5.0, 5.0]]), circle().replace(fill=True)
    made = roughen_strokes(Drawing((dot, area)), Habits(), rng())
    assert made.strokes == (dot, area)


def test_only_what_touches_the_window_is_drawn() -> None:
    long = Stroke([[0.0, 50.0], [5000.0, 60.0]], width=3.5)
    everything = sketch_stroke(long, Habits(arc=80.0), rng())
    seen = sketch_stroke(long, Habits(arc=80.0), rng(), (0, 0, 200, 200))
    assert 0 < len(seen) < len(everything)
    assert all((s.points[:, 0] < 300).any() for s in seen)
    assert not sketch_stroke(long, Habits(), rng(), (0, 2000, 200, 2200))


@pytest.mark.parametrize("name", PENCILS)
def test_pencils_draw_as_wide_as_they_say(name: str) -> None:
    pencil = replace(PENCILS[name], opacity=0.5, shading=0.0)
    line = Stroke([[10.0, 20.3], [90.0, 20.3]], pressure=[0.6, 0.6])
    light = np.exp(-draw_density([line], pencil, 100))
    area = (1 - light[:, 30:70]).sum() / 40 / 0.5
    assert area == pytest.approx(line_width(pencil), abs=0.25)
    assert area == pytest.approx(pencil.width, abs=0.5)


def test_ink_adds_up_by_multiplication() -> None:
    line = Stroke([[10.0, 20.5], [90.0, 20.5]])
    once = np.exp(-draw_density([line], SCREEN_PEN, 100)).min()
    twice = np.exp(-draw_density([line, line], SCREEN_PEN, 100)).min()
    assert once == pytest.approx(1 - SCREEN_PEN.opacity, abs=0.01)
    assert twice == pytest.approx(once**2, abs=0.01)


def test_pressure_darkens_and_widens() -> None:
    def ink(pressure: float) -> float:
        line = Stroke([[10.0, 20.5], [90.0, 20.5]], pressure=[pressure] * 2)
        return float(1 - np.exp(-draw_density([line], PENCILS["soft pencil"], 100)).mean())

    assert ink(0.2) < 0.5 * ink(0.6) < 0.5 * ink(0.95)


def test_grain_leaves_the_ink_on_average() -> None:
    tooth = paper_tooth(128, 0.9, rng())
    assert abs(tooth.mean()) < 0.1
    assert tooth.std() == pytest.approx(1.0, abs=0.1)
    thin = np.full((128, 128), 0.3, np.float32)
    grained = through_grain(thin, tooth, 0.8)
    assert grained.std() > 0.1
    assert grained.mean() == pytest.approx(0.3, rel=0.2)


def test_white_paper_is_white_and_ink_is_exact() -> None:
    density = np.zeros((32, 32), np.float32)
    density[8:16] = -np.log(0.45)
    picture = take_picture(density, density, WHITE, rng())
    assert sorted(np.unique(picture)) == [115, 255]


@pytest.mark.parametrize(
    "paper",
    [
        Paper(tone=0.8, texture=0.03, noise=4.0),
        Paper(rules=0.2, squared=True),
        Paper(stain=0.15),
        Paper(specks=10.0),
        Paper(smudge=0.1),
        Paper(shadow=0.4, tone=0.9),
        Paper(blur=1.0, sharpen=0.5),
        Paper(jpeg=40),
        Paper(threshold=0.6),
        Paper(contrast=0.2),
    ],
    ids=[
        "texture",
        "squares",
        "stain",
        "dust",
        "smudge",
        "shadow",
        "lens",
        "jpeg",
        "bitonal",
        "faint",
    ],
)
def test_papers_keep_every_px_in_its_place(paper: Paper) -> None:
    scene = Drawing((circle(),), size=(SIZE, SIZE))
    density = draw_density(scene.strokes, PENCILS["fineliner"], SIZE)
    tooth = paper_tooth(SIZE, paper.coarse, rng())
    bare = take_picture(np.zeros_like(density), tooth, paper, rng(3))
    drawn = take_picture(density, tooth, paper, rng(3))
    added = np.maximum(bare.astype(float) - drawn, 0) > 20
    y, x = np.nonzero(added)
    assert len(x) > 300
    assert abs(np.hypot(x + 0.5 - 96, y + 0.5 - 96).mean() - 60) < 0.4


def test_faint_pencil_is_faint_but_there() -> None:
    source, generator = RoughenedDrawings(looks=only("faint")), rng(2)
    for _ in range(4):
        pair = source.patch(SIZE, generator)
        paper = np.median(pair.rough)
        assert np.percentile(pair.rough, 1) > 0.6 * paper
        assert pair.rough[pair.clean < 40].mean() < paper


def test_identity_pairs() -> None:
    source, generator = RoughenedDrawings(looks=only("identity")), rng(0)
    same = 0
    for _ in range(12):
        pair = source.patch(64, generator)
        same += bool(np.array_equal(pair.rough, pair.clean))
    assert 0 < same < 12


@pytest.mark.parametrize("make", [kind for kind, _ in KINDS], ids=lambda f: f.__name__)
def test_figures_are_clean_lines(make: object) -> None:
    for seed in range(4):
        lines = make(rng(seed))  # type: ignore[operator]
        assert all(np.isfinite(line).all() for line in lines)
        assert any(len(line) > 1 for line in lines)


def test_a_figure_fits_its_canvas() -> None:
    for seed in range(10):
        x0, y0, x1, y1 = random_figure(rng(seed)).bounds
        assert min(x0, y0) >= 39
        assert max(x1, y1) <= 961


def test_additions_lie_where_they_belong() -> None:
    ring = circle()
    for strokes in (hatching(ring.points, 1.0, rng()), scribble(ring.points, 3.0, 1.0, rng())):
        points = np.concatenate([s.points for s in strokes])
        assert np.hypot(*(points - 96).T).max() < 66
    scribbled = draw_density(scribble(ring.points, 3.0, 1.0, rng(1)), PENCILS["pencil"], SIZE)
    y, x = np.indices(scribbled.shape)
    assert (scribbled[np.hypot(x - 96, y - 96) < 50] > 0.05).mean() > 0.7
    assert construction_lines(Drawing((ring,)), 1.0, rng())
    assert wrong_strokes(Drawing((ring,)), 1.0, rng())
    assert (
        construction_lines(Drawing(()), 1.0, rng()) == wrong_strokes(Drawing(()), 1.0, rng()) == []
    )


def test_drawings_may_be_anything() -> None:
    """Dots, empty drawings, one line of no length, huge and tiny ones."""
    odd = [
        Drawing(()),
        Drawing((Stroke([[5.0, 5.0]]),)),
        Drawing((Stroke([[5.0, 5.0], [5.0, 5.0]]), Stroke([[0.0, 0.0], [9.0, 0.0]]))),
        Drawing((Stroke([[0.0, 0.0], [900_000.0, 900_000.0]]),)),
        Drawing((Stroke([[0.0, 0.0], [1e-3, 1e-3], [0.0, 1e-3]]),)),
        Drawing((circle().replace(time=np.arange(200), pressure=np.full(200, 0.3)),)),
        Drawing((circle().replace(fill=True),)),
    ]
    source, generator = RoughenedDrawings(odd, figures=0.0), rng(1)
    for _ in range(20):
        assert source.patch(64, generator).rough.shape == (64, 64)
    nothing = draw_sketch(Drawing(()), SCREEN_PEN, Habits(), 64, generator)
    assert not nothing.any()


def test_habits_are_those_of_people() -> None:
    many = [random_habits(rng(seed)) for seed in range(200)]
    assert 1.5 < np.median([h.cover for h in many]) < 3.5
    assert 2.0 < np.median([h.scatter for h in many]) < 7.0
    assert 0.03 < np.mean([h.overlap < 0 for h in many]) < 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"looks": Looks(0, 0, 0, 0, 0, 0)}, "one of them above 0"),
        ({"looks": Looks(plain=-1.0)}, "0 or more"),
        ({"figures": 1.5}, "0 to 1"),
    ],
)
def test_what_cannot_be(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(LineworkError, match=message):
        RoughenedDrawings(**arguments)  # type: ignore[arg-type]
