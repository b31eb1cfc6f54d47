"""Settings of halo.sweep."""

import pytest

from halo.config import SweepConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["sampler=tpe", "sampler.name=gp"], r"sampler\.name=gp: must be tpe, random or grid"),
        (["num_trials=0"], r"num_trials=0: must be a whole number of at least 1"),
        (["workers=-1"], r"workers=-1: must be"),
        (["objectives=[test_perplexity]"], r"objectives=test_perplexity: settings are chosen on validation text"),
        (["objectives=[loss]"], r"objectives\.0=|objectives=.*must be"),
        (["objectives=[seconds,seconds]", "pruner=none"], "a figure is named twice"),
        (["objectives=[validation_perplexity,seconds]"], "not with several objectives; add pruner=none"),
        (["objectives=[seconds]"], "not with this objective; add pruner=none"),
        (["study=a/b"], r"study=a/b: must be a name of letters"),
        (["study=.."], r"study=\.\.: must be a name"),
        (["pruner.num_startup_trials=-1"], r"pruner\.num_startup_trials=-1: must be"),
    ],
)
def test_a_wrong_setting_is_one_line(settings: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse(compose_config("sweep", settings), SweepConfig)
    assert "\n" not in str(caught.value)


def test_one_objective_needs_no_brackets() -> None:
    assert parse(compose_config("sweep", ["objectives=validation_perplexity"]), SweepConfig).objectives == [
        "validation_perplexity"
    ]
