"""Which px of a page are gutter: of the paper's tone, and reached from the page's edge.

The paper is uneven on a scan, so its tone is a quadratic surface over the page, fitted to the px
near one tone and refitted to those near the surface. Candidates for the tone are what the outermost
px mostly are, and white and black, for on pages whose panels run off the edge those px are art.

Paper also leads into a white panel through a gap in its border. A ball that does not fit
through the gap does not get in (Zhang et al. 2009, the trapped ball of line-art colouring); wide
places that it cannot reach are the inside of panels. What is found here is a tone and a
connection, not yet a panel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .edges import ALSO_BLEEDING, BLEEDING, find_edge, gutter_ends
from .outlines import Mask

UInt8Array = npt.NDArray[np.uint8]

# Width of the rim that is looked at for the paper's tone, share of the page's longer side.
RIM = 0.012
# How far px may lie from the first guess, levels: light that falls off over a scan.
NEAR = 30
# Tolerance around the surface, levels: four deviations, within what clean and poor scans need.
LEAST_OFF, MOST_OFF = 9.0, 26.0
REFITS = 4
CORE = 2.1  # the median of what is normally spread, in its lower quartiles
BLURRED = 1.7  # times the tolerance, on pages with noise
NOISE = 1.5  # levels from which noise is smoothed away, and a gutter of two px with it
SAMPLED = 6  # px between those that the surface is fitted to
# The ball's radius, and half the width of what it must be kept out of to be no gutter: shares.
BALL, WIDE = 0.006, 0.02
# Paper is dark below this level; then what is no wider than this is ink, share of the longer side.
DARK, THIN = 90, 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Gutters:
    """The px of a page by one tone of paper.

    Args:
        paper: bool (H, W), of the paper's tone, within panels too.
        gutter: bool (H, W), those of them that are reached from the page's edge.
        bleeds: whether panels run off the top, right, bottom, left edge.
    """

    paper: Mask
    gutter: Mask
    bleeds: tuple[bool, bool, bool, bool]


def candidates(page: UInt8Array) -> list[tuple[float, float, float]]:
    """Tones that the paper may have, the likeliest first.

    Args:
        page: uint8 (H, W, 3).
    """
    rim = _rim(page)
    grey = rim.mean(axis=1)
    counts = np.bincount((grey / 8).astype(int), minlength=33).astype(float)
    counts = np.convolve(counts, np.ones(3), mode="same")
    found = []
    for _ in range(2):
        peak = int(counts.argmax())
        if counts[peak] < 0.15 * len(grey):
            break
        near = rim[np.abs(grey - (peak * 8 + 4)) < 13]
        found.append(tuple(float(v) for v in np.median(near, axis=0)))
        counts[max(peak - 4, 0) : peak + 5] = 0
    light = float(np.percentile(page[::8, ::8].min(axis=2), 97))
    for tone in ((max(light, 200.0),) * 3, (5.0,) * 3):
        if all(max(abs(a - b) for a, b in zip(tone, other, strict=True)) > NEAR for other in found):
            found.append(tone)
    return found  # type: ignore[return-value]


def rim_share(page: UInt8Array, tone: tuple[float, float, float]) -> float:
    """Which share of the page's rim is near a tone."""
    return float((np.abs(_rim(page) - np.array(tone)).max(axis=1) < NEAR).mean())


def find_gutters(page: UInt8Array, tone: tuple[float, float, float]) -> Gutters:
    """The gutters of a page whose paper is about of a tone.

    Args:
        page: uint8 (H, W, 3).
    """
    paper = _paper(page, tone)
    height, width = paper.shape
    if sum(tone) < 3 * DARK:
        # Ink that touches the side of a panel is of the paper's tone too, but thin.
        k = int(THIN * max(height, width)) | 1
        opened = cv2.morphologyEx(paper.astype(np.uint8), cv2.MORPH_OPEN, np.ones((k, k), np.uint8))
        paper = opened > 0
    bleeds = []
    seeds, table = np.zeros_like(paper), np.zeros_like(paper)
    edges = [find_edge(np.rot90(paper, side)) for side in range(4)]
    most = BLEEDING if max(edge.art for edge in edges) <= BLEEDING else ALSO_BLEEDING
    for side, edge in enumerate(edges):
        bleeds.append(edge.art > most)
        seeded = gutter_ends(np.rot90(paper, side), edge) if bleeds[-1] else edge.paper
        np.rot90(seeds, side)[edge.rows, np.arange(len(seeded))] |= seeded
        around = np.rot90(table, side)  # a view
        around |= np.arange(len(around))[:, None] < edge.rows
    seeds &= paper
    paper = paper & ~table
    _, parts = cv2.connectedComponents(paper.astype(np.uint8), connectivity=4)
    reached = np.zeros(int(parts.max()) + 1, bool)
    reached[parts[seeds]] = True
    reached[0] = False
    gutter = reached[parts]
    gutter = (gutter & ~_leaked(gutter, seeds)) | table
    return Gutters(paper, gutter, tuple(bleeds))  # type: ignore[arg-type]


def _leaked(gutter: Mask, seeds: Mask) -> Mask:
    """What is reached through gaps only: wide places that a ball from the edge does not get to."""
    longer = max(gutter.shape)
    radius, wide = BALL * longer, WIDE * longer
    around = np.pad(gutter.astype(np.uint8), 1, constant_values=1)
    depth = cv2.distanceTransform(around, cv2.DIST_L2, 3)[1:-1, 1:-1]
    _, places = cv2.connectedComponents((depth > radius).astype(np.uint8))
    r = int(radius) + 2
    near = cv2.dilate(seeds.astype(np.uint8), np.ones((2 * r + 1, 2 * r + 1), np.uint8)) > 0
    trapped = np.zeros(int(places.max()) + 1, bool)
    trapped[places[depth > wide]] = True
    trapped[places[near]] = False
    trapped[0] = False
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1))
    return np.asarray(cv2.dilate(trapped[places].astype(np.uint8), disc) > 0)


def _paper(page: UInt8Array, tone: tuple[float, float, float]) -> Mask:
    """The px within the tolerance of the surface, bool (H, W)."""
    height, width = page.shape[:2]
    few = page[::SAMPLED, ::SAMPLED].astype(np.float32)
    ys, xs = np.mgrid[0 : few.shape[0], 0 : few.shape[1]].astype(np.float32) * SAMPLED
    terms = _terms(xs / width - 0.5, ys / height - 0.5)
    flat, plane = few.reshape(-1, 3), terms.reshape(-1, terms.shape[-1])
    near = np.abs(flat - np.array(tone)).max(axis=1) < NEAR
    # Where the rim is paper it alone tells: art may be of nearly that tone, on more px.
    w = max(int(2 * RIM * max(height, width)) // SAMPLED, 1)
    rim = np.ones(few.shape[:2], bool)
    rim[w:-w, w:-w] = False
    inside = near & rim.ravel()
    told = bool(inside.sum() >= rim.sum() / 2)
    if not told:
        inside = near
    weights = np.zeros((plane.shape[1], 3))
    weights[0] = tone
    off, spread = MOST_OFF, 0.0
    for step in range(REFITS):
        if inside.sum() < 10 * plane.shape[1]:
            break
        # The first fit is a plane: a square one, far from its px, goes anywhere.
        used = 3 if step == 0 else plane.shape[1]
        weights = np.zeros((plane.shape[1], 3))
        weights[:used] = np.linalg.lstsq(plane[inside, :used], flat[inside], rcond=None)[0]
        away = np.abs(flat - plane @ weights).max(axis=1)
        # Without a rim of paper, art of nearly its tone is among the px: those nearest tell.
        near_half = np.median(away[inside]) if told else CORE * np.percentile(away[inside], 25)
        spread = float(near_half)
        off = float(np.clip(6 * spread, LEAST_OFF, MOST_OFF))
        inside = away < off
    surface = cv2.resize(
        (terms @ weights).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    if spread <= NOISE:
        return np.asarray((np.abs(page - surface) < off).all(axis=2))
    # A scan's thin gutters are darkened by the borders beside them, and broken by noise.
    away = np.abs(cv2.medianBlur(page, 3) - surface).max(axis=2)
    paper = (away < BLURRED * off).astype(np.uint8)
    return cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)) > 0


def _terms(x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _rim(page: UInt8Array) -> npt.NDArray[np.float32]:
    """The outermost px, float32 (N, 3)."""
    w = max(int(RIM * max(page.shape[:2])), 2)
    sides = (page[:w], page[-w:], page[w:-w, :w], page[w:-w, -w:])
    return np.concatenate([side.reshape(-1, 3)[::3] for side in sides]).astype(np.float32)
