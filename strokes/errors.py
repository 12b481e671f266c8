"""The errors that linework raises on purpose.

A message names the file, line or key, what was found, what was wanted and the
way out. The command line prints it without a traceback and exits with 1.
"""

from __future__ import annotations


class LineworkError(ValueError):
    """Something the user gave cannot be used; the message says what and why."""


class FormatError(LineworkError):
    """A file or record is not what its format says."""


class DrawingError(LineworkError):
    """Numbers that cannot be a drawing: not finite, too large, of unequal length."""
