"""`Rle`: a mask as run lengths, and all that is asked of a mask without ever drawing it.

Runs go down the columns, zeros first, as in COCO's annotation files; `to_text` is their
compressed form (pycocotools writes the same bytes). A mask of a 200-megapixel picture with
a few shapes on it is a few thousand numbers. Drawing polygons is in `polygons.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...strokes.errors import FormatError, LineworkError

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]

# COCO's text: five bits of a number a character, the sixth says that more follow.
_BITS, _MORE, _SIGN, _FIRST_CHARACTER = 5, 0x20, 0x10, 48
# From the fourth number on, the difference to the one two places before is written.
_DELTA_FROM = 3
# A count below 2^40 px has at most nine characters; more is not a count.
_LONGEST = 9


@dataclass(frozen=True, eq=False, slots=True)
class Rle:
    """A mask of height x width px.

    Args:
        height, width: px.
        ends: int64 (n,), strictly increasing positions (x * height + y) at which the mask
            changes, from 0 before the first. A mask that begins with 1 has 0 first.
    """

    height: int
    width: int
    ends: IntArray

    @classmethod
    def empty(cls, height: int, width: int) -> Rle:
        """No px at all."""
        return cls(height, width, np.zeros(0, np.int64))

    @classmethod
    def toggled(cls, height: int, width: int, positions: IntArray) -> Rle:
        """The mask that changes at each position, in any order; two changes at one cancel."""
        found = np.sort(positions)
        if (found[1:] == found[:-1]).any():
            found, times = np.unique(found, return_counts=True)
            found = found[times % 2 == 1]
        return cls(height, width, found[: np.searchsorted(found, height * width)])

    @classmethod
    def of_bitmap(cls, bitmap: npt.NDArray[np.generic]) -> Rle:
        """The mask of the px that are not 0; bitmap of any type (H, W)."""
        height, width = bitmap.shape
        flat = np.asarray(bitmap != 0).ravel(order="F")
        ends = np.flatnonzero(np.diff(flat, prepend=False))
        return cls(height, width, ends.astype(np.int64))

    @classmethod
    def of_counts(cls, height: int, width: int, counts: Iterable[int]) -> Rle:
        """From COCO's run lengths: zeros, ones, zeros, ...

        Raises:
            FormatError: negative counts, or runs that do not add up to height x width.
        """
        lengths = np.fromiter(counts, np.int64)
        total = int(lengths.sum())
        if (lengths < 0).any() or total != height * width:
            raise FormatError(
                f"run lengths that add up to {total:,} px; wanted {height:,} x {width:,}"
            )
        return cls.toggled(height, width, np.cumsum(lengths)[:-1])

    @classmethod
    def of_text(cls, height: int, width: int, text: str) -> Rle:
        """From COCO's compressed run lengths.

        Raises:
            FormatError: as `of_counts`, or characters that no such text has.
        """
        return cls.of_counts(height, width, _numbers(text))

    @property
    def counts(self) -> IntArray:
        """COCO's run lengths, int64 (n,): zeros first, their sum height x width."""
        edges = np.concatenate([[0], self.ends, [self.height * self.width]])
        counts = np.diff(edges)
        return counts if len(counts) == 1 or counts[-1] else counts[:-1]

    @property
    def area(self) -> int:
        """Px in the mask."""
        starts, stops = self._runs()
        return int((stops - starts).sum())

    @property
    def box(self) -> Box:
        """x, y, width, height of the px in the mask; zeros where there are none."""
        starts, stops = self._runs()
        if not len(starts):
            return 0, 0, 0, 0
        left, right = int(starts[0]) // self.height, (int(stops[-1]) - 1) // self.height
        top, bottom = starts % self.height, (stops - 1) % self.height
        spans = starts // self.height != (stops - 1) // self.height
        y0 = 0 if spans.any() else int(top.min())
        y1 = self.height - 1 if spans.any() else int(bottom.max())
        return left, y0, right - left + 1, y1 - y0 + 1

    def to_text(self) -> str:
        """COCO's compressed form."""
        return _text(self.counts)

    def to_bitmap(self) -> BoolArray:
        """The mask as bool (H, W)."""
        change = np.zeros(self.height * self.width + 1, np.int8)
        change[self.ends] = 1
        inside = np.bitwise_xor.accumulate(change[:-1])
        return np.ascontiguousarray(inside.reshape(self.width, self.height).T.astype(bool))

    def crop(self, box: Box) -> BoolArray:
        """The mask's bitmap within x, y, width, height, without drawing the rest."""
        x, y, width, height = box
        band = self.ends[(self.ends > x * self.height) & (self.ends < (x + width) * self.height)]
        begins = int(np.count_nonzero(self.ends <= x * self.height)) % 2
        ends = np.concatenate([np.zeros(begins, np.int64), band - x * self.height])
        strip = Rle(self.height, width, ends)
        return strip.to_bitmap()[y : y + height]

    def _runs(self) -> tuple[IntArray, IntArray]:
        """Where runs of ones start and stop."""
        starts, stops = self.ends[0::2], self.ends[1::2]
        if len(stops) < len(starts):
            stops = np.append(stops, self.height * self.width)
        return starts, stops

    def same(self, other: Rle) -> bool:
        """Whether both are the same mask."""
        size = (self.height, self.width) == (other.height, other.width)
        return size and np.array_equal(self.ends, other.ends)


def union(masks: Iterable[Rle], height: int, width: int) -> Rle:
    """The px of any of the masks."""
    return _combined(masks, height, width, 1)


def intersection(first: Rle, second: Rle) -> Rle:
    """The px of both masks."""
    return _combined((first, second), first.height, first.width, 2)


def _combined(masks: Iterable[Rle], height: int, width: int, wanted: int) -> Rle:
    """The px that lie in at least `wanted` of the masks."""
    given = list(masks)
    for mask in given:
        if (mask.height, mask.width) != (height, width):
            raise LineworkError(
                f"a mask of {mask.width} x {mask.height} px beside one of {width} x {height}"
            )
    if len(given) < wanted:
        return Rle.empty(height, width)
    if len(given) == 1:
        return given[0]
    runs = [mask._runs() for mask in given]
    begin = np.concatenate([starts for starts, _ in runs])
    end = np.concatenate([stops for _, stops in runs])
    places, where = np.unique(np.concatenate([begin, end]), return_inverse=True)
    step = np.zeros(len(places), np.int64)
    np.add.at(step, where, np.repeat([1, -1], [len(begin), len(end)]))
    inside = np.cumsum(step) >= wanted
    changes = np.flatnonzero(np.diff(inside, prepend=False))
    return Rle.toggled(height, width, places[changes])


def paste(bitmap: BoolArray, x: int, y: int, height: int, width: int) -> Rle:
    """A bitmap (h, w) laid onto height x width px with its corner at x, y; the rest is cut off."""
    top, left = max(y, 0), max(x, 0)
    part = bitmap[top - y : max(height - y, 0), left - x : max(width - x, 0)]
    if not part.size:
        return Rle.empty(height, width)
    # A row of zeros below keeps each column's run its own; then columns take their true length.
    padded = np.zeros((part.shape[0] + 1, part.shape[1]), bool)
    padded[:-1] = part
    ends = np.flatnonzero(np.diff(padded.ravel(order="F"), prepend=False))
    column, row = np.divmod(ends, padded.shape[0])
    return Rle.toggled(height, width, (column + left) * height + row + top)


def _numbers(text: str) -> IntArray:
    """The run lengths that a compressed text stands for."""
    try:
        codes = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - _FIRST_CHARACTER
    except UnicodeEncodeError as error:
        raise FormatError("run lengths with characters that are not ASCII") from error
    last = np.flatnonzero((codes & _MORE) == 0)
    if (codes < 0).any() or (codes > 63).any() or (len(codes) and (codes[-1] & _MORE)):
        raise FormatError("run lengths that are cut short or not COCO's compressed form")
    first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    size = last - first + 1
    if len(size) and size.max() > _LONGEST:
        raise FormatError("a run length that no picture has")
    place = np.arange(len(codes)) - np.repeat(first, size)
    parts = (codes & (_MORE - 1)) << (_BITS * place)
    values = np.add.reduceat(parts, first) if len(first) else parts
    values -= np.where(codes[last] & _SIGN, 1 << (_BITS * size), 0)
    # Differences run over every second number: two sums, one for the zeros, one for the ones.
    for begin in (1, 2):
        values[begin::2] = np.cumsum(values[begin::2])
    return values


def _text(counts: IntArray) -> str:
    """The compressed text of run lengths."""
    values = counts.astype(np.int64)
    values[_DELTA_FROM:] -= counts[_DELTA_FROM - 2 : -2]
    characters = np.zeros((len(values), _LONGEST), np.uint8)
    open_ = np.ones(len(values), bool)
    for place in range(_LONGEST):
        code = values & (_MORE - 1)
        values = values >> _BITS
        done = ((values == 0) & (code & _SIGN == 0)) | ((values == -1) & (code & _SIGN != 0))
        characters[open_, place] = (code | np.where(done, 0, _MORE))[open_] + _FIRST_CHARACTER
        open_ &= ~done
        if not open_.any():
            break
    flat = characters.ravel()
    return flat[flat > 0].tobytes().decode("ascii")
