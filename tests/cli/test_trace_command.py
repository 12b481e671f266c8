"""`linework trace` as people call it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from linework.cli import main, options
from linework.strokes import images, read_ndjson
from linework.strokes import trace as tracer
from linework.strokes.svg_read import read_svg


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    image = np.full((120, 200), 245, np.uint8)
    cv2.line(image, (20, 60), (180, 60), 10, 4, cv2.LINE_AA)
    cv2.line(image, (100, 15), (100, 105), 10, 4, cv2.LINE_AA)
    cv2.imwrite(str(tmp_path / "scan.png"), image)
    return tmp_path / "scan.png"


def test_svg_in_millimetres_with_curves(scan: Path) -> None:
    out = scan.with_suffix(".svg")
    result = CliRunner().invoke(main, ["trace", str(scan), "-o", str(out), "--width", "150mm"])
    assert result.exit_code == 0, result.output
    assert 'width="150mm"' in out.read_text()
    assert len(read_svg(out).strokes) == 2


def test_points_on_stdout(scan: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["trace", str(scan)])
    assert result.exit_code == 0
    (tmp_path / "out.ndjson").write_text(result.stdout)
    [drawing] = read_ndjson(tmp_path / "out.ndjson")
    assert len(drawing.strokes) == 2


def test_a_noisy_blank_page_is_said_to_be_empty(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(230, 8, (200, 200)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "blank.png"), noise)
    out = tmp_path / "blank.svg"
    result = CliRunner().invoke(main, ["trace", str(tmp_path / "blank.png"), "-o", str(out)])
    assert result.exit_code == 0
    assert "no lines stand out" in result.stderr
    assert read_svg(out).strokes == ()


def test_a_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    result = CliRunner().invoke(main, ["trace", str(tmp_path / "text.png")])
    assert result.exit_code == 1
    assert "text.png" in result.stderr


def test_the_defaults_that_help_shows_are_the_tracers() -> None:
    assert (options.GAP, options.ACCURACY) == (tracer.GAP, tracer.ACCURACY)
    assert options.MAX_PIXELS == images.MAX_PIXELS
