"""Plans training on many GPUs: what a number of tokens needs in disk space, preparation, GPU hours and money.

    python benchmarks/scaling_plan.py
    python benchmarks/scaling_plan.py --parameters 1e8 --tokens 1e9 1e10 --gpus 8 64 --price 2.5
    python benchmarks/scaling_plan.py --table communication
    python benchmarks/scaling_plan.py --table memory

The formulas, and where their constants come from, are in docs/scaling.md. Nothing is measured here: utilisation, words
a second and price are assumptions, each an option. The page shows this output; a test compares both.
"""

import argparse
from dataclasses import dataclass

from halo.reports.console import table

PEAK_TFLOPS = 989.0
"""Matrix peak of an H100 SXM in bfloat16, without sparsity, in TFLOP/s (NVIDIA's data sheet)."""

PREPARED_TOKENS_PER_SECOND = 150_000.0
"""Tokens that one core cleans, counts, compares and encodes a second."""


@dataclass(frozen=True)
class Model:
    """A model whose training is planned.

    Attributes:
        name: Its name.
        parameters: Parameters, shared ones counted once.
        step_seconds: Duration of a training step of `tokens` on one device.
        tokens: Tokens of a step on one device.
        device: The device on which the step was measured.
    """

    name: str
    parameters: float
    step_seconds: float
    tokens: int
    device: str

    @property
    def gradient_bytes(self) -> float:
        """Bytes of the gradients in float32."""
        return 4.0 * self.parameters


@dataclass(frozen=True)
class Network:
    """A connection between devices.

    Attributes:
        name: Its name.
        bandwidth: Bytes a second in each direction of a device.
        latency: Seconds of one message.
    """

    name: str
    bandwidth: float
    latency: float


NETWORKS = (
    Network("1 GbE", 0.125e9, 50e-6),
    Network("25 GbE", 3.125e9, 20e-6),
    Network("NVLink", 450e9, 5e-6),
)
BUCKET_BYTES = 25 * 2**20
"""Gradients that DDP sends in one all-reduce, at most."""


def all_reduce_bytes(gradient_bytes: float, devices: int) -> float:
    """Returns the bytes that each device sends, and receives, in a ring all-reduce of the gradients.

    >>> all_reduce_bytes(1000, 1), all_reduce_bytes(1000, 2), all_reduce_bytes(1000, 8)
    (0.0, 1000.0, 1750.0)
    """
    return 2 * (devices - 1) / devices * gradient_bytes


def all_reduce_seconds(gradient_bytes: float, devices: int, network: Network) -> float:
    """Returns the time of an all-reduce: bytes through the bandwidth, and 2 (n - 1) messages for each bucket."""
    buckets = max(1, -(-int(gradient_bytes) // BUCKET_BYTES))
    messages = 2 * (devices - 1) * buckets
    return all_reduce_bytes(gradient_bytes, devices) / network.bandwidth + messages * network.latency


def efficiency(step_seconds: float, communication_seconds: float, *, hidden: float) -> float:
    """Returns the speed of each device in a group, as a share of its speed alone.

    Args:
        step_seconds: Duration of a step without communication.
        communication_seconds: Duration of the all-reduce.
        hidden: Part of the step during which an all-reduce can go on, at most.

    >>> efficiency(0.1, 0.05, hidden=0.6), efficiency(0.1, 0.16, hidden=0.6)
    (1.0, 0.5)
    """
    exposed = max(0.0, communication_seconds - hidden * step_seconds)
    return step_seconds / (step_seconds + exposed)


def training_hours(parameters: float, tokens: float, gpus: int, *, utilisation: float) -> float:
    """Returns the hours of training: 6 N T floating-point operations at a share of the matrix peak of all GPUs."""
    return 6 * parameters * tokens / (gpus * PEAK_TFLOPS * 1e12 * utilisation) / 3600


def id_bytes(tokens: float, vocab_size: float) -> float:
    """Returns the bytes of the prepared ids: 2 each with at most 65,536 words, else 4."""
    return tokens * (2 if vocab_size <= 2**16 else 4)


def count(number: float) -> str:
    """Returns a number with a unit: 1.5 K, 20 M, 10 G.

    >>> [count(number) for number in (12.0, 3.2e6, 1e10, 2.5e12)]
    ['12', '3.2 M', '10 G', '2.5 T']
    """
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("K", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:.3g}"


def duration(hours: float) -> str:
    """Returns a duration in the unit that suits it.

    >>> [duration(hours) for hours in (0.005, 0.5, 30, 500, 20_000)]
    ['18 s', '30 min', '30 h', '21 days', '2.3 years']
    """
    units = (("years", 8766.0), ("days", 24.0), ("h", 1.0), ("min", 1 / 60))
    for unit, size in units:
        if hours >= (72 if unit == "days" else 1 * size):
            return f"{hours / size:.2g} {unit}"
    return f"{hours * 3600:.2g} s"


def corpus_table(given: argparse.Namespace) -> str:
    """Returns what the text needs on disk, and how long it is prepared."""
    rows = []
    for tokens in given.tokens:
        core_hours = tokens / PREPARED_TOKENS_PER_SECOND / 3600
        prepared = [duration(core_hours / cores) for cores in (16, 256)]
        text, ids = count(5.6 * tokens), count(id_bytes(tokens, given.vocabulary))
        rows.append([count(tokens), f"{text}B", f"{ids}B", *prepared])
    return table("The text", ["tokens", "text", "ids", "16 cores", "256 cores"], rows)


def training_table(given: argparse.Namespace) -> str:
    """Returns how long the training takes, and what it costs."""
    rows = []
    for parameters in given.parameters:
        for tokens in given.tokens:
            hours = [training_hours(parameters, tokens, gpus, utilisation=given.utilisation) for gpus in given.gpus]
            cost = hours[0] * given.gpus[0] * given.price
            rows.append([count(parameters), count(tokens), *map(duration, hours), f"{cost:,.0f}"])
    header = ["parameters", "tokens", *(f"{gpus} GPUs" for gpus in given.gpus), "cost"]
    title = f"Training, {given.utilisation:.0%} of the matrix peak, {given.price:g} per GPU hour"
    return table(title, header, rows)
