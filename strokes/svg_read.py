"""SVG in: every shape with its groups, transforms, styles, layers and page size, as strokes.

Strokes come in document order. Curves are flattened to a stated accuracy, straight
lines keep every point. What is not a line is passed over: text, pictures,
markers, clip paths, gradients. A dashed line is read as a whole one.

An outline that is not stroked, only filled, is left out, unless nothing in the
file is stroked (a potrace result, a glyph): then the outlines are what there is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from .drawing import Drawing, FloatArray, Stroke
from .errors import FormatError, LineworkError
from .flatten import Matrix, Points, flatten_subpath
from .svg_path import parse_numbers
from .svg_shapes import SHAPES, shape_subpaths
from .svg_style import Style, StyleSheet, cascade, length
from .svg_transform import IDENTITY, compose, fit_view_box, mean_scale, parse_transform, translate
from .svg_tree import INKSCAPE, LINEWORK, XLINK, Element, Tree, parse_tree, read_bytes
from .units import to_positive_px

# A tenth of a px is a fortieth of a millimetre: thinner than any pen. Pages smaller
# than this side, icons of 24 px, are there to be enlarged and read as if they were.
ACCURACY = 0.1
_SMALL_PAGE = 256.0
# Where width, height and viewBox mean the same size, they differ by what three
# decimals of a mm lose (0.0005 mm = 0.0019 px); then coordinates stay as written.
_PAGE_ROUNDING = 0.002
# What a browser gives an SVG without any size (CSS 2.1, 10.3.2).
_BROWSER_SIZE = (300.0, 150.0)

_RELATIVE_UNITS = ("%", "em", "ex", "ch", "vw", "vh", "vmin", "vmax", "auto")
_GROUPS = frozenset({"g", "a", "switch"})
# A <use> may point at a group of <use>; these bounds stop one that never ends or explodes.
_MAX_USE_DEPTH = 16
_MAX_USES = 50_000
_MAX_VISITS = 2_000_000
_MAX_POINTS = 20_000_000


def read_svg(
    source: str | os.PathLike[str] | bytes,
    *,
    accuracy: float | None = None,
    fills: bool | None = None,
    name: str | None = None,
) -> Drawing:
    """The strokes of an SVG file.

    Args:
        source: a path, or the file's bytes.
        accuracy: greatest distance in px of a curve from the line it becomes; None is
            `ACCURACY`, finer on small pages.
        fills: whether outlines that are only filled are read too; None reads them
            where the file strokes nothing.
        name: what to call the file in errors; the path where there is one.

    Returns:
        A drawing in px of 1/96 inch, its size the page's. Zero-length lines with
        round or square caps are dots. A paint that is not one colour ("currentColor",
        a gradient) is the default ink, None.

    Raises:
        FormatError: not well-formed, cut short, refused as unsafe (DTD, entities,
            nesting, outside references), or numbers that cannot be; with file and line.
        LineworkError: no such file, or an accuracy that is not above 0.
    """
    if accuracy is not None and not accuracy > 0:
        raise LineworkError(f"accuracy is {accuracy:g} px; wanted above 0")
    if isinstance(source, bytes):
        content, title = source, name or "the SVG"
    else:
        content, title = read_bytes(source), name or os.fspath(source)
    tree = parse_tree(content, title)
    reader = _Reader(tree, title, accuracy)
    with np.errstate(over="ignore", invalid="ignore"):  # Stroke refuses what overflowed
        found = list(reader.strokes())
    if fills is None:
        fills = not any(item.stroked for item in found)
    kept = [item for item in found if item.stroked or fills]
    if any(item.order is not None for item in kept):
        kept.sort(key=lambda item: (item.order is None, item.order))
    strokes = tuple(item.stroke for item in kept)
    return reader.drawing(strokes)


@dataclass(frozen=True, slots=True)
class _Found:
    stroke: Stroke
    stroked: bool  # False for an outline that is only filled
    order: float | None  # place among the strokes, where a layered file of ours says it


@dataclass(frozen=True, slots=True)
class _Context:
    """What an element inherits from those around it."""

    matrix: Matrix
    style: Style
    view: tuple[float, float]  # what percentages refer to, in user units
    layer: str | None = None
    uses: tuple[str, ...] = ()


class _Reader:
    """One walk over the tree."""

    def __init__(self, tree: Tree, name: str, accuracy: float | None) -> None:
        self.tree = tree
        self.name = name
        self.accuracy = accuracy
        self.line = tree.root.line
        self.size: tuple[float, float] | None = None
        self.sheet = StyleSheet([])
        self.points = 0

    def strokes(self) -> Iterator[_Found]:
        """All strokes, stroked and filled, in document order.

        Raises:
            FormatError: with file and line.
        """
        try:
            self.sheet = StyleSheet(_style_texts(self.tree.root))
            yield from self._walk()
        except LineworkError as error:
            raise FormatError(f"{self.name}, line {self.line}: {error}") from error

    def drawing(self, strokes: tuple[Stroke, ...]) -> Drawing:
        """The drawing of these strokes, with the page's size and what a file of ours says."""
        size = self.size
        if size is None:
            x1, y1 = Drawing(strokes).bounds[2:]
            size = (x1, y1) if min(x1, y1) > 0 else _BROWSER_SIZE
        root = self.tree.root
        key, created = root.get("key", LINEWORK), root.get("created", LINEWORK)
        recognized = root.get("recognized", LINEWORK)
        try:
            return Drawing(
                strokes,
                size,
                label=root.get("label", LINEWORK),
                key=None if key is None else int(key),
                country=root.get("country", LINEWORK),
                created=None if created is None else datetime.fromisoformat(created),
                recognized=None if recognized is None else recognized == "true",
            )
        except ValueError as error:
            raise FormatError(f"{self.name}, line {root.line}: {error}") from error

    def _walk(self) -> Iterator[_Found]:
        root = self.tree.root
        matrix, view = self._page(root)
        accuracy = self.accuracy
        if accuracy is None:
            accuracy = ACCURACY * min(1.0, max(self.size or view) / _SMALL_PAGE)
        style = cascade(Style(), self.sheet.declared(root), _diagonal(view))
        stack = [(iter(root), _Context(matrix, style, view))]
        visits = uses = 0
        while stack:
            children, context = stack[-1]
            element = next(children, None)
            if element is None:
                stack.pop()
                continue
            visits += 1
            uses += element.tag == "use"
            if visits > _MAX_VISITS or uses > _MAX_USES:
                raise FormatError("<use> repeats more elements than any drawing has")
            self.line = element.line
            if element.tag in SHAPES:
                yield from self._shape(element, self._inside(element, context), accuracy)
            elif element.tag in _GROUPS:
                stack.append((iter(element), self._inside(element, context)))
            elif element.tag == "svg":
                inner = self._inside(element, context)
                place = (_at(element, "x", inner.view[0]), _at(element, "y", inner.view[1]))
                stack.append((iter(element), self._viewport(element, inner, place, element)))
            elif element.tag == "use":
                entered = self._use(element, self._inside(element, context))
                if entered is not None:
                    stack.append(entered)

    def _page(self, root: Element) -> tuple[Matrix, tuple[float, float]]:
        """The map from user units to px and the size in user units; sets the page's size in px."""
        box = _view_box(root)
        width, height = _absolute(root.get("width")), _absolute(root.get("height"))
        if box is None:
            if width is not None and height is not None:
                self.size = (width, height)
            return IDENTITY, self.size or _BROWSER_SIZE
        ratio = box[2] / box[3]
        if width is None:
            width = box[2] if height is None else height * ratio
        if height is None:
            height = width / ratio
        if abs(width - box[2]) <= _PAGE_ROUNDING and abs(height - box[3]) <= _PAGE_ROUNDING:
            width, height = box[2:]
        self.size = (width, height)
        return fit_view_box(box, self.size, root.get("preserveAspectRatio")), box[2:]

    def _inside(self, element: Element, context: _Context) -> _Context:
        """The context of an element: its transform, style and layer applied."""
        transform = element.get("transform")
        layer = context.layer
        if element.get("groupmode", INKSCAPE) == "layer":
            layer = element.get("label", INKSCAPE) or element.get("id")
            if element.get("unnamed", LINEWORK) is not None:
                layer = None
        return replace(
            context,
            matrix=compose(context.matrix, parse_transform(transform))
            if transform
            else context.matrix,
            style=cascade(context.style, self.sheet.declared(element), _diagonal(context.view)),
            layer=layer,
        )

    def _viewport(
        self, element: Element, context: _Context, place: tuple[float, float], sized: Element
    ) -> _Context:
        """The context inside an <svg> or <symbol> whose size stands on `sized`."""
        matrix = compose(context.matrix, translate(*place))
        box = _view_box(element)
        size = (
            _extent(sized, element, "width", context.view[0]),
            _extent(sized, element, "height", context.view[1]),
        )
        if box is None:
            return replace(context, matrix=matrix, view=size)
        inner = fit_view_box(box, size, element.get("preserveAspectRatio"))
        return replace(context, matrix=compose(matrix, inner), view=box[2:])

    def _use(
        self, element: Element, context: _Context
    ) -> tuple[Iterator[Element], _Context] | None:
        href = element.get("href") or element.get("href", XLINK) or ""
        if not href.startswith("#"):
            raise FormatError(
                f"<use> refers to {href!r} outside the file, which is refused; "
                "paste what it means into the file"
            )
        target = self.tree.by_id.get(href[1:])
        if target is None:
            return None
        if href in context.uses or len(context.uses) >= _MAX_USE_DEPTH:
            raise FormatError(f"<use> of {href} contains itself, or goes too deep")
        context = replace(context, uses=(*context.uses, href))
        place = (_at(element, "x", context.view[0]), _at(element, "y", context.view[1]))
        if target.tag in ("symbol", "svg"):
            context = self._inside(target, context)
            return iter(target), self._viewport(target, context, place, element)
        return iter((target,)), replace(context, matrix=compose(context.matrix, translate(*place)))

    def _shape(self, element: Element, context: _Context, accuracy: float) -> Iterator[_Found]:
        style = context.style
        solid = element.get("fill", LINEWORK) is not None
        stroked = style.strokes or solid
        if not stroked and (not style.fills or element.tag == "line"):
            return
        if element.get("paper", LINEWORK) is not None:
            return
        paint = style.stroke if stroked and not solid else style.fill
        scale = 1.0 if style.fixed_width else mean_scale(context.matrix)
        width = style.width * scale if stroked else None
        subpaths = shape_subpaths(element, context.view)
        for subpath in subpaths:
            if not subpath.segments and not subpath.closed:
                continue
            points = flatten_subpath(subpath, context.matrix, accuracy)
            if (points == points[0]).all():
                if style.cap == "butt":
                    continue
                points = points[:1]
            elif element.get("dot", LINEWORK) is not None:
                points = points.mean(axis=0, keepdims=True)
            self.points += len(points)
            if self.points > _MAX_POINTS:
                raise FormatError(f"more than {_MAX_POINTS:,} points; read it less accurately")
            order = element.get("order", LINEWORK) if len(subpaths) == 1 else None
            yield _Found(
                Stroke(
                    points.astype(np.float32),
                    time=_values(element, "time", points),
                    pressure=_values(element, "pressure", points),
                    color=style.ink(paint),
                    width=width,
                    layer=context.layer,
                    fill=solid,
                ),
                stroked,
                None if order is None else length(order, "order", 1.0),
            )


def _style_texts(root: Element) -> list[str]:
    stack, texts = [root], []
    while stack:
        element = stack.pop()
        if element.tag == "style":
            texts.append(element.text)
        stack.extend(reversed(element.children))
    return texts


def _values(element: Element, name: str, points: Points) -> FloatArray | None:
    """One of our own per-point attributes; None where it is absent or the path was edited since."""
    text = element.get(name, LINEWORK)
    if text is None:
        return None
    values = parse_numbers(text).astype(np.float32)
    return values if len(values) == len(points) else None


def _view_box(element: Element) -> tuple[float, float, float, float] | None:
    text = element.get("viewBox")
    if text is None:
        return None
    values = parse_numbers(text)
    if len(values) != 4 or not (values[2:] > 0).all():
        raise FormatError(f"viewBox is {text!r}; wanted x y width height, the last two above 0")
    x, y, width, height = values.tolist()
    return (x, y, width, height)


def _absolute(text: str | None) -> float | None:
    """A page's width or height in px; None where it depends on the window or the font."""
    if text is None or text.strip().lower().endswith(_RELATIVE_UNITS):
        return None
    return to_positive_px(text, "the page's size")


def _diagonal(view: tuple[float, float]) -> float:
    """What percentages that are neither across nor down refer to (SVG 1.1, 7.10)."""
    return float(np.hypot(*view)) / 2**0.5


def _at(element: Element, name: str, whole: float) -> float:
    return length(element.get(name) or "0", name, whole)


def _extent(sized: Element, element: Element, name: str, whole: float) -> float:
    text = sized.get(name) or element.get(name) or "100%"
    return length("100%" if text == "auto" else text, name, whole)
