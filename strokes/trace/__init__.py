"""A picture of a drawing to its strokes: see `tracing`."""

from .tracing import ACCURACY, GAP, Tracing, trace, trace_curves

__all__ = ["ACCURACY", "GAP", "Tracing", "trace", "trace_curves"]
