"""CSS colours: names, #rgb, rgb(), hsl() to "#rrggbb" and to three bytes."""

from __future__ import annotations

from .errors import LineworkError

RGB = tuple[int, int, int]
BLACK: RGB = (0, 0, 0)
WHITE: RGB = (255, 255, 255)


def to_rgb(color: str) -> RGB:
    """Red, green, blue, 0 to 255, of a CSS colour; its opacity is dropped.

    Raises:
        LineworkError: not a colour.

    >>> to_rgb("#f80"), to_rgb("navy")
    ((255, 136, 0), (0, 0, 128))
    """
    from PIL import ImageColor  # knows the 148 names

    try:
        red, green, blue = ImageColor.getrgb(color.strip())[:3]
    except ValueError as error:
        raise LineworkError(
            f'{color!r} is not a colour; write a CSS name or "#rrggbb", such as "#d04020"'
        ) from error
    return (_byte(red), _byte(green), _byte(blue))


def to_hex(color: str) -> str:
    """A CSS colour as "#rrggbb". Raises as `to_rgb`."""
    return "#{:02x}{:02x}{:02x}".format(*to_rgb(color))


def _byte(value: int) -> int:
    return min(max(int(value), 0), 255)
