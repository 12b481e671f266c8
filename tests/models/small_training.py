"""A small training as a process of its own: `python small_training.py RUN KEY=VALUE ...`.

Run by test_training.py, which kills it, resumes it and runs it under torchrun.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from linework.models.processes import join_processes
from linework.models.settings import parse_assignments, with_settings
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import TrainConfig, train

sys.path.insert(0, str(Path(__file__).parent))
from sketches import random_table, small_config

DEFAULTS = {
    "model": small_config(latent_dropout=0.2, encoder_dropout=0.1, decoder_dropout=0.1),
    "data": DataConfig(),
    "loss": LossConfig(),
    # A checkpoint at every step, so that a kill often falls into the writing of one.
    "train": TrainConfig(
        steps=160, batch_size=8, evaluate_every=20, sample_every=80, checkpoint_seconds=0.0
    ),
}


def main(run: str, *assignments: str) -> None:
    torch.set_num_threads(1)
    resume = "resume" in assignments
    changes = parse_assignments(a for a in assignments if a != "resume")
    sections = with_settings(DEFAULTS, changes, "--set")
    task = SketchRNNTask(
        random_table(40, 8),
        sections["model"],
        sections["data"],
        sections["loss"],
        sections["train"],
    )
    processes = join_processes("cpu")
    result = train(
        task, sections["train"], Path(run), resume=resume, processes=processes, progress=False
    )
    if processes.rank == 0:
        print(result.stopped, result.step)
    if processes.world > 1:
        torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(*sys.argv[1:])
