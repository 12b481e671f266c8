"""`find_panels`: the panels of a comic or storyboard page.

Gutters are found by tone and connection (`gutters`), the page is divided along them (`dividing`),
each panel gets an outline (`outlines`), and insets are looked for inside (`insets`). Several tones
of paper are tried where the page's rim does not tell; the one that accounts for most is kept.

What it does not find: panels that share one line and no gutter, insets without a moat of paper, and
anything that only a reader of the story would know.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .borders import on_border
from .dividing import LEAST_AREA, LEAST_SIDE, Divider
from .gutters import DARK, Gutters, UInt8Array, candidates, find_gutters, rim_share
from .insets import find_insets
from .outlines import Mask, Polygon, outline
from .parts import JOINED

# Longer side of the copy in which panels are looked for, px: a border is still a px wide there.
WORKED = 1400
# Smaller pages, of the web, are enlarged to so much: their gutters are a few px.
ENLARGED = 1000
# A rim of one tone to this share is paper; else other tones are tried too.
SURE_RIM = 0.85
# A tone whose parts are worth less of what was found by another is not tried.
PROMISING = 0.6
RARE = 0.85  # what dark paper is worth beside light: black borders leave panels too
# Px around a panel, beyond half of which there is paper if it is one.
BESIDE = 7
UNDIVIDED = 0.9  # a single panel of more of the page says that nothing was found


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A panel of a page.

    Args:
        polygon: float64 (n, 2), x and y in px of the page, n at least 3.
        inset: whether it lies within another.
    """

    polygon: Polygon
    inset: bool = False

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in px; right and bottom lie outside."""
        low = np.floor(self.polygon.min(axis=0) + 0.01).astype(int)
        high = np.ceil(self.polygon.max(axis=0) - 0.01).astype(int)
        return (
            int(low[0]),
            int(low[1]),
            int(max(high[0], low[0] + 1)),
            int(max(high[1], low[1] + 1)),
        )


def find_panels(page: UInt8Array) -> tuple[Panel, ...]:
    """The panels of a page, in no order.

    Args:
        page: uint8 (H, W) or (H, W, 3), red, green, blue.

    Returns:
        none for a blank page; one as large as the page where nothing divides it.
    """
    rgb = page if page.ndim == 3 else np.repeat(page[:, :, None], 3, axis=2)
    height, width = rgb.shape[:2]
    scale = min(1.0, WORKED / max(height, width))
    scale = max(scale, ENLARGED / max(height, width)) if min(height, width) > 99 else scale
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = rgb if scale == 1 else cv2.resize(rgb, size, interpolation=way)
    small = np.ascontiguousarray(small)
    tones = candidates(small)
    if tones and rim_share(small, tones[0]) >= SURE_RIM:
        tones = tones[:1]
    tried = [
        (_Page(small, find_gutters(small, tone)), RARE if sum(tone) < 3 * DARK else 1.0)
        for tone in tones
    ]
    found: list[Panel] = []
    worth = 0.0
    for reading, prior in sorted(tried, key=lambda pair: -pair[0].promise * pair[1]):
        if reading.promise * prior < PROMISING * worth:
            continue
        panels = reading.panels()
        new = _worth(panels, reading.paper) * prior
        if panels and (not found or new > worth):
            found, worth = panels, new
    if not found and not _is_blank(small):
        found = [Panel(np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float64))]
    back = np.array([width, height]) / size
    return tuple(Panel(np.clip(p.polygon, 0, size) * back, p.inset) for p in found)


def _worth(panels: list[Panel], paper: Mask) -> float:
    """What panels that were found by one tone are worth, insets left out.

    Args:
        paper: bool (H, W), the px of that tone.
    """
    outer = [panel for panel in panels if not panel.inset]
    covered = np.zeros(np.array(paper.shape) + 2 * BESIDE, np.uint8)
    around = np.zeros_like(covered)
    for panel in outer:
        corners = np.rint(panel.polygon + BESIDE).astype(np.int32)
        cv2.fillPoly(covered, [corners], 1)
        filled = cv2.fillPoly(np.zeros_like(covered), [corners], 1)
        near = cv2.dilate(filled, np.ones((2 * BESIDE - 1, 2 * BESIDE - 1), np.uint8))
        around |= near & ~cv2.dilate(filled, np.ones((BESIDE, BESIDE), np.uint8))
    # An outline lies on its border's middle: the paper begins some px further out.
    light = cv2.dilate(paper.astype(np.uint8), np.ones((BESIDE, BESIDE), np.uint8))
    light = np.pad(light, BESIDE, constant_values=1)[around > 0]
    moated = float(light.mean()) if light.size else 0.0
    return _value(float(covered.sum()) / paper.size, len(outer)) * moated


def _value(share: float, count: int) -> float:
    """The share of a page that parts account for, times the bits that say which of them is meant.

    A wrong tone, as that of the table around a scan, leaves a few large parts, or the page itself.
    """
    undivided = count == 1 and share > UNDIVIDED
    return share * float(np.log2(1 + count)) * (0.5 if undivided else 1.0)


def _is_blank(page: UInt8Array) -> bool:
    few = page[::4, ::4].astype(np.int16)
    return bool((np.abs(few - np.median(few, axis=(0, 1))).max(axis=2) > 40).mean() < 0.002)


class _Page:
    """A page with one reading of its gutters."""

    def __init__(self, picture: UInt8Array, gutters: Gutters) -> None:
        self._picture, self._gutters = picture, gutters
        self._area = picture.shape[0] * picture.shape[1]
        self._divider = Divider(gutters)

    @property
    def paper(self) -> Mask:
        """The px of the paper's tone, bool (H, W)."""
        return self._gutters.paper

    @property
    def promise(self) -> float:
        """What the panels may be worth, by the parts that the gutters leave as they are."""
        parts = self._divider.parts()
        area = sum(part.hull_area for part in parts if part.filled >= JOINED)
        return _value(area / self._area, len(parts))

    def panels(self) -> list[Panel]:
        """The panels, insets after the panel that they lie in."""
        found: list[Panel] = []
        least = LEAST_SIDE * max(self._picture.shape[:2])
        for mask in self._divider.masks():
            polygon = outline(mask)
            if cv2.contourArea(polygon.astype(np.float32)) < LEAST_AREA * self._area:
                continue
            found.append(Panel(on_border(polygon, self._picture)))
            insets = find_insets(self._picture, self._gutters.paper, polygon, least)
            found += [Panel(on_border(each, self._picture), inset=True) for each in insets]
        return found
