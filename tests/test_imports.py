"""Imports run one way: strokes <- datasets <- models <- pipeline <- cli, studio."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "strokes": set(),
    "datasets": {"strokes"},
    "models": {"strokes", "datasets"},
    "pipeline": {"strokes", "datasets", "models"},
    "cli": {"strokes", "datasets", "models", "pipeline", "studio"},
    "studio": {"strokes", "datasets", "models", "pipeline"},
}
FILES = [
    (package, path) for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))
]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a file imports, at any depth of its code."""
    within = ["linework", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = within[: len(within) + 1 - node.level] if node.level else []
            for alias in node.names:
                yield (
                    node.lineno,
                    ".".join([*base, node.module or "", alias.name]).replace("..", "."),
                )


@pytest.mark.parametrize(
    ("package", "path"), FILES, ids=[str(path.relative_to(ROOT)) for _, path in FILES]
)
def test_imports_run_one_way(package: str, path: Path) -> None:
    allowed = MAY_IMPORT[package] | {package}
    for line, name in imported(path):
        parts = name.split(".")
        where = f"{path.relative_to(ROOT)}:{line} imports {name}"
        assert parts[0] not in MAY_IMPORT, f"{where}; folders are imported through linework"
        if parts[0] == "linework" and len(parts) > 1:
            assert parts[1] in allowed, where
        if package in ("strokes", "datasets"):
            assert parts[0] not in ("torch", "torchvision", "safetensors"), where


@pytest.mark.parametrize(
    "module", ["linework.strokes", "linework.strokes.files", "linework.datasets"]
)
def test_drawings_need_no_torch(module: str) -> None:
    script = f"import sys, {module}; print('torch' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"
