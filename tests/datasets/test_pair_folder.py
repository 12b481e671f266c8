"""The user's own pairs: matched, checked, cut into patches that lie on each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from linework.datasets.alignment import measure_misalignment
from linework.datasets.pair_folder import PairFolder, check_pairs, pair_names
from linework.datasets.pairs import Grey, PairSource
from linework.datasets.pictures import PictureFolder, PictureStore, Window, choose_window, leveled
from linework.strokes import FormatError, LineworkError


def drawn(width: int = 400, height: int = 300, shift: tuple[float, float] = (0, 0)) -> Grey:
    """A clean picture of a few lines, moved by some px."""
    picture = np.full((height, width), 255, np.uint8)
    scale = width / 400
    for points in (
        [(40, 50), (200, 40), (330, 120)],
        [(60, 250), (120, 130), (180, 260)],
        [(250, 180), (340, 190), (350, 270), (240, 260), (250, 180)],
    ):
        moved = (np.array(points) * scale + shift) * 16
        cv2.polylines(
            picture, [np.round(moved).astype(np.int32)], False, 0, max(1, int(3 * scale)), 16, 4
        )
    return picture


def roughened(clean: Grey, rng: np.random.Generator) -> Grey:
    """Greyer, twice over, on toned paper with noise."""
    again = np.roll(clean, (1, -1), axis=(0, 1))
    grey = 215 - 0.35 * (255.0 - clean) - 0.3 * (255.0 - again)
    return np.clip(grey + rng.normal(0, 3, clean.shape), 0, 255).astype(np.uint8)


Write = Callable[[Path, str, Grey], None]


def write_pair(folder: Path, name: str, rough: Grey, clean: Grey, suffix: str = ".png") -> None:
    for part, picture, end in (("rough", rough, ".png"), ("clean", clean, suffix)):
        (folder / part).mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(folder / part / f"{name}{end}"), picture)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """Two good pairs, the second at another resolution and in another format."""
    rng = np.random.default_rng(0)
    write_pair(tmp_path, "one", roughened(drawn(), rng), drawn())
    write_pair(tmp_path, "two", roughened(drawn(800, 600), rng), drawn(), ".bmp")
    return tmp_path


# ------------------------------------------------------------------ patches


def test_patches_are_seeded_and_registered(pairs: Path) -> None:
    source: PairSource = PairFolder(pairs)
    for seed in range(12):
        a = source.patch(128, np.random.default_rng(seed))
        b = source.patch(128, np.random.default_rng(seed))
        assert (a.rough == b.rough).all()
        assert (a.clean == b.clean).all()
        assert a.rough.shape == a.clean.shape == (128, 128)
        lines = a.clean < 128
        assert lines.mean() > 0.002
        around = cv2.dilate(lines.astype(np.uint8), np.ones((9, 9))) > 0
        assert np.median(a.rough[lines]) < np.median(a.rough[~around]) - 15


def test_a_clean_picture_of_another_resolution_is_brought_to_the_rough_one(pairs: Path) -> None:
    pair = PairFolder(pairs).read(1)
    assert pair.rough.shape == pair.clean.shape == (600, 800)


def test_pairs_by_name(pairs: Path) -> None:
    assert pair_names(pairs) == ["one", "two"]
    assert len(PairFolder(pairs, names=["two"])) == 1
    with pytest.raises(LineworkError, match="has no pair named 'three'; wanted such as 'one'"):
        PairFolder(pairs, names=["one", "three"])
    with pytest.raises(LineworkError, match="no picture in rough/"):
        PairFolder(pairs, names=[])


def test_a_window_cuts_what_it_says() -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 256, (60, 80), np.uint8)
    upright = Window((29.5, 19.5), 1.0, 0.0, False, 32)
    assert (upright.cut(picture) == picture[4:36, 14:46]).all()
    mirrored = Window((29.5, 19.5), 1.0, 0.0, True, 32)
    assert (mirrored.cut(picture) == picture[4:36, 14:46][:, ::-1]).all()


@pytest.mark.parametrize("scale", [0.3, 0.5, 1.0, 1.7])
def test_a_window_shows_a_spot_where_it_should(scale: float) -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        picture = np.full((400, 500), 255, np.uint8)
        spot = rng.uniform(180, 240, 2)
        cv2.circle(picture, np.round(spot * 16).astype(int).tolist(), 8 * 16, 0, -1, cv2.LINE_AA, 4)
        angle, mirrored = float(rng.uniform(0, 6)), bool(rng.random() < 0.5)
        window = Window((215.3, 202.8), scale, angle, mirrored, 96)
        patch = 255.0 - window.cut(picture)
        if patch.sum() < 255:
            continue
        seen = np.array([(patch.sum(0) @ np.arange(96)), (patch.sum(1) @ np.arange(96))])
        seen = seen / patch.sum() - 47.5
        away = (spot - window.centre) * scale
        away[0] *= -1 if mirrored else 1
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        if np.abs(turn @ away).max() < 35:
            assert seen == pytest.approx(turn @ away, abs=0.35)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (40, 30), (2000, 300)])
def test_pictures_of_any_shape_give_patches(shape: tuple[int, int]) -> None:
    picture = np.full(shape, 200, np.uint8)
    for seed in range(5):
        patch = choose_window(shape, 64, np.random.default_rng(seed)).cut(picture)
        assert patch.shape == (64, 64)
        assert (patch == 200).all()


def test_pictures_beyond_the_limit_are_read_again(pairs: Path) -> None:
    paths = sorted((pairs / "rough").iterdir())
    store = PictureStore(limit=130_000)
    first = store.read(paths[0])
    assert store.read(paths[0]) is first
    store.read(paths[1])  # 480,000 bytes: alone is kept
    assert store.read(paths[0]) is not first
    assert (store.read(paths[0]) == first).all()


def test_a_clean_scan_becomes_black_on_white() -> None:
    scan = (225 - (255 - drawn()) * 0.6).astype(np.uint8)
    done = leveled(scan)
    assert (done[drawn() == 255] == 255).all()
    assert (done[drawn() == 0] == 0).all()
    assert (leveled(drawn()) == drawn()).all()
    assert (leveled(np.full((9, 9), 240, np.uint8)) == 255).all()


def test_pictures_without_a_counterpart(pairs: Path) -> None:
    source = PictureFolder(pairs / "clean", toned=False)
    assert len(source) == 2
    a, b = (source.patch(96, np.random.default_rng(4)) for _ in range(2))
    assert (a == b).all()
    assert a.shape == (96, 96)
    assert PictureFolder(pairs / "rough", toned=True).patch(96, np.random.default_rng(4)).any()
    with pytest.raises(LineworkError, match="holds no pictures"):
        PictureFolder(pairs, toned=True)


# ------------------------------------------------------------------ what is wrong with a folder


def test_a_folder_without_its_parts(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="holds no folder rough/"):
        PairFolder(tmp_path)
    (tmp_path / "rough").mkdir()
    with pytest.raises(LineworkError, match="holds no folder clean/"):
        PairFolder(tmp_path)
    (tmp_path / "clean").mkdir()
    with pytest.raises(LineworkError, match="no picture in rough/ has one of the same name"):
        PairFolder(tmp_path)


def test_sizes_that_no_scale_explains(pairs: Path) -> None:
    write_pair(pairs, "three", drawn(400, 300), drawn(400, 200))
    with pytest.raises(LineworkError, match=r"three\.png is 400 x 300 px and .*400 x 200"):
        PairFolder(pairs)
    report = check_pairs(pairs)
    assert len(report.pairs) == 2
    assert "three.png is 400 x 300 px" in report.unusable[0]


def test_two_pictures_of_one_name(pairs: Path) -> None:
    cv2.imwrite(str(pairs / "rough" / "one.jpg"), drawn())
    with pytest.raises(LineworkError, match="has the name of"):
        PairFolder(pairs)


def test_a_damaged_picture(pairs: Path) -> None:
    path = pairs / "clean" / "one.png"
    path.write_bytes(path.read_bytes()[:300])
    assert "one.png" in check_pairs(pairs).unusable[0]
    path.write_text("no picture")
    with pytest.raises(FormatError, match=r"one\.png: is not a picture"):
        PairFolder(pairs)


# ------------------------------------------------------------------ misalignment


@pytest.mark.parametrize("shift", [(0, 0), (6, -9), (-15, 4), (20, 12)])
def test_a_shift_is_found(shift: tuple[int, int]) -> None:
    rough = roughened(drawn(), np.random.default_rng(5))
    found = measure_misalignment(rough, drawn(shift=(-shift[0], -shift[1])))
    assert found.shift == pytest.approx(shift, abs=1.5)
    assert found.near_after > 0.98
    assert (found.near_before > 0.98) == (shift == (0, 0))


def test_what_no_shift_mends_stays_apart() -> None:
    rough = roughened(drawn(), np.random.default_rng(6))
    turned = np.ascontiguousarray(drawn()[::-1])
    assert measure_misalignment(rough, turned).near_after < 0.6
    blank = np.full_like(rough, 255)
    assert measure_misalignment(blank, drawn()).near_before == 0
    assert measure_misalignment(rough, blank).near_before == 1
    with pytest.raises(LineworkError, match="400 x 300 px and a clean one of 300 x 400"):
        measure_misalignment(rough, drawn(300, 400))


def test_the_report_names_what_is_wrong(pairs: Path) -> None:
    rng = np.random.default_rng(7)
    write_pair(pairs, "moved", roughened(drawn(), rng), drawn(shift=(-12, 5)))
    cv2.imwrite(str(pairs / "rough" / "alone.png"), drawn())
    (pairs / "clean" / "notes.txt").write_text("not a picture")
    seen: list[tuple[int, int]] = []
    report = check_pairs(pairs, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [p.name for p in report.misaligned] == ["moved"]
    assert report.rough_only == ("alone.png",)
    assert report.clean_only == ()
    text = str(report)
    assert "3 pairs" in text
    assert "only in rough/ (1): alone.png" in text
    assert "moved: " in text
    assert "if moved by (+1" in text
