"""An SVG file as a tree of elements, read in one pass by expat under limits.

Everything that makes XML dangerous is refused as it comes by, before anything is
built from it: DTDs with declarations in them, entities, elements nested past
`MAX_DEPTH`, too many elements, too many bytes. Nothing is ever fetched. The one
DOCTYPE let through is the W3C's own for SVG without declarations, which Krita,
Illustrator and matplotlib write; it is only a name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from .errors import FormatError, LineworkError

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
# Ours, for what SVG has no word for: label, key, times, pressures. A name, not an address.
LINEWORK = "urn:linework:drawing"

# The deepest real file met here nests 14 deep; a million nested groups are an attack.
MAX_DEPTH = 256
MAX_ELEMENTS = 1_000_000
MAX_BYTES = 256 * 2**20
_CHUNK = 65_536
_W3C_DOCTYPE = "-//W3C//DTD SVG"
_ENDS_EARLY = (
    expat.errors.XML_ERROR_NO_ELEMENTS,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_PARTIAL_CHAR,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
)


@dataclass(slots=True)
class Element:
    """One element. Names in the SVG namespace, or in none, are plain; others are "uri name"."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def get(self, name: str, namespace: str | None = None) -> str | None:
        """An attribute, or None."""
        return self.attributes.get(name if namespace is None else f"{namespace} {name}")


@dataclass(frozen=True, slots=True)
class Tree:
    """The outermost element, and every element that has an id."""

    root: Element
    by_id: dict[str, Element]


def read_bytes(source: str | os.PathLike[str]) -> bytes:
    """The content of a file.

    Raises:
        LineworkError: there is no such file, it is a folder, or it cannot be read.
        FormatError: it is larger than `MAX_BYTES`.
    """
    path = Path(source)
    if path.is_dir():
        raise LineworkError(f"{path}: is a folder; wanted an SVG file")
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise LineworkError(f"{path}: there is no such file") from error
    except OSError as error:
        raise LineworkError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(content) > MAX_BYTES:
        raise FormatError(f"{path}: is larger than {MAX_BYTES >> 20} MiB; split it first")
    return content


def parse_tree(content: bytes, name: str) -> Tree:
    """The elements of an SVG document.

    Args:
        content: the file's bytes.
        name: what to call the file in errors.

    Raises:
        FormatError: not well-formed, cut short, not SVG, or refused; with file and line.
    """
    if not content.strip():
        raise FormatError(f"{name}: the file is empty; wanted an SVG drawing")
    builder = _Builder(name)
    parser = builder.parser
    try:
        for start in range(0, len(content), _CHUNK):
            parser.Parse(content[start : start + _CHUNK], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        if reason in _ENDS_EARLY:
            reason = "the file ends in the middle; it was cut short"
        raise FormatError(f"{name}, line {error.lineno}: not well-formed XML: {reason}") from error
    if builder.root is None or builder.root.tag != "svg":
        tag = "nothing" if builder.root is None else f"<{builder.root.tag}>"
        raise FormatError(f"{name}: the outermost element is {tag}; wanted <svg>")
    return Tree(builder.root, builder.by_id)


class _Builder:
    """expat's callbacks: the limits, and the tree."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Element | None = None
        self.by_id: dict[str, Element] = {}
        self.stack: list[Element] = []
        self.count = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.entity
        self.parser.SkippedEntityHandler = self.skipped_entity

    def refuse(self, why: str) -> FormatError:
        return FormatError(f"{self.name}, line {self.parser.CurrentLineNumber}: {why}")

    def doctype(self, _: str, system: str | None, public: str | None, declares: int) -> None:
        if declares or not (public or "").startswith(_W3C_DOCTYPE):
            raise self.refuse(
                "the file has a DTD (a <!DOCTYPE ...> with declarations or an address of its "
                "own), which is refused because it can do harm; delete it or save as plain SVG"
            )

    def entity(self, entity: str, *_: object) -> None:
        raise self.refuse(f"the file declares the entity {entity!r}, which is refused")

    def skipped_entity(self, entity: str, _: bool) -> None:
        raise self.refuse(f"the file uses the entity &{entity};, which it does not define")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.stack) >= MAX_DEPTH:
            raise self.refuse(
                f"elements are nested more than {MAX_DEPTH} deep, which no drawing needs; "
                "ungroup it in the program that made it"
            )
        if self.count > MAX_ELEMENTS:
            raise self.refuse(f"the file has more than {MAX_ELEMENTS:,} elements; split it first")
        element = Element(tag.removeprefix(SVG + " "), attributes, self.parser.CurrentLineNumber)
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)
        if "id" in attributes:
            self.by_id.setdefault(attributes["id"], element)

    def end(self, _: str) -> None:
        self.stack.pop()

    def data(self, text: str) -> None:
        # Only style sheets are read as text; whitespace between elements is most of the rest.
        if self.stack[-1].tag == "style":
            self.stack[-1].text += text
