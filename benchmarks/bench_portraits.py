"""What a portrait training reached by time: MMD from held-out pictures, and copies.

    linework train portraits --data portraits --out run --set evaluate_every=75
    python benchmarks/bench_portraits.py run --data portraits

The log of the run has the discrepancy at every evaluation, `times.csv` beside it the CPU's
minutes until then. Copies are of its best weights.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import torch
from linework.models.fastgan import FastGAN
from linework.models.picture_batches import as_bytes
from linework.models.registry import load_model
from linework.models.run_times import read_times
from linework.pipeline.portrait_training import read_portraits
from linework.pipeline.portraits import copy_report

SAMPLES = 128


def main() -> None:
    """Prints a row an evaluation, then the copy report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    spent = {times.step: times.cpu_seconds / 60 for times in read_times(given.run)}
    print("| step | CPU-minutes | MMD\u00b2 |\n|---|---|---|")
    with (given.run / "log.csv").open() as file:
        for row in csv.DictReader(file):
            step = int(row["step"])
            if row["valid_score"] and step in spent:
                print(f"| {step} | {spent[step]:.1f} | {float(row['valid_score']):.4f} |")
    network, header = load_model(given.run, wanted="portraits")
    assert isinstance(network, FastGAN)
    pictures = read_portraits(given.data, network.config.size)
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(SAMPLES, network.config.latent, generator=generator)
    with torch.no_grad():
        made = as_bytes(network(latents)).numpy()
    report, _ = copy_report(made, pictures)
    print(f"step {header['step']}: {report}")


if __name__ == "__main__":
    main()
