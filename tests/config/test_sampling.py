"""Settings of sampling: the defaults are those of conf/, and values outside the range are refused."""

from typing import Any

import pytest

from halo.config import default_sampling, plain
from halo.runtime.errors import InputError
from tests.conftest import compose_config


def test_the_defaults_are_those_of_the_command() -> None:
    composed = compose_config("generate", ["run=x", "prompt=the"])
    assert plain(default_sampling()) == {name: composed[name] for name in plain(default_sampling())}


@pytest.mark.parametrize(
    "change",
    [
        *({"num_words": 0}, {"temperature": -1}, {"top_k": -1}, {"top_p": 0}, {"top_p": 1.1}, {"min_p": -0.1}),
        *({"min_p": 1.5}, {"typical_p": 0}, {"repetition_penalty": 0.5}, {"no_repeat_ngram": -1}, {"beam": 2}),
        *({"temperature": float("nan")}, {"seed": -1}, {"top_k": 1.5}),
    ],
)
def test_values_outside_the_range_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=next(iter(change))) as caught:
        default_sampling(**change)
    assert len(str(caught.value).splitlines()) == 1
