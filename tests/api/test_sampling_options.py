"""Arguments of generation: the settings of sampling, one for one."""

from dataclasses import fields

import pytest

from halo.api.sampling_options import SamplingOptions, sampling_of
from halo.config import SamplingConfig, default_sampling


def test_arguments_are_the_settings_of_sampling() -> None:
    assert [*SamplingOptions.__annotations__] == [field.name for field in fields(SamplingConfig)]
    assert sampling_of({}) == default_sampling()
    assert sampling_of({"seed": 7, "top_k": 3}) == default_sampling(seed=7, top_k=3)
    with pytest.raises(TypeError, match="'heat' is no argument"):
        sampling_of({"heat": 1})  # type: ignore[typeddict-unknown-key]
