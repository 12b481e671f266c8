"""What a scene's strokes are: objects, each with a label of the scene vocabulary.

Layers say it where they are called what the vocabulary knows ("tree 2" is a tree). Otherwise
strokes are grouped by place and time and each group is recognised; a label's chance is the sum of
those of all words that draw it, so that a tree that could be a palm tree is a tree. Lines across
the canvas are land and are not asked about: flat ones are where the ground begins, others a
skyline. They touch so much that grouping would join all of it with them.

The result stands in a JSON file that people edit: what its "label" says is what counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets.horizon import DEFAULT_GROUND, GROUND, Placed
from ..datasets.labels import Label, Vocabulary, vocabulary
from ..datasets.words import join_or, nearest_words
from ..strokes import Drawing
from ..strokes.errors import FormatError, LineworkError
from ..strokes.fill import Group
from ..strokes.grouping import group_strokes
from .filling import label_of
from .recognising import Answer

NAMES = "scene"
METHODS = ("layer", "word", "recogniser", "line", "hand")
# Below this chance of its likeliest label, an object has none.
LEAST_SURE = 0.05
# Answers that are kept of each object.
KEPT = 5
# A line across the canvas is so wide, and its ends lie so much of that apart; one so flat, of the
# canvas, is where the ground begins, another a skyline.
LINE_WIDE, LINE_OPEN, LINE_FLAT = 0.55, 0.85, 0.2
SKYLINE = "mountain"
# Groups with a diagonal below CRUMB of the canvas's join one at least LARGER times as large that
# lies no farther off than BESIDE of its own diagonal.
CRUMB, LARGER, BESIDE = 0.06, 1.5, 0.3
# Words that draw a part of what their label says: nobody means a person by a toe in a landscape,
# and with 16 such words a person would be what everything unclear is taken for.
PARTS = frozenset(
    (
        *("arm", "beard", "ear", "elbow", "eye", "finger", "foot", "goatee", "hand", "knee"),
        *("leg", "moustache", "mouth", "nose", "toe", "tooth", "feather", "wheel", "leaf", "door"),
    )
)

# Lists of numbers, which `indent` gives a line each.
_LIST = re.compile(r"\[\s+((?:-?[\d.e+-]+,\s+)*-?[\d.e+-]+)\s+\]")

Recognise = Callable[[list[Drawing]], list[tuple[Answer, ...]]]
"""Drawings -> all answers of each, the likeliest first."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """An object of a scene.

    Args:
        number: from 1, in the order in which they were drawn.
        strokes: numbers of its strokes, from 0.
        name: its layer's name, or None.
        word: what it was taken for, or None.
        label: a name of the scene vocabulary; None has none.
        id: of the label, that of COCO-Stuff where it has the label.
        score: how sure that is, 0 to 1; None where somebody said it.
        method: what told: one of `METHODS`.
        box: x0, y0, x1, y1 in px of the drawing.
        answers: the likeliest words.
    """

    number: int
    strokes: tuple[int, ...]
    name: str | None
    word: str | None
    label: str | None
    id: int | None
    score: float | None
    method: str
    box: tuple[float, float, float, float]
    answers: tuple[Answer, ...] = ()

    def __str__(self) -> str:
        """ "3 tree (recogniser, 81 %)"."""
        sure = "" if self.score is None else f", {self.score:.0%}"
        return f"{self.number} {self.label or 'unlabelled'} ({self.method}{sure})"


def find_objects(
    drawings: Sequence[Drawing], recognise: Recognise, words: Sequence[str] = ()
) -> list[tuple[SceneObject, ...]]:
    """The objects of each scene; what no layer names is recognised, all in one call.

    Args:
        recognise: is called only where something has to be recognised.
        words: what the scenes show; others are not considered. None says any.

    Raises:
        LineworkError: a word that draws no label.
    """
    names = vocabulary(NAMES)
    allowed = [_word(word, names) for word in words]
    scenes = [_groups(drawing, names) for drawing in drawings]
    asked = [
        (scene, k)
        for scene, groups in enumerate(scenes)
        for k, (_, _, label, _) in enumerate(groups)
        if label is None
    ]
    parts = []
    for scene, k in asked:
        own = scenes[scene][k][0]
        parts.append(drawings[scene].with_strokes([drawings[scene].strokes[i] for i in own]))
    answers = dict(zip(asked, recognise(parts), strict=True)) if parts else {}
    found = []
    for scene, groups in enumerate(scenes):
        objects = []
        for k, (own, name, label, method) in enumerate(groups):
            said = answers.get((scene, k), ())
            word, score = None, None
            if (scene, k) in answers:
                word, label, score = _decided(said, names, allowed)
            part = drawings[scene].with_strokes([drawings[scene].strokes[i] for i in own])
            box = tuple(round(value, 1) for value in part.bounds)
            objects.append(
                SceneObject(
                    number=k + 1,
                    strokes=tuple(own),
                    name=name,
                    word=word,
                    label=label.name if label else None,
                    id=label.id if label else None,
                    score=None if score is None else round(score, 4),
                    method=method,
                    box=box,  # type: ignore[arg-type]
                    answers=tuple(Answer(a.word, round(a.confidence, 4)) for a in said[:KEPT]),
                )
            )
        found.append(tuple(objects))
    return found


def placed_objects(drawing: Drawing, objects: Sequence[SceneObject]) -> list[Placed]:
    """Objects as the horizon rule takes them: lines as shares of the canvas."""
    size = np.float32(drawing.size)
    return [
        Placed(one.label, tuple(drawing.strokes[k].points / size for k in one.strokes))
        for one in objects
    ]


def objects_text(drawing_name: str, drawing: Drawing, objects: Sequence[SceneObject]) -> str:
    """The objects as JSON for people to read and edit."""
    record = {
        "drawing": drawing_name,
        "canvas": [round(side, 3) for side in drawing.size],
        "vocabulary": NAMES,
        "edit": "what 'label' says counts: a name of the vocabulary (`linework labels list`), a "
        "Quick, Draw! word, or null; strokes may move from one object to another",
        "objects": [asdict(one) for one in objects],
    }
    text = json.dumps(record, ensure_ascii=False, indent=1)
    return _LIST.sub(lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text) + "\n"


def read_objects(path: Path, drawing: Drawing) -> tuple[SceneObject, ...]:
    """The objects of a JSON file, as somebody may have edited it.

    Raises:
        LineworkError: a label that is none; names the nearest.
        FormatError: not such a file, or strokes that the drawing does not have.
    """
    try:
        record = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise FormatError(f"{path}: is not JSON ({error}); undo the last edit") from None
    rows = record.get("objects") if isinstance(record, dict) else None
    if not isinstance(rows, list):
        raise FormatError(f"{path}: has no list 'objects'; wanted what `linework pipeline` wrote")
    names = vocabulary(NAMES)
    seen: dict[int, int] = {}
    objects = []
    for place, row in enumerate(rows, 1):
        where = f"{path}: object {place}"
        strokes = _strokes(row, where, drawing, seen)
        for k in strokes:
            seen[k] = place
        label = _label(row.get("label"), where, names)
        same = label is not None and row.get("id") == label.id
        part = drawing.with_strokes([drawing.strokes[k] for k in strokes])
        objects.append(
            SceneObject(
                number=place,
                strokes=strokes,
                name=_text(row.get("name")),
                word=_text(row.get("word")),
                label=label.name if label else None,
                id=label.id if label else None,
                score=row.get("score") if same else None,
                method=str(row.get("method")) if same or label is None else "hand",
                box=tuple(round(v, 1) for v in part.bounds),  # type: ignore[arg-type]
            )
        )
    return tuple(objects)


def _groups(
    drawing: Drawing, names: Vocabulary
) -> list[tuple[tuple[int, ...], str | None, Label | None, str]]:
    """Strokes, layer's name, label where one is said, and what told, of each object."""
    own = label_of(drawing.label, names)
    layers = {stroke.layer for stroke in drawing.strokes}
    if own is not None and len(layers) < 2:
        whole = tuple(range(len(drawing.strokes)))
        return [(whole, drawing.label, own, "word")] if whole else []
    only = next(iter(layers)) if len(layers) == 1 else None
    if (named := label_of(only, names)) is not None:  # all there is in one layer, called what it is
        return [(tuple(range(len(drawing.strokes))), only, named, "layer")]
    every = range(len(drawing.strokes))
    lines = [k for k in every if len(layers) < 2 and _is_line(drawing, k)]
    rest = [k for k in every if k not in lines]
    bare = drawing.with_strokes([drawing.strokes[k] for k in rest])
    found: list[tuple[tuple[int, ...], str | None, Label | None, str]] = []
    groups = group_strokes(bare)
    for group in groups if len(layers) > 1 else _without_crumbs(bare, groups):
        label = label_of(group.name, names)
        method = "layer" if label is not None else "recogniser"
        found.append((tuple(rest[k] for k in group.strokes), group.name, label, method))
    marks = [label.name for _, _, label, _ in found if label and label.name in GROUND]
    ground = marks[0] if marks else DEFAULT_GROUND
    for k in lines:
        flat = np.ptp(drawing.strokes[k].points[:, 1]) <= LINE_FLAT * drawing.size[1]
        label = names.label(ground if flat else SKYLINE)
        found.append(((k,), drawing.strokes[k].layer, label, "line"))
    return sorted(found, key=lambda group: group[0])


def _without_crumbs(drawing: Drawing, groups: Sequence[Group]) -> list[Group]:
    """Groups, the small ones joined to the larger one that they lie beside: rays to their sun."""
    strokes = [[drawing.strokes[k].points for k in group.strokes] for group in groups]
    boxes = [(np.concatenate(own).min(axis=0), np.concatenate(own).max(axis=0)) for own in strokes]
    sizes = [float(np.hypot(*(high - low))) for low, high in boxes]
    least = CRUMB * float(np.hypot(*drawing.size))
    members = {k: list(group.strokes) for k, group in enumerate(groups)}
    for k, (low, high) in enumerate(boxes):
        if sizes[k] >= least:
            continue
        gaps = {
            j: float(np.hypot(*np.maximum(np.maximum(low - b, a - high), 0)))
            for j, (a, b) in enumerate(boxes)
            if j in members and sizes[j] >= LARGER * sizes[k]
        }
        near = [j for j, gap in gaps.items() if j != k and gap <= BESIDE * sizes[j]]
        if near:
            members[min(near, key=lambda j: gaps[j] / sizes[j])] += members.pop(k)
    return [Group(tuple(sorted(own)), groups[k].name) for k, own in members.items()]


def _is_line(drawing: Drawing, k: int) -> bool:
    """Whether a stroke runs across the canvas, from one side of itself to the other."""
    points = drawing.strokes[k].points
    wide = float(np.ptp(points[:, 0]))
    apart = abs(float(points[0, 0] - points[-1, 0]))
    return wide >= LINE_WIDE * drawing.size[0] and apart >= LINE_OPEN * wide


def _decided(
    answers: Sequence[Answer], names: Vocabulary, allowed: Sequence[Label]
) -> tuple[str | None, Label | None, float | None]:
    """The word and the label that answers speak for, and how sure that is."""
    chances: dict[int, float] = {}
    best: dict[int, Answer] = {}
    for answer in answers:
        label = names.find(answer.word)
        if label is None or (label not in allowed if allowed else answer.word in PARTS):
            continue
        chances[label.id] = chances.get(label.id, 0.0) + answer.confidence
        best.setdefault(label.id, answer)
    total = sum(chances.values()) if allowed else 1.0
    if not chances or total <= 0:
        return (answers[0].word if answers else None), None, None
    chosen = max(chances, key=lambda k: chances[k])
    sure = min(chances[chosen] / total, 1.0)
    if sure < LEAST_SURE:
        return answers[0].word, None, sure
    return best[chosen].word, names.at(chosen - 1), sure


def _word(word: str, names: Vocabulary) -> Label:
    label = names.find(word)
    if label is None:
        known = [w for one in names.labels for w in (one.name, *one.words)]
        near = nearest_words(word, known)
        hint = f"did you mean {join_or(near)}?" if near else "`linework labels list` shows all"
        raise LineworkError(f"--word {word}: draws no label of the {names.name} vocabulary; {hint}")
    return label


def _label(value: Any, where: str, names: Vocabulary) -> Label | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise FormatError(f"{where}: its label is {value!r}; wanted a name in quotes, or null")
    try:
        return names.label(value)
    except LineworkError as error:
        raise LineworkError(f"{where}: {error}") from None


def _strokes(row: Any, where: str, drawing: Drawing, seen: dict[int, int]) -> tuple[int, ...]:
    strokes = row.get("strokes") if isinstance(row, dict) else None
    if not isinstance(strokes, list) or not strokes or not all(type(k) is int for k in strokes):
        raise FormatError(f"{where}: its strokes are {strokes!r}; wanted a list of their numbers")
    count = len(drawing.strokes)
    for k in strokes:
        if not 0 <= k < count:
            raise FormatError(
                f"{where}: has stroke {k}; the drawing has {count} strokes, counted from 0"
            )
        if k in seen:
            raise FormatError(f"{where}: has stroke {k}, which object {seen[k]} has already")
    return tuple(sorted(set(strokes)))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
