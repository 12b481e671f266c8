"""Strokes to objects: by layer, by what they look like, by their place, and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from linework.pipeline.recognising import Answer
from linework.pipeline.scene_objects import (
    SceneObject,
    find_objects,
    objects_text,
    read_objects,
)
from linework.strokes import Drawing, Stroke
from linework.strokes.errors import FormatError, LineworkError
from scene_sketches import CANVAS, park, ring


def says(*answers: tuple[str, float]):
    """A recogniser that says the same of everything, and counts what it is asked."""
    asked: list[int] = []

    def recognise(drawings: list[Drawing]) -> list[tuple[Answer, ...]]:
        asked.append(len(drawings))
        return [tuple(Answer(*answer) for answer in answers)] * len(drawings)

    recognise.asked = asked  # type: ignore[attr-defined]
    return recognise


def two_rings() -> Drawing:
    strokes = tuple(Stroke(ring(x, 60, 20).astype(np.float32)) for x in (50, 190))
    return Drawing(strokes, size=CANVAS)


def test_layers_are_believed_and_nobody_is_asked() -> None:
    nobody = says()
    (objects,) = find_objects([park()], nobody)
    assert [one.label for one in objects] == ["sun", "clouds", "mountain", "house", "tree", "tree"]
    assert {one.method for one in objects} == {"layer"}
    assert [one.id for one in objects] == [203, 106, 135, 128, 169, 169]
    assert objects[4].strokes == (4, 5)
    assert nobody.asked == []


def test_all_scenes_are_asked_about_together() -> None:
    recogniser = says(("palm tree", 0.3), ("broccoli", 0.35), ("tree", 0.3))
    found = find_objects([two_rings(), park(), two_rings()], recogniser)
    assert recogniser.asked == [4]
    first = found[0][0]
    # The words of one label speak together.
    assert (first.label, first.word, first.method) == ("tree", "palm tree", "recogniser")
    assert first.score == pytest.approx(0.6)
    assert found[1][0].method == "layer"


def test_words_leave_nothing_else_to_be() -> None:
    recogniser = says(("broccoli", 0.6), ("tree", 0.1), ("house", 0.3))
    (objects,) = find_objects([two_rings()], recogniser, ["tree", "sun"])
    assert objects[0].label == "tree"
    assert objects[0].score == pytest.approx(1.0)
    with pytest.raises(LineworkError, match=r"--word treee: .* did you mean 'tree'"):
        find_objects([two_rings()], recogniser, ["treee"])


def test_what_no_label_is_sure_of_has_none() -> None:
    (objects,) = find_objects([two_rings()], says(("broccoli", 0.97), ("tree", 0.01)))
    assert objects[0].label is None
    assert objects[0].word == "broccoli"


def test_a_line_from_side_to_side_is_where_the_ground_begins() -> None:
    across = Stroke(np.array([[5, 100], [120, 108], [238, 101]], np.float32))
    drawing = Drawing((*two_rings().strokes, across), size=CANVAS)
    recogniser = says(("sun", 0.9))
    (objects,) = find_objects([drawing], recogniser)
    assert recogniser.asked == [2]
    assert [(one.label, one.method) for one in objects][-1] == ("grass", "line")


def test_a_skyline_is_no_part_of_what_it_touches() -> None:
    ridge = Stroke(np.array([[40, 90], [90, 30], [130, 60], [200, 95]], np.float32))
    drawing = Drawing((ridge, *two_rings().strokes), size=CANVAS)
    (objects,) = find_objects([drawing], says(("sun", 0.9)))
    assert [(one.label, one.method) for one in objects] == [
        ("mountain", "line"),
        ("sun", "recogniser"),
        ("sun", "recogniser"),
    ]


def test_rays_belong_to_their_sun() -> None:
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    out = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rays = [
        Stroke(np.array([[190, 60] + 26 * way, [190, 60] + 31 * way], np.float32)) for way in out
    ]
    drawing = Drawing((*two_rings().strokes, *rays), size=CANVAS)
    (objects,) = find_objects([drawing], says(("sun", 0.9)))
    assert [len(one.strokes) for one in objects] == [1, 9]


def test_a_part_is_not_the_whole_unless_it_was_asked_for() -> None:
    recogniser = says(("foot", 0.5), ("sock", 0.3), ("sun", 0.2))
    assert find_objects([two_rings()], recogniser)[0][0].label == "sun"
    assert find_objects([two_rings()], recogniser, ["foot"])[0][0].label == "person"


def test_a_doodle_with_a_word_is_one_object() -> None:
    (objects,) = find_objects([two_rings().replace(label="palm tree")], says())
    assert [(one.label, one.method, one.strokes) for one in objects] == [("tree", "word", (0, 1))]


# --- the file -----------------------------------------------------------------------


def written(tmp_path: Path) -> tuple[Path, Drawing, dict]:
    drawing = park()
    (objects,) = find_objects([drawing], says())
    path = tmp_path / "3-objects.json"
    path.write_text(objects_text("2-strokes.svg", drawing, objects))
    return path, drawing, json.loads(path.read_text())


def test_the_file_says_all_of_it_and_is_read_back(tmp_path: Path) -> None:
    path, drawing, record = written(tmp_path)
    assert record["canvas"] == list(CANVAS)
    row = record["objects"][0]
    assert {"strokes", "label", "id", "score", "method", "box", "answers"} <= row.keys()
    back = read_objects(path, drawing)
    assert [(o.label, o.strokes, o.method) for o in back][4] == ("tree", (4, 5), "layer")


def test_a_label_by_hand_is_what_counts(tmp_path: Path) -> None:
    path, drawing, record = written(tmp_path)
    record["objects"][0]["label"] = "Palm Tree"
    record["objects"][1]["label"] = None
    record["objects"][3]["strokes"] += record["objects"].pop(4)["strokes"]
    path.write_text(json.dumps(record))
    objects = read_objects(path, drawing)
    assert [(o.number, o.label, o.method) for o in objects][:2] == [
        (1, "tree", "hand"),
        (2, None, "layer"),
    ]
    assert objects[3].strokes == (3, 4, 5)
    assert len(objects) == 5


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda r: r["objects"][1].update(label="dragonfly"), "object 2: 'dragonfly' is no label"),
        (lambda r: r["objects"][1].update(label="tre"), "did you mean 'tree'"),
        (lambda r: r["objects"][1].update(label=7), "its label is 7; wanted a name in quotes"),
        (lambda r: r["objects"][0].update(strokes=[0, 99]), "object 1: has stroke 99; the drawing"),
        (lambda r: r["objects"][0].update(strokes=[3]), "stroke 3, which object 1 has already"),
        (lambda r: r["objects"][0].update(strokes="all"), "its strokes are 'all'"),
        (lambda r: r.pop("objects"), "has no list 'objects'"),
    ],
)
def test_an_edit_that_cannot_be_is_a_sentence(edit, says: str, tmp_path: Path) -> None:
    path, drawing, record = written(tmp_path)
    edit(record)
    path.write_text(json.dumps(record))
    with pytest.raises(LineworkError) as caught:
        read_objects(path, drawing)
    assert says in str(caught.value)
    assert "3-objects.json" in str(caught.value)


def test_half_a_file_is_a_sentence(tmp_path: Path) -> None:
    path, drawing, _ = written(tmp_path)
    path.write_text(path.read_text()[:200])
    with pytest.raises(FormatError, match="is not JSON"):
        read_objects(path, drawing)


def test_an_object_says_itself_in_a_line() -> None:
    one = SceneObject(3, (1,), None, "tree", "tree", 169, 0.814, "recogniser", (0, 0, 1, 1))
    assert str(one) == "3 tree (recogniser, 81%)"


def test_a_single_layer_that_spells_a_label_is_believed():
    square = np.array([(30, 30), (60, 30), (60, 60), (30, 60), (30, 31)], np.float32)
    drawing = Drawing((Stroke(square, layer="house 1"),), size=(100, 100))
    [objects] = find_objects([drawing], lambda bare: pytest.fail("nothing is to be recognised"))
    assert [(one.label, one.method) for one in objects] == [("house", "layer")]
