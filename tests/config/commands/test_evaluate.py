"""Settings of evaluation."""

from dataclasses import replace

import pytest

from halo.config import EvaluateConfig, parse
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def test_adapted_scores_are_of_the_models_own_corpus() -> None:
    config = parse(compose_config("evaluate", ["run=x", "cache=true"]), EvaluateConfig)
    with pytest.raises(ValueError, match="cache=true: is for the model's own corpus"):
        replace(config, text="the virus")
    with pytest.raises(ValueError, match=r"path=a\.txt: cannot be combined with text"):
        replace(config, cache=False, text="the virus", path="a.txt")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.text_field=body", r"^data\.text_field=body: says how path is read; give a path$"),
        ("data.table.header=false", r"^data\.table\.header=False: says how path is read"),
        ("data.label_field=kind", r"^data\.label_field=kind: says how path is read"),
    ],
)
def test_settings_of_reading_need_a_path(override: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(compose_config("evaluate", ["run=x", override]), EvaluateConfig)
