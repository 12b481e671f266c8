"""`verify_annotations`: whether an annotation file is what its format says, by another's code.

COCO files are opened with pycocotools, the reference: every annotation is drawn by it, the
px compared with ours, area and box with what the file states, and the file is scored as a
detector's result against itself, which must give AP 1. Panoptic files are compared with
their PNG and must have PQ 1 against themselves. Of label maps, values and sizes are
checked; of labelme folders, what a conversion would say. Pictures are decoded whole.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...strokes.errors import FormatError, LineworkError
from ...strokes.images import read_image
from ..label_png import read_label_png
from ..labels import UNLABELLED
from .categories import read_labels
from .coco import open_coco
from .findings import Findings as Findings
from .findings import Progress
from .label_maps import LABELS, label_folders
from .labelme import read_labelme
from .sources import coco_file_in, look_through, map_siblings, vocabulary_of
from .verify_coco import verify_coco
from .verify_panoptic import verify_panoptic


def verify_annotations(
    path: str | os.PathLike[str],
    *,
    images: str | os.PathLike[str] | None = None,
    labels: str | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Checks annotations.

    Args:
        path: a COCO, stuff or panoptic file, a folder that a conversion wrote, a folder of
            label maps, or of labelme files.
        images: folder of the pictures, where they are not beside.
        labels: what `read_labels` takes, for label maps without a vocabulary.
        progress: called with the steps done and in all.

    Raises:
        LineworkError: nothing there that could be checked, or pycocotools is missing.
    """
    source = Path(path)
    tell = progress or (lambda done, total: None)
    if source.is_dir() and (source / LABELS).is_dir():
        return _verify_label_maps(source, labels, tell)
    if source.is_dir():
        file = coco_file_in(source)
        if file is None:
            return _verify_labelme(source, tell)
        source = file
    if not source.is_file():
        raise LineworkError(f"{path}: there is no such file or folder")
    try:
        content = open_coco(source)
    except FormatError as error:
        raise FormatError(f"{source}: {error}") from error
    except OSError as error:
        raise LineworkError(f"{source}: cannot be read: {error.strerror}") from error
    folder = Path(images) if images is not None else source.parent / "images"
    if any(b'"segments_info"' in bytes(raw) for raw in content.annotations[:1]):
        return verify_panoptic(source, content, folder, tell)
    return verify_coco(source, content, folder, tell)


def _verify_label_maps(root: Path, labels: str | None, tell: Progress) -> Findings:
    found = Findings(root)
    given = None if labels is None else read_labels(labels).vocabulary
    names = vocabulary_of(root) if given is None else given
    maps = [path for folder in label_folders(root) for path in sorted(folder.rglob("*.png"))]
    for number, path in enumerate(maps):
        try:
            pixels = read_label_png(path, names).pixels
            _, instances, picture = map_siblings(path, path.stem)
            if picture is None:
                found.wrong(f"{path.name}: its picture is missing")
            elif read_image(picture).shape[:2] != pixels.shape:
                found.wrong(f"{path.name}: is not of its picture's size")
            if instances is not None:
                found.count("instance maps")
            found.count("label maps")
            found.count("px", pixels.size)
            found.count("px unlabelled", int((pixels == UNLABELLED).sum()))
        except LineworkError as error:
            found.wrong(str(error))
        tell(number + 1, len(maps))
    return found


def _verify_labelme(root: Path, tell: Progress) -> Findings:
    found = Findings(root)
    sources = look_through([root], root / ".none")
    for number, unit in enumerate(sources.units()):
        try:
            read = read_labelme(unit.path, unit.key, name=unit.name)
            for remark in read.record.remarks:
                if remark.lost:
                    found.wrong(str(remark))
                else:
                    found.count("notes")
            found.count("files")
            found.count("objects", len(read.record.things))
            if read.picture.file is not None:
                read_image(read.picture.file)
        except (LineworkError, OSError) as error:
            found.wrong(f"{unit.name}: {error}")
        tell(number + 1, sources.total)
    for remark in sources.remarks:
        if remark.lost:
            found.wrong(str(remark))
    return found
