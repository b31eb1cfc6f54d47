"""The one-line verdict: underfitting, overfitting, or neither."""

import math

import pytest

from halo.evaluation.evaluation_report import MAX_VERDICT_CHARACTERS
from halo.evaluation.verdict import FinalNLL, Validation, loss_spike, overfitting_since, verdict


def curve(*figures: tuple[float, float]) -> list[Validation]:
    return [
        Validation(epoch, epoch, train, held_out, tokens=100 * epoch, seconds=epoch)
        for epoch, (train, held_out) in enumerate(figures, start=1)
    ]


def test_overfitting_starts_after_the_best_validation() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 150), (80, 170))) == 2


def test_there_is_no_overfitting_while_validation_improves() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 130))) is None


def test_a_run_that_gets_worse_on_both_does_not_overfit() -> None:
    assert overfitting_since(curve((300, 200), (400, 300))) is None


def test_a_rise_within_chance_is_no_overfitting() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 141))) is None


def test_a_validation_that_is_not_a_number_is_the_worst() -> None:
    assert overfitting_since(curve((300, math.nan), (150, 140), (100, 150))) == 2


def test_a_spike_is_a_rise_on_both_texts_above_the_best_before_it() -> None:
    spiking = curve((300, 200), (150, 140), (4000, 5000), (2000, 900), (120, 110))
    assert loss_spike(spiking) == spiking[2]
    assert loss_spike(curve((300, 200), (150, 140), (100, 500))) is None


RISES, LEVELS_OFF, OVERFITS = (
    curve((300, 200), (400, 500)),
    curve((300, 200), (290, 199)),
    curve((300, 200), (150, 140), (100, 150)),
)
FALLS = curve((300, 200), (150, 180))
SPIKES = curve((300, 200), (150, 140), (4e9, 5e9), (145, 139))
NEVER_RECOVERS = curve((300, 200), (150, 140), (4e9, 5e9), (180, 170))


def final(
    validation: float, gap: float = 0.4, *, ngrams: float | None = 5.9, memorised: float = 3.0, **others: float
) -> FinalNLL:
    """The losses of a run with a vocabulary of 2,000 words, 200,000 tokens of training text, and 5-gram counts."""
    unigram, tokens = others.get("unigram", 6.5), int(others.get("tokens", 200_000))
    return FinalNLL(
        validation - gap,
        validation,
        unigram=unigram,
        uniform=math.log(2000),
        kneser_ney=ngrams,
        kneser_ney_train=None if ngrams is None else ngrams - memorised,
        train_tokens=tokens,
    )


LOW_RATE, OTHER, MORE = "lower optim.lr or gradient_clip.value", "try another learning rate", "use more text"
TINY = {"tokens": 8_000}


@pytest.mark.parametrize(
    ("history", "losses", "steps", "expected", "advice"),
    [
        # diverged, or nearly
        (RISES, final(5.3), 500, "diverged: after epoch 1 perplexity rose on training and validation text", LOW_RATE),
        (RISES, final(5.3), 500, "on the latter from 200.0 to 500.0; the saved weights are from before;", LOW_RATE),
        (RISES, final(6.2), 500, "on the latter from 200.0 to 500.0; lower", LOW_RATE),
        (RISES, final(5.3), 3, "diverged: after epoch 1", LOW_RATE),
        (curve((300, 200), (150, 100), (100, 80), (5e9, 6e11)), final(4.4), 500, "diverged: after epoch 3", LOW_RATE),
        (curve((1e34, 1e34)), final(78.3), 500, "diverged: validation perplexity is 1.0e+34, that of a uni", LOW_RATE),
        (curve((1e34, 1e34), (1e9, 1e9)), final(20.7), 500, "diverged: validation perplexity is 9.8e+08,", LOW_RATE),
        (curve((math.inf, math.inf)), final(2000.0), 2, "diverged: validation perplexity is inf", LOW_RATE),
        (curve((300, 200), (math.nan, math.nan)), final(5.3), 500, "diverged: after epoch 1", LOW_RATE),
        (curve((300, 200), (math.inf, math.inf)), final(5.3), 500, "from 200.0 to inf; the saved", LOW_RATE),
        ([], final(math.nan), 5, "diverged: validation perplexity is nan", LOW_RATE),
        (SPIKES, final(4.93), 500, "it recovered from a perplexity of 5.0e+09 at epoch 3 (gen", ""),
        (NEVER_RECOVERS, final(4.94), 500, "unstable: perplexity jumped to 5.0e+09 at epoch 3 and is sti", LOW_RATE),
        # too little to say
        ([], final(5.3), 500, "no verdict: the run had no validation", ""),
        (curve((300, 200)), final(5.3), 500, "no verdict: a single validation shows no trend", "more epochs"),
        (LEVELS_OFF, final(5.3, 0.01), 3, "no verdict: 3 optimizer steps are too few", "more epochs, or on more text"),
        (LEVELS_OFF, final(5.3, 0.01), 1, "no verdict: 1 optimizer step is too few", "more epochs, or on more text"),
        (OVERFITS, final(5.0), 30, "no verdict: 30 optimizer steps are too few", "more epochs, or on more text"),
        # overfitting
        (OVERFITS, final(5.0, 0.6), 500, "overfitting since epoch 2: validation perplexity rose", "or use more text"),
        (OVERFITS, final(5.0, 0.6, **TINY), 500, "overfitting since epoch 2", "use more text, or try more dropout"),
        (OVERFITS, final(5.0, -0.361), 500, "no verdict: validation perplexity rose after epoch 2", "split the te"),
        (OVERFITS, final(5.0, ngrams=4.9), 500, "its lowest is worse than that of n-gram counts (perp", "more text"),
        (OVERFITS, final(5.0, ngrams=5.02), 500, "its lowest is hardly better than that of n-gram cou", "more text"),
        # worse than a baseline
        (curve((900, 800), (890, 799)), final(6.68), 500, "underfitting: validation text is predicted no", OTHER),
        (curve((2100, 2050)), final(7.63, unigram=7.7), 500, "predicted no better than by a uniform model", OTHER),
        (FALLS, final(5.2, ngrams=5.0), 500, "counts of n-grams predict validation text better", "more epochs"),
        (LEVELS_OFF, final(5.3, ngrams=5.0), 500, "(perplexity 200.34, Kneser-Ney 148.41)", OTHER),
        (LEVELS_OFF, final(5.3, 0.0, ngrams=5.0), 500, "underfitting: counts of n-grams", "before a larger model"),
        (LEVELS_OFF, final(5.3, ngrams=5.0, **TINY), 500, "too little text: counts of n-grams", MORE),
        (LEVELS_OFF, final(1.3, ngrams=1.2, memorised=0.01), 500, "too little text: counts of n-grams", MORE),
        # the trend
        (FALLS, final(5.2), 500, "underfitting: validation perplexity still fell by 10%", "higher learning rate"),
        (LEVELS_OFF, final(5.3, 0.01), 500, "underfitting: training text is predicted hardly", "larger model"),
        (LEVELS_OFF, final(5.3, -0.01), 500, "underfitting: training text is predicted hardly", "larger model"),
        (LEVELS_OFF, final(5.3, 0.01, ngrams=None), 500, "underfitting: training text is pred", "larger model"),
        (LEVELS_OFF, final(5.3, 0.01, ngrams=5.32), 500, "about that of n-gram counts (p", OTHER),
        (LEVELS_OFF, final(1.3, 0.01, ngrams=1.3001, memorised=0.02), 500, "too little text: training", MORE),
        (FALLS, final(0.545, -0.005, ngrams=0.54, memorised=0.02), 500, "too little text: training text is", MORE),
        (LEVELS_OFF, final(5.3, 0.01, **TINY), 500, "too little text: training text is predicted hardly", MORE),
        (LEVELS_OFF, final(5.3, -0.3), 500, "no verdict: validation text is predicted better", "split the text anew"),
        (LEVELS_OFF, final(5.3), 500, "neither underfitting nor overfitting: validation perplexity has le", ""),
        (LEVELS_OFF, final(5.3, ngrams=5.31), 500, "levelled off, about that of n-gram counts (", OTHER),
        (LEVELS_OFF, final(5.3, ngrams=5.31, **TINY), 500, "neither underfitting nor overfitting: vali", MORE),
        (curve((300, 200), (310, 205)), final(5.3), 500, "neither underfitting nor overfitting", ""),
    ],
)  # fmt: skip
def test_each_kind_of_run_has_its_own_words(
    history: list[Validation], losses: FinalNLL, steps: int, expected: str, advice: str
) -> None:
    said = verdict(history, losses, steps=steps)
    assert expected in said
    assert advice in said
    assert "\n" not in said
    assert len(said) < MAX_VERDICT_CHARACTERS
    assert ("larger model" in said) <= (said.startswith("underfitting") or "would not help" in said)


def test_the_gap_is_in_the_verdict_unless_the_run_diverged() -> None:
    assert "(generalization gap 0.400 nats/token)" in verdict(LEVELS_OFF, final(5.3), steps=500)
    assert "gap" not in verdict(RISES, final(5.3), steps=500)


def test_an_early_end_is_in_the_verdict() -> None:
    ending = "early stopping after epoch 3 of 11 (patience 3)"
    assert verdict(OVERFITS, final(5.0), steps=500, early_end=ending).endswith(f"; ended by {ending}")
    assert verdict(RISES, final(5.3), steps=500, early_end=ending).endswith(f"; ended by {ending}")


@pytest.mark.parametrize("history", [RISES, curve((300, 200)), LEVELS_OFF])
def test_a_short_run_gets_no_advice_on_the_model(history: list[Validation]) -> None:
    said = verdict(history, final(5.3, 0.01), steps=3)
    assert not any(word in said for word in ("dropout", "larger model", "weight decay"))
