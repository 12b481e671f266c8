"""A scene's dense label map from its objects and their regions.

In order of who has the last word: the user's own map, where it is labelled; the regions of
labelled objects; strokes of a wide brush; a background. The background is laid out by the horizon
rule (datasets/horizon.py), and a network (models/dense_map.py) may overrule it where it is sure.
Of what the network says, only what can lie behind objects counts, of the land only what was
drawn, unless a long line was drawn that nobody could name, and of grounds that nobody named
the likeliest alone. Edges then move to the lines that they lie beside. An object without a label
gets, as a whole, what the network thinks of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from scipy import ndimage
from skimage.segmentation import watershed

from ..datasets.doodled_scenes import index_map
from ..datasets.horizon import GROUND, LAND, SKY, horizon_map
from ..datasets.labels import UNLABELLED, UInt8Array, vocabulary
from ..models.dense_map import DenseMap
from ..strokes import Drawing, draw_ink
from ..strokes.fill import TOLERANCE, Group, fill_drawing
from .scene_objects import NAMES, SceneObject, placed_objects

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]
# What the network may lay behind objects besides the sky and the ground, if it was drawn.
WAYS = ("water", "river", "road", "path")
# A stroke as wide as this share of the canvas's longer side is a brush's.
BRUSH = 0.02
# What the rule's word is worth against the network's, nats: the network overrules it where it holds
# another label for exp(RULE) times as likely. On synthetic scenes 0 is best, by less than .01 of
# mIoU (benchmarks/bench_labelling.py --choose); people's scenes are unlike them, and there the
# rule keeps a half-sure network from cutting up what was drawn.
RULE = 1.0
# Chances below this are none.
LEAST_CHANCE = 1e-6
# Edges of what is proposed move to a line within so much of the map's longer side; the
# network's own px are 1/64 of it.
SNAP = 0.02
# Pieces of the background smaller than this share of the map go to their surroundings.
LEAST_PIECE = 0.002


@dataclass(frozen=True, slots=True)
class RegionRow:
    """What became of an object's area.

    Args:
        number: the object's.
        method: how its outline was closed, one of the fill's; "land", which has no area of its
            own; "brush", a wide stroke.
        tolerance: the widest gap closed, as a share of its box's diagonal.
        area: px that are seen of it.
    """

    number: int
    method: str
    tolerance: float
    area: int


@dataclass(frozen=True, slots=True, eq=False)
class SceneRegions:
    """The areas of a scene's objects.

    Args:
        numbers: int32 (H, W), the object's number, 0 for none.
        rows: of each object.
    """

    numbers: IntArray
    rows: tuple[RegionRow, ...]


def fill_scene(
    drawing: Drawing,
    objects: Sequence[SceneObject],
    size: tuple[int, int],
    tolerance: float = TOLERANCE,
) -> SceneRegions:
    """The areas of a scene's objects, later ones over earlier ones as `fill_drawing` lays them.

    Args:
        size: width and height of the map, px.
        tolerance: as `fill_drawing`.
    """
    placed = placed_objects(drawing, objects)
    groups, owners = [], []
    rows: dict[int, RegionRow] = {}
    numbers = np.zeros(size[::-1], np.int32)
    order = sorted(zip(objects, placed, strict=True), key=lambda pair: pair[0].strokes[-1])
    for one, where in order:
        if where.is_land:
            brushed = _brushed(drawing, one, size)
            numbers[brushed] = one.number
            method = "brush" if brushed.any() else "land"
            rows[one.number] = RegionRow(one.number, method, 0.0, 0)
        else:
            groups.append(Group(one.strokes, one.label))
            owners.append(one.number)
    filling = fill_drawing(drawing, groups, size=size, tolerance=tolerance)
    table = np.array([0, *owners], np.int32)
    filled = table[filling.numbers]
    numbers = np.where(filled > 0, filled, numbers)
    for region, owner in zip(filling.regions, owners, strict=True):
        rows[owner] = RegionRow(owner, region.method, tolerance, region.area)
    areas = np.bincount(numbers.ravel(), minlength=len(objects) + 1)
    return SceneRegions(
        numbers,
        tuple(RegionRow(k, rows[k].method, rows[k].tolerance, int(areas[k])) for k in sorted(rows)),
    )


def known_pixels(
    numbers: npt.NDArray[np.integer], objects: Sequence[SceneObject], brush: UInt8Array | None
) -> UInt8Array:
    """What is known of a map: uint8 (H, W), id - 1, 255 where nothing is.

    Args:
        numbers: of regions' objects.
        brush: the user's own labels, 255 where they left it open.
    """
    table = np.full(max([0, *(one.number for one in objects)]) + 1, UNLABELLED, np.uint8)
    for one in objects:
        if one.id is not None:
            table[one.number] = one.id - 1
    known = table[numbers]
    return known if brush is None else np.where(brush != UNLABELLED, brush, known)


def lay_by_rule(
    drawing: Drawing,
    objects: Sequence[SceneObject],
    known: UInt8Array,
) -> UInt8Array:
    """A whole map: what is known, before the background of the horizon rule.

    Args:
        known: as `known_pixels`.
    """
    height, width = known.shape
    background = horizon_map(placed_objects(drawing, objects), (width, height))
    return np.where(known != UNLABELLED, known, background)


def propose(
    network: DenseMap,
    scenes: Sequence[tuple[Drawing, Sequence[SceneObject], UInt8Array]],
) -> list[FloatArray]:
    """What the network says of each scene, all in one call.

    Args:
        scenes: drawing, objects, and what is known, as `known_pixels`.

    Returns:
        of each, float32 (labels, S, S), chances of the network's labels at its own side.
    """
    inks, areas = [], []
    for drawing, objects, known in scenes:
        ink, area = network_input(network, drawing, objects, known)
        inks.append(ink)
        areas.append(area)
    device = next(network.parameters()).device
    with torch.inference_mode():
        ink_batch, area_batch = (
            torch.from_numpy(np.stack(part)).to(device).long() for part in (inks, areas)
        )
        logits = network(ink_batch, area_batch)
        side = network.config.side
        large = F.interpolate(logits, size=(side, side), mode="bilinear", align_corners=False)
        return list(torch.softmax(large, dim=1).cpu().numpy())


def network_input(
    network: DenseMap, drawing: Drawing, objects: Sequence[SceneObject], known: UInt8Array
) -> tuple[UInt8Array, UInt8Array]:
    """Ink and area as the network sees them, uint8 (S, S) each; see `DenseMap`."""
    config = network.config
    index = {label: k for k, label in enumerate(config.labels)}
    said = {k: index.get(one.label or "", config.unknown) for one in objects for k in one.strokes}
    size = np.float32(drawing.size)
    lines = [stroke.points / size for stroke in drawing.strokes]
    owners = [said.get(k, config.unknown) for k in range(len(lines))]
    ink = index_map(lines, owners, config.side, config.nothing)
    names = vocabulary(NAMES)
    table = np.full(256, config.unknown, np.uint8)
    for label, k in index.items():
        table[names.label(label).pixel] = k
    table[UNLABELLED] = config.nothing
    small = cv2.resize(known, (config.side, config.side), interpolation=cv2.INTER_NEAREST_EXACT)
    return ink, table[small]


def lay_by_network(
    network: DenseMap,
    chances: FloatArray,
    drawing: Drawing,
    objects: Sequence[SceneObject],
    numbers: npt.NDArray[np.integer],
    known: UInt8Array,
    rule: float = RULE,
) -> tuple[UInt8Array, dict[int, str]]:
    """A whole map: what is known, before what network and rule say.

    Args:
        chances: as `propose` gives them.
        numbers: of regions' objects.
        known: as `known_pixels`.
        rule: nats, as `RULE`.

    Returns:
        uint8 (H, W), id - 1, no px without a label; and what the network makes of the
        objects that have a region and no label, by their number.
    """
    names = vocabulary(NAMES)
    height, width = known.shape
    pixels = np.array([names.label(label).pixel for label in network.config.labels], np.uint8)
    large = np.stack(
        [cv2.resize(chance, (width, height), interpolation=cv2.INTER_LINEAR) for chance in chances]
    )
    laid = horizon_map(placed_objects(drawing, objects), (width, height))
    free = any(
        one.label is None and placed.may_be_land
        for one, placed in zip(objects, placed_objects(drawing, objects), strict=True)
    )
    able = _may_lie_behind(network.config.labels, objects, known, large, free)
    choice = np.flatnonzero(able)
    worth = np.log(np.maximum(large[choice], LEAST_CHANCE))
    worth += np.float32(rule) * (pixels[choice, None, None] == laid)
    best = pixels[choice][worth.argmax(axis=0)] if len(choice) else laid
    background = _without_specks(_snapped(best, draw_ink(drawing, (width, height))))
    out = np.where(known != UNLABELLED, known, background)
    told: dict[int, str] = {}
    for one in objects:
        here = (numbers == one.number) & (known == UNLABELLED)
        if one.label is None and here.any():
            best = int(large[:, here].mean(axis=1).argmax())
            told[one.number] = network.config.labels[best]
            out[here] = pixels[best]
    return out, told


def _may_lie_behind(
    labels: Sequence[str],
    objects: Sequence[SceneObject],
    known: UInt8Array,
    chances: FloatArray,
    free: bool,
) -> npt.NDArray[np.bool_]:
    """bool (labels,): which may be proposed behind the objects; see the head of the file.

    Args:
        free: whether land was drawn that nobody could name, so that all land may be meant.
    """
    names = vocabulary(NAMES)
    present = dict.fromkeys(np.unique(known).tolist(), True)
    said = {one.label for one in objects}
    drawn = {label for label in labels if label in said or names.label(label).pixel in present}
    able = np.array([label in (SKY, *LAND, *WAYS) for label in labels])
    if free:
        return able
    grounds = [label for label in labels if label in GROUND]
    allowed = {SKY, *drawn}
    if not drawn & set(GROUND) and grounds:
        mass = {label: float(chances[labels.index(label)].sum()) for label in grounds}
        allowed.add(max(mass, key=lambda label: mass[label]))
    return able & np.array([label in allowed for label in labels])


def _brushed(drawing: Drawing, one: SceneObject, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """bool (H, W): what the strokes of a wide brush cover."""
    least = BRUSH * max(drawing.size)
    wide = [
        drawing.strokes[k]
        for k in one.strokes
        if (drawing.strokes[k].width or 0.0) >= least or drawing.strokes[k].fill
    ]
    if not wide:
        return np.zeros(size[::-1], np.bool_)
    return np.asarray(draw_ink(drawing.with_strokes(wide), size) < 128, np.bool_)


def _snapped(labels: UInt8Array, grey: UInt8Array) -> UInt8Array:
    """Labels whose edges have moved to the lines near them.

    Watershed (Meyer 1991) from what lies well within each label, over the ink.
    """
    reach = max(1, round(SNAP * max(labels.shape)))
    inside = np.zeros(labels.shape, np.int32)
    for pixel in np.unique(labels).tolist():
        own = np.pad((labels == pixel).astype(np.uint8), 1, mode="edge")
        depth = cv2.distanceTransform(own, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
        deep = depth > reach
        # A strip too narrow for that keeps its middle.
        if not deep.any():
            deep = depth >= max(1.0, 0.7 * float(depth.max()))
        inside[deep] = pixel + 1
    if len(np.unique(labels)) < 2:
        return labels
    hills = cv2.GaussianBlur(255 - grey, (0, 0), 0.8)
    found = watershed(hills, inside)
    return np.asarray(found - 1, np.uint8)


def _without_specks(labels: UInt8Array) -> UInt8Array:
    """Labels, small pieces taken by what is nearest to them."""
    least = LEAST_PIECE * labels.size
    small = np.zeros(labels.shape, np.bool_)
    for pixel in np.unique(labels).tolist():
        _, parts, stats, _ = cv2.connectedComponentsWithStats((labels == pixel).astype(np.uint8))
        tiny = stats[:, cv2.CC_STAT_AREA] < least
        tiny[0] = False
        small |= tiny[parts]
    if not small.any() or small.all():
        return labels
    nearest = ndimage.distance_transform_edt(small, return_distances=False, return_indices=True)
    return np.asarray(labels[tuple(nearest)], np.uint8)
