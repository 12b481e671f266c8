"""The user's own pairs: a folder with rough/ and clean/ pictures matched by name: `PairFolder`.

A pair may differ in size by a scale, as where one was scanned at another resolution; the
clean picture is then brought to the rough one's size. Nothing is moved: pictures that do not
lie on each other are measured and reported by `check_pairs` for the user to mend.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..strokes.errors import LineworkError
from .alignment import Misalignment, measure_misalignment
from .pairs import Grey, Pair
from .pictures import (
    KEPT_BYTES,
    TRIES,
    PictureStore,
    choose_window,
    find_pictures,
    has_ink,
    leveled,
    picture_size,
    toned,
)

ROUGH, CLEAN = "rough", "clean"
# Sizes that a scale explains differ by no more than the rounding of it, and a cropped line or two.
SIZE_SLACK = 0.01
CHECK_EDGE = 1600  # px: larger pictures are measured in a copy of this long edge
NAMED = 10  # pairs and files that a report names
# A clean line that leaves more of itself beside the ink than this is worth a look.
FINE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class _Files:
    """What lies in rough/ and clean/, by stem."""

    rough: Mapping[str, Path]
    clean: Mapping[str, Path]

    @property
    def matched(self) -> list[str]:
        return sorted(self.rough.keys() & self.clean.keys())


class PairFolder:
    """Patches of the user's pairs; a `PairSource`.

    Args:
        folder: holds rough/ and clean/, with pictures of the same names but for the suffix.
        limit: bytes of pictures to keep in memory; the others are read again.
        names: stems of the pairs to take; None takes all.

    Raises:
        LineworkError: a folder missing, two pictures of one name, no pair, or a pair whose
            pictures are of different shapes.
        FormatError: a file that is not a picture.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        limit: int = KEPT_BYTES,
        names: Collection[str] | None = None,
    ) -> None:
        self.name = str(folder)
        self.folder = Path(folder)
        files = _find(self.folder)
        stems = [stem for stem in files.matched if names is None or stem in names]
        missing = sorted(set(names or ()) - set(stems))
        if stems and missing:
            raise LineworkError(
                f"{folder}: has no pair named {missing[0]!r}; wanted such as {stems[0]!r}"
            )
        self.pairs = [(files.rough[stem], files.clean[stem]) for stem in stems]
        if not self.pairs:
            raise LineworkError(
                f"{folder}: no picture in {ROUGH}/ has one of the same name in {CLEAN}/"
                f"{_for_example(files)}"
            )
        for rough, clean in self.pairs:
            _check_sizes(rough, clean)
        self._rough = PictureStore(limit // 2)
        self._clean = PictureStore(limit // 2, leveled)

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, index: int) -> Pair:
        """A whole pair, of the rough picture's size, clean leveled; raises as `read_image`."""
        rough_path, clean_path = self.pairs[index]
        rough = self._rough.read(rough_path)
        return Pair(rough, to_size(self._clean.read(clean_path), rough.shape))

    def patch(self, size: int, rng: np.random.Generator) -> Pair:
        """A patch with lines in it, as a rule; see `PairSource`."""
        for _ in range(TRIES):
            pair = self.read(int(rng.integers(len(self.pairs))))
            window = choose_window(pair.rough.shape, size, rng)
            clean = window.cut(pair.clean)
            if has_ink(clean):
                break
        return Pair(toned(window.cut(pair.rough), rng), clean)


def pair_names(folder: str | os.PathLike[str]) -> list[str]:
    """Stems of the pairs of a folder, in order. Raises as `PairFolder`."""
    return _find(Path(folder)).matched


def to_size(clean: Grey, shape: tuple[int, ...]) -> Grey:
    """A clean picture at a height and width; shrunk by area."""
    if clean.shape == shape:
        return clean
    way = cv2.INTER_AREA if clean.shape[0] > shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(clean, (shape[1], shape[0]), interpolation=way), np.uint8)


@dataclass(frozen=True, slots=True)
class PairFit:
    """A pair by name and how its pictures lie on each other; the shift in px of the rough one."""

    name: str
    width: int
    height: int
    fit: Misalignment

    def __str__(self) -> str:
        x, y = self.fit.shift
        line = f"{self.name}: {self.fit.near_before:.0%} of the clean lines on rough ink"
        if self.fit.distance:
            line += f", {self.fit.near_after:.0%} if moved by ({x:+.1f}, {y:+.1f}) px"
        return line


@dataclass(frozen=True, slots=True)
class PairReport:
    """What `linework data pairs` tells of a folder.

    Args:
        name: of the folder.
        pairs: the measured ones, worst first.
        rough_only, clean_only: names of files without a counterpart.
        unusable: for each pair that cannot be used, why.
    """

    name: str
    pairs: tuple[PairFit, ...]
    rough_only: tuple[str, ...]
    clean_only: tuple[str, ...]
    unusable: tuple[str, ...]

    @property
    def misaligned(self) -> tuple[PairFit, ...]:
        """Pairs worth a look: lines beside the ink, or a shift beyond the tolerance."""
        return tuple(
            p
            for p in self.pairs
            if p.fit.near_before < FINE_SHARE or p.fit.distance > p.fit.tolerance
        )

    def __str__(self) -> str:
        """Lines for a terminal."""
        return "\n".join(_lines(self))


def check_pairs(
    folder: str | os.PathLike[str], progress: Callable[[int, int], None] | None = None
) -> PairReport:
    """Measures every pair of a folder.

    Args:
        progress: called with the pairs done and in all.

    Raises:
        LineworkError: a folder missing, or two pictures of one name.
    """
    files = _find(Path(folder))
    fits, unusable = [], []
    for done, stem in enumerate(files.matched, 1):
        try:
            fits.append(_measure(stem, files.rough[stem], files.clean[stem]))
        except LineworkError as error:
            unusable.append(str(error))
        if progress is not None:
            progress(done, len(files.matched))
    fits.sort(key=lambda p: (p.fit.near_before, -p.fit.distance))
    return PairReport(
        str(folder),
        tuple(fits),
        tuple(files.rough[s].name for s in sorted(files.rough.keys() - files.clean.keys())),
        tuple(files.clean[s].name for s in sorted(files.clean.keys() - files.rough.keys())),
        tuple(unusable),
    )


def _measure(name: str, rough_path: Path, clean_path: Path) -> PairFit:
    """Reads and measures one pair; large ones in a smaller copy, the shift in px of the whole."""
    _check_sizes(rough_path, clean_path)
    store = PictureStore(0)
    rough = store.read(rough_path)
    clean = store.read(clean_path)
    height, width = rough.shape
    scale = min(1.0, CHECK_EDGE / max(width, height))
    small = (max(1, round(height * scale)), max(1, round(width * scale)))
    fit = measure_misalignment(to_size(rough, small), to_size(clean, small))
    whole = Misalignment(
        (fit.shift[0] / scale, fit.shift[1] / scale),
        fit.near_before,
        fit.near_after,
        fit.tolerance / scale,
    )
    return PairFit(name, width, height, whole)


def _find(folder: Path) -> _Files:
    for part in (ROUGH, CLEAN):
        if not (folder / part).is_dir():
            raise LineworkError(
                f"{folder}: holds no folder {part}/; wanted {ROUGH}/ and {CLEAN}/ with pictures of "
                "the same names"
            )
    return _Files(_by_stem(find_pictures(folder / ROUGH)), _by_stem(find_pictures(folder / CLEAN)))


def _by_stem(paths: Sequence[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in paths:
        if path.stem in found:
            raise LineworkError(
                f"{path}: has the name of {found[path.stem].name} but for the suffix; "
                "remove one of the two"
            )
        found[path.stem] = path
    return found


def _check_sizes(rough: Path, clean: Path) -> None:
    (w, h), (clean_w, clean_h) = picture_size(rough), picture_size(clean)
    if abs(w * clean_h - h * clean_w) > SIZE_SLACK * max(w * clean_h, h * clean_w):
        raise LineworkError(
            f"{rough} is {w} x {h} px and {clean} {clean_w} x {clean_h}; wanted the same size, or "
            "one a scale of the other: crop them alike"
        )


def _for_example(files: _Files) -> str:
    names = [next(iter(part.values())).name for part in (files.rough, files.clean) if part]
    return f" (there are such as {' and '.join(names)})" if names else ""


def _lines(report: PairReport) -> list[str]:
    fits = report.pairs
    lines = [f"{report.name}: {len(fits)} pair{'s' if len(fits) != 1 else ''}"]
    if fits:
        near = float(np.median([p.fit.near_before for p in fits]))
        edge = float(np.median([max(p.width, p.height) for p in fits]))
        lines[0] += f", long edge {edge:.0f} px in the median"
        lines.append(f"in the median {near:.0%} of the clean lines lie on rough ink")
    for kind, names in ((ROUGH, report.rough_only), (CLEAN, report.clean_only)):
        if names:
            lines.append(f"only in {kind}/ ({len(names)}): {_some(names)}")
    lines += [f"cannot be used: {reason}" for reason in report.unusable[:NAMED]]
    if len(report.unusable) > NAMED:
        lines.append(f"... and {len(report.unusable) - NAMED} more that cannot be used")
    worst = report.misaligned
    if worst:
        lines.append(f"misaligned ({len(worst)}), worst first:")
        lines += [f"  {pair}" for pair in worst[:NAMED]]
    if len(worst) > NAMED:
        lines.append(f"  ... and {len(worst) - NAMED} more")
    return lines


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
