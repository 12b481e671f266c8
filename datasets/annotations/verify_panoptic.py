"""Panoptic files: the JSON against its PNGs, and PQ of the file against itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...strokes.errors import FormatError
from .coco import CocoFile, decode_item
from .findings import Findings, Progress, check_picture, hashable, images_of, unique
from .panoptic import decode_ids
from .quality import Segments, panoptic_quality
from .rle import Rle


def verify_panoptic(path: Path, content: CocoFile, folder: Path, tell: Progress) -> Findings:
    found = Findings(path)
    images = images_of(content, found)
    categories = unique((c.get("id") for c in content.categories), "category", found)
    pairs = []
    for index, raw in enumerate(content.annotations):
        item = decode_item(raw)
        segments = _verify_segments(item, path, images, categories, found)
        if segments is not None:
            pairs.append(segments)
        tell(index + 1, len(content.annotations))
    for image in images.values():
        check_picture(image, folder, found)
    scores = panoptic_quality(_again(found, path, pairs))
    if scores:
        found.score("PQ", sum(scores.values()) / len(scores))
    return found


def _again(
    found: Findings, path: Path, pairs: list[tuple[Path, dict[int, int], frozenset[int]]]
) -> Iterator[tuple[Segments, Segments]]:
    """Each picture twice; PNGs are read again rather than kept in memory."""
    for png, categories, crowds in pairs:
        segments = Segments(decode_ids(png), categories, crowds)
        yield segments, segments


def _verify_segments(
    item: dict[str, Any],
    path: Path,
    images: dict[Any, dict[str, Any]],
    categories: set[Any],
    found: Findings,
) -> tuple[Path, dict[int, int], frozenset[int]] | None:
    name = str(item.get("file_name"))
    image = images.get(hashable(item.get("image_id")))
    if image is None:
        found.wrong(f"{name} is of image {item.get('image_id')}, which the file lacks")
        return None
    folders = (path.with_suffix(""), path.parent / "panoptic", path.parent)
    png = next((place / name for place in folders if (place / name).is_file()), None)
    if png is None:
        found.wrong(f"the PNG {name} is missing")
        return None
    try:
        ids = decode_ids(png)
    except (FormatError, OSError) as error:
        found.wrong(str(error))
        return None
    if ids.shape != (image["height"], image["width"]):
        found.wrong(f"{name} is {ids.shape[1]} x {ids.shape[0]} px, its image another size")
    infos = [info for info in item.get("segments_info") or [] if isinstance(info, dict)]
    stated = unique((info.get("id") for info in infos), f"{name}: segment", found)
    drawn = set(np.unique(ids).tolist()) - {0}
    for number in sorted(drawn - stated):
        found.wrong(f"{name}: px of segment {number}, which segments_info lacks")
    infos = [info for info in infos if isinstance(info.get("id"), int)]
    for info in infos:
        mask = Rle.of_bitmap(ids == info.get("id"))
        if hashable(info.get("category_id")) not in categories:
            found.wrong(f"{name}: segment {info.get('id')} has no known category")
        if (info.get("area"), info.get("bbox")) != (mask.area, list(mask.box)):
            found.wrong(
                f"{name}: segment {info.get('id')} states area {info.get('area')} and bbox "
                f"{info.get('bbox')}, its px have {mask.area} and {list(mask.box)}"
            )
    found.count("segments", len(infos))
    known = {info["id"]: hashable(info.get("category_id")) for info in infos if info["id"] in drawn}
    return png, known, frozenset(info["id"] for info in infos if info.get("iscrowd"))
