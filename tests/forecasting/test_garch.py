"""GARCH(1,1) is that of `arch`, and finds the process it was simulated from."""

from typing import Any

import numpy as np
import pytest
from arch import arch_model

from halo.forecasting.garch import Errors, garch
from tests.support.series import garch_values, history_of

VALUES = garch_values(500)
HISTORY = history_of(VALUES)


@pytest.mark.parametrize("errors", ["normal", "t"])
def test_forecasts_are_those_of_arch(errors: Errors) -> None:
    forecasts: Any = garch(HISTORY, errors=errors, refit=100)(VALUES, 400, 420)
    unit = VALUES[:400].std()
    model = arch_model(VALUES[:400] / unit, mean="Constant", vol="GARCH", p=1, q=1, dist=errors, rescale=False)
    params = model.fit(disp="off").params
    later = arch_model(VALUES[:415] / unit, mean="Constant", vol="GARCH", p=1, q=1, dist=errors, rescale=False)
    variance = later.fix(params).forecast(horizon=1).variance.iloc[-1, 0]
    assert forecasts.deviations_N[15] == pytest.approx(np.sqrt(variance) * unit, rel=1e-4)
    assert forecasts.means_N[0] == pytest.approx(params["mu"] * unit, rel=1e-3)


def test_a_refit_uses_the_values_since() -> None:
    once: Any
    often: Any
    once, often = (garch(HISTORY, errors="normal", refit=refit)(VALUES, 400, 430) for refit in (100, 10))
    assert (once.means_N[:10] == often.means_N[:10]).all()
    assert not np.isclose(once.means_N[-1], often.means_N[-1], rtol=1e-9)


def test_levels_are_forecast_around_their_last_value() -> None:
    levels = VALUES.cumsum() + 1000
    history = history_of(levels, transform="none")
    forecasts: Any = garch(history, errors="normal", refit=100)(levels, 400, 410)
    np.testing.assert_allclose(forecasts.means_N, levels[399:409], atol=0.2)
