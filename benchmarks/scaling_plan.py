"""Plans training on many GPUs: what a number of tokens needs in disk space, preparation, GPU hours and money.

    python benchmarks/scaling_plan.py
    python benchmarks/scaling_plan.py --tables training --parameters 3e8 --gpus 16 --price 2
    python benchmarks/scaling_plan.py --tables recurrent --step-microseconds 5

Nothing is measured here: the formulas, and where each assumption comes from, are in docs/scaling.md, which shows this
output. Utilisation, price, cores and latency are options.
"""

import argparse
from collections.abc import Callable
from typing import NamedTuple

from halo.reports.console import table

PEAK_FLOPS = 989e12
"""Matrix peak of an H100 SXM in bfloat16 without sparsity, in FLOP/s, from its data sheet."""

PREPARED_PER_CORE = 500_000
"""Words that a core prepares a second: docs/text.md has 1.03 million on two cores, for 1 GB."""

BYTES_PER_WORD = 5.3
"""Bytes of text for each word, as in docs/text.md: 1,000 MB are 188.5 million words."""

BACKWARD_SHARE = 2 / 3
"""Share of a step in the backward pass, which has twice the matrix products of the forward pass."""

BUCKET_BYTES = 25 * 2**20
"""Gradients that DDP sends in one all-reduce, at most (`bucket_cap_mb`)."""

KEPT_SPEED = 0.9
"""Share of a device's speed alone that is considered worth it."""


class Network(NamedTuple):
    """A connection between devices: bytes a second in each direction, and seconds of one message."""

    name: str
    bandwidth: float
    latency: float


class PlannedModel(NamedTuple):
    """A model with its vocabulary of the bundled corpus, 5,771 words: its parameters, and those of its word vectors."""

    name: str
    parameters: int
    word_parameters: int


NETWORKS = Network("1 GbE", 0.125e9, 50e-6), Network("25 GbE", 3.125e9, 20e-6), Network("NVLink", 450e9, 5e-6)
MODELS = (
    PlannedModel("lstm", 3_073_081, 2_376_448),
    PlannedModel("awd_lstm", 22_525_771, 2_308_400),
    PlannedModel("transformer", 3_134_987, 1_782_336),
)


def all_reduce_bytes(gradient_bytes: float, devices: int) -> float:
    """Returns the bytes that each device sends, and receives, in a ring all-reduce of the gradients.

    >>> all_reduce_bytes(1000, 1), all_reduce_bytes(1000, 2), all_reduce_bytes(1000, 8)
    (0.0, 1000.0, 1750.0)
    """
    return 2 * (devices - 1) / devices * gradient_bytes


def all_reduce_seconds(gradient_bytes: float, devices: int, network: Network) -> float:
    """Returns the duration of an all-reduce: its bytes at the bandwidth, and 2 (n - 1) messages for each bucket.

    >>> all_reduce_seconds(1e6, 2, Network("example", 1e9, 1e-3))
    0.003
    """
    buckets = -(-gradient_bytes // BUCKET_BYTES)
    messages = 2 * (devices - 1) * buckets
    return all_reduce_bytes(gradient_bytes, devices) / network.bandwidth + messages * network.latency


def shortest_step(model: PlannedModel, devices: int, network: Network) -> float:
    """Returns the duration in seconds of a step alone, from which on a group of devices keeps `KEPT_SPEED` each.

    The gradient of word vectors that are also the softmax is complete only at the end of the backward pass: its
    all-reduce is exposed. The others go on during the backward pass.
    """
    words = all_reduce_seconds(4 * model.word_parameters, devices, network)
    others = all_reduce_seconds(4 * (model.parameters - model.word_parameters), devices, network)
    allowed = 1 / KEPT_SPEED - 1
    return max(words / allowed, (words + others) / (BACKWARD_SHARE + allowed))


def training_hours(parameters: float, tokens: float, gpus: int, *, utilisation: float) -> float:
    """Returns the hours of training: 6 N T floating-point operations at a share of the matrix peak of all GPUs."""
    return 6 * parameters * tokens / (gpus * PEAK_FLOPS * utilisation) / 3600


def id_bytes(tokens: float, vocab_size: int) -> float:
    """Returns the bytes of the prepared ids: 2 each for at most 65,536 words, else 4.

    >>> id_bytes(1e9, 50_000), id_bytes(1e9, 100_000)
    (2000000000.0, 4000000000.0)
    """
    return tokens * (2 if vocab_size <= 2**16 else 4)


def ddp_bytes(parameters: float) -> float:
    """Returns the bytes of a device with ddp and Adam: weights, gradients, their buckets, and two moments, 4 each."""
    return 20 * parameters


def fsdp_bytes(parameters: float, gpus: int, *, largest_unit: float) -> float:
    """Returns the bytes of a device with fsdp and Adam: its part, and a unit's whole weights and gradients."""
    return 16 * parameters / gpus + 8 * parameters * largest_unit


def recurrent_limit(units: int, streams: int, *, step_seconds: float) -> float:
    """Returns the largest share of the matrix peak in a recurrent layer, whose time steps follow one another.

    Args:
        units: Units of the layer, and of its inputs, H.
        streams: Streams of one GPU, B.
        step_seconds: Duration of a time step, however little it computes.
    """
    seconds = 16 * streams * units**2 / PEAK_FLOPS
    return seconds / max(seconds, step_seconds)


def count(number: float) -> str:
    """Returns a number with three digits and a unit.

    >>> [count(number) for number in (12, 3.2e6, 1e10, 2.5e12)]
    ['12', '3.2 M', '10 G', '2.5 T']
    """
    size, unit = next(
        ((size, f" {unit}") for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("K", 1e3)) if number >= size),
        (1.0, ""),
    )
    return f"{number / size:.3g}{unit}"


def duration(hours: float) -> str:
    """Returns a duration with two digits, in the unit that suits it.

    >>> [duration(hours) for hours in (0.005, 0.5, 30, 500, 20_000)]
    ['18 s', '30 min', '30 h', '21 days', '2.3 years']
    """
    units = (
        ("years", 8766.0, 8766.0),
        ("days", 24.0, 72.0),
        ("h", 1.0, 1.0),
        ("min", 1 / 60, 1 / 60),
        ("s", 1 / 3600, 0.0),
    )
    unit, size = next((unit, size) for unit, size, least in units if hours >= least)
    return f"{float(f'{hours / size:.2g}'):g} {unit}"


def milliseconds(seconds: float) -> str:
    """Returns a duration in milliseconds, with two digits below 100.

    >>> milliseconds(1.234), milliseconds(0.01234), milliseconds(0.0001234)
    ('1,234', '12', '0.12')
    """
    return f"{1e3 * seconds:,.0f}" if seconds >= 0.01 else f"{1e3 * seconds:.2g}"


def text_table(given: argparse.Namespace) -> str:
    """Returns what the text needs on disk, and how long its preparation takes."""
    rows = []
    for tokens in given.tokens:
        hours = [tokens / PREPARED_PER_CORE / cores / 3600 for cores in given.cores]
        sizes = [f"{count(each)}B" for each in (BYTES_PER_WORD * tokens, id_bytes(tokens, given.vocab_size))]
        rows.append([count(tokens), *sizes, *map(duration, hours)])
    return table("Text", ["tokens", "text", "ids", *(f"{cores} cores" for cores in given.cores)], rows)


def training_table(given: argparse.Namespace) -> str:
    """Returns how long training takes, and what it costs."""
    rows = []
    for parameters in given.parameters:
        for tokens in given.tokens:
            hours = [training_hours(parameters, tokens, gpus, utilisation=given.utilisation) for gpus in given.gpus]
            cost = hours[0] * given.gpus[0] * given.price
            rows.append([count(parameters), count(tokens), *map(duration, hours), f"{cost:,.0f}"])
    title = f"Training at {given.utilisation:.0%} of the matrix peak, {given.price:g} per GPU hour"
    return table(title, ["parameters", "tokens", *(f"{gpus} GPUs" for gpus in given.gpus), "cost"], rows)


def memory_table(given: argparse.Namespace) -> str:
    """Returns the memory of each GPU, without activations."""
    rows = []
    for parameters in given.parameters:
        shares = [fsdp_bytes(parameters, gpus, largest_unit=given.largest_unit) for gpus in given.gpus]
        rows.append([count(parameters), *(f"{count(each)}B" for each in (ddp_bytes(parameters), *shares))])
    title = f"Memory of each GPU without activations, largest unit {given.largest_unit:.0%} of the weights"
    return table(title, ["parameters", "ddp", *(f"fsdp, {gpus}" for gpus in given.gpus)], rows)


def communication_table(given: argparse.Namespace) -> str:
    """Returns how long the all-reduce of float32 gradients takes, and for which steps it pays."""
    rows = []
    for model in MODELS:
        for network in NETWORKS:
            seconds = [all_reduce_seconds(4 * model.parameters, devices, network) for devices in given.gpus]
            shortest = shortest_step(model, given.gpus[0], network)
            figures = [milliseconds(each) for each in (*seconds, shortest)]
            rows.append([model.name, f"{4 * model.parameters / 1e6:.1f}", network.name, *figures])
    header = ["model", "MB", "network", *(f"{gpus} GPUs" for gpus in given.gpus), f"90% at {given.gpus[0]}"]
    return table("All-reduce of a step, milliseconds, and the shortest step that pays", header, rows)


def recurrent_table(given: argparse.Namespace) -> str:
    """Returns the limit that time steps put to the utilisation of a GPU."""
    seconds = given.step_microseconds / 1e6
    rows = [
        [str(units), *(f"{recurrent_limit(units, streams, step_seconds=seconds):.2%}" for streams in (32, 128, 512))]
        for units in (256, 650, 1150, 4096)
    ]
    title = f"Largest share of the matrix peak in an LSTM layer, {given.step_microseconds:g} microseconds a time step"
    return table(title, ["units", "32 streams", "128 streams", "512 streams"], rows)


TABLES: dict[str, Callable[[argparse.Namespace], str]] = {
    "text": text_table,
    "training": training_table,
    "recurrent": recurrent_table,
    "memory": memory_table,
    "communication": communication_table,
}


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Returns the parsed command line.

    Args:
        given: The arguments; None for those of this process.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--parameters", nargs="+", type=float, default=[1e8, 1e9, 1e10])
    parser.add_argument("--tokens", nargs="+", type=float, default=[1e9, 1e10, 1e11])
    parser.add_argument("--gpus", nargs="+", type=int, default=[8, 64, 512])
    parser.add_argument("--cores", nargs="+", type=int, default=[16, 256], help="cores that prepare the text")
    parser.add_argument("--vocab-size", type=int, default=50_000)
    parser.add_argument("--utilisation", type=float, default=0.4, help="share of the matrix peak while training")
    parser.add_argument("--price", type=float, default=2.5, help="of a GPU hour, in any currency")
    parser.add_argument(
        "--largest-unit", type=float, default=0.1, help="share of the weights that fsdp gathers at once"
    )
    parser.add_argument("--step-microseconds", type=float, default=10, help="of a time step of a recurrent layer")
    return parser.parse_args(given)


def main() -> None:
    """Prints the tables."""
    given = arguments()
    print("\n".join(TABLES[name](given) for name in given.tables))


if __name__ == "__main__":
    main()
