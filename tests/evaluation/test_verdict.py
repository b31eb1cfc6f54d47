"""The one-line verdict: underfitting, overfitting, or neither."""

import math

import pytest

from halo.evaluation.verdict import FinalNLL, Validation, overfitting_since, verdict


def curve(*figures: tuple[float, float]) -> list[Validation]:
    return [Validation(epoch, epoch, train, held_out) for epoch, (train, held_out) in enumerate(figures, start=1)]


def test_overfitting_starts_after_the_best_validation() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 150), (80, 170))) == 2


def test_there_is_no_overfitting_while_validation_improves() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 130))) is None


def test_a_run_that_gets_worse_on_both_does_not_overfit() -> None:
    assert overfitting_since(curve((300, 200), (400, 300))) is None


RISES, LEVELS_OFF = curve((300, 200), (400, 500)), curve((300, 200), (290, 199))


def final(validation: float, gap: float = 0.4, unigram: float = 6.5) -> FinalNLL:
    """The losses of a run with a vocabulary of 2,000 words."""
    return FinalNLL(validation - gap, validation, unigram=unigram, uniform=math.log(2000))


@pytest.mark.parametrize(
    ("history", "losses", "steps", "expected"),
    [
        (curve((300, 200), (150, 140), (100, 150)), final(5.0, 0.6), 500, "overfitting since epoch 2: validation"),
        (curve((300, 200), (150, 180)), final(5.2), 500, "underfitting: validation perplexity still fell by 10%"),
        (LEVELS_OFF, final(5.3, 0.01), 500, "underfitting: training text is predicted hardly better"),
        (LEVELS_OFF, final(5.3, -0.01), 500, "underfitting: training text is predicted hardly better"),
        (LEVELS_OFF, final(5.3), 500, "neither underfitting nor overfitting"),
        (LEVELS_OFF, final(5.3, -0.3), 500, "no verdict: validation text is predicted better than training text"),
        ([], final(5.3), 500, "no verdict: the run had no validation"),
        (curve((300, 200)), final(5.3), 500, "no verdict: a single validation shows no trend"),
        (LEVELS_OFF, final(5.3, 0.01), 3, "no verdict: 3 optimizer steps are too few"),
        (curve((300, 200), (150, 140), (100, 150)), final(5.0), 30, "no verdict: 30 optimizer steps are too few"),
        (curve((900, 800), (890, 799)), final(6.68), 500, "underfitting: validation text is predicted no"),
        (curve((2100, 2050)), final(7.63, unigram=7.7), 500, "underfitting: validation text is predicted no"),
        (RISES, final(5.3), 500, "diverged: perplexity rose on training and validation text after epoch 1"),
        (RISES, final(5.3), 3, "diverged: perplexity rose"),
        (curve((1e34, 1e34)), final(78.3), 500, "diverged: validation text is predicted far worse than by a uniform"),
        (curve((math.inf, math.inf), (math.inf, math.inf)), final(2000.0), 2, "diverged: validation text is"),
        ([], final(math.nan), 5, "diverged: validation text is"),
        (curve((300, 200), (310, 205)), final(5.3), 500, "neither underfitting nor overfitting"),
    ],
)  # fmt: skip
def test_each_kind_of_run_has_its_own_words(
    history: list[Validation], losses: FinalNLL, steps: int, expected: str
) -> None:
    said = verdict(history, losses, steps=steps)
    assert said.startswith(expected)
    assert "\n" not in said


def test_the_gap_is_in_the_verdict() -> None:
    assert "(generalization gap 0.400 nats/token)" in verdict(LEVELS_OFF, final(5.3), steps=500)


@pytest.mark.parametrize("history", [RISES, curve((300, 200)), LEVELS_OFF])
def test_a_short_run_gets_no_advice_on_the_model(history: list[Validation]) -> None:
    said = verdict(history, final(5.3, 0.01), steps=3)
    assert not any(word in said for word in ("dropout", "larger model", "weight decay"))
