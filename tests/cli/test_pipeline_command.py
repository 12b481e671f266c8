"""`linework pipeline`: the whole way, on from a stage, many sketches, and what cannot be."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Run, invoke
from linework.datasets.label_png import read_label_png, write_label_png
from linework.datasets.labels import vocabulary
from linework.models.registry import bundled_models
from linework.strokes import Drawing, draw_ink
from linework.strokes.files import write_drawings
from linework.strokes.svg_write import write_svg
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "pipeline"))
from scene_sketches import park, write_networks

SCENE = vocabulary("scene")
STAGE_FILES = (
    "0-sketch.png",
    "2-strokes.svg",
    "3-objects.json",
    "3-objects.svg",
    "4-regions.json",
    "4-regions.png",
    "5-labels.json",
    "5-labels.png",
    "6-picture.png",
    "7-sheet.png",
    "pipeline.json",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks, park.svg, and done/, its whole way at 96 px."""
    folder = tmp_path_factory.mktemp("way")
    write_networks(folder)
    write_svg(park(), folder / "park.svg")
    result = invoke("pipeline", folder / "park.svg", "-o", folder / "done", *small(folder))
    assert result.exit_code == 0, result.stderr
    return folder


def small(folder: Path, **given: object) -> list[str]:
    kinds = ("densemap", "recogniser", "painter")
    files = {kind: folder / f"{kind}.safetensors" for kind in kinds}
    chosen = {"size": 96, "device": "cpu"} | files | given
    return [f"--{name}={value}" for name, value in chosen.items()]


@pytest.fixture
def done(place: Path, tmp_path: Path) -> Path:
    """A copy of done/ to edit."""
    import shutil

    return Path(shutil.copytree(place / "done", tmp_path / "done"))


def contents(folder: Path, *names: str) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def last_line(stderr: str) -> str:
    return stderr.strip().splitlines()[-1]


def test_every_stage_is_saved_under_a_name_that_sorts(place: Path) -> None:
    found = sorted(path.name for path in (place / "done").iterdir())
    assert tuple(found) == STAGE_FILES
    record = json.loads((place / "done" / "pipeline.json").read_text())
    assert list(record["stages"]) == ["clean", "trace", "recognise", "fill", "labels", "paint"]
    assert all(stage["seconds"] >= 0 for stage in record["stages"].values())
    objects = json.loads((place / "done" / "3-objects.json").read_text())["objects"]
    assert [one["label"] for one in objects] == [
        *("sun", "clouds", "mountain", "house", "tree", "tree")
    ]
    pixels = read_label_png(place / "done" / "5-labels.png").pixels
    assert pixels.shape == (64, 96)
    assert (pixels != 255).all()
    with Image.open(place / "done" / "6-picture.png") as picture:
        assert picture.size == (96, 64)
    labels = json.loads((place / "done" / "5-labels.json").read_text())
    assert sum(row["share"] for row in labels["labels"]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("stage", ["recognise", "fill", "labels", "paint"])
def test_any_stage_again_gives_the_same_files(
    stage: str, place: Path, done: Path, run: Run
) -> None:
    names = [name for name in STAGE_FILES if name[0] in "23456"]
    before = contents(done, *names)
    result = run("pipeline", "-o", done, "--from", stage, *small(place))
    assert result.exit_code == 0, result.stderr
    assert contents(done, *names) == before
    assert "edited" not in result.stderr


def test_a_label_edited_by_hand_is_used_and_stays(place: Path, done: Path, run: Run) -> None:
    path = done / "3-objects.json"
    record = json.loads(path.read_text())
    record["objects"][3]["label"] = "tree"
    path.write_text(json.dumps(record))
    edited = path.read_bytes()
    result = run("pipeline", "-o", done, "--from", "fill", *small(place))
    assert result.exit_code == 0, result.stderr
    assert path.read_bytes() == edited
    pixels = read_label_png(done / "5-labels.png").pixels
    assert SCENE.label("house").pixel not in pixels
    assert pixels[40, 18] == SCENE.label("tree").pixel


def test_a_painted_label_map_is_painted_and_stays(place: Path, done: Path, run: Run) -> None:
    path = done / "5-labels.png"
    pixels = read_label_png(path).pixels.copy()
    pixels[:, :48] = SCENE.label("grass").pixel
    write_label_png(path, pixels, SCENE)
    edited, before = path.read_bytes(), (done / "6-picture.png").read_bytes()
    result = run("pipeline", "-o", done, "--from", "paint", *small(place))
    assert result.exit_code == 0, result.stderr
    assert path.read_bytes() == edited
    assert (done / "6-picture.png").read_bytes() != before


def test_work_that_a_stage_would_write_over_is_moved_aside(
    place: Path, done: Path, run: Run
) -> None:
    path = done / "5-labels.png"
    write_label_png(path, np.full((64, 96), SCENE.label("snow").pixel), SCENE)
    edited = path.read_bytes()
    result = run("pipeline", "-o", done, "--from", "labels", *small(place))
    assert result.exit_code == 0, result.stderr
    assert "had been edited; what it was is 5-labels.edited.png now" in result.stderr
    assert (done / "5-labels.edited.png").read_bytes() == edited
    assert path.read_bytes() == (place / "done" / "5-labels.png").read_bytes()


def test_the_options_of_the_run_before_hold_until_others_are_given(
    place: Path, done: Path, run: Run
) -> None:
    networks = [one for one in small(place) if not one.startswith("--size")]
    assert run("pipeline", "-o", done, "--from", "fill", *networks).exit_code == 0
    same = contents(done, "5-labels.png") == contents(place / "done", "5-labels.png")
    assert same
    assert run("pipeline", "-o", done, "--from", "paint", "--seed", 9, *networks).exit_code == 0
    assert contents(done, "6-picture.png") != contents(place / "done", "6-picture.png")
    assert json.loads((done / "pipeline.json").read_text())["options"]["seed"] == 9


def test_a_brush_of_ones_own_counts(place: Path, done: Path, run: Run) -> None:
    brush = np.full((64, 96), 255, np.uint8)
    brush[56:] = SCENE.label("sand").pixel
    write_label_png("brush.png", brush, SCENE)
    again = ("pipeline", "-o", done, "--from", "labels", *small(place))
    result = run(*again, "--labels", "brush.png", "--background", "rule")
    assert result.exit_code == 0, result.stderr
    pixels = read_label_png(done / "5-labels.png").pixels
    assert (pixels[56:] == SCENE.label("sand").pixel).all()
    assert json.loads((done / "5-labels.json").read_text())["background"] == "rule"
    write_label_png("brush.png", brush[:, :50], SCENE)
    assert "brush.png: is 50 x 64 px, the map 96 x 64" in last_line(
        run(*again, "--labels", "brush.png").stderr
    )


def test_a_picture_is_traced_and_goes_on_from_an_edited_one(place: Path, run: Run) -> None:
    grey = draw_ink(park(named=False), (360, 240))
    Image.fromarray(grey).save("scan.png")
    given = small(place, size=64)
    result = run("pipeline", "scan.png", "-o", "out", "--no-clean", *given)
    assert result.exit_code == 0, result.stderr
    assert Path("out/1-clean.png").is_file()
    found = json.loads(Path("out/3-objects.json").read_text())["objects"]
    assert {one["method"] for one in found} == {"recogniser"}
    assert all(0 <= one["score"] <= 1 and one["answers"] for one in found)
    edited = grey.copy()
    edited[:, 180:] = 255
    Image.fromarray(edited).save("out/1-clean.png")
    kept = Path("out/1-clean.png").read_bytes()
    assert run("pipeline", "-o", "out", "--from", "trace", *given).exit_code == 0
    assert Path("out/1-clean.png").read_bytes() == kept
    fewer = json.loads(Path("out/3-objects.json").read_text())["objects"]
    assert len(fewer) < len(found)


def test_several_sketches_go_together_and_one_that_cannot_stops_none(place: Path, run: Run) -> None:
    Path("in").mkdir()
    write_svg(park(), "in/a.svg")
    write_svg(Drawing(size=(50, 50)), "in/b.svg")
    write_drawings([park(), park().replace(label="two")], "in/c.ndjson")
    result = run("pipeline", "in", "-o", "out", *small(place, size=64))
    assert result.exit_code == 1
    assert "error: in/b.svg: holds no strokes" in result.stderr
    assert result.stdout.split() == ["out/a", "out/c-0001", "out/c-0002"]
    pictures = [Path("out", name, "6-picture.png").read_bytes() for name in ("a", "c-0001")]
    assert pictures[0] == pictures[1]
    assert "s a sketch" in result.stderr
    again = run("pipeline", "-o", "out", "--from", "paint", *small(place, size=64))
    assert again.exit_code == 1  # b has nothing to paint


def test_a_network_that_is_missing_is_named_with_what_trains_it(place: Path, run: Run) -> None:
    plain = [one for one in small(place) if "safetensors" not in one]
    if "painter-scenes" not in bundled_models():
        result = run("pipeline", place / "park.svg", "-o", "out", *plain)
        assert result.exit_code == 1
        assert "linework train painter --data scenes --out run" in last_line(result.stderr)
        assert Path("out/5-labels.png").is_file()
        assert Path("out/7-sheet.png").is_file()
    if "recogniser" not in bundled_models():
        write_svg(park(named=False), "bare.svg")
        result = run("pipeline", "bare.svg", "-o", "bare", *plain)
        assert "linework train recogniser --data TABLE --out RUN" in last_line(result.stderr)
    wrong = run("pipeline", place / "park.svg", "-o", "x", *plain, "--densemap", "nowhere")
    assert "nowhere: no such model" in last_line(wrong.stderr)


def off_canvas() -> Drawing:
    return park().map_points(lambda points: points + np.float32([900, 0]))


@pytest.mark.parametrize(
    ("drawing", "says"),
    [
        (off_canvas(), "all strokes lie off the canvas: x 920 to 1114"),
        (Drawing(size=(50, 50)), "holds no strokes"),
        (park().replace(size=(20000.0, 160.0)), "longer side of at most 8 times"),
    ],
    ids=["off the canvas", "empty", "too long"],
)
def test_a_drawing_that_cannot_be_painted_is_a_sentence(
    drawing: Drawing, says: str, place: Path, run: Run
) -> None:
    write_svg(drawing, "in.svg")
    result = run("pipeline", "in.svg", "-o", "out", *small(place))
    assert result.exit_code == 1
    assert says in last_line(result.stderr)
    assert "Traceback" not in result.stderr


def _spoil(folder: Path, what: str) -> None:
    if what == "label":
        path = folder / "3-objects.json"
        path.write_text(path.read_text().replace('"house"', '"howse"'))
    elif what == "json":
        (folder / "3-objects.json").write_text("{")
    elif what == "size":
        write_label_png(folder / "5-labels.png", np.full((10, 20), 156), SCENE)
    elif what == "id":
        Image.fromarray(np.full((64, 96), 240, np.uint8)).save(folder / "5-labels.png")
    elif what == "number":
        Image.fromarray(np.full((64, 96), 77, np.uint8)).save(folder / "4-regions.png")
    elif what == "regions":
        Image.fromarray(np.zeros((64, 95), np.uint8)).save(folder / "4-regions.png")
    elif what == "colours":
        Image.fromarray(np.zeros((64, 96, 3), np.uint8)).save(folder / "4-regions.png")
    elif what == "svg":
        (folder / "2-strokes.svg").write_text("<svg")
    elif what == "gone":
        (folder / "4-regions.png").unlink()
    elif what == "record":
        (folder / "pipeline.json").write_text("[]")


@pytest.mark.parametrize(
    ("what", "stage", "says"),
    [
        ("label", "fill", "3-objects.json: object 4: 'howse' is no label of scene; did you mean"),
        ("json", "fill", "3-objects.json: is not JSON"),
        ("size", "paint", "5-labels.png: is 20 x 10 px, the map of 2-strokes.svg 96 x 64"),
        ("id", "paint", "5-labels.png: the value 240 at x 0, y 0"),
        ("number", "labels", "4-regions.png: has the number 77 at x 0, y 0; 3-objects.json has 6"),
        ("regions", "labels", "4-regions.png: is 95 x 64 px; wanted 96 x 64"),
        ("colours", "labels", "4-regions.png: is RGB; wanted the number of an object"),
        ("svg", "recognise", "2-strokes.svg"),
        ("gone", "labels", "4-regions.png: there is no such file; go on with --from fill"),
        ("record", "paint", "pipeline.json: is no record of a run"),
        ("none", "trace", "is a drawing, which is not traced; edit 2-strokes.svg"),
    ],
)
def test_a_file_that_was_spoilt_is_a_sentence(
    what: str, stage: str, says: str, place: Path, done: Path, run: Run
) -> None:
    _spoil(done, what)
    result = run("pipeline", "-o", done, "--from", stage, *small(place))
    assert result.exit_code == 1
    assert says in last_line(result.stderr)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("-o", "out"), 2, "wanted a SKETCH"),
        (("nowhere.svg", "-o", "out"), 1, "nowhere.svg: there is no such file"),
        (("-o", "out", "--from", "fill"), 1, "holds no pipeline.json; to begin"),
        (("empty", "-o", "out"), 1, "the folder holds no sketch"),
        (("text.txt", "-o", "out"), 1, "is no sketch by its name"),
        (("-o", "text.txt", "--from", "fill"), 1, "text.txt: is a file; wanted a folder"),
    ],
)
def test_what_is_no_sketch_is_a_sentence(
    arguments: tuple[str, ...], code: int, says: str, run: Run
) -> None:
    Path("empty").mkdir()
    Path("text.txt").write_text("hello")
    result = run("pipeline", *arguments)
    assert result.exit_code == code
    assert says in result.stderr


def test_the_command_line_says_what_the_pipeline_does() -> None:
    from linework.cli import pipeline as command
    from linework.cli.pipeline import BACKGROUNDS, SEED, SIZE, STAGES, TOLERANCE
    from linework.pipeline import whole_models, whole_record, whole_stages
    from linework.strokes.fill import TOLERANCE as SHARE

    assert command is not None
    assert STAGES == whole_record.STAGES
    assert BACKGROUNDS == whole_stages.BACKGROUNDS
    assert (SIZE, SEED) == (whole_stages.SIZE, whole_stages.SEED)
    assert pytest.approx(100 * SHARE) == TOLERANCE
    assert whole_models.PAINTER == "painter-scenes"
