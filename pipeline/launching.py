"""A command run in several processes of this machine: `linework train --processes N`.

What `torchrun --standalone --nproc_per_node N -m linework.cli ...` does, by the same parts of
torch, but that a process that fails ends it with a sentence, where torchrun adds its own
traceback and report. Several machines need torchrun: docs/gpu.md.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import uuid
from collections.abc import Sequence

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from ..strokes.errors import LineworkError


def launched() -> bool:
    """Whether this process is one of several already."""
    return "WORLD_SIZE" in os.environ


def launch(count: int, arguments: Sequence[str]) -> None:
    """Runs `linework` with these arguments in `count` processes; returns when all are done.

    Raises:
        LineworkError: one of them failed; the others were ended.
        KeyboardInterrupt: this process was told to stop, and told the others.
    """
    # Unsaid, each would take all cores.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("torch.distributed.elastic"):  # what it warns of is said here
            logging.getLogger(name).setLevel(logging.CRITICAL)
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        run_id=str(uuid.uuid4()),
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
    )
    try:
        elastic_launch(config, sys.executable)("-m", "linework.cli", *arguments)
    except SignalException as error:
        raise KeyboardInterrupt from error
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        raise LineworkError(f"process {rank} of {count} {_how(failure)}") from error


def _how(failure: ProcessFailure) -> str:
    code = int(failure.exitcode)
    if code < 0:
        return f"was killed ({signal.Signals(-code).name}); the others were ended"
    return f"failed with exit code {code}, as it says above; the others were ended"
