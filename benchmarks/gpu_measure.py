"""What bench_gpu.py measures with: time on the device, the card's own ceilings, what it waits for.

Times are of the device: CUDA events around a call, or `perf_counter` where the device is a CPU.
Kinds that are compared run in turn, after calls that do not count, and the median of each is
told. Ceilings are measured in the same process: the rate of a large product of random bf16
matrices, which is what a share of the card is a share of. Clocks are as they are found.

What bounds a call is read off one profiled call: the share of its time in which the device was
busy, and which kernels that went to. Where the device is idle, it waits for the host.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

# Sides of the square product that tells the card's matrix rate, a CPU's, and of one for tests.
PRODUCT_SIDE, CPU_SIDE, SMALL_SIDE = 8192, 1024, 256
# Kernels that a row names.
NAMED = 3

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and how often is measured.

    Args:
        small: sizes for a test of the code, whose figures say nothing.
        repeats: timed calls of each kind.
    """

    device: torch.device
    small: bool = False
    repeats: int = 20

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.type == "cuda"

    @property
    def name(self) -> str:
        """The device, in words."""
        return torch.cuda.get_device_name(self.device) if self.on_gpu else "cpu"

    def choose(self, large: int, small: int) -> int:
        """A size for measuring, or one for a test of the code."""
        return small if self.small else large

    def seconds(self, call: Call) -> float:
        """Of one call, until the device is done with it."""
        if not self.on_gpu:
            begun = time.perf_counter()
            call()
            return time.perf_counter() - begun
        first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize(self.device)
        first.record()
        call()
        last.record()
        torch.cuda.synchronize(self.device)
        return first.elapsed_time(last) / 1000

    def medians(self, calls: dict[str, Call], warm_up: int = 3) -> dict[str, float]:
        """The median seconds of calls that run in turn."""
        found: dict[str, list[float]] = {name: [] for name in calls}
        for turn in range(-(1 if self.small else warm_up), self.repeats):
            for name, call in calls.items():
                took = self.seconds(call)
                if turn >= 0:
                    found[name].append(took)
        return {name: statistics.median(times) for name, times in found.items()}

    @property
    def product_side(self) -> int:
        """Of the product that `matrix_rate` times."""
        return self.choose(PRODUCT_SIDE if self.on_gpu else CPU_SIDE, SMALL_SIDE)

    def matrix_rate(self, dtype: torch.dtype = torch.bfloat16) -> float:
        """Floating-point operations a second of a large product of random matrices."""
        side = self.product_side
        a, b = (torch.randn(side, side, device=self.device, dtype=dtype) for _ in range(2))
        return 2 * side**3 / self.medians({"product": lambda: a @ b})["product"]

    def busy(self, call: Call) -> Busy:
        """What the device does during a call."""
        call()
        activities = [ProfilerActivity.CPU]
        if self.on_gpu:
            activities.append(ProfilerActivity.CUDA)
            torch.cuda.synchronize(self.device)
        begun = time.perf_counter()
        with profile(activities=activities, acc_events=True) as profiled:
            call()
            if self.on_gpu:
                torch.cuda.synchronize(self.device)
            wall = time.perf_counter() - begun
        return _read(profiled.events() or [], wall, self.on_gpu)


@dataclass(frozen=True, slots=True)
class Busy:
    """What a device did.

    Args:
        wall: seconds that the call took, profiled.
        worked: seconds in which at least one kernel ran.
        kernels: seconds by kernel (on a CPU by operation), the longest first.
        copies: how many between host and device, by direction.
    """

    wall: float
    worked: float = 0.0
    kernels: dict[str, float] = field(default_factory=dict)
    copies: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the time, that in which the device worked; at most 1."""
        return min(1.0, self.worked / self.wall) if self.wall else 0.0

    def __str__(self) -> str:
        total = sum(self.kernels.values()) or 1.0
        top = list(self.kernels.items())[:NAMED]
        named = ", ".join(f"{_short(name)} {seconds / total:.0%}" for name, seconds in top)
        return f"busy {self.share:.0%}; of that {named}"


def _read(events: Sequence[FunctionEvent], wall: float, on_gpu: bool) -> Busy:
    kernels: dict[str, float] = {}
    copies: dict[str, int] = {}
    spans: list[tuple[float, float]] = []
    for event in events:
        there = event.device_type == torch.autograd.DeviceType.CUDA
        if there != on_gpu or event.is_user_annotation:  # a name for a stretch of others
            continue
        if event.name.startswith("Memcpy"):
            way = event.name.removeprefix("Memcpy ").split(" (")[0]
            copies[way] = copies.get(way, 0) + 1
        span = event.time_range
        took = span.elapsed_us() if on_gpu else event.self_cpu_time_total
        kernels[event.name] = kernels.get(event.name, 0.0) + took / 1e6
        spans.append((span.start, span.end))
    order = sorted(kernels.items(), key=lambda item: -item[1])
    return Busy(wall, covered(spans) / 1e6, dict(order), copies)


def covered(spans: Sequence[tuple[float, float]]) -> float:
    """The length of what intervals cover together."""
    total, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total


def _short(name: str, longest: int = 40) -> str:
    """A kernel's name without its types."""
    plain = name.split("<")[0].removeprefix("void ").replace("|", "/")
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def operations(call: Call) -> float:
    """Floating-point operations of the matrix products and convolutions of a call."""
    with FlopCounterMode(display=False) as counter:
        call()
    return float(counter.get_total_flops())


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Args:
        what: what was done, in which size.
        ours, theirs: rates, in `unit`; theirs is None where there is nothing to compare with.
        goal: by how much ours should be faster.
        operations: a second, of ours, or None where they were not counted.
        bound: what the rest of the card's time went to.
    """

    what: str
    unit: str
    ours: float
    theirs: float | None = None
    goal: float | None = None
    operations: float | None = None
    bound: str = ""


def table(rows: Sequence[Row], rate: float, bench: Bench) -> str:
    """Rows as Markdown, with the share of the card's matrix rate."""
    lines = [
        f"{bench.name}, torch {torch.__version__}, matrix rate {rate / 1e12:.3g} TFLOP/s (bf16, "
        f"{bench.product_side} square), median of {bench.repeats}"
        + (", SMALL: figures say nothing" if bench.small else ""),
        "",
        "| what | ours | beside it | times (goal) | TFLOP/s (share of the card) | the rest |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        beside = "" if row.theirs is None else f"{row.theirs:,.3g}"
        times = "" if row.theirs is None else f"{row.ours / row.theirs:.2f}"
        goal = f" ({row.goal:g})" if row.goal is not None else ""
        done = ""
        if row.operations is not None:
            done = f"{row.operations / 1e12:.3g} ({row.operations / rate:.1%})"
        cells = (row.what, f"{row.ours:,.3g} {row.unit}", beside, times + goal, done, row.bound)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
