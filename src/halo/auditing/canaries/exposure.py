"""Exposure of canaries: how much likelier a model finds the inserted secrets than other secrets of the same form.

Shape letters: C candidates, and the canary before them; S tokens of a secret.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from halo.auditing.canaries.insertion import Canaries, Canary
from halo.data.streams import IGNORED
from halo.evaluation.bootstrap import CONFIDENCE, Interval
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, evaluation_mode

Floats = npt.NDArray[np.float64]

CANDIDATES = 1000
"""Secrets that each canary is compared with."""

AT_ONCE = 100
"""Secrets that are read at a time; each has a state of its own."""

EXPOSURE_HEADER = ["inserted", "canaries", "mean exposure", "95% interval", "chance"]
"""The columns of `exposure_rows`; the last is the probability of such ranks in a model that has not seen them."""

CHANCE_EXPOSURE = 1 / math.log(2)
"""Mean exposure of secrets that a model has never seen, about 1.44 bits: that of a uniformly distributed rank."""


@dataclass(frozen=True)
class CanaryExposure:
    """The exposure of one canary.

    Attributes:
        repetitions: How often it was inserted.
        rank: Its rank among its candidates by loss, from 1, the most likely.
        exposure: log2 of the number of secrets minus log2 of the rank among them, in bits; estimated from the rank
            among the candidates.
        is_extrapolated: Whether the canary is likelier than all candidates, so that the exposure is that of a
            distribution fitted to their losses.
    """

    repetitions: int
    rank: int
    exposure: float
    is_extrapolated: bool


@dataclass(frozen=True)
class GroupExposure:
    """The exposure of the canaries that were inserted equally often.

    Attributes:
        repetitions: How often they were inserted; 0 for controls.
        canaries: Their number.
        mean: Mean exposure in bits.
        interval: Its 95% interval (Student's t) over the canaries; None for a single one.
        chance: Probability that as many canaries which the model has never seen rank as high (Fisher's method).
    """

    repetitions: int
    canaries: int
    mean: float
    interval: Interval | None
    chance: float


@dataclass(frozen=True)
class ExposureResult:
    """The exposure of all canaries of a run.

    Attributes:
        form: How the canaries are written.
        secret_bits: log2 of the number of different secrets: the exposure of a secret that is likelier than any other.
        candidates: Number of secrets that each canary was compared with.
        groups: The exposure by how often canaries were inserted, controls first.
        canaries: The exposure of each canary.
    """

    form: str
    secret_bits: float
    candidates: int
    groups: tuple[GroupExposure, ...]
    canaries: tuple[CanaryExposure, ...]

    def as_json(self) -> dict[str, Any]:
        """Returns the result as plain data, as written to audit.json; it has no secret."""
        groups = [
            {**asdict(group), "interval": None if group.interval is None else list(group.interval)}
            for group in self.groups
        ]
        return {**asdict(self), "groups": groups, "canaries": [asdict(each) for each in self.canaries]}


def measure_exposure(
    model: LanguageModel, canaries: Canaries, *, eos_id: int, seed: int, candidates: int = CANDIDATES
) -> ExposureResult:
    """Returns the exposure of each canary (Carlini et al. 2019, The secret sharer).

    The rank of a canary is exact among candidates that are drawn at random from all secrets. Its share of the
    candidates, itself included, estimates its share of all secrets, and the exposure is -log2 of it. Where no candidate
    is as likely, the candidates only tell that the exposure is at least log2(candidates + 1); it is then extrapolated
    with a skew-normal distribution fitted to the losses of the candidates, as in section 4.3 of the paper, and is at
    most that of the likeliest of all secrets.

    Args:
        model: The trained model, on its own device.
        canaries: The canaries of its run.
        eos_id: The id of `<eos>`, after which each canary is read.
        seed: Seed of the candidates.
        candidates: Number of candidates of each canary.
    """
    generator = np.random.default_rng(seed)
    secret_bits = math.log2(canaries.secrets)
    measured = []
    for canary in canaries.canaries:
        secrets = _draw_secrets(canaries, canary, candidates, generator)
        losses = secret_losses(model, canaries, canary, secrets, eos_id=eos_id)
        measured.append(exposure_of(losses[0], losses[1:], canary.repetitions, secret_bits=secret_bits))
    repetitions = sorted({each.repetitions for each in measured})
    groups = tuple(
        _group([each for each in measured if each.repetitions == times], candidates) for times in repetitions
    )
    return ExposureResult(canaries.form, secret_bits, candidates, groups, tuple(measured))


def exposure_of(own: float, losses_C: Floats, repetitions: int, *, secret_bits: float) -> CanaryExposure:
    """Returns the exposure of a canary, given its loss and those of its candidates.

    >>> exposure_of(3.5, np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), 1, secret_bits=20)
    CanaryExposure(repetitions=1, rank=4, exposure=1.0, is_extrapolated=False)
    """
    from scipy.stats import skewnorm  # takes time to import

    rank = 1 + int((losses_C <= own).sum())
    exposure = math.log2(len(losses_C) + 1) - math.log2(rank)
    if rank > 1:
        return CanaryExposure(repetitions, rank, exposure, is_extrapolated=False)
    fitted = -float(skewnorm.logcdf(own, *skewnorm.fit(losses_C))) / math.log(2)
    fitted = secret_bits if math.isnan(fitted) else fitted
    return CanaryExposure(repetitions, rank, min(max(exposure, fitted), secret_bits), is_extrapolated=True)


def _draw_secrets(
    canaries: Canaries, canary: Canary, number: int, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Returns the token ids of a canary's own secret and of candidates that differ from it, shape (1 + C, S).

    Secrets with fewer tokens than others end in `IGNORED`.
    """
    own = np.array([canary.secret])
    drawn = generator.integers(len(canaries.symbols), size=(number, own.shape[1]))
    while (is_own := (drawn == own).all(axis=1)).any():
        drawn[is_own] = generator.integers(len(canaries.symbols), size=(int(is_own.sum()), own.shape[1]))
    rows = [[token for symbol in row for token in canaries.symbols[symbol]] for row in [*own.tolist(), *drawn.tolist()]]
    longest = max(map(len, rows))
    return np.array([row + [IGNORED] * (longest - len(row)) for row in rows], dtype=np.int64)


@torch.no_grad()
def secret_losses(
    model: LanguageModel, canaries: Canaries, canary: Canary, secrets_CS: npt.NDArray[np.int64], *, eos_id: int
) -> Floats:
    """Returns the loss of each secret after the prefix of a canary, summed over its tokens, in nats, shape (C,).

    Args:
        model: The model, evaluated without dropout.
        canaries: All canaries of the run.
        canary: The canary, whose prefix is read once.
        secrets_CS: Token ids of the secrets; `IGNORED` behind the end of short ones.
        eos_id: The id of `<eos>`.
    """
    device = next(model.parameters()).device
    prefix = torch.tensor([[eos_id, *canary.prefix_ids]], device=device)
    with evaluation_mode(model), cached_weights(model):
        state = model.read(prefix[:, :-1], None).state
        losses = []
        for targets in torch.split(torch.from_numpy(secrets_CS).to(device), AT_ONCE):
            inputs = torch.cat([prefix[:, -1:].expand(len(targets), 1), targets[:, :-1].clamp(min=0)], dim=1)
            outputs = model.read(inputs, _repeated(state, len(targets)))
            losses.append(model.nll(outputs, targets).double().sum(dim=1).cpu())
    found: Floats = torch.cat(losses).numpy()
    return found


def _repeated(state: State, number: int) -> State:
    """Returns the state of one stream for several."""
    return [tuple(tensor.repeat_interleave(number, dim=0) for tensor in layer) for layer in state]


def _group(measured: Sequence[CanaryExposure], candidates: int) -> GroupExposure:
    from scipy import stats  # takes time to import

    exposures = np.array([each.exposure for each in measured])
    shares = np.array([each.rank / (candidates + 1) for each in measured])
    interval = None
    if len(exposures) > 1:
        half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(exposures) - 1) * stats.sem(exposures))
        interval = Interval(max(0.0, float(exposures.mean()) - half), float(exposures.mean()) + half)
    return GroupExposure(
        repetitions=measured[0].repetitions,
        canaries=len(measured),
        mean=float(exposures.mean()),
        interval=interval,
        chance=float(stats.combine_pvalues(shares, method="fisher").pvalue),
    )


def exposure_rows(result: Mapping[str, Any]) -> list[list[str]]:
    """Returns a row of text by how often canaries were inserted: their number, mean exposure, interval and chance.

    Args:
        result: What `ExposureResult.as_json` returned.
    """
    rows = []
    for group in result["groups"]:
        interval = "-" if group["interval"] is None else "{:.1f}-{:.1f}".format(*group["interval"])
        times = {0: "never", 1: "once"}.get(group["repetitions"], f"{group['repetitions']} times")
        chance = "below 0.001" if group["chance"] < 0.001 else f"{group['chance']:.3f}"
        rows.append([times, str(group["canaries"]), f"{group['mean']:.1f} bits", interval, chance])
    return rows
