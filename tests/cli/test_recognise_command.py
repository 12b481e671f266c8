"""`train recogniser`, `evaluate recogniser` and `recognise`, with a model of a blink."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bad_inputs import AWKWARD, BROKEN, Write
from click.testing import Result
from conftest import Run, succeed
from linework.models.registry import bundled_models

TINY = (
    *("--set", "steps=2", "--set", "batch_size=8", "--set", "channels=4,8"),
    *("--set", "widths=4,8,8", "--set", "joint=8", "--set", "precision=float32"),
)


@pytest.fixture(scope="module")
def known(workshop: Path) -> Path:
    """A recogniser of cat and dog."""
    where = workshop / "known"
    succeed("train", "recogniser", "--data", workshop / "pets.arrow", "--out", where, *TINY)
    return where


def last_line(result: Result) -> str:
    assert isinstance(result.exception, SystemExit), result.exception
    return result.stderr.strip().splitlines()[-1]


def test_every_drawing_gets_a_line(run: Run, known: Path, workshop: Path) -> None:
    result = run("recognise", workshop / "doodles.ndjson", "--first", 3, "--model", known, "-k", 2)
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert all("cat" in line and "dog" in line and "%" in line for line in lines)


def test_json_says_which_strokes_and_how_sure(run: Run, known: Path, workshop: Path) -> None:
    table = workshop / "pets.arrow"
    result = run("recognise", table, "--first", 2, "--model", known, "--json")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["drawing"] for one in found] == [1, 2]
    for one in found:
        sure = [answer["confidence"] for answer in one["answers"]]
        assert sure == sorted(sure, reverse=True)
        assert sum(sure) == pytest.approx(1)
        assert one["strokes"] == list(range(len(one["strokes"])))


def test_a_scene_is_taken_apart_by_layers_or_by_place(run: Run, known: Path) -> None:
    ring = "M{0} 50 a40 40 0 1 0 80 0 a40 40 0 1 0 -80 0"
    layer = '<g inkscape:groupmode="layer" inkscape:label="{}"><path d="{}"/></g>'
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="200" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" fill="none" stroke="#000">'
    )
    paths = [ring.format(x) for x in (20, 110, 600)]
    Path("bare.svg").write_text(head + "".join(f'<path d="{p}"/>' for p in paths) + "</svg>")
    named = "".join(layer.format(f"thing {i}", p) for i, p in enumerate(paths))
    Path("named.svg").write_text(head + named + "</svg>")
    found = {}
    for name in ("bare", "named"):
        result = run("recognise", f"{name}.svg", "--scene", "--json", "--model", known)
        assert result.exit_code == 0, result.stderr
        found[name] = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["strokes"] for one in found["bare"]] == [[0, 1], [2]]
    assert [one["name"] for one in found["named"]] == ["thing 0", "thing 1", "thing 2"]
    assert found["named"][2]["box"][0] == pytest.approx(600, abs=1)


@pytest.mark.parametrize("write", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_input_is_answered_or_refused(
    write: Write, run: Run, known: Path, tmp_path: Path
) -> None:
    path = write(tmp_path)
    for scene in ((), ("--scene",)):
        result = run("recognise", path, "--model", known, "--first", 2, *scene)
        if result.exit_code:
            assert last_line(result).startswith("error: ")
        else:
            assert scene or result.stdout.strip()


@pytest.mark.parametrize("write", BROKEN.values(), ids=BROKEN.keys())
def test_broken_input_is_refused(write: Write, run: Run, known: Path, tmp_path: Path) -> None:
    result = run("recognise", write(tmp_path), "--model", known)
    assert result.exit_code == 1
    assert last_line(result).startswith("error: ")


def test_evaluating_gives_figures_as_text_and_json(run: Run, known: Path, workshop: Path) -> None:
    where = ("evaluate", "recogniser", "--model", known, "--data", workshop / "pets.arrow")
    text = run(*where, "--by-word").stdout
    assert "calibration error" in text
    assert "cat" in text
    found = json.loads(run(*where, "--json").stdout)
    assert found["words"] == 2
    assert found["figures"]["top3"] == 1
    assert 0 <= found["figures"]["ece"] <= 1


def test_what_cannot_be_is_said(run: Run, known: Path, workshop: Path, half_cat: Path) -> None:
    cats = workshop / "cat.arrow"
    assert "two words or more" in last_line(
        run("train", "recogniser", "--data", cats, "--out", "x", *TINY)
    )
    again = ("train", "recogniser", "--data", cats, "--out", known, "--resume", "--set", "steps=3")
    assert run(*again).exit_code == 1
    assert "data.words" in last_line(
        run("train", "recogniser", "--data", cats, "--out", "x", "--set", "model.words=a,b")
    )
    wrong = run("recognise", half_cat, "--model", "doodles")
    assert "needs a recogniser" in last_line(wrong)
    if "recogniser" not in bundled_models():
        assert "train recogniser" in last_line(run("recognise", half_cat))
    assert run("recognise", half_cat, "-k", 0).exit_code == 2
