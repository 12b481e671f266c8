"""`linework zentangle`: a silhouette and a pattern in, a picture or strokes out."""

import numpy as np
import pytest
from click.testing import CliRunner
from linework.cli import main
from linework.cli.zentangle import METHODS, OUTLINE, PAGE, PATTERNS
from linework.datasets.tangles import TANGLES
from linework.pipeline import zentangle as pipeline
from linework.strokes.files import read_drawings
from PIL import Image, ImageDraw


def run(*args: str):
    return CliRunner().invoke(main, ["zentangle", *args, "--seed", "1"])


@pytest.fixture
def disc(tmp_path) -> str:
    image = Image.new("L", (200, 160), 250)
    ImageDraw.Draw(image).ellipse((40, 20, 160, 140), fill=30)
    image.save(tmp_path / "disc.png")
    return str(tmp_path / "disc.png")


def test_help_says_what_there_is():
    assert tuple(TANGLES) == PATTERNS
    assert (METHODS, PAGE, OUTLINE) == (pipeline.METHODS, pipeline.PAGE, pipeline.OUTLINE)


def test_a_shape_is_filled_and_nothing_else(disc, tmp_path):
    out = tmp_path / "out.png"
    found = run(disc, "hatch", "--size", "200", "--outline", "12", "-o", str(out))
    assert found.exit_code == 0, found.output
    assert "are copies" in found.output
    ink = np.asarray(Image.open(out)) < 128
    y, x = np.mgrid[:160, :200]
    away = np.hypot(y - 80, x - 100)
    assert not ink[away > 64].any()
    assert 0.1 < ink[away < 55].mean() < 0.7
    assert ink[np.abs(away - 60) < 0.5].mean() > 0.5  # the outline


@pytest.mark.parametrize("how", [["--follow"], ["--method", "patches"], ["--scale", "0.5"]])
def test_ways_of_filling(disc, tmp_path, how):
    found = run(disc, "waves", "--size", "128", *how, "-o", str(tmp_path / "out.png"))
    assert found.exit_code == 0, found.output
    ink = np.asarray(Image.open(tmp_path / "out.png")) < 128
    assert ink[40:60, 50:80].any()


def test_strokes_for_a_plotter(disc, tmp_path):
    out = tmp_path / "out.svg"
    found = run(disc, "scales", "--size", "200", "--width", "60mm", "-o", str(out))
    assert found.exit_code == 0, found.output
    assert 'width="60mm"' in out.read_text()
    assert len(next(read_drawings(out)).strokes) > 20


def test_a_word_is_a_silhouette(tmp_path):
    found = run("leaves", "--word", "house", "--size", "160", "-o", str(tmp_path / "out.png"))
    assert found.exit_code == 0, found.output


def test_regions_have_patterns_of_their_own(tmp_path):
    image = Image.new("L", (200, 100), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 180, 80), outline=0, width=3)
    draw.line((100, 20, 100, 80), fill=0, width=3)
    image.save(tmp_path / "two.png")
    for name, value in (("dark", 40), ("light", 200)):
        Image.new("L", (24, 24), value).save(tmp_path / f"{name}.png")
    out = tmp_path / "out.png"
    patterns = [str(tmp_path / f"{name}.png") for name in ("dark", "light")]
    found = run(
        str(tmp_path / "two.png"), *patterns, "--regions", "--size", "200", "-o", str(out)
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    pixels = np.asarray(Image.open(out))
    assert sorted([int(pixels[50, 60]), int(pixels[50, 140])]) == [40, 200]
    assert pixels[10, 100] == 255


def test_several_doodles_are_a_pattern(disc, tmp_path):
    doodles = tmp_path / "stars.ndjson"
    CliRunner().invoke(
        main, ["data", "doodles", "star", "-n", "5", "--seed", "1", "-o", str(doodles)]
    )
    found = run(disc, str(doodles), "--size", "400", "-o", str(tmp_path / "out.png"))
    assert found.exit_code == 0, found.output


def bad_sources(folder) -> dict[str, list[str]]:
    """Named cases, each the arguments of a command that must fail with a sentence."""
    Image.new("L", (60, 60), 255).save(folder / "blank.png")
    Image.new("L", (60, 4), 128).save(folder / "thin.png")
    (folder / "text.png").write_text("no picture")
    (folder / "empty.ndjson").write_text('{"word": "cat", "drawing": []}\n')
    at = {name: str(folder / name) for name in ("blank.png", "thin.png", "text.png")}
    disc = str(folder / "disc.png")
    return {
        "nothing stands out": [at["blank.png"], "hatch"],
        "wanted 8 or more": [disc, at["thin.png"]],
        "is not a picture": [disc, at["text.png"]],
        "no such file, and no pattern of hatch": [disc, "zigzag"],
        "--regions gives each region its own": [disc, "hatch", "waves"],
        "drawing is empty": [str(folder / "empty.ndjson"), "hatch"],
    }


@pytest.mark.parametrize("case", range(6))
def test_bad_input_is_said(disc, tmp_path, case):
    what, sources = list(bad_sources(tmp_path).items())[case]
    found = run(*sources, "-o", str(tmp_path / "out.png"))
    assert found.exit_code == 1, found.output
    assert what in found.output
    assert not (tmp_path / "out.png").exists()


def test_a_pattern_larger_than_the_shape_is_cut(disc, tmp_path):
    rows = np.tile(np.arange(300, dtype=np.uint8)[:, None] % 250, (1, 300))
    Image.fromarray(rows).save(tmp_path / "large.png")
    out = tmp_path / "out.png"
    found = run(disc, str(tmp_path / "large.png"), "--size", "100", "-o", str(out))
    assert found.exit_code == 0, found.output
    column = np.asarray(Image.open(out))[20:60, 50].astype(int)
    assert (np.diff(column) % 250 == 1).mean() > 0.9


def test_one_colour_patterns_fill_plainly(disc, tmp_path):
    Image.new("RGB", (20, 20), "red").save(tmp_path / "red.png")
    out = tmp_path / "out.png"
    found = run(disc, str(tmp_path / "red.png"), "--size", "200", "--outline", "0", "-o", str(out))
    assert found.exit_code == 0, found.output
    assert np.asarray(Image.open(out))[80, 100].tolist() == [255, 0, 0]
