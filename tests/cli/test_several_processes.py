"""`linework train` in several processes: started by itself, and by torchrun on two "machines"."""

from __future__ import annotations

import csv
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from linework.models.checkpoint import read_header
from linework.models.training import LAST

# Longer than importing torch and a few steps take on a busy machine, many times over.
SECONDS = 300.0

COMMON = ("--device", "cpu", "--set", "precision=float32", "--set", "sample_every=0")
SKETCHRNN = (
    *("--set", "encoder_size=16", "--set", "decoder_size=24", "--set", "batch_size=6"),
    *("--set", "evaluate_every=4"),
)
PAINTER = (
    *("--recipe", "painter-cpu", "--set", "size=32", "--set", "channels=8,8,8"),
    *("--set", "depths=8,8", "--set", "batch_size=4", "--set", "evaluate_every=3"),
)

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Arguments of a small training of each kind."""
    home = tmp_path_factory.mktemp("data")
    linework = [sys.executable, "-m", "linework.cli", "data"]
    for arguments in (
        ["doodles", "sun", "-n", "60", "--seed", "1", "-o", str(home / "sun.ndjson")],
        ["pack", str(home / "sun.ndjson"), "-o", str(home / "sun.arrow")],
        ["scenes", "-n", "6", "--size", "64", "--seed", "1", "-o", str(home / "scenes")],
    ):
        subprocess.run([*linework, *arguments], check=True, capture_output=True)
    return {
        "sketchrnn": ["sketchrnn", "--data", str(home / "sun.arrow"), *SKETCHRNN, *COMMON],
        "painter": ["painter", "--data", str(home / "scenes"), *PAINTER, *COMMON],
    }


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts `linework train`, under torchrun if so told; what is left at the end is killed."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, torchrun: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        launcher = ("-m", "torch.distributed.run", *torchrun) if torchrun else ()
        process = subprocess.Popen(
            [sys.executable, *launcher, "-m", "linework.cli", "train", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    """Waits for its end; what it said."""
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said
    return said


def log_of(run: Path) -> list[dict[str, float]]:
    with (run / "log.csv").open() as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def same_log(a: Path, b: Path) -> None:
    """Asserts that two runs logged the same, but for the rounding of means of means."""
    ours, theirs = log_of(a), log_of(b)
    assert len(ours) == len(theirs) > 0
    for x, y in zip(ours, theirs, strict=True):
        assert x.keys() == y.keys()
        for name in x:
            assert x[name] == pytest.approx(y[name], rel=2e-3, abs=1e-5), name


def two_nodes(node: int, port: int) -> tuple[str, ...]:
    return (
        *("--nnodes", "2", "--node_rank", str(node), "--nproc_per_node", "1"),
        *("--master_addr", "127.0.0.1", "--master_port", str(port)),
    )


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a launcher started, by number."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [
        int(child)
        for child in children
        if b"linework.cli" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def wait_for_step(process: subprocess.Popen[str], run: Path, step: int) -> None:
    deadline = time.monotonic() + SECONDS
    while not (run / LAST).exists() or read_header(run / LAST)["step"] < step:
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sketchrnn", "painter"])
def test_two_machines_train_what_one_process_does(
    kind: str, data: dict[str, list[str]], start: Start, tmp_path: Path
) -> None:
    alone, together = tmp_path / "alone", tmp_path / "together"
    finish(start(*data[kind], "--set", "steps=6", "--out", str(alone)))
    port = free_port()
    nodes = [
        start(
            *(*data[kind], "--set", "steps=6", "--out", str(together)),
            torchrun=two_nodes(node, port),
        )
        for node in range(2)
    ]
    said = [finish(node) for node in nodes]
    assert sum(" try" in text for text in said) == 1  # one speaks for all
    same_log(alone, together)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sketchrnn", "painter"])
def test_killed_it_ends_with_a_sentence_and_one_process_goes_on(
    kind: str, data: dict[str, list[str]], start: Start, tmp_path: Path
) -> None:
    alone, run = tmp_path / "alone", tmp_path / "run"
    steps = ("--set", "steps=12", "--set", "checkpoint_seconds=0")
    finish(start(*data[kind], *steps, "--out", str(alone)))
    process = start(*data[kind], *steps, "--out", str(run), "--processes", "2")
    wait_for_step(process, run, 2)
    os.kill(workers_of(process)[-1], signal.SIGKILL)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert re.fullmatch(r"error: process 1 of 2 was killed \(SIGKILL\); .*ended", errors[-1])
    assert "Traceback" not in said
    assert "W1" not in said
    finish(start(kind, *data[kind][1:3], "--out", str(run), "--resume", "--device", "cpu"))
    same_log(alone, run)


@pytest.mark.slow
def test_under_torchrun_the_one_that_is_left_says_what_happened(
    data: dict[str, list[str]], start: Start, tmp_path: Path
) -> None:
    process = start(
        *(*data["sketchrnn"], "--set", "steps=100000", "--out", str(tmp_path / "run")),
        torchrun=("--standalone", "--nproc_per_node", "2"),
    )
    wait_for_step(process, tmp_path / "run", 1)
    os.kill(workers_of(process)[-1], signal.SIGKILL)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "process 0 of 2 lost another one" in said
    assert "last.safetensors keeps the last checkpoint" in said
    assert "[rank0]" not in said  # a traceback of ours; torchrun adds its own


@pytest.mark.slow
def test_what_every_process_refuses_fails_in_a_sentence(
    data: dict[str, list[str]], start: Start, tmp_path: Path
) -> None:
    process = start(
        *data["sketchrnn"], "--set", "batch_size=1", "--out", str(tmp_path), "--processes", "2"
    )
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "a batch_size of 1 does not go round 2 processes" in said
    assert "Traceback" not in said
