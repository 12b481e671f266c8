"""The training loop: killed and resumed to the bit, stopped politely, split over processes."""

from __future__ import annotations

import csv
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from linework.models.checkpoint import load_tensors, read_header
from linework.models.processes import Processes, pick_device
from linework.models.run_times import TIMES, RunTimes, Spent, read_times
from linework.models.sketchrnn_task import DataConfig, LossConfig, SketchRNNTask
from linework.models.training import BEST, LAST, StepLoss, TrainConfig, learning_rate, train
from linework.strokes.errors import LineworkError
from sketches import random_table, small_config
from torch import nn

SCRIPT = Path(__file__).with_name("small_training.py")
# Longer than importing torch and 160 steps take on a busy machine, many times over.
PATIENCE_SECONDS = 300.0


Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts small_training.py into a run folder; whatever still runs at the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def begin(run: Path, *arguments: str, launcher: Sequence[str] = ()) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *launcher, str(SCRIPT), str(run), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    """Waits for its end; what it printed."""
    out, error = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, error
    return out.strip()


def wait_for_step(process: subprocess.Popen[str], run: Path, step: int) -> None:
    """Returns when the run has a checkpoint of that step or a later one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (run / LAST).exists() or read_header(run / LAST)["step"] < step:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.002)


def same_run(a: Path, b: Path) -> None:
    """Asserts that two run folders hold the same, weights to the bit and logs to the byte."""
    for name in (LAST, BEST):
        (ours, our_header), (theirs, their_header) = (load_tensors(f / name) for f in (a, b))
        assert our_header == their_header
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[k], theirs[k]) for k in ours)
    names = sorted(p.name for p in a.iterdir())
    assert names == sorted(p.name for p in b.iterdir())
    for name in names:
        if name == TIMES:  # no two runs take as long
            continue
        assert (a / name).read_bytes() == (b / name).read_bytes(), name


def test_times_go_on_where_a_run_goes_on(tmp_path: Path) -> None:
    """The second session begins at step 6: what lies behind step 4 is counted by its pace."""
    (tmp_path / TIMES).write_text("step,seconds,cpu_seconds\n2,50,20\n4,100,40\n8,900,900\n")
    times = RunTimes(tmp_path, 6)
    times.add(8)
    *old, last = read_times(tmp_path)
    assert old == [Spent(2, 50, 20), Spent(4, 100, 40)]
    assert last.step == 8
    assert (last.seconds, last.cpu_seconds) == pytest.approx((150, 60), abs=1)


def log_of(run: Path) -> list[dict[str, float]]:
    with (run / "log.csv").open() as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def test_killed_at_any_moment_and_resumed_it_ends_the_same(start: Start, tmp_path: Path) -> None:
    straight = start(tmp_path / "straight")
    seed = random.SystemRandom().randrange(1 << 30)
    print(f"seed {seed}")  # shown where the test fails
    rng = random.Random(seed)
    run = tmp_path / "killed"
    first, second = sorted(rng.sample(range(1, 150), 2))
    for step, arguments in ((first, ()), (second, ("resume",))):
        process = start(run, *arguments)
        wait_for_step(process, run, step)
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert finish(start(run, "resume")) == "finished 160"
    assert finish(straight) == "finished 160"
    same_run(tmp_path / "straight", run)
    assert [row["step"] for row in log_of(run)] == list(range(20, 161, 20))


def test_a_polite_kill_leaves_a_checkpoint_of_that_step(start: Start, tmp_path: Path) -> None:
    run = tmp_path / "run"
    slow_to_save = ("checkpoint_seconds=3600", "steps=1000000", "evaluate_every=1000")
    process = start(run, *slow_to_save)
    wait_for_step(process, run, 1)
    time.sleep(0.3)
    process.terminate()
    stopped, step = finish(process).split()
    assert stopped == "signal"
    assert int(step) > 1
    assert read_header(run / LAST)["step"] == int(step)
    assert not list(run.glob(".*"))


TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")


@pytest.mark.parametrize(
    "settings",
    [
        # Dropout of the fused cell is of weights, and so the same in every process.
        pytest.param(("decoder_dropout=0.1", "encoder_dropout=0.1"), id="per point"),
        pytest.param(
            (
                "normalise=published",
                "likelihood=density",
                "kl_tolerance=0.02",
                "kl_weight=2",
                "encoder_dropout=0",
                "decoder_dropout=0",
                "encoder_cell=lstm",
                "decoder_cell=layernorm",
            ),
            id="published",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_two_processes_end_where_one_does(
    settings: tuple[str, ...], start: Start, tmp_path: Path
) -> None:
    common = ("steps=40", "evaluate_every=10", "sample_every=0", "precision=float32", *settings)
    one = start(tmp_path / "one", *common)
    two = start(tmp_path / "two", *common, launcher=TORCHRUN)
    assert finish(one) == "finished 40"
    assert finish(two) == "finished 40"
    ours, theirs = log_of(tmp_path / "one"), log_of(tmp_path / "two")
    assert len(ours) == len(theirs) == 4
    for a, b in zip(ours, theirs, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            assert a[name] == pytest.approx(b[name], abs=1e-4), name
    assert ours[-1]["valid_cell"] < ours[0]["valid_cell"]


@pytest.mark.slow
def test_torchrun_told_to_stop_leaves_a_checkpoint(start: Start, tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = start(
        run, "steps=1000000", "checkpoint_seconds=3600", "evaluate_every=1000", launcher=TORCHRUN
    )
    wait_for_step(process, run, 1)
    time.sleep(1)
    process.terminate()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert read_header(run / LAST)["step"] > 1


# -- the loop alone, on a model of one number


class OneNumber:
    """Descends (x - 3)^2; its score is whatever the test says."""

    name = "number"
    work_unit = "numbers"

    def __init__(self, scores: Sequence[float] = (), broken_at: int = -1) -> None:
        self.module: nn.Module = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.module.weight)
        self.scores = list(scores)
        self.broken_at = broken_at
        self.evaluated = 0

    def header(self) -> dict[str, Any]:
        return {"config": {}}

    def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
        loss = (module(torch.ones(1, 1)) - 3).square().sum()
        value = math.nan if step == self.broken_at else loss.item()
        return StepLoss(loss, {"loss": value}, 1)

    def evaluate(self) -> dict[str, float]:
        self.evaluated += 1
        found = (self.module.weight.item() - 3) ** 2
        return {"score": self.scores[self.evaluated - 1] if self.scores else found}

    def sheet(self, path: Path) -> None:
        path.write_text("<svg/>")


def config(**changes: Any) -> TrainConfig:
    return TrainConfig(
        **{"steps": 40, "evaluate_every": 10, "learning_rate": 0.3, "warmup": 1} | changes
    )


def run_it(task: OneNumber, run: Path, **options: Any) -> Any:
    resume = options.pop("resume", False)
    return train(task, config(**options), run, resume=resume, progress=False)


def test_it_trains_and_keeps_the_best(tmp_path: Path) -> None:
    task = OneNumber()
    result = run_it(task, tmp_path / "run", sample_every=20)
    assert (result.stopped, result.step) == ("finished", 40)
    assert abs(task.module.weight.item() - 3) < 0.5
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert names == {
        LAST, BEST, "log.csv", "curves.svg", "settings.json", TIMES,
        "samples-000020.svg", "samples-000040.svg",
    }  # fmt: skip
    assert read_header(tmp_path / "run" / BEST)["best"] == result.best


def test_patience_ends_it_and_the_best_stays(tmp_path: Path) -> None:
    task = OneNumber(scores=[3, 2, 2.5, 2.2, 2.1, 0])
    result = run_it(task, tmp_path, steps=1000, patience=3)
    assert (result.stopped, result.step) == ("patience", 50)
    assert result.best == {"score": 2, "step": 20}
    assert read_header(tmp_path / BEST)["step"] == 20


def test_patience_goes_on_counting_when_resumed(tmp_path: Path) -> None:
    run_it(OneNumber(scores=[1, 2, 3]), tmp_path, steps=30, patience=4)
    task = OneNumber(scores=[4, 5, 0.1])
    result = run_it(task, tmp_path, steps=1000, patience=4, resume=True)
    assert (result.stopped, result.step) == ("patience", 50)


def test_time_is_up(tmp_path: Path) -> None:
    result = run_it(OneNumber(), tmp_path, steps=10**9, max_minutes=0.001)
    assert result.stopped == "time"
    assert read_header(tmp_path / LAST)["step"] == result.step > 0


def test_more_steps_may_be_added_on_resuming(tmp_path: Path) -> None:
    run_it(OneNumber(), tmp_path, steps=10, schedule="published")
    run_it(OneNumber(), tmp_path, steps=30, schedule="published", resume=True)
    whole = OneNumber()
    run_it(whole, tmp_path / "whole", steps=30, schedule="published")
    found = load_tensors(tmp_path / LAST)[0]["model.weight"]
    assert torch.equal(found, whole.module.weight.detach())


@pytest.mark.parametrize("name", [LAST, BEST])
def test_a_run_is_not_trodden_on(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"precious")
    with pytest.raises(LineworkError, match=r"holds a training already .*add --resume"):
        run_it(OneNumber(), tmp_path)
    assert (tmp_path / name).read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match="nothing to resume"):
        run_it(OneNumber(), tmp_path, resume=True)


@pytest.mark.parametrize("damage", ["cut", "other", "weights only"])
def test_what_cannot_be_resumed_is_a_sentence(damage: str, tmp_path: Path) -> None:
    run_it(OneNumber(), tmp_path)
    task = OneNumber()
    if damage == "cut":
        (tmp_path / LAST).write_bytes((tmp_path / LAST).read_bytes()[:-3])
        message = "not a complete safetensors file"
    elif damage == "other":
        task.name = "sketchrnn"
        message = "holds a number, and this trains a sketchrnn"
    else:
        (tmp_path / LAST).write_bytes((tmp_path / BEST).read_bytes())
        message = "not a checkpoint that training can go on from"
    with pytest.raises(LineworkError, match=message):
        run_it(task, tmp_path, resume=True)


def test_a_broken_loss_keeps_the_checkpoint_before_it(tmp_path: Path) -> None:
    with pytest.raises(LineworkError, match=r"broke at step 7: loss nan; .*learning_rate"):
        run_it(OneNumber(broken_at=7), tmp_path, checkpoint_seconds=0.0)
    assert read_header(tmp_path / LAST)["step"] == 7
    assert load_tensors(tmp_path / LAST)[0]["model.weight"].isfinite().all()


def test_what_a_killed_writer_left_is_swept_up(tmp_path: Path) -> None:
    run_it(OneNumber(), tmp_path)
    left = tmp_path / ".last.0123abcd.part.safetensors"
    left.write_bytes(b"half")
    run_it(OneNumber(), tmp_path, resume=True)
    assert not left.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_after_the_step_and_the_handlers_are_put_back(
    number: signal.Signals, tmp_path: Path
) -> None:
    class Interrupted(OneNumber):
        def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
            if step == 4:
                os.kill(os.getpid(), number)
            return super().loss(module, step, rank, world)

    before = signal.getsignal(number)
    result = run_it(Interrupted(), tmp_path)
    assert result.stopped == "signal"
    assert result.step == read_header(tmp_path / LAST)["step"] in (5, 6)
    assert signal.getsignal(number) is before


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    class Stubborn(OneNumber):
        def loss(self, module: nn.Module, step: int, rank: int, world: int) -> StepLoss:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            return super().loss(module, step, rank, world)

    with pytest.raises(KeyboardInterrupt):
        run_it(Stubborn(), tmp_path)


def test_tensorboard_is_asked_for_by_name_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(LineworkError, match="pip install tensorboard"):
        run_it(OneNumber(), tmp_path, tensorboard=True)


@pytest.mark.parametrize(
    ("schedule", "step", "wanted"),
    [
        ("published", 0, 1e-3),
        ("published", 10_000, (1e-3 - 1e-5) * 0.9999**10_000 + 1e-5),
        ("cosine", 0, 1e-3 / 100),
        ("cosine", 99, 1e-3 * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * 0.099)))),
        ("cosine", 1000, 1e-3 * 0.01),
    ],
)
def test_learning_rates(schedule: Any, step: int, wanted: float) -> None:
    settings = TrainConfig(steps=1000, learning_rate=1e-3, schedule=schedule, warmup=100)
    assert learning_rate(settings, step) == pytest.approx(wanted)


def test_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == torch.device("cpu")
    with pytest.raises(LineworkError, match="this machine has no CUDA devices"):
        pick_device("cuda")


def test_one_process_is_its_own_mean() -> None:
    assert Processes().mean([1.5, -2]) == [1.5, -2]


# -- the sketch-rnn's task


def small_task(**options: Any) -> SketchRNNTask:
    loss = LossConfig(**options.pop("loss", {}))
    table = options.pop("table", None) or random_table(30, 6)
    settings = config(batch_size=6)
    return SketchRNNTask(table, small_config(**options), DataConfig(), loss, settings)


def test_the_floor_holds_the_divergence_up_and_lets_it_go() -> None:
    """Published: below the tolerance the divergence costs the tolerance and is not pressed."""
    for tolerance, pressed in ((0.0, True), (100.0, False)):
        task = small_task(loss={"kl_tolerance": tolerance, "kl_weight": 1e3, "kl_start": 1e3})
        torch.manual_seed(0)
        with torch.no_grad():  # a divergence to press
            task.module.encoder.mu.bias.fill_(1.0)  # type: ignore[union-attr]
        result = task.loss(task.module, 0, 0, 1)
        result.loss.backward()
        pull = task.module.encoder.mu.bias.grad.abs().mean()  # type: ignore[union-attr]
        assert (pull > 10).item() is pressed
        cost = result.loss.item() - float(result.figures["loss"].detach())
        wanted = 1e3 * max(float(result.figures["kl"].detach()), tolerance)
        assert cost == pytest.approx(wanted, rel=1e-4)


def test_the_published_loss_divides_by_the_longest_of_all_splits() -> None:
    table = random_table(30, 6, seed=3)
    longest = max(d.n_points for d in table) - 1
    task = small_task(table=table, loss={"normalise": "published"}, likelihood="density")
    assert task.longest == longest
    batch, *_ = task.batches.at(0)
    assert len(batch.offsets) == longest
    task.module.eval()
    with torch.no_grad():
        found = float(task.loss(task.module, 0, 0, 1).figures["loss"])
        batch, *_ = task.batches.at(0, task.data.augmentation(0.0))
        losses = task.module(batch, True)
    assert found == pytest.approx((losses.offset + losses.pen).item() / (6 * longest), rel=1e-5)
    figures = task.evaluate()
    floor = 0.08 * figures["kl_dimension"]
    assert figures["score"] == pytest.approx(figures["lr"] + floor, rel=1e-5)


def test_a_table_without_valid_drawings_is_watched_on_its_training_drawings() -> None:
    task = small_task(table=random_table(30))
    assert sum(len(b.lengths) for b in task.watch) == 30
    assert math.isfinite(task.evaluate()["score"])


@pytest.mark.parametrize("variational", [True, False])
def test_header_and_sheet(variational: bool, tmp_path: Path) -> None:
    task = small_task(variational=variational, latent_dropout=0.2)
    assert task.header().keys() >= {"config", "data", "loss", "train", "train_drawings", "box"}
    task.sheet(tmp_path / "sheet.svg")
    assert (tmp_path / "sheet.svg").read_text().startswith("<?xml")
    assert "score" in task.evaluate()
