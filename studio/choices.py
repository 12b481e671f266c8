"""Which models the studio uses: bundled ones, unless the user names others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """Each a bundled name, a training folder or a weights file."""

    sketcher: str = "doodles"
    recogniser: str = "recogniser"
    cleaner: str = "simplifier"
    painter: str = "painter-scenes"
