"""What CSS and presentation attributes say about a line: is it drawn, how wide, which colour.

The cascade is SVG's: presentation attributes, then rules of `<style>` by
specificity, then the style attribute; inherited from the group around. Selectors
are type, class, id and * in any combination on one element; rules with
combinators or pseudo-classes, at-rules and dashes are passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .color import to_hex
from .errors import FormatError, LineworkError
from .svg_path import parse_numbers
from .svg_tree import Element
from .units import to_px

_PROPERTIES = (
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "fill",
    "fill-opacity",
    "color",
    "opacity",
    "display",
    "visibility",
    "vector-effect",
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# @import ...; and whole @media {...} blocks, whose conditions nobody evaluates here.
_AT_RULE = re.compile(r"@[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(\*|[A-Za-z][\w-]*)?((?:[.#][\w-]+)*)")


@dataclass(frozen=True, slots=True)
class Style:
    """Properties of an element after the cascade; the defaults are SVG's.

    Args:
        stroke, fill: paint as written ("none", "#f00", "currentColor", "url(#a)").
        color: what currentColor stands for, or None for the default ink.
        width: stroke width in user units.
        hidden: whether this element or a group around it is not displayed.
        faint: whether a group around it is wholly transparent.
        fixed_width: whether the width ignores transforms (non-scaling-stroke).
    """

    stroke: str = "none"
    fill: str = "black"
    color: str | None = None
    width: float = 1.0
    cap: str = "butt"
    stroke_opacity: float = 1.0
    fill_opacity: float = 1.0
    visible: bool = True
    hidden: bool = False
    faint: bool = False
    fixed_width: bool = False

    @property
    def strokes(self) -> bool:
        """Whether the outline is drawn."""
        return (
            self.stroke not in ("none", "transparent") and self.width > 0 < self.stroke_opacity
        ) and self._shown

    @property
    def fills(self) -> bool:
        """Whether the inside is painted."""
        return self.fill not in ("none", "transparent") and self.fill_opacity > 0 and self._shown

    @property
    def _shown(self) -> bool:
        return self.visible and not self.hidden and not self.faint

    def ink(self, paint: str) -> str | None:
        """A paint as "#rrggbb"; None, the default ink, where it is not one plain colour."""
        if paint.lower() == "currentcolor":
            return self.color
        try:
            return to_hex(paint)
        except LineworkError:
            return None


class StyleSheet:
    """The rules of all `<style>` elements of a file."""

    def __init__(self, texts: list[str]) -> None:
        self._rules: list[tuple[tuple[int, int, int], str, frozenset[str], dict[str, str]]] = []
        for text in texts:
            text = _AT_RULE.sub("", _COMMENT.sub("", text))
            for selectors, body in _RULE.findall(text):
                declared = _declarations(body)
                for selector in selectors.split(","):
                    self._add(selector.strip(), declared)
        self._rules.sort(key=lambda rule: rule[0])  # stable: later rules win among equals

    def _add(self, selector: str, declared: dict[str, str]) -> None:
        match = _SELECTOR.fullmatch(selector)
        if not selector or match is None:
            return
        marks = frozenset(re.findall(r"[.#][\w-]+", match[2]))
        ids = sum(mark[0] == "#" for mark in marks)
        tag = "" if match[1] in (None, "*") else match[1]
        self._rules.append(((ids, len(marks) - ids, bool(tag)), tag, marks, declared))

    def declared(self, element: Element) -> dict[str, str]:
        """Every property that the file sets on an element itself."""
        values = {
            name: element.attributes[name] for name in _PROPERTIES if name in element.attributes
        }
        if self._rules:
            marks = {f".{name}" for name in (element.get("class") or "").split()}
            marks.add(f"#{element.get('id')}")
            for _, tag, wanted, declared in self._rules:
                if tag in ("", element.tag) and wanted <= marks:
                    values.update(declared)
        inline = element.get("style")
        if inline is not None:
            values.update(_declarations(inline))
        return values


def cascade(parent: Style, declared: dict[str, str], diagonal: float) -> Style:
    """The style of an element inside another.

    Args:
        parent: the style of the element around it.
        declared: from `StyleSheet.declared`.
        diagonal: what 100 % of a stroke width is, in user units.

    Raises:
        FormatError: a width or an opacity that is not a number.
    """
    changes: dict[str, str | float | bool | None] = {"fixed_width": False}
    for name, raw in declared.items():
        value = raw.strip()
        lower = value.lower()
        if lower in ("inherit", "unset", ""):
            continue
        if name in ("stroke", "fill"):
            changes[name] = lower if lower in ("none", "transparent") else value
        elif name == "color" and lower != "currentcolor":
            changes["color"] = replace(parent, color=None).ink(value)
        elif name == "stroke-width":
            changes["width"] = length(value, name, diagonal)
        elif name == "stroke-linecap":
            changes["cap"] = lower
        elif name in ("stroke-opacity", "fill-opacity"):
            changes[name.replace("-", "_")] = _opacity(value, name)
        elif name == "opacity":
            changes["faint"] = parent.faint or _opacity(value, name) <= 0
        elif name == "display":
            changes["hidden"] = parent.hidden or lower == "none"
        elif name == "visibility":
            changes["visible"] = lower == "visible"
        elif name == "vector-effect":
            changes["fixed_width"] = lower == "non-scaling-stroke"
    return replace(parent, **changes)  # type: ignore[arg-type]


def length(text: str, name: str, whole: float) -> float:
    """A length in user units: a number, with an absolute unit, or a percentage of `whole`.

    Raises:
        FormatError: not a length.
    """
    if text.strip().endswith("%"):
        values = parse_numbers(text.strip()[:-1])
        if len(values) == 1:
            return float(values[0]) * whole / 100
    try:
        return to_px(text, name)
    except LineworkError as error:
        raise FormatError(str(error)) from error


def _declarations(text: str) -> dict[str, str]:
    """`name: value; ...` as a dict of the properties that matter here."""
    values = {}
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        if colon and name.strip().lower() in _PROPERTIES:
            values[name.strip().lower()] = value.replace("!important", "").strip()
    return values


def _opacity(text: str, name: str) -> float:
    return length(text, name, 1.0)
