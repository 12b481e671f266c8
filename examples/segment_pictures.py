"""Paint docs/images/segment.png and cutout.png: what `linework segment` finds.

    python examples/segment_pictures.py docs/images

segment.png: scenes that the weights never saw, the labels found, the true ones. cutout.png: a
house cut out of a painted town, on a chequered ground, by a model of two labels that is trained
here from 60 scenes, begun from the weights that ship: a minute of one core.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from linework.datasets.label_png import write_label_png
from linework.datasets.labels import Label, Vocabulary, vocabulary
from linework.datasets.scenes import compose, paint_scene
from linework.datasets.scenes.folder import label_map
from linework.pipeline.segmenter_training import train_segmenter
from linework.pipeline.segmenting import MODEL, Labeller, cut_out
from PIL import Image

UInt8Array = npt.NDArray[np.uint8]

# Seeds apart from those of every folder of `linework data scenes`.
SCENES = ((90_001, "town"), (90_002, "playground"), (90_003, "seaside"), (90_004, "landscape"))
SIDE, GAP, CHEQUER = 192, 6, 12
HOUSES = Vocabulary(
    "houses", (Label(1, "background", (40, 40, 60)), Label(2, "house", (230, 150, 80), "thing"))
)
# Of the model of two labels: scenes, where their seeds begin, and how it is trained.
LEARNT, FIRST_SEED = 60, 91_000
SETTINGS = ("sizes=128", "steps=90", "batch_size=8", "evaluate_every=30", "sample_every=0")


def painted(seed: int, theme: str, side: int = SIDE) -> tuple[UInt8Array, UInt8Array]:
    """A scene's picture, uint8 (side, side, 3), and its label map."""
    painting = paint_scene(compose(seed, side, side, theme=theme))
    return painting.picture, label_map(painting, vocabulary("scene"))


def found_labels() -> UInt8Array:
    """Rows: pictures, labels found, true labels."""
    colors = vocabulary("scene").colors
    labeller = Labeller.load(MODEL)
    columns = []
    for seed, theme in SCENES:
        picture, true = painted(seed, theme)
        columns.append([picture, colors[labeller.labels(picture)], colors[true]])
    rows = [np.hstack(_apart([c[k] for c in columns], (SIDE, GAP))) for k in range(3)]
    return np.vstack(_apart(rows, (GAP, rows[0].shape[1])))


def cutout() -> UInt8Array:
    """A town, how surely its px are house, and the houses alone."""
    house = vocabulary("scene").label("house").pixel
    with tempfile.TemporaryDirectory() as base:
        data = Path(base, "houses")
        for part in ("images", "labels"):
            (data / part).mkdir(parents=True)
        for k in range(LEARNT):
            picture, labels = painted(FIRST_SEED + k, "town", 128)
            Image.fromarray(picture).save(data / "images" / f"{k:03}.png")
            maps = (labels == house).astype(np.uint8)
            write_label_png(data / "labels" / f"{k:03}.png", maps, HOUSES)
        rows = [f"{label.id},{label.name},#{bytes(label.rgb).hex()}" for label in HOUSES.labels]
        (data / "labels.csv").write_text("\n".join(["id,name,rgb", *rows]))
        train_segmenter([data], Path(base, "run"), start=MODEL, assignments=SETTINGS)
        labeller = Labeller.load(Path(base, "run"))
    picture, _ = painted(SCENES[0][0], "town", 2 * SIDE)
    alpha = labeller.alpha(picture)
    rgba = cut_out(picture, alpha).astype(np.float32)
    y, x = np.indices(alpha.shape) // CHEQUER
    ground = np.where((x + y) % 2, 255.0, 205.0)[:, :, None]
    share = rgba[:, :, 3:] / 255
    alone = (rgba[:, :, :3] * share + ground * (1 - share)).round().astype(np.uint8)
    sure = np.repeat(alpha[:, :, None], 3, axis=2)
    shown = [
        np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
        for part in (picture, sure, alone)
    ]
    return np.hstack(_apart(shown, (SIDE, GAP)))


def _apart(parts: list[UInt8Array], gap: tuple[int, int]) -> list[UInt8Array]:
    """Parts with white between them."""
    white = np.full((*gap, 3), 255, np.uint8)
    return [piece for part in parts for piece in (part, white)][:-1]


def main(folder: Path) -> None:
    """Write both pictures into the folder."""
    for name, picture in (("segment", found_labels()), ("cutout", cutout())):
        few = (np.round(picture / 5) * 5).astype(np.uint8)  # too fine to be seen
        Image.fromarray(few).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
