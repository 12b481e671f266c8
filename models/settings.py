"""Settings: frozen dataclasses filled from TOML sections and `--set key=value`.

Types come from the dataclass fields, so "steps=200" is an int and "words=cat,dog" a
tuple of strings. A key that no section has is an error that names the nearest one.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ..strokes.errors import LineworkError

TRUE, FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}

Sections = dict[str, Any]
"""Section name -> a frozen dataclass."""


def with_settings(defaults: Sections, changes: Mapping[str, Any], where: str) -> Sections:
    """`defaults` with `changes` ("key" or "section.key" -> value, text or typed).

    Raises:
        LineworkError: an unknown or ambiguous key, or a value of the wrong type.
    """
    pending: dict[str, dict[str, Any]] = {name: {} for name in defaults}
    for key, value in changes.items():
        section, name = _find(defaults, key, where)
        hint = typing.get_type_hints(type(defaults[section]))[name]
        pending[section][name] = _typed(value, hint, f"{where}: {section}.{name}")
    return {
        name: dataclasses.replace(section, **pending[name]) for name, section in defaults.items()
    }


def read_recipe(path_or_name: str | os.PathLike[str]) -> dict[str, Any]:
    """A TOML file, or a recipe shipped with linework by name, as {"section.key": value}.

    Raises:
        LineworkError: no such file or recipe, or not TOML.
    """
    path = Path(path_or_name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise LineworkError(f"{path}: no such recipe file")
        content = path.read_bytes()
    else:
        shipped = resources.files(__package__) / "recipes"
        names = sorted(f.name[:-5] for f in shipped.iterdir() if f.name.endswith(".toml"))
        if str(path_or_name) not in names:
            raise LineworkError(
                f"no recipe '{path_or_name}'; there are {', '.join(names)}, or name a .toml file"
            )
        content = (shipped / f"{path_or_name}.toml").read_bytes()
    try:
        sections = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LineworkError(f"{path_or_name}: not valid TOML: {error}") from error
    flat: dict[str, Any] = {}
    for section, values in sections.items():
        if isinstance(values, dict):
            flat |= {f"{section}.{key}": value for key, value in values.items()}
        else:
            flat[section] = values
    return flat


def parse_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """["steps=200", ...] -> {"steps": "200", ...}.

    Raises:
        LineworkError: an item without "=".
    """
    pairs = {}
    for item in assignments:
        key, equals, value = item.partition("=")
        if not equals:
            raise LineworkError(f"--set {item}: wanted key=value")
        pairs[key.strip()] = value.strip()
    return pairs


def check_ranges(section: object, limits: Mapping[str, tuple[float, float]]) -> None:
    """Checks numbers of a settings section against (least, most); the most may be infinite.

    Raises:
        LineworkError: a number outside, or not a number.
    """
    for name, (least, most) in limits.items():
        value = getattr(section, name)
        if not least <= value <= most:
            wanted = f"{least:g} or more" if math.isinf(most) else f"{least:g} to {most:g}"
            raise LineworkError(f"{name} is {value}; wanted {wanted}")


def as_plain(sections: Sections) -> dict[str, dict[str, Any]]:
    """Sections as JSON-ready dictionaries."""
    return {name: dataclasses.asdict(section) for name, section in sections.items()}


def _find(sections: Sections, key: str, where: str) -> tuple[str, str]:
    fields = {s: [f.name for f in dataclasses.fields(v)] for s, v in sections.items()}
    section, dot, name = key.rpartition(".")
    homes = [s for s, names in fields.items() if name in names and (not dot or s == section)]
    if len(homes) == 1:
        return homes[0], name
    if homes:
        raise LineworkError(
            f"{where}: '{key}' could be {' or '.join(f'{s}.{name}' for s in homes)}; say which"
        )
    known = [f"{s}.{n}" for s, names in fields.items() for n in names]
    near = difflib.get_close_matches(name, [k.split(".")[1] for k in known], n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
    raise LineworkError(f"{where}: no setting '{key}'; {hint}")


def _typed(value: Any, hint: Any, where: str) -> Any:
    """`value`, from TOML or from text, as the type that `hint` says."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None or (isinstance(value, str) and value.lower() == "none"):
            return None
        rest = [a for a in arguments if a is not type(None)]
        return _typed(value, rest[0], where)
    if origin is typing.Literal:
        if value in arguments:
            return value
        raise LineworkError(f"{where} is '{value}'; wanted one of {', '.join(map(str, arguments))}")
    if origin is tuple:
        if not isinstance(value, str | list | tuple):
            raise LineworkError(f"{where} is {value!r}; wanted a list, or text with commas")
        items = value.split(",") if isinstance(value, str) else value
        return tuple(_typed(i, arguments[0], where) for i in items if i != "")
    wrong = LineworkError(f"{where} is {value!r}; wanted {hint.__name__}")
    if hint is bool:
        if isinstance(value, bool):
            return value
        text = str(value).lower()
        if text in TRUE | FALSE:
            return text in TRUE
        raise wrong
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise wrong
    try:
        if hint is int and float(value) != int(float(value)):
            raise wrong
        return int(float(value)) if hint is int else hint(value)
    except (ValueError, OverflowError) as error:
        raise wrong from error
