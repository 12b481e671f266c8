"""Labelled pictures between formats, nothing lost: labelme, COCO, panoptic, label maps."""

from .convert import TARGETS, ConversionReport, Options, convert_annotations
from .verify import Findings, verify_annotations

__all__ = [
    "TARGETS",
    "ConversionReport",
    "Findings",
    "Options",
    "convert_annotations",
    "verify_annotations",
]
