"""Settings of forecasts."""

import pytest

from halo.config import ForecastConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def test_the_test_part_is_forecast_unless_another_is_named() -> None:
    config = parse(compose_config("forecast", ["run=x"]), ForecastConfig)
    assert (config.run, config.path, config.split, config.refit) == ("x", None, "test", 20)


@pytest.mark.parametrize("setting", ["split=train", "refit=0"])
def test_other_values_are_refused(setting: str) -> None:
    with pytest.raises(InputError, match=f"{setting}: must be"):
        parse(compose_config("forecast", ["run=x", setting]), ForecastConfig)
