"""Fields of completions: those that cannot be honoured are refused unless they change nothing."""

from typing import Any

import pytest
from pydantic import ValidationError

from halo.serving.openai.fields import CompletionFields, as_sampling


@pytest.mark.parametrize(
    "given",
    [
        *({"suffix": "x"}, {"presence_penalty": 0.1}, {"frequency_penalty": -1}, {"logit_bias": {"5": 1.0}}),
        *({"prompt": [1, 2]}, {"prompt": []}, {"prompt": [[1]]}, {"stop": ""}, {"n": 0}, {"logprobs": 21}),
        *({"max_tokens": -1}, {"messages": []}, {"temperature": "1"}),
    ],
)
def test_what_cannot_be_honoured_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CompletionFields.model_validate({"model": "m", **given})


def test_values_that_change_nothing_are_accepted() -> None:
    given: dict[str, Any] = {
        "suffix": None,
        "presence_penalty": 0,
        "frequency_penalty": 0.0,
        "logit_bias": {},
        "user": "me",
    }
    fields = CompletionFields.model_validate({"model": "m", "prompt": ["a", "b"], **given})
    neutral = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0, "typical_p": 1.0, "repetition_penalty": 1.0}
    assert as_sampling(fields) == neutral
