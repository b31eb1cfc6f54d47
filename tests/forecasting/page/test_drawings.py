"""Drawings of forecasts: as many dots as values, and bars that are shares."""

import re

import pytest

from halo.forecasting.forecast import SeriesForecast
from halo.forecasting.page.drawings import draw_fan, draw_pit

pytestmark = pytest.mark.slow


def test_the_fan_has_every_value_and_three_bands(pattern_forecast: SeriesForecast) -> None:
    drawing = draw_fan(pattern_forecast, "fan", "log return")
    assert drawing.count('class="dot came"') == 60
    assert re.findall(r'polygon class="(\w+)"', drawing) == ["outer", "middle", "inner"]
    assert "and the date to come" in drawing


def test_calibration_has_a_bar_for_each_tenth(pattern_forecast: SeriesForecast) -> None:
    drawing = draw_pit(pattern_forecast.scores["model"], "pit", "Calibration")
    assert drawing.count('polygon class="bar"') == 10
