"""What a scanner or a camera adds to a drawing: `scan`. Cheap, for pictures of patch size.

Tone, uneven light, blur, noise and JPEG; textured paper, rulings and shadows with edges are the
business of `papers.py`.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from .pairs import Grey


def scan(paper: npt.NDArray[np.float32], rng: np.random.Generator) -> Grey:
    """A picture (H, W) of 0 black to 1 white in another tone, uneven, blurred, noisy."""
    height, width = paper.shape
    if rng.random() < 0.4:
        paper = cv2.GaussianBlur(paper, (0, 0), rng.uniform(0.4, 1.1))
    white = rng.uniform(205, 255) if rng.random() < 0.5 else 255.0
    picture = 255 - (255 - 255 * paper) * rng.uniform(0.6, 1.0)
    picture = picture * (white / 255)
    if rng.random() < 0.4:
        light = 0.5 + 0.5 * cloud(height, width, rng, cells=3)
        picture = picture * (1 - rng.uniform(0, 0.15) * light)
    if rng.random() < 0.5:
        noise = rng.standard_normal((height, width), np.float32)
        picture = picture + noise * rng.uniform(1, 7)
    grey = np.clip(picture + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 95))]
        grey = cv2.imdecode(cv2.imencode(".jpg", grey, quality)[1], cv2.IMREAD_GRAYSCALE)
    return np.asarray(grey, np.uint8)


def cloud(height: int, width: int, rng: np.random.Generator, cells: int) -> npt.NDArray[np.float32]:
    """A smooth field from -1 to 1, float32 (height, width)."""
    coarse = rng.uniform(-1, 1, (cells, cells)).astype(np.float32)
    field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(field, -1, 1), np.float32)
