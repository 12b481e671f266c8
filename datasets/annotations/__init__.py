"""Labelled pictures between formats, nothing lost: labelme, COCO, panoptic, label maps."""

from .convert import TARGETS, ConversionReport, Options, convert_annotations

__all__ = ["TARGETS", "ConversionReport", "Options", "convert_annotations"]
