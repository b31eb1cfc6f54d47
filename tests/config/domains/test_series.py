"""Settings of series: which columns, and which settings do not go together."""

import pytest
from pydantic import ValidationError

from tests.support.series import series_config


def test_columns_are_all_one_or_several() -> None:
    assert series_config().value_names() is None
    assert series_config(value_fields="Adj Close").value_names() == ["Adj Close"]
    assert series_config(value_fields=["a", "b", "a"]).value_names() == ["a", "b"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seasonal_period": 12}, r"seasonal_period=12: is for data\.series\.transform=none"),
        ({"transform": "none", "scaling": "ewma"}, r"scaling=ewma: divides changes by their size"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        series_config(**settings)
