"""Labels and the numbers that stand for them: one order, whatever files come in what order.

Ids begin at 1, for a detector scored with ids from 0 loses the annotation 0 (cocoapi, issue
332). The order is that of a labels file where there is one (labelme's `labels.txt`: a label
a line), else that of the sources' own category lists, else of the alphabet. `__ignore__` is no
category; `_background_` is none either, except in label maps, where it comes last, so that
every other label has the same id everywhere.
"""

from __future__ import annotations

import colorsys
import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ...strokes.errors import FormatError, LineworkError
from ..labels import MAX_ID, VOCABULARIES, Label, Vocabulary, vocabulary
from ..words import join_or
from .record import BACKGROUND, IGNORE, SPECIAL

LONGEST_LABEL = 200


class Category(msgspec.Struct, frozen=True, omit_defaults=True):
    """A label with its number.

    Args:
        id: from 1.
        name: the label.
        stuff: whether it is stuff (sky, grass), of which pictures hold some, not several.
        extra: keys of a COCO category that have no place here, as supercategory.
    """

    id: int
    name: str
    stuff: bool = False
    extra: dict[str, Any] = {}


def normal_label(label: Any) -> tuple[str, str | None]:
    """A label as it is compared, and what was changed, if anything.

    White space around and doubled inside goes, letters composed of two become one (NFC).

    >>> normal_label(" polar  bear ")
    ('polar bear', "the label ' polar  bear '")

    Raises:
        FormatError: no label, or none that is a text or number.
    """
    if isinstance(label, bool) or not isinstance(label, (str, int, float)):
        raise FormatError(f"its label is {str(label)[:40]}; wanted a text")
    text = unicodedata.normalize("NFC", " ".join(str(label).split()))
    if not text:
        raise FormatError("its label is empty")
    if len(text) > LONGEST_LABEL:
        raise FormatError(f"its label has {len(text)} characters; wanted {LONGEST_LABEL} at most")
    return text, None if text == label else f"the label {label!r}"


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels that a conversion allows, and their order.

    Args:
        names: as spelled, without `__ignore__`; `_background_` only where it is listed.
        source: the vocabulary that they come from, as `datasets.labels.vocabulary` takes it.
    """

    names: tuple[str, ...]
    source: str | None = None

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What has their ids and colours, if anything; looked up, for it cannot be pickled."""
        return None if self.source is None else vocabulary(self.source)

    def find(self, label: str) -> str:
        """The allowed label that `label` spells; of a vocabulary in any case or hyphens.

        Raises:
            FormatError: there is none; the nearest is named.
        """
        if label in self.names or label in SPECIAL:
            return label
        found = None if self.vocabulary is None else self.vocabulary.find(label)
        if found is None:
            raise FormatError(f"the label {label!r} is not in the list{nearest(label, self.names)}")
        return found.name


def read_labels(source: str) -> Labels:
    """The labels of a file or a vocabulary.

    Args:
        source: a text file of labels, one a line, where # begins a comment; or what
            `datasets.labels.vocabulary` takes.

    Raises:
        LineworkError: no such file, not UTF-8, a label twice, or no label at all.
    """
    if source in VOCABULARIES or source.lower().endswith(".csv"):
        found = vocabulary(source)
        return Labels(tuple(label.name for label in found.labels), source)
    try:
        lines = Path(source).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LineworkError(
            f"{source}: cannot be read as labels ({error}); wanted a text file with one a line, "
            f"a .csv vocabulary, or {join_or(VOCABULARIES)}"
        ) from error
    labels = [normal_label(line)[0] for line in lines if line.strip() and line.lstrip()[0] != "#"]
    for number, label in enumerate(labels):
        if label in labels[:number]:
            raise LineworkError(f"{source}: the label {label!r} stands in it twice")
    if not [label for label in labels if label not in SPECIAL]:
        raise LineworkError(f"{source}: holds no label; wanted one a line")
    return Labels(tuple(label for label in labels if label != IGNORE))


def ordered(
    found: Iterable[str],
    *,
    labels: Labels | None = None,
    known: Sequence[Category] = (),
    stuff: Iterable[str] = (),
) -> tuple[Category, ...]:
    """The categories of a conversion.

    Args:
        found: every label that some shape has.
        labels: all categories, in this order; others were refused where they were met.
        known: categories of COCO sources, in the order met; they keep their ids where no
            two of them want the same.
        stuff: labels that are stuff.

    Raises:
        LineworkError: a name in `stuff` that is no category.
    """
    if labels is not None:
        names = [label for label in labels.names if label not in SPECIAL]
    else:
        names = list(dict.fromkeys(category.name for category in known))
        names += sorted(set(found) - set(names) - set(SPECIAL))
    if labels is not None and labels.vocabulary is not None:
        known = [
            Category(each.id, each.name, each.kind == "stuff") for each in labels.vocabulary.labels
        ]
    given = {category.name: category for category in reversed(known)}
    ids = [given[name].id for name in names if name in given]
    wanted_ids = labels is None or labels.vocabulary is not None
    keep = wanted_ids and len(set(ids)) == len(ids) and all(number >= 1 for number in ids)
    free = max(ids, default=0) + 1
    chosen: dict[str, int] = {}
    for place, name in enumerate(names):
        if not keep:
            chosen[name] = place + 1
        elif name in given:
            chosen[name] = given[name].id
        else:
            chosen[name], free = free, free + 1
    wanted = {normal_label(name)[0] for name in stuff}
    for name in sorted(wanted - set(chosen)):
        raise LineworkError(f"--stuff {name!r} is not one of the labels{nearest(name, names)}")
    return tuple(
        Category(
            number,
            name,
            name in wanted or (name in given and given[name].stuff),
            given[name].extra if name in given else {},
        )
        for name, number in sorted(chosen.items(), key=lambda item: item[1])
    )


def as_vocabulary(categories: tuple[Category, ...], labels: Labels | None, name: str) -> Vocabulary:
    """The categories with colours: a vocabulary's own, else hues that neighbours do not share.

    Raises:
        LineworkError: ids beyond what the pixel of a label map can be.
    """
    if labels is not None and labels.vocabulary is not None:
        return labels.vocabulary
    if categories and categories[-1].id > MAX_ID:
        raise LineworkError(
            f"the label {categories[-1].name!r} has the id {categories[-1].id}; the px of a label "
            f"map are id - 1 and hold ids up to {MAX_ID}: give an order with --labels"
        )
    return Vocabulary(
        name,
        tuple(
            Label(each.id, each.name, _color(each), "stuff" if each.stuff else "thing")
            for each in categories
        ),
    )


def _color(category: Category) -> tuple[int, int, int]:
    """Hues a golden angle apart, in four lightnesses, never black; grey for the background."""
    if category.name == BACKGROUND:
        return 128, 128, 128
    number = category.id
    hue, lightness = number * 0.618034 % 1, (0.55, 0.4, 0.7, 0.3)[(number // 12) % 4]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.65)
    return round(red * 255), round(green * 255), round(blue * 255)


def with_background(categories: tuple[Category, ...], labels: set[str]) -> tuple[Category, ...]:
    """The categories of a label map: `_background_` comes last, where the labels have it."""
    if BACKGROUND not in labels:
        return categories
    last = max((category.id for category in categories), default=0) + 1
    return (*categories, Category(last, BACKGROUND, stuff=True))


def nearest(name: str, names: Iterable[str]) -> str:
    """ "; did you mean 'dog'?", or nothing."""
    found = difflib.get_close_matches(name, list(names), 1)
    return f"; did you mean {found[0]!r}?" if found else ""


def alike(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Labels that differ in case alone, which a person rarely means."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.casefold(), []).append(name)
    return [tuple(group) for group in groups.values() if len(group) > 1]
