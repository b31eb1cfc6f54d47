"""Bits per base of sequences under a trained model, Markov models and a mixture of both, on the same bases.

Orders, smoothings and weights are chosen on validation; the test sequences are read once.

Shape letters: P own bases of all pieces, one after another, B blocks.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.evaluation.bootstrap import Interval, bootstrap_interval
from halo.genomics.bases import UNIFORM_BITS, Codes
from halo.genomics.markov import (
    MAX_ORDER,
    ContextCounts,
    Floats,
    MarkovModel,
    TriedOrder,
    bits_per_base,
    chosen_model,
)
from halo.genomics.model_scores import ModelScorer
from halo.genomics.pieces import MarkovScorer, Piece, lay_out, reverse_nll, try_orders_on_pieces

MAX_BLOCK = 5000
"""Number of consecutive bases that are resampled together; fewer if there would be less than `MIN_BLOCKS` blocks."""
MIN_BLOCKS = 50
WEIGHTS = tuple(step / 20 for step in range(21))
"""The weights of the trained model in a mixture that are tried on validation."""

MIXTURE = "mixture of both"

Values = Mapping[str, Floats]
"""For `validation` and `test`, the negative log-likelihood of each counted base in nats."""


class Row(NamedTuple):
    """The figures of a model.

    Attributes:
        name: What the table calls it.
        key: What metrics.json calls it.
        validation: Bits per base of validation; None if it is not measured.
        test: Bits per base of the measured sequences.
        interval: The 95% interval of `test`; None if there are too few bases.
        choice: What was chosen on validation.
        is_chosen: Whether this order was chosen among the Markov models.
    """

    name: str
    key: str
    validation: float | None
    test: float
    interval: Interval | None
    choice: str = ""
    is_chosen: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as plain data, as written to metrics.json."""
        interval = None if self.interval is None else list(self.interval)
        return {
            "name": self.name.strip(),
            "validation_bits_per_base": self.validation,
            "test_bits_per_base": self.test,
            "test_interval": interval,
            "choice": self.choice,
            "is_chosen": self.is_chosen,
        }


class Difference(NamedTuple):
    """How many bits per base the second of two models needs less than the first, on the same bases.

    Attributes:
        first: The name of the first model.
        second: The name of the second one.
        bits: The difference, above 0 where the second one predicts better.
        interval: Its 95% interval; None if there are too few bases.
    """

    first: str
    second: str
    bits: float
    interval: Interval | None

    @property
    def sentence(self) -> str:
        """The comparison in a sentence."""
        if self.second == MIXTURE and not self.bits:
            return f"Mixing the trained model into the {self.first} does not help: its best weight on validation is 0."
        if self.interval is None:
            return (
                f"The {self.second} and the {self.first} differ by {abs(self.bits):.4f} bits per base, too few to say."
            )
        low, high = self.interval
        if low <= 0 <= high:
            return (
                f"The {self.second} and the {self.first} predict equally well: they differ by {self.bits:.4f} bits "
                f"per base (95% {low:.4f} to {high:.4f}), which may be chance."
            )
        better, worse = (self.second, self.first) if self.bits > 0 else (self.first, self.second)
        low, high = sorted(map(abs, self.interval))
        return (
            f"The {better} predicts better than the {worse}, by {abs(self.bits):.4f} bits per base "
            f"(95% {low:.4f} to {high:.4f})."
        )


class Measurement(NamedTuple):
    """The result of a measurement.

    Attributes:
        rows: The models, from the simplest one on.
        differences: The comparisons of the verdict.
        bases: Number of the measured bases.
        blocks: Number of blocks that the intervals resample.
        markov: The Markov model that was chosen; None without training sequences.
    """

    rows: list[Row]
    differences: list[Difference]
    bases: int
    blocks: int
    markov: MarkovModel | None

    @property
    def verdict(self) -> str:
        """The verdict, a line for each comparison."""
        return "\n".join(each.sentence for each in self.differences)

    def as_dict(self) -> dict[str, Any]:
        """Returns the figures as plain data, as written to metrics.json."""
        return {
            "bases": self.bases,
            "blocks": self.blocks,
            "models": {row.key: row.as_dict() for row in self.rows},
            "markov_order": None if self.markov is None else self.markov.order,
            "markov_smoothing": None if self.markov is None else str(self.markov.smoothing),
            "differences": [each._asdict() for each in self.differences],
            "verdict": self.verdict,
        }


class _Measured:
    """The bases that count of some pieces, and the values of models at them."""

    def __init__(self, pieces: Sequence[Piece], scorer: ModelScorer) -> None:
        self.pieces = pieces
        own_P = np.concatenate([_whole_tokens(values, scorer.token_length) for values in scorer.nll(pieces)])
        self.is_counted_P = np.isfinite(own_P)
        self.model_P = own_P[self.is_counted_P]
        self._blocks_P = _blocks([len(piece.sequence) for piece in pieces])[self.is_counted_P]

    @property
    def bases(self) -> int:
        """Number of bases that count."""
        return len(self.model_P)

    @property
    def blocks(self) -> int:
        """Number of blocks with bases that count."""
        return len(np.unique(self._blocks_P))

    def counted(self, values: Sequence[Floats]) -> Floats:
        """Returns the values of the bases that count."""
        counted_P: Floats = np.concatenate([*values])[self.is_counted_P]
        return counted_P

    def interval(self, nll_P: Floats) -> Interval | None:
        """Returns the 95% interval of the bits per base, from resampled blocks."""
        sums_B, counts_B = (np.bincount(self._blocks_P, weights=values) for values in (nll_P, np.ones(len(nll_P))))
        has_bases_B = counts_B > 0
        return bootstrap_interval(sums_B[has_bases_B] / math.log(2), counts_B[has_bases_B])


def _whole_tokens(values: Floats, token_length: int) -> Floats:
    """Returns the values of a piece without those of a token that is only partly in it."""
    partly = len(values) % token_length
    return np.concatenate([values[: len(values) - partly], np.full(partly, np.nan)])


def _blocks(lengths: Sequence[int]) -> npt.NDArray[np.int64]:
    """Returns the number of the block of each base: consecutive bases of a piece.

    >>> _blocks([100, 3]).tolist().count(1)
    2
    """
    size = max(1, min(MAX_BLOCK, sum(lengths) // MIN_BLOCKS))
    parts, first = [], 0
    for length in lengths:
        own = np.arange(length) // size + first
        parts.append(own)
        first = int(own[-1]) + 1 if length else first
    return np.concatenate(parts)


def measure(
    scorer: ModelScorer,
    *,
    train: Sequence[Codes],
    validation: Sequence[Piece],
    test: Sequence[Piece],
    both_strands: bool = True,
    max_order: int = MAX_ORDER,
) -> Measurement:
    """Returns bits per base of test sequences under all models.

    Args:
        scorer: The trained model.
        train: The training sequences that Markov models count; empty for none, and then no Markov models.
        validation: The sequences that orders, smoothings and weights are chosen on; empty without training sequences.
        test: The sequences to measure, with at least one base.
        both_strands: Whether the trained model also reads the reverse strand.
        max_order: The longest context of the Markov models.
    """
    texts = {name: _Measured(pieces, scorer) for name, pieces in (("validation", validation), ("test", test)) if pieces}
    model = {name: text.model_P for name, text in texts.items()}
    markov_rows: list[Row] = []
    own_rows = [_row("trained model", "model", model, texts)]
    if both_strands:
        strands = {
            name: (text.model_P + text.counted(reverse_nll(scorer, text.pieces))) / 2 for name, text in texts.items()
        }
        own_rows.append(_row("  both strands", "model_both_strands", strands, texts))
    differences: list[Difference] = []
    chosen: MarkovModel | None = None
    if train and validation:
        counts = ContextCounts(train, max_order=max_order)
        tried = try_orders_on_pieces(counts, validation, texts["validation"].is_counted_P)
        chosen = chosen_model(counts, tried)
        order = chosen.order
        markov_rows = _markov_rows(counts, tried, order, texts["test"])
        markov = {name: text.counted(MarkovScorer(chosen).nll(text.pieces)) for name, text in texts.items()}
        weight, mixed = _mixture(model, markov, scorer.token_length)
        own_rows.append(_row("  mixed with Markov", "mixture", mixed, texts, choice=f"weight {weight:g}"))
        differences = [
            _difference((str(chosen), markov["test"]), (name, values["test"]), texts["test"])
            for name, values in (("trained model", model), (MIXTURE, mixed))
        ]
    uniform = Row("uniform", "uniform", UNIFORM_BITS, UNIFORM_BITS, None)
    rows = [uniform, *markov_rows, *own_rows]
    return Measurement(rows, differences, texts["test"].bases, texts["test"].blocks, chosen)


def _row(name: str, key: str, values: Values, texts: Mapping[str, _Measured], *, choice: str = "") -> Row:
    """Returns the row of a model from its values of all counted bases in nats."""
    validation = _mean_bits(values["validation"]) if "validation" in values else None
    return Row(name, key, validation, _mean_bits(values["test"]), texts["test"].interval(values["test"]), choice)


def _mean_bits(nll_P: Floats) -> float:
    return bits_per_base(nll_P, np.ones(len(nll_P), dtype=bool))


def _markov_rows(counts: ContextCounts, tried: Sequence[TriedOrder], chosen: int, measured: _Measured) -> list[Row]:
    """Returns the rows of the Markov models of all orders, each with its best smoothing."""
    text = lay_out(measured.pieces, context=counts.max_order)
    smoothings = list(dict.fromkeys(each.smoothing for each in tried))
    rows = []
    for order, found in enumerate(counts.log_probabilities(text.codes, smoothings)):
        smoothing, validation_bits = tried[order]
        nll_P = -found[smoothing][text.is_own][measured.is_counted_P]
        name, interval = f"Markov, order {order}", measured.interval(nll_P)
        row = Row(name, f"markov_{order}", validation_bits, _mean_bits(nll_P), interval, str(smoothing))
        rows.append(row._replace(is_chosen=order == chosen))
    return rows


def _mixture(model: Values, markov: Values, token_length: int) -> tuple[float, Values]:
    """Returns the weight of the trained model that predicts validation best, and the values of this mixture."""

    def mixed(name: str, weight: float) -> Floats:
        return mix(model[name], markov[name], weight, token_length)

    weight = min(WEIGHTS, key=lambda each: float(mixed("validation", each).mean()))
    return weight, {name: mixed(name, weight) for name in model}


def mix(model_P: Floats, markov_P: Floats, weight: float, token_length: int) -> Floats:
    """Returns the negative log-likelihood under a mixture of two models of the next token.

    Args:
        model_P: That of the trained model in nats; the bases of a token have equal shares of it.
        markov_P: That of the Markov model.
        weight: The weight of the trained model, from 0 to 1.
        token_length: Number of bases of a token.

    >>> mix(np.array([1.0]), np.array([1.0]), 0.3, 1).tolist()
    [1.0]
    """
    if weight in (0, 1):
        return model_P if weight else markov_P
    model_N, markov_N = (values.reshape(-1, token_length).sum(axis=1) for values in (model_P, markov_P))
    mixed_N: Floats = -np.logaddexp(math.log(weight) - model_N, math.log(1 - weight) - markov_N)
    return np.repeat(mixed_N / token_length, token_length)


def _difference(first: tuple[str, Floats], second: tuple[str, Floats], measured: _Measured) -> Difference:
    """Returns how much better the second of two models, a name and its values, predicts the counted bases."""
    gain_P = first[1] - second[1]
    return Difference(first[0], second[0], float(gain_P.mean() / math.log(2)), measured.interval(gain_P))
