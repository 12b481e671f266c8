"""A scene's label map: who has the last word, and that nothing is left open."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from linework.datasets.labels import UNLABELLED, vocabulary
from linework.models.dense_map import DenseMap, DenseMapConfig
from linework.pipeline.labelling_scenes import (
    fill_scene,
    known_pixels,
    lay_by_network,
    lay_by_rule,
    network_input,
    propose,
)
from linework.pipeline.painting import Palette, paint_labels
from linework.pipeline.painting_many import as_indices, paint_many
from linework.pipeline.scene_objects import SceneObject, find_objects
from linework.strokes import Drawing, Stroke
from linework.strokes.errors import LineworkError
from scene_sketches import CANVAS, LABELS, PAINTED, park, write_networks

SCENE = vocabulary("scene")
SIZE = (120, 80)
CONFIG = DenseMapConfig(labels=LABELS, side=16, embedding=4, channels=(8, 8))


def pixel(name: str) -> int:
    return SCENE.label(name).pixel


def objects_of(drawing: Drawing) -> tuple[SceneObject, ...]:
    return find_objects([drawing], lambda parts: [()] * len(parts))[0]


@pytest.fixture(scope="module")
def scene() -> tuple[Drawing, tuple[SceneObject, ...], np.ndarray]:
    drawing = park()
    objects = objects_of(drawing)
    return drawing, objects, fill_scene(drawing, objects, SIZE).numbers


class Always(DenseMap):
    """Sure of one label, and of another on the right half."""

    def __init__(self, left: str, right: str, sure: float) -> None:
        super().__init__(CONFIG)
        self.said = (LABELS.index(left), LABELS.index(right), sure)
        self.eval()

    def forward(self, ink: torch.Tensor, area: torch.Tensor) -> torch.Tensor:
        left, right, sure = self.said
        out = torch.zeros(len(ink), len(LABELS), 8, 8)
        out[:, left, :, :4] = sure
        out[:, right, :, 4:] = sure
        return out


def laid(network: DenseMap, scene, brush: np.ndarray | None = None):
    drawing, objects, numbers = scene
    known = known_pixels(numbers, objects, brush)
    (chances,) = propose(network, [(drawing, objects, known)])
    return lay_by_network(network, chances, drawing, objects, numbers, known)


def test_regions_are_numbered_as_objects_are(scene) -> None:
    drawing, objects, numbers = scene
    assert numbers.shape == SIZE[::-1]
    assert numbers[15, 100] == 1  # the sun
    assert numbers[50, 22] == 4  # the house
    rows = {row.number: row for row in fill_scene(drawing, objects, SIZE).rows}
    assert rows[3].method == "land"
    assert rows[4].method == "closed"
    assert rows[4].area == int((numbers == 4).sum())


def test_the_rule_puts_the_sky_above_and_the_ground_below(scene) -> None:
    drawing, objects, numbers = scene
    found = lay_by_rule(drawing, objects, known_pixels(numbers, objects, None))
    assert found[2, 60] == pixel("sky")
    assert found[75, 60] == pixel("grass")
    assert found[40, 60] == pixel("mountain")
    assert found[50, 22] == pixel("house")
    assert (found != UNLABELLED).all()


def test_the_network_overrules_the_rule_only_where_it_is_sure(scene) -> None:
    sure, _ = laid(Always("sky", "grass", 9.0), scene)
    assert sure[75, 2] == pixel("sky")
    assert sure[2, 118] == pixel("grass")
    unsure, _ = laid(Always("sky", "grass", 0.5), scene)
    drawing, objects, numbers = scene
    by_rule = lay_by_rule(drawing, objects, known_pixels(numbers, objects, None))
    assert (unsure == by_rule).mean() > 0.97


def test_filled_objects_and_the_users_brush_have_the_last_word(scene) -> None:
    brush = np.full(SIZE[::-1], UNLABELLED, np.uint8)
    brush[70:, :] = pixel("road")
    brush[48:52, 20:24] = pixel("sand")
    found, _ = laid(Always("sky", "sky", 20.0), scene, brush)
    _, objects, numbers = scene
    known = known_pixels(numbers, objects, brush)
    assert (found[known != UNLABELLED] == known[known != UNLABELLED]).all()
    assert (found[70:] == pixel("road")).all()
    assert found[50, 22] == pixel("sand")
    assert (found != UNLABELLED).all()


def test_nothing_that_was_not_drawn_is_laid_behind(scene) -> None:
    found, _ = laid(Always("road", "sun", 20.0), scene)
    assert pixel("road") not in found
    sky = known_pixels(scene[2], scene[1], None) == UNLABELLED
    assert pixel("sun") not in found[sky]


def test_an_object_without_a_label_is_asked_about_as_a_whole() -> None:
    drawing = park(house="thing")
    objects = objects_of(drawing)
    assert objects[3].label is None
    numbers = fill_scene(drawing, objects, SIZE).numbers
    found, told = laid(Always("tree", "tree", 5.0), (drawing, objects, numbers))
    assert told == {4: "tree"}
    assert (found[numbers == 4] == pixel("tree")).all()
    by_rule = lay_by_rule(drawing, objects, known_pixels(numbers, objects, None))
    assert by_rule[50, 22] != pixel("house")


def test_what_the_network_sees(scene) -> None:
    drawing, objects, numbers = scene
    known = known_pixels(numbers, objects, None)
    ink, area = network_input(DenseMap(CONFIG), drawing, objects, known)
    assert set(np.unique(ink)) <= {*range(len(LABELS)), CONFIG.nothing}
    assert LABELS.index("mountain") in ink
    assert LABELS.index("house") in area
    strange = objects_of(park(house="cat"))  # a label that this network never met
    ink, _ = network_input(DenseMap(CONFIG), park(house="cat"), strange, known)
    assert CONFIG.unknown in ink


def test_a_wide_brush_in_a_layer_of_land_is_an_area() -> None:
    brush = Stroke(np.array([[10, 140], [230, 150]], np.float32), layer="snow", width=16.0)
    drawing = park().with_strokes([*park().strokes, brush])
    objects = objects_of(drawing)
    regions = fill_scene(drawing, objects, SIZE)
    assert regions.rows[-1].method == "brush"
    assert regions.numbers[72, 60] == 7


# --- painting -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory):
    from linework.pipeline.painting import load_painter

    files = write_networks(tmp_path_factory.mktemp("networks"))
    return load_painter(files["painter"], torch.device("cpu"))


def test_a_batch_paints_what_one_after_another_would(painter) -> None:
    network, _ = painter
    rng = np.random.default_rng(0)
    maps = [
        rng.integers(0, len(PAINTED), size).astype(np.uint8)
        for size in ((40, 60), (40, 60), (60, 40))
    ]
    many = paint_many(maps, network, seed=5)
    for labels, picture in zip(maps, many, strict=True):
        assert picture.shape == (*labels.shape, 3)
        alone = paint_labels(labels, network, 5, {})
        assert np.abs(picture.astype(int) - alone.astype(int)).max() <= 1


def test_what_the_painter_never_saw_becomes_what_is_like_it(painter) -> None:
    _, palette = painter
    told: list[str] = []
    pixels = np.full((6, 9), pixel("sky"), np.uint8)
    pixels[:, 3:6] = pixel("hill")
    pixels[2:4, 7] = pixel("cat")
    found = as_indices(pixels, SCENE, palette, told.append)
    assert (found[:, 3:6] == palette.index_of("mountain")).all()
    assert (found[:, 6:] == palette.index_of("sky")).all()
    assert told == [
        "the painter never saw cat; what lies around it is painted there",
        "the painter never saw hill; it is painted as mountain",
    ]


def test_nothing_that_the_painter_knows_is_a_sentence(painter) -> None:
    _, palette = painter
    assert isinstance(palette, Palette)
    with pytest.raises(LineworkError, match="it knows clouds, grass"):
        as_indices(np.full((4, 4), pixel("cat"), np.uint8), SCENE, palette, lambda text: None)


def test_canvas_is_as_the_sketches_say() -> None:
    assert park().size == CANVAS
