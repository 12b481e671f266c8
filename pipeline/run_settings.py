"""The settings of a training: those of a new one, and those of one that goes on.

They come from four places, each over the one before: what the code's dataclasses say, a
recipe (models/recipes/NAME.toml), a TOML file, `--set key=value`. A run that is resumed
has its own, from the header of its checkpoint, over which only `--set` goes, and not
for the model: its shape stands.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..models.checkpoint import read_header
from ..models.settings import Sections, parse_assignments, read_recipe, with_settings
from ..models.training import LAST
from ..strokes.errors import LineworkError

# The model's section is called "config" in a checkpoint's header, others by their names.
MODEL, CONFIG = "model", "config"

Settable = Callable[[Mapping[str, Any], object], dict[str, Any]]
"""Changes and where they stand -> those changes by full name; refuses what is measured."""


def as_given(changes: Mapping[str, Any], where: object) -> dict[str, Any]:
    """All changes, as they are."""
    return dict(changes)


def run_settings(
    defaults: Sections,
    assignments: Sequence[str],
    run: Path,
    *,
    resume: bool,
    usual: str,
    recipe: str | None,
    config: str | os.PathLike[str] | None,
    settable: Settable = as_given,
) -> Sections:
    """The settings of a training, new or resumed.

    Args:
        assignments: "key=value" each, over all else.
        run: the folder of the training that goes on.
        usual: the recipe where none is named.

    Raises:
        LineworkError: as `fresh_settings` and `resumed_settings`.
    """
    changes = parse_assignments(assignments)
    if resume:
        return resumed_settings(
            defaults, changes, run, recipe=recipe, config=config, settable=settable
        )
    return fresh_settings(defaults, changes, recipe or usual, config, settable)


def fresh_settings(
    defaults: Sections,
    changes: Mapping[str, str],
    recipe: str,
    config: str | os.PathLike[str] | None,
    settable: Settable = as_given,
) -> Sections:
    """The settings of a new training.

    Args:
        recipe: name or path of shipped settings.
        config: a TOML file over the recipe, or None.
        changes: "key" -> value, over both.

    Raises:
        LineworkError: a recipe, file or key that there is not, or a wrong value.
    """
    sections = with_settings(defaults, settable(read_recipe(recipe), recipe), recipe)
    if config is not None:
        own = settable(read_recipe(_toml(config)), config)
        sections = with_settings(sections, own, str(config))
    return with_settings(sections, settable(changes, "--set"), "--set")


def resumed_settings(
    defaults: Sections,
    changes: Mapping[str, str],
    run: Path,
    *,
    recipe: str | None,
    config: str | os.PathLike[str] | None,
    settable: Settable = as_given,
) -> Sections:
    """The settings that the training in folder `run` goes on with.

    Raises:
        LineworkError: there is nothing to resume, or what may not be changed is.
    """
    if recipe is not None or config is not None:
        raise LineworkError(
            "a resumed run keeps its own settings: leave out --recipe and --config; --set may "
            "change some, such as steps"
        )
    last = run / LAST
    if not last.is_file():
        raise LineworkError(f"{run}: nothing to resume, there is no {LAST}")
    header = read_header(last)
    stored = {
        f"{section}.{key}": value
        for section in defaults
        for key, value in header.get(CONFIG if section == MODEL else section, {}).items()
    }
    sections = with_settings(defaults, stored, str(last))
    changed = with_settings(sections, settable(changes, "--set"), "--set")
    if changed[MODEL] != sections[MODEL]:
        raise LineworkError(
            f"--set: the model of {run} is half trained and keeps its shape; to change it, "
            "train into another folder"
        )
    return changed


def _toml(config: str | os.PathLike[str]) -> Path:
    path = Path(config)
    if path.suffix != ".toml":
        raise LineworkError(f"--config {path}: wanted a .toml file; shipped ones go by --recipe")
    return path
