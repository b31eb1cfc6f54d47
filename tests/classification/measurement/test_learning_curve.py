"""Learning curves of made-up accuracies."""

import pytest

from halo.classification.measurement.learning_curve import as_dicts, curve_sizes, curve_table, learning_curve


@pytest.mark.parametrize(
    ("number", "sizes"), [(10, [10]), (11, [10, 11]), (120, [10, 30, 100, 120]), (3000, [10, 30, 100, 300, 1000, 3000])]
)
def test_the_sizes_end_with_all_documents(number: int, sizes: list[int]) -> None:
    assert curve_sizes(number) == sizes


def test_small_sizes_are_drawn_several_times_and_the_table_has_their_range() -> None:
    asked: list[tuple[int, int]] = []

    def measure_one(size: int, seed: int) -> dict[str, tuple[float, float]]:
        asked.append((size, seed))
        return {"classifier": (size / 1000 + seed / 100, 0.5), "tfidf": (0.25, 0.5)}

    points = learning_curve(400, measure_one, seed=5)
    assert asked == [(size, 5 + draw) for size in (10, 30, 100, 300) for draw in range(3)] + [(400, 5)]
    table = curve_table(points)
    assert "7.0 (6.0-8.0)" in table
    assert max(map(len, table.splitlines())) <= 80
    assert as_dicts(points)[-1] == {
        "labels": 400,
        "accuracies": {"classifier": [0.45], "tfidf": [0.25]},
        "macro_f1": {"classifier": [0.5], "tfidf": [0.5]},
    }
