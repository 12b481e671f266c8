"""Panels that show the same: `fingerprint` and `Prints`.

A fingerprint is the sign of the 63 lowest frequencies of the panel at 32 x 32 px (the usual
"pHash", Zauner 2010), which scanning, scaling and JPEG barely change, and the panel at 16 x 16 px,
which tells those apart that share 63 signs by chance. Prints that differ in at most seven bits
agree in one of eight bytes, so that only those are compared.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

UInt8Array = npt.NDArray[np.uint8]

SIDE, FREQUENCIES, THUMB = 32, 8, 16
# Bits that prints of one panel may differ in: fewer than bytes, or equal bytes would not find them.
MOST_BITS = 7
# The least correlation of the thumbs, and how far proportions may differ.
ALIKE, PROPORTIONS = 0.95, 0.1
# Spread of a thumb below which a panel shows nothing, levels; all such are alike.
FLAT = 2.5


@dataclass(frozen=True, slots=True)
class Print:
    """A fingerprint.

    Args:
        bits: 64 of them.
        proportion: width by height of the panel.
        thumb: 16 x 16 grey px, row by row.
    """

    bits: int
    proportion: float
    thumb: bytes

    def as_plain(self) -> dict[str, object]:
        """For JSON."""
        thumb = base64.b64encode(self.thumb).decode()
        return {"bits": f"{self.bits:016x}", "proportion": self.proportion, "thumb": thumb}

    @classmethod
    def of_plain(cls, plain: dict[str, str]) -> Print:
        """From what `as_plain` gave."""
        thumb = base64.b64decode(plain["thumb"])
        return cls(int(plain["bits"], 16), float(plain["proportion"]), thumb)


def fingerprint(panel: UInt8Array) -> Print:
    """The fingerprint of a panel.

    Args:
        panel: uint8 (H, W) or (H, W, 3).
    """
    grey = panel if panel.ndim == 2 else cv2.cvtColor(panel, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:FREQUENCIES, :FREQUENCIES].ravel()
    signs = low > np.median(low[1:])
    signs[0] = False  # the mean, which is the paper's
    bits = int.from_bytes(np.packbits(signs).tobytes(), "big")
    thumb = cv2.resize(grey, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return Print(bits, round(width / height, 3), thumb.astype(np.uint8).tobytes())


def are_alike(first: Print, second: Print) -> bool:
    """Whether two panels show the same."""
    if abs(np.log(first.proportion / second.proportion)) > PROPORTIONS:
        return False
    if (first.bits ^ second.bits).bit_count() > MOST_BITS:
        return False
    a, b = (np.frombuffer(p.thumb, np.uint8).astype(np.float64) for p in (first, second))
    if min(a.std(), b.std()) < FLAT:
        return bool(max(a.std(), b.std()) < FLAT and abs(a.mean() - b.mean()) < 16)
    return float(np.corrcoef(a, b)[0, 1]) >= ALIKE


class Prints:
    """The prints of the panels so far; some 600 bytes each."""

    def __init__(self) -> None:
        self._prints: list[tuple[str, Print]] = []
        self._by_byte: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def add(self, name: str, found: Print) -> str | None:
        """Keeps a panel's print, unless an earlier panel is alike; then the name of that one."""
        keys = list(enumerate(found.bits.to_bytes(8, "big")))
        seen: set[int] = set()
        for key in keys:
            for number in self._by_byte.get(key, ()):
                if number not in seen:
                    seen.add(number)
                    if are_alike(self._prints[number][1], found):
                        return self._prints[number][0]
        for key in keys:
            self._by_byte[key].append(len(self._prints))
        self._prints.append((name, found))
        return None
