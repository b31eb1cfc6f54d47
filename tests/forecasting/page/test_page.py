"""forecast.html is one file that needs nothing else."""

import re

import pytest

from halo.forecasting.forecast import SeriesForecast
from halo.forecasting.page.page import render

pytestmark = pytest.mark.slow


def test_the_page_is_complete_and_needs_nothing(pattern_forecast: SeriesForecast) -> None:
    page = render([pattern_forecast, pattern_forecast], split="test")
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "default-src 'none'" in page
    assert page.count("no trading advice") == 1
    assert page.count("Verdict: better than persistence") == 2
    assert page == render([pattern_forecast, pattern_forecast], split="test")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len({*ids})
