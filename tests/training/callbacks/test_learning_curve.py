"""Where overfitting begins."""

from halo.evaluation.verdict import Validation, overfitting_since


def curve(*figures: tuple[float, float]) -> list[Validation]:
    return [Validation(epoch, train, held_out) for epoch, (train, held_out) in enumerate(figures, start=1)]


def test_overfitting_begins_after_the_best_validation() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 150), (80, 170))) == 2


def test_there_is_none_while_validation_improves() -> None:
    assert overfitting_since(curve((300, 200), (150, 140), (100, 130))) is None


def test_a_run_that_gets_worse_on_both_does_not_overfit() -> None:
    assert overfitting_since(curve((300, 200), (400, 300))) is None
