"""Synthetic scenes: seeded, any size, whole label maps; their beauty is for the eye."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from linework.datasets.labels import UNLABELLED, vocabulary
from linework.datasets.scenes import THEMES, Painting, compose, paint_scene
from linework.datasets.scenes.canvas import Canvas
from linework.datasets.scenes.composer import MOST_THINGS
from linework.datasets.scenes.folder import label_map
from linework.datasets.scenes.light import MOODS, SEASONS
from linework.datasets.scenes.painters_standing import BUILT, SPRITES
from linework.datasets.scenes.render import PAINTERS
from linework.datasets.scenes.scene import NAMES
from linework.strokes import LineworkError

SCENE = vocabulary("scene")
# As many as show every theme, most moods and seasons, water, ways and buildings.
SEEDS = range(8)
WIDTH, HEIGHT = 96, 80


@pytest.fixture(scope="module")
def paintings() -> list[Painting]:
    themes = itertools.cycle(THEMES)
    return [
        paint_scene(compose(s, WIDTH, HEIGHT, theme=t)) for s, t in zip(SEEDS, themes, strict=False)
    ]


def test_every_name_is_in_the_vocabulary() -> None:
    known = {label.name for label in SCENE.labels}
    assert set(NAMES) <= known


def test_pictures_and_owners(paintings: list[Painting]) -> None:
    for painting in paintings:
        assert painting.picture.shape == (HEIGHT, WIDTH, 3)
        assert painting.picture.dtype == painting.owner.dtype == np.uint8
        assert painting.owner.shape == (HEIGHT, WIDTH)
        assert painting.picture.std() > 10  # a picture, not a wall


def test_every_px_is_of_a_thing_with_a_label(paintings: list[Painting]) -> None:
    for painting in paintings:
        labels = label_map(painting, SCENE)
        assert SCENE.is_pixel[np.unique(labels)].all()
        assert UNLABELLED not in labels
        for number in np.unique(painting.owner).tolist():
            thing = painting.scene.things[number]
            assert thing.id == number
            assert set(labels[painting.owner == number]) == {SCENE.label(thing.name).pixel}


def test_what_shows_lies_within_the_mask(paintings: list[Painting]) -> None:
    for painting in paintings:
        for number in np.unique(painting.owner).tolist():
            mask = painting.masks[number].on(HEIGHT, WIDTH)
            assert mask[painting.owner == number].all()


def test_nearer_things_are_painted_later(paintings: list[Painting]) -> None:
    for painting in paintings:
        things = painting.scene.things
        assert [t.id for t in things] == list(range(len(things)))
        standing = [t for t in things if t.kind in (*BUILT, *SPRITES)]
        assert all(a.z >= b.z for a, b in itertools.pairwise(standing))
        # Whatever a px shows is the last thing painted there.
        for thing in things:
            if thing.id in painting.masks:
                covered = painting.masks[thing.id].on(HEIGHT, WIDTH)
                assert (painting.owner[covered] >= thing.id).all()


def test_equal_seeds_give_equal_paintings(paintings: list[Painting]) -> None:
    again = paint_scene(compose(3, WIDTH, HEIGHT, theme=THEMES[3]))
    np.testing.assert_array_equal(again.picture, paintings[3].picture)
    np.testing.assert_array_equal(again.owner, paintings[3].owner)
    assert compose(3, WIDTH, HEIGHT) == compose(3, WIDTH, HEIGHT)


def test_no_two_are_alike(paintings: list[Painting]) -> None:
    assert len({p.picture.tobytes() for p in paintings}) == len(paintings)
    assert len({p.scene.mood for p in paintings}) > 3
    assert len({p.scene.season for p in paintings}) > 2


@pytest.mark.parametrize(
    ("width", "height"), [(160, 96), (96, 160), (33, 200), (200, 33), (64, 64)]
)
def test_any_size(width: int, height: int) -> None:
    for seed, theme in enumerate(THEMES):
        painting = paint_scene(compose(seed, width, height, theme=theme))
        assert painting.picture.shape == (height, width, 3)


@pytest.mark.parametrize("mood", MOODS)
def test_moods_are_as_light_as_they_say(mood: str) -> None:
    scene = compose(5, 64, 64, theme="landscape", season="summer", mood=mood)
    value = paint_scene(scene).picture.mean()
    assert scene.mood == mood
    assert (value < 90) == (mood in ("night", "dusk")), value


@pytest.mark.parametrize("season", SEASONS)
def test_snow_lies_in_winter_alone(season: str) -> None:
    scene = compose(8, 64, 64, theme="landscape", season=season)
    assert ("snow" in {t.name for t in scene.things}) == (season == "winter")


def test_the_rarest_kinds_are_painted() -> None:
    """Composing is cheap, so the seeds in which each painter is called are looked for."""
    wanted = set(PAINTERS)
    for seed in range(400):
        scene = compose(seed, 48, 48)
        assert len(scene.things) <= MOST_THINGS
        new = {t.kind for t in scene.things} & wanted
        if new:
            paint_scene(scene)
            wanted -= new
        if not wanted:
            break
    assert not wanted


@pytest.mark.parametrize("wrong", ["theme", "season", "mood"])
def test_what_there_is_not_is_said(wrong: str) -> None:
    with pytest.raises(LineworkError, match=f"no {wrong} 'mars'"):
        compose(0, **{wrong: "mars"})


def test_the_label_changes_where_the_layer_covers_half() -> None:
    canvas = Canvas(4, 4)
    alpha = np.array([[0.49, 0.5], [0.0, 1.0]], np.float32)
    canvas.put(7, np.ones(3, np.float32), alpha, x=3, y=-1)
    # Only the layer's lower left px lies on the canvas.
    assert not canvas.owner.any()
    canvas.put(7, np.ones(3, np.float32), alpha, x=1, y=1)
    assert canvas.owner.tolist() == [[0, 0, 0, 0], [0, 0, 7, 0], [0, 0, 7, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(canvas.picture[1, 1], 0.49)
    assert canvas.masks[7].on(4, 4).sum() == 2


def test_scenes_cost_little() -> None:
    """Not the benchmark: a guard against becoming several times slower, on a busy machine too."""
    paint_scene(compose(1))
    begin = time.process_time()
    for seed in range(4):
        paint_scene(compose(seed))
    assert (time.process_time() - begin) / 4 < 0.6
