"""How every command ends: its errors as one sentence, its exit code, a quiet pipe.

0 is fine, 1 failed, 2 was called wrongly, 130 was interrupted by Ctrl-C. What
linework raises on purpose and what the disk says are printed without a traceback;
anything else is a mistake of ours and keeps its own.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any

import click

FAILED, INTERRUPTED = 1, 130


class Program(click.Group):
    """The group of all commands, listed in the order of a first visit."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see the head of the file for how it ends."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # Words and file names are UTF-8 whatever the locale says.
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        # torch's threads would spin while they wait, which on busy processors costs several
        # times the work itself. To be said before torch is imported.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:  # `| head` has read enough: nothing failed
            _drop_stdout()
            ctx.exit(0)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except (OSError, ValueError) as error:
            message = _explained(error)
            if message is None:
                raise
            click.echo(f"error: {message}", err=True)
            _drop_stdout()
            ctx.exit(FAILED)


def _explained(error: OSError | ValueError) -> str | None:
    """One sentence for what was raised on purpose or by the disk, else None."""
    from ..strokes.errors import LineworkError

    if isinstance(error, LineworkError):
        return " ".join(str(error).split("\n"))
    if not isinstance(error, OSError):
        return None
    what = error.strerror or str(error) or type(error).__name__
    return what if error.filename is None else f"{os.fsdecode(error.filename)}: {what}"


def _drop_stdout() -> None:
    """What is still buffered has nowhere to go: without this, exiting fails once more."""
    with suppress(OSError, ValueError):  # no file behind it: a test has put its own there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
