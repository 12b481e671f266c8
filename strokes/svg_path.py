"""SVG path data ("M0 0 L10 5 ...") as subpaths of lines, Bézier curves and arcs.

The grammar is SVG 1.1, chapter 8.3: every command, absolute and relative, numbers
run together ("1-2.5.5"), arc flags without space. Unlike a browser, which draws
up to the first mistake, a mistake is an error.

Written here because svgpathtools' `parse_path`, the obvious choice, merges
subpaths that touch, loses lone points (dots) and skips what it does not know;
its `Arc` does the geometry of SVG's arc command (appendix F.6).
"""

from __future__ import annotations

import math
import re

import numpy as np

from .errors import FormatError
from .flatten import Arc, Bezier, Points, Polyline, Segment, Subpath

_SEPARATOR = r"(?:[ \t\n\r\f]*+,?+[ \t\n\r\f]*+)"
# Possessive quantifiers: text that does not match fails at once, whatever it is.
_NUMBER = r"[+-]?+(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][+-]?+[0-9]++)?+"
_NUMBERS = re.compile(rf"[ \t\n\r\f]*+(?:(?>{_NUMBER}){_SEPARATOR})*+")
_ONE_NUMBER = re.compile(_NUMBER)
_ARC = re.compile(
    rf"{_SEPARATOR}({_NUMBER}){_SEPARATOR}({_NUMBER}){_SEPARATOR}({_NUMBER}){_SEPARATOR}"
    rf"([01]){_SEPARATOR}([01]){_SEPARATOR}({_NUMBER}){_SEPARATOR}({_NUMBER}){_SEPARATOR}"
)
_COMMANDS = re.compile(r"([MmLlHhVvCcSsQqTtAaZz])([^MmLlHhVvCcSsQqTtAaZz]*)")
# Numbers that each command takes at a time.
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2}


def parse_numbers(text: str) -> Points:
    """Numbers separated by spaces or commas, as in `points` and `viewBox`: float64 (n,).

    Raises:
        FormatError: anything else in between, or a number that overflows.
    """
    if _NUMBERS.fullmatch(text) is None:
        raise FormatError(f"{_excerpt(text)} is not a list of numbers")
    with np.errstate(over="ignore"):
        values = np.array(_ONE_NUMBER.findall(text), dtype=np.float64)
    if not np.isfinite(values).all():
        raise FormatError(f"{_excerpt(text)} holds a number that is too large")
    return values


def parse_path(data: str) -> list[Subpath]:
    """The subpaths of path data, in order.

    Raises:
        FormatError: a command or number that the grammar does not have, or too few numbers.
    """
    data = data.strip()
    if data in ("", "none"):
        return []
    first = _COMMANDS.search(data)
    if first is None or first.start() > 0 or first[1] not in "Mm":
        raise FormatError(f"path data begins with {_excerpt(data)}; wanted M")
    pen = _Pen()
    # What overflows becomes infinite here, and is refused with the stroke it is in.
    with np.errstate(over="ignore", invalid="ignore"):
        for match in _COMMANDS.finditer(data):
            try:
                pen.draw(match[1], match[2])
            except FormatError as error:
                place = f"path command {match[1]} at character {match.start()}"
                raise FormatError(f"{place}: {error}") from None
    pen.lift()
    return pen.subpaths


class _Pen:
    """Where the path has come to: the state that path commands refer to."""

    def __init__(self) -> None:
        self.subpaths: list[Subpath] = []
        self.segments: list[Segment] = []
        self.start = np.zeros(2)
        self.at = np.zeros(2)
        self.down = False
        # Control point that S or T mirrors, or None where the last command left none.
        self.cubic: Points | None = None
        self.quadratic: Points | None = None

    def lift(self, closed: bool = False) -> None:
        if self.down:
            self.subpaths.append(Subpath(self.start, tuple(self.segments), closed))
        self.segments = []
        self.down = False

    def draw(self, letter: str, arguments: str) -> None:
        kind = letter.upper()
        relative = letter.islower()
        if kind == "Z":
            if arguments.strip():
                raise FormatError(f"takes no numbers but has {_excerpt(arguments)}")
            self.lift(closed=True)
            self.at = self.start
            self.cubic = self.quadratic = None
            return
        if kind == "A":
            self._touch()
            self._arcs(arguments, relative)
            return
        values = parse_numbers(arguments)
        arity = _ARITY[kind]
        if len(values) == 0 or len(values) % arity:
            raise FormatError(f"has {len(values)} numbers; wanted {arity} or a multiple of it")
        rows = values.reshape(-1, arity)
        if kind == "M":
            self.lift()
            self.start = self.at = rows[0] + self.at if relative else rows[0]
            self.down = True
            if len(rows) > 1:
                self._lines(rows[1:], relative)
            self.cubic = self.quadratic = None
            return
        self._touch()
        if kind == "L":
            self._lines(rows, relative)
        elif kind in "HV":
            self._axis_lines(rows[:, 0], relative, axis=0 if kind == "H" else 1)
        else:
            for row in rows.reshape(len(rows), -1, 2):
                self._curve(kind, row + self.at if relative else row)

    def _touch(self) -> None:
        """After Z, a command other than M begins a new subpath where the last one began."""
        if not self.down:
            self.start = self.at
            self.down = True

    def _lines(self, rows: Points, relative: bool) -> None:
        points = np.concatenate([self.at[None], rows])
        if relative:
            points = np.cumsum(points, axis=0)
        self.segments.append(Polyline(points))
        self.at = points[-1]
        self.cubic = self.quadratic = None

    def _axis_lines(self, values: Points, relative: bool, axis: int) -> None:
        rows = np.zeros((len(values), 2)) if relative else np.tile(self.at, (len(values), 1))
        rows[:, axis] = values
        self._lines(rows, relative)

    def _curve(self, kind: str, row: Points) -> None:
        if kind == "S":
            row = np.concatenate([self._mirrored(self.cubic), row])
        elif kind == "T":
            row = np.concatenate([self._mirrored(self.quadratic), row])
        self.segments.append(Bezier(np.concatenate([self.at[None], row])))
        self.cubic = row[-2] if kind in "CS" else None
        self.quadratic = row[-2] if kind in "QT" else None
        self.at = row[-1]

    def _mirrored(self, control: Points | None) -> Points:
        return (self.at if control is None else 2 * self.at - control)[None]

    def _arcs(self, arguments: str, relative: bool) -> None:
        text = arguments.strip()
        position = 0
        while position < len(text) or position == 0:
            match = _ARC.match(text, position)
            if match is None:
                raise FormatError(
                    f"has {_excerpt(text[position:])}; wanted rx ry rotation flag flag x y"
                )
            rx, ry, rotation, x, y = (float(match[i]) for i in (1, 2, 3, 6, 7))
            end = np.array([x, y]) + (self.at if relative else 0)
            if not (np.isfinite(end).all() and math.isfinite(rx + ry + rotation)):
                raise FormatError(f"{_excerpt(match[0])} holds a number that is too large")
            self.segments += arc_segments(
                self.at, (abs(rx), abs(ry)), rotation, match[4] == "1", match[5] == "1", end
            )
            self.at = end
            position = match.end()
        self.cubic = self.quadratic = None


def arc_segments(
    start: Points,
    radii: tuple[float, float],
    rotation: float,
    large: bool,
    sweep: bool,
    end: Points,
) -> list[Segment]:
    """SVG's arc command as segments: none where start and end coincide, a line without radius.

    Args:
        start, end: float64 (2,).
        radii: half axes, 0 or more.
        rotation: of the first axis, degrees.
        large, sweep: the flags.
    """
    if np.array_equal(start, end):
        return []
    if min(radii) == 0:
        return [Polyline(np.stack([start, end]))]
    from svgpathtools import Arc as EndpointArc  # half a second to import: only where needed

    arc = EndpointArc(complex(*start), complex(*radii), rotation, large, sweep, complex(*end))
    angle = math.radians(rotation)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return [
        Arc(
            np.array([arc.center.real, arc.center.imag]),
            turn * [arc.radius.real, arc.radius.imag],
            math.radians(arc.theta),
            math.radians(arc.delta),
            np.stack([start, end]),
        )
    ]


def ellipse_subpath(center: tuple[float, float], radii: tuple[float, float]) -> Subpath:
    """A whole ellipse, closed, from its rightmost point clockwise (SVG 1.1, 9.3)."""
    start = np.array([center[0] + radii[0], center[1]])
    arc = Arc(np.array(center), np.diag(radii), 0.0, math.tau, np.stack([start, start]))
    return Subpath(start, (arc,), closed=True)


def _excerpt(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= 40 else text[:37] + "...")
