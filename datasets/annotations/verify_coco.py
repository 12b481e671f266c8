"""COCO instance and stuff files against pycocotools, the reference.

Every annotation is drawn by it and the px compared with ours, area and box with what the
file states; then the file is scored as a detector's result against itself: AP must be 1.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np

from ...strokes.errors import FormatError, LineworkError
from .coco import CocoFile, decode_item, draw, read_polygons
from .findings import Findings, Progress, check_picture, hashable, images_of, unique
from .rle import Rle, union

# COCO's own files state area and box of the polygon, rounded, not of its px. Such values are
# told from wrong ones: within 1 px, the area of large ones within a hundredth.
_SLACK, _SHARE = 1.0, 0.01


def verify_coco(path: Path, content: CocoFile, folder: Path, tell: Progress) -> Findings:
    masks = _pycocotools()
    found = Findings(path)
    images = images_of(content, found)
    categories = unique((c.get("id") for c in content.categories), "category", found)
    total = len(content.annotations) + len(images)
    ids: list[Any] = []
    items: list[dict[str, Any]] = []
    for index, raw in enumerate(content.annotations):
        item = decode_item(raw)
        ids.append(item.get("id"))
        where = f"annotation {item.get('id')}"
        image = images.get(hashable(item.get("image_id")))
        if image is None:
            found.wrong(f"{where} is of image {item.get('image_id')}, which the file lacks")
            continue
        if hashable(item.get("category_id")) not in categories:
            found.wrong(f"{where} has category {item.get('category_id')}, which the file lacks")
        if item.get("iscrowd") not in (0, 1):
            found.wrong(f"{where} has iscrowd {item.get('iscrowd')}; wanted 0 or 1")
        items += _verify_annotation(item, where, image, masks, found)
        tell(index + 1, total)
    unique(ids, "annotation", found)
    found.count("annotations", len(ids))
    for number, image in enumerate(images.values()):
        check_picture(image, folder, found)
        tell(len(content.annotations) + number + 1, total)
    if not found.problems:
        _score_coco(path, items, found)
    return found


def _verify_annotation(
    item: dict[str, Any], where: str, image: dict[str, Any], masks: Any, found: Findings
) -> list[dict[str, Any]]:
    """Compares one annotation; it as a detection, or nothing."""
    height, width = image["height"], image["width"]
    given: Any = item.get("segmentation")
    try:
        mask = _own_mask(given, height, width)
        theirs = given
        if isinstance(given, list):
            theirs = masks.merge(masks.frPyObjects(given, height, width))
        elif isinstance(given["counts"], list):
            theirs = masks.frPyObjects(given, height, width)
        text = theirs["counts"]
        text = text.decode() if isinstance(text, bytes) else text
        area = int(masks.area(theirs))
        box = [float(value) for value in masks.toBbox(theirs)]
    except Exception as error:  # pycocotools raises no narrower one
        found.wrong(f"{where}: its segmentation cannot be drawn: {error or type(error).__name__}")
        return []
    if mask.to_text() != text:
        found.wrong(f"{where}: pycocotools draws {area:,} px, linework {mask.area:,}")
    if not area:
        found.wrong(f"{where}: its segmentation covers no px")
    _compare_area(item, where, area, box, found)
    detection = {key: item.get(key) for key in ("image_id", "category_id", "bbox")}
    rle = {"size": [height, width], "counts": text}
    return [] if item.get("iscrowd") else [detection | {"segmentation": rle, "score": 1.0}]


def _own_mask(given: Any, height: int, width: int) -> Rle:
    if isinstance(given, list):
        notes: list[str] = []
        polygons = read_polygons(given, None, height, width, notes)
        if notes:  # pycocotools would take all memory to draw them
            raise FormatError(notes[0])
        return union((draw(polygon, height, width) for polygon in polygons), height, width)
    read = Rle.of_text if isinstance(given["counts"], str) else Rle.of_counts
    return read(height, width, given["counts"])


def _compare_area(
    item: dict[str, Any], where: str, area: int, box: list[float], found: Findings
) -> None:
    stated: Any = item.get("area")
    stated_box: Any = item.get("bbox")
    numbers = [stated, *stated_box] if isinstance(stated_box, list) else []
    if len(numbers) != 5 or not all(isinstance(number, (int, float)) for number in numbers):
        found.wrong(f"{where}: area {stated}, bbox {stated_box}; wanted a number and four")
        return
    if stated == area and stated_box == box:
        found.count("areas and boxes exact")
        return
    if isinstance(item["segmentation"], list):
        own, own_box = _outline_figures(item["segmentation"])
        off = max(abs(a - b) for a, b in zip(stated_box, own_box, strict=True))
        if abs(stated - own) <= max(_SLACK, _SHARE * own) and off <= _SLACK:
            found.count("areas and boxes of the polygon, not of its px")
            return
    found.wrong(
        f"{where}: states area {stated} and bbox {stated_box}, its px have {area} and {box}"
    )


def _outline_figures(polygons: list[list[float]]) -> tuple[float, list[float]]:
    """The area (by the shoelace formula) and box of polygons, as COCO's own files state them."""
    area = 0.0
    for polygon in polygons:
        x, y = np.reshape(polygon, (-1, 2)).T
        area += abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    points = np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in polygons])
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    return area, [*low.tolist(), *size.tolist()]


def _score_coco(path: Path, items: list[dict[str, Any]], found: Findings) -> None:
    """COCOeval of the file's own annotations as detections of score 1."""
    if not items:
        return
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(path))
        guess = truth.loadRes([dict(item) for item in items])
        for kind in ("segm", "bbox"):
            score = COCOeval(truth, guess, kind)
            most = max(_per_image(items))
            score.params.maxDets = [1, 10, max(most, 100)]
            score.evaluate()
            score.accumulate()
            precision = score.eval["precision"][:, :, :, 0, -1]
            found.score(f"AP {kind}", float(precision[precision > -1].mean()))


def _per_image(items: list[dict[str, Any]]) -> list[int]:
    keys = [f"{item['image_id']}-{item['category_id']}" for item in items]
    return [int(n) for n in np.unique(keys, return_counts=True)[1]]


def _pycocotools() -> Any:
    try:
        from pycocotools import mask
    except ImportError as error:
        raise LineworkError(
            "checking COCO files needs pycocotools, the reference: pip install 'linework[coco]'"
        ) from error
    return mask
