"""SVG's coordinate systems: the transform attribute, and a viewBox fitted into a page.

A map is a float64 (2, 3) matrix [[a, c, e], [b, d, f]]: x' = a x + c y + e,
y' = b x + d y + f. SVG 1.1, sections 7.6 (transform) and 7.8 (preserveAspectRatio).
"""

from __future__ import annotations

import math
import re

import numpy as np

from .errors import FormatError
from .flatten import Matrix
from .svg_path import parse_numbers

IDENTITY: Matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
IDENTITY.flags.writeable = False

_FUNCTION = re.compile(r"[\s,]*([A-Za-z]+)\s*\(([^()]*)\)[\s,]*")
_COUNTS = {
    "matrix": (6,),
    "translate": (1, 2),
    "scale": (1, 2),
    "rotate": (1, 3),
    "skewX": (1,),
    "skewY": (1,),
}


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """The map that applies `inner` first."""
    # A product that overflows is refused with the first stroke it is applied to.
    with np.errstate(over="ignore", invalid="ignore"):
        product: Matrix = outer[:, :2] @ inner
        product[:, 2] += outer[:, 2]
    return product


def mean_scale(matrix: Matrix) -> float:
    """By how much a map makes lines wider: the root of the area's change."""
    with np.errstate(over="ignore", invalid="ignore"):
        return math.sqrt(abs(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]))


def translate(x: float, y: float) -> Matrix:
    """The map that moves by x, y."""
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def parse_transform(text: str | None) -> Matrix:
    """The map of a transform attribute; the identity where there is none.

    Raises:
        FormatError: an unknown function or a wrong number of numbers.
    """
    if text is None or text.strip() in ("", "none"):
        return IDENTITY
    matrix = IDENTITY
    position = 0
    while position < len(text):
        match = _FUNCTION.match(text, position)
        if match is None:
            rest = text[position : position + 40]
            raise FormatError(f"transform has {rest!r}; wanted a function such as translate(1 2)")
        matrix = compose(matrix, _function(match[1], match[2]))
        position = match.end()
    return matrix


def _function(name: str, arguments: str) -> Matrix:
    if name not in _COUNTS:
        raise FormatError(f"transform has {name!r}; wanted one of {', '.join(_COUNTS)}")
    values = parse_numbers(arguments).tolist()
    if len(values) not in _COUNTS[name]:
        wanted = " or ".join(str(count) for count in _COUNTS[name])
        raise FormatError(f"transform {name} has {len(values)} numbers; wanted {wanted}")
    if name == "matrix":
        return np.array(values).reshape(3, 2).T
    if name == "translate":
        return translate(values[0], values[1] if len(values) == 2 else 0.0)
    if name == "scale":
        return np.array([[values[0], 0.0, 0.0], [0.0, values[-1], 0.0]])
    angle = math.radians(values[0])
    if name == "rotate":
        turn = np.array(
            [[math.cos(angle), -math.sin(angle), 0.0], [math.sin(angle), math.cos(angle), 0.0]]
        )
        if len(values) == 1:
            return turn
        x, y = values[1:]
        return compose(compose(translate(x, y), turn), translate(-x, -y))
    skew = math.tan(angle)
    return np.array(
        [[1.0, skew if name == "skewX" else 0.0, 0.0], [skew * (name == "skewY"), 1.0, 0.0]]
    )


def fit_view_box(
    box: tuple[float, float, float, float],
    size: tuple[float, float],
    aspect: str | None,
) -> Matrix:
    """The map of a viewBox into a page.

    Args:
        box: x, y, width, height in user units, the last two above 0.
        size: width and height of the page.
        aspect: the preserveAspectRatio attribute; None is "xMidYMid meet".
    """
    x, y, width, height = box
    scale_x, scale_y = size[0] / width, size[1] / height
    words = (aspect or "xMidYMid meet").replace("defer", "").split()
    if words[:1] == ["none"]:
        return np.array([[scale_x, 0.0, -x * scale_x], [0.0, scale_y, -y * scale_y]])
    scale = max(scale_x, scale_y) if "slice" in words else min(scale_x, scale_y)
    align = words[0] if words and len(words[0]) == 8 else "xMidYMid"
    share = {"Min": 0.0, "Mid": 0.5, "Max": 1.0}
    left = (size[0] - width * scale) * share.get(align[1:4], 0.5)
    top = (size[1] - height * scale) * share.get(align[5:8], 0.5)
    return np.array([[scale, 0.0, left - x * scale], [0.0, scale, top - y * scale]])
