"""Training curves as an SVG: a small panel a figure, so that no plotting package is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

PANEL_WIDTH, PANEL_HEIGHT, MARGIN = 280, 150, 46
COLUMNS = 3


def curves_svg(series: Mapping[str, Sequence[tuple[float, float]]], x_name: str) -> str:
    """One panel for each named series of (x, y), with its range and last value."""
    shown = {name: points for name, points in series.items() if points}
    rows = -(-len(shown) // COLUMNS)
    width = COLUMNS * (PANEL_WIDTH + MARGIN) + MARGIN
    height = max(rows, 1) * (PANEL_HEIGHT + MARGIN) + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place, (name, points) in enumerate(shown.items()):
        left = MARGIN + (place % COLUMNS) * (PANEL_WIDTH + MARGIN)
        top = MARGIN + (place // COLUMNS) * (PANEL_HEIGHT + MARGIN)
        parts.append(_panel(name, points, left, top, x_name))
    return "\n".join([*parts, "</svg>\n"])


def _panel(
    name: str, points: Sequence[tuple[float, float]], left: float, top: float, x_name: str
) -> str:
    xs, ys = zip(*points, strict=True)
    low, high = min(ys), max(ys)
    x_span, y_span = max(xs) or 1.0, (high - low) or 1.0
    line = " ".join(
        f"{left + PANEL_WIDTH * x / x_span:.1f},{top + PANEL_HEIGHT * (high - y) / y_span:.1f}"
        for x, y in points
    )
    return (
        f'<rect x="{left}" y="{top}" width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}" '
        'fill="none" stroke="#ccc"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fa8" stroke-width="1.5" '
        'stroke-linejoin="round"/>'
        f'<text x="{left}" y="{top - 6}" font-weight="bold">{escape(name)}: {ys[-1]:.4g}</text>'
        f'<text x="{left - 4}" y="{top + 9}" text-anchor="end" fill="#666">{high:.3g}</text>'
        f'<text x="{left - 4}" y="{top + PANEL_HEIGHT}" text-anchor="end" fill="#666">'
        f"{low:.3g}</text>"
        f'<text x="{left + PANEL_WIDTH}" y="{top + PANEL_HEIGHT + 13}" text-anchor="end" '
        f'fill="#666">{x_name} {x_span:g}</text>'
    )
