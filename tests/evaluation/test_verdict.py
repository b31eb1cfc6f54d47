"""The one-line verdict: underfitting, overfitting, or neither."""

from halo.evaluation.verdict import Validation, overfitting_since, verdict


def curve(*figures: tuple[float, float]) -> list[Validation]:
    return [Validation(epoch, epoch, train, held_out) for epoch, (train, held_out) in enumerate(figures, start=1)]


def test_overfitting_starts_after_the_best_validation() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 150), (80, 170))) == 2


def test_there_is_no_overfitting_while_validation_improves() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 130))) is None


def test_a_run_that_gets_worse_on_both_does_not_overfit() -> None:
    assert overfitting_since(curve((300, 200), (400, 300))) is None


def test_a_curve_that_turned_overfits() -> None:
    said = verdict(curve((300, 200), (150, 140), (100, 150)), generalization_gap=0.6)
    assert said.startswith("overfitting since epoch 2: validation perplexity rose")
    assert "(generalization gap 0.600 nats/token)" in said


def test_a_curve_that_still_falls_underfits() -> None:
    said = verdict(curve((300, 200), (150, 180)), generalization_gap=0.6)
    assert said.startswith("underfitting: validation perplexity still fell by 10% in the last epoch")


def test_no_gap_underfits() -> None:
    said = verdict(curve((300, 200), (290, 199)), generalization_gap=0.01)
    assert said.startswith("underfitting: training text is predicted hardly better")


def test_a_curve_that_levels_off_does_neither() -> None:
    said = verdict(curve((300, 200), (290, 199)), generalization_gap=0.4)
    assert said.startswith("neither")


def test_without_validation_there_is_no_verdict() -> None:
    assert verdict([], generalization_gap=0.4).startswith("no verdict")
