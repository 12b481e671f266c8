"""What a workshop does, in this process: opening, exporting, cleaning, filling, painting."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from linework.datasets.label_png import read_label_png, write_label_png
from linework.datasets.labels import vocabulary
from linework.strokes import Drawing, read_drawings, write_drawings
from linework.strokes.errors import LineworkError
from linework.strokes.page_json import PageDrawing, from_page
from linework.studio import limits
from linework.studio.choices import Choices
from linework.studio.jobs import Bench
from linework.studio.shelf import Shelf, shown
from msgspec import convert
from PIL import Image
from talking import HALF

ONE_PX = {"size": [1, 1], "pixels": "AA=="}
HALF_DRAWING = from_page(convert(HALF, PageDrawing))


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(Choices(painter="no-painter", recogniser="none"), lambda done, what: None)


def exported(bench: Bench, **body: Any) -> bytes:
    found: bytes = bench.export(json.dumps(body).encode())["content"]
    return found


def opened(bench: Bench, path: Path, as_picture: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bench.open(str(path), "shown.x", as_picture)["json"])
    return found


class TestExport:
    @pytest.mark.parametrize("form", ["svg", "ndjson"])
    def test_what_holds_strokes_is_read_back_as_it_was(
        self, bench: Bench, tmp_path: Path, form: str
    ) -> None:
        path = tmp_path / f"x.{form}"
        path.write_bytes(exported(bench, format=form, drawings=[HALF]))
        [read] = read_drawings(path)
        assert read.label == "cat"
        assert read.strokes[0].color == "#d04020"
        for a, b in zip(read.strokes, HALF_DRAWING.strokes, strict=True):
            assert np.allclose(a.points, b.points, atol=1e-3)

    def test_svg_is_in_millimetres_with_a_layer_for_each_pen(self, bench: Bench) -> None:
        text = exported(bench, format="svg", drawings=[HALF], width="150mm").decode()
        assert 'width="150mm"' in text
        assert text.count('inkscape:groupmode="layer"') == 2

    def test_pictures_have_their_sizes(self, bench: Bench) -> None:
        png = Image.open(io.BytesIO(exported(bench, format="png", drawings=[HALF], size=100)))
        assert png.size == (100, 100)
        gif = Image.open(
            io.BytesIO(exported(bench, format="gif", drawings=[HALF], size=48, seconds=0.5))
        )
        assert (gif.size, gif.is_animated) == ((48, 48), True)

    def test_npz_is_for_training(self, bench: Bench, tmp_path: Path) -> None:
        path = tmp_path / "x.npz"
        path.write_bytes(exported(bench, format="npz", drawings=[HALF, HALF]))
        assert len(list(read_drawings(path))) == 2

    def test_labels_come_back_px_for_px(self, bench: Bench, tmp_path: Path) -> None:
        some = [label.pixel for label in vocabulary("scene").labels[:3]]
        pixels = np.tile(np.uint8([*some, 255]), (3, 2))
        labels = {"size": [8, 3], "pixels": base64.b64encode(pixels.tobytes()).decode()}
        path = tmp_path / "x.png"
        path.write_bytes(exported(bench, format="labels", labels=labels))
        assert np.array_equal(read_label_png(path).pixels, pixels)
        again = opened(bench, path)
        assert (again["kind"], again["labels"]["pixels"]) == ("labels", labels["pixels"])

    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ({"format": "exe", "drawings": [HALF]}, "'exe' is no format"),
            ({"format": "../x", "drawings": [HALF]}, "no format"),
            ({"format": "svg"}, "there is no drawing"),
            ({"format": "labels"}, "there is no label map"),
            ({"format": "svg", "drawings": [HALF], "width": "-3mm"}, "not above 0"),
            ({"format": "svg", "drawings": [HALF], "background": "url(x)"}, "not a colour"),
            ({"format": "png", "drawings": [HALF], "size": 99999}, "2048"),
            ({"format": "png", "drawings": [HALF] * 101}, "100"),
            ({"format": "labels", "labels": {"size": [9, 9], "pixels": "AA=="}}, "wants 81"),
            ({"format": "labels", "labels": {"size": [1, 1], "pixels": "?"}}, "not base64"),
            (
                {
                    "format": "labels",
                    "labels": {"size": [1, 1], "pixels": "AA==", "vocabulary": "/x.csv"},
                },
                "no vocabulary",
            ),
            ({"format": "labels", "labels": {"size": [1, 1], "pixels": "/g=="}}, "254"),
        ],
    )
    def test_what_cannot_be_written_is_a_sentence(
        self, bench: Bench, body: dict[str, Any], found: str
    ) -> None:
        with pytest.raises(LineworkError, match=found) as error:
            bench.export(json.dumps(body).encode())
        assert "linework-studio-" not in str(error.value)


class TestOpen:
    @pytest.mark.parametrize("suffix", [".svg", ".ndjson", ".npz"])
    def test_drawings(self, bench: Bench, tmp_path: Path, suffix: str) -> None:
        drawing = Drawing.from_arrays([[[0, 0], [255, 9], [8, 7]]])
        path = tmp_path / f"x{suffix}"
        write_drawings([drawing] if suffix == ".svg" else [drawing] * 70, path)
        found = opened(bench, path)
        assert found["kind"] == "drawings"
        assert (len(found["drawings"]), found["total"]) == (
            (1, 1) if suffix == ".svg" else (64, 70)
        )
        assert found["drawings"][0]["strokes"][0]["points"][1] == [255, 9]

    def test_a_picture_comes_with_what_is_seen_of_it(self, bench: Bench, tmp_path: Path) -> None:
        path = tmp_path / "x.png"
        Image.fromarray(np.full((40, 3000), 200, np.uint8)).save(path)
        found = opened(bench, path)
        assert (found["kind"], found["size"]) == ("picture", [3000, 40])
        seen = Image.open(io.BytesIO(base64.b64decode(found["preview"].partition(",")[2])))
        assert seen.size == (limits.PREVIEW, 21)

    def test_a_label_map_can_be_taken_for_a_picture(self, bench: Bench, tmp_path: Path) -> None:
        path = tmp_path / "x.png"
        write_label_png(path, np.zeros((4, 4), np.uint8), vocabulary("scene"))
        assert opened(bench, path)["kind"] == "labels"
        assert opened(bench, path, as_picture=True)["kind"] == "picture"

    @pytest.mark.parametrize(
        ("suffix", "content", "found"),
        [
            (".svg", b"", "shown.x"),
            (".svg", b"<!DOCTYPE a [<!ENTITY b 'c'>]><svg>&b;</svg>", "shown.x"),
            (".ndjson", b'{"drawing": [[[NaN], [1]]]}', "shown.x:1"),
            (".ndjson", b"\n", "shown.x: holds no drawings"),
            (".npz", b"PK\x05\x06" + bytes(18), "shown.x"),
            (".png", b"\x89PNG\r\n\x1a\n", "shown.x: is not a picture"),
            (".png", b"%PDF-1.4", "it is a PDF"),
        ],
    )
    def test_what_cannot_be_read_is_a_sentence_by_its_own_name(
        self, bench: Bench, tmp_path: Path, suffix: str, content: bytes, found: str
    ) -> None:
        path = tmp_path / f"secret{suffix}"
        path.write_bytes(content)
        with pytest.raises(LineworkError, match=found) as error:
            bench.open(str(path), "shown.x", False)
        assert "secret" not in str(error.value)

    def test_a_bomb_is_refused_before_it_is_unpacked(self, bench: Bench, tmp_path: Path) -> None:
        path = tmp_path / "x.png"
        Image.new("1", (8, 8)).save(path)
        content = bytearray(path.read_bytes())
        content[16:24] = struct.pack(">II", 9000, 9000)  # what the header says
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        path.write_bytes(content)
        with pytest.raises(LineworkError, match="more than 40,000,000 px"):
            bench.open(str(path), "x.png", False)


def test_a_scan_becomes_strokes_and_a_slider_is_quick(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    picture = np.full((96, 96), 255, np.uint8)
    picture[40:43, 10:80] = 0
    Image.fromarray(picture).save(path)
    told: list[str] = []
    own = Bench(Choices(), lambda done, what: told.append(what))
    plain = json.dumps({"type": "clean", "id": 1, "picture": "p1", "clean": False})
    found = json.loads(own.clean(plain, str(path))["json"])
    assert (found["size"], found["preview"], found["empty"]) == ([96, 96], None, False)
    x = [point[0] for point in found["drawing"]["strokes"][0]["points"]]
    assert min(x) < 13
    assert max(x) > 77
    assert "tracing" in told


def test_a_scene_becomes_labels(bench: Bench) -> None:
    box = [[30, 30], [90, 30], [90, 90], [30, 90], [30, 30]]
    line = [[0, 70], [60, 72], [128, 70]]
    drawing = {
        "size": [128, 128],
        "strokes": [{"points": box, "layer": "house 2"}, {"points": line, "layer": "thing"}],
    }
    text = json.dumps({"type": "fill", "id": 1, "drawing": drawing, "size": 64})
    found = json.loads(bench.fill(text)["json"])
    house = vocabulary("scene").label("house")
    pixels = np.frombuffer(base64.b64decode(found["labels"]["pixels"]), np.uint8).reshape(64, 64)
    assert pixels[30, 30] == house.pixel
    assert found["regions"][0]["label"] == "house"
    behind = np.frombuffer(base64.b64decode(found["background"]["pixels"]), np.uint8)
    assert 255 not in behind
    assert house.pixel in behind


def test_lines_part_regions(bench: Bench) -> None:
    box = [[30, 30], [90, 30], [90, 90], [30, 90], [30, 30]]
    drawing = {"size": [128, 64], "strokes": [{"points": box}]}
    text = json.dumps({"type": "regions", "id": 1, "drawing": drawing, "size": 128})
    found = json.loads(bench.regions(text)["json"])
    numbers = np.frombuffer(base64.b64decode(found["numbers"]), "<u2").reshape(64, 128)
    assert numbers[50, 60] != numbers[5, 5]
    assert found["count"] >= 2


def test_without_a_painter_the_sentence_names_the_command(bench: Bench) -> None:
    labels = {"size": [1, 1], "pixels": "AA=="}
    text = json.dumps({"type": "paint", "id": 1, "labels": labels})
    with pytest.raises(LineworkError, match="no-painter"):
        bench.paint(text, None, 1)
    states = json.loads(bench.states()["json"])
    assert states["painter"]["state"] == "missing"
    assert states["cleaner"]["state"] == "ready"


class TestShelf:
    @pytest.mark.parametrize(
        "name", ["../../etc/x.svg", "C:\\x\\a.svg", "a\0b.svg", "x" * 9000 + ".svg"]
    )
    def test_a_name_is_a_suffix_and_a_word_in_a_sentence(self, name: str) -> None:
        shelf = Shelf()
        number, path = shelf.place(name)
        assert path.name == f"{number}.svg"
        assert len(shown(name)) <= limits.NAME + 3
        assert not set(shown(name)) & set("/\\\0")
        shelf.close()
        assert not path.parent.exists()

    def test_the_last_few_are_kept(self) -> None:
        shelf = Shelf()
        for _ in range(limits.KEPT_PICTURES + 1):
            number, path = shelf.place("a.png")
            path.touch()
            shelf.keep(number, path)
        assert shelf.find("p2").exists()
        for lost in ("p1", "p99", "../p2", ""):
            with pytest.raises(LineworkError, match="open it again"):
                shelf.find(lost)
        assert len(list(path.parent.iterdir())) == limits.KEPT_PICTURES
        shelf.close()
