"""The fields of a request for labels are strict."""

import pytest
from pydantic import ValidationError

from halo.serving.answers.classification_fields import MAX_TEXTS, ClassifyFields


@pytest.mark.parametrize("given", ["a text", ["a", "b"], ["a"] * MAX_TEXTS])
def test_one_text_or_several_are_accepted(given: object) -> None:
    assert ClassifyFields.model_validate({"input": given}).input == given


@pytest.mark.parametrize("given", [None, 5, [], ["a", 5], ["a"] * (MAX_TEXTS + 1)])
def test_anything_else_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        ClassifyFields.model_validate({"input": given})
    with pytest.raises(ValidationError):
        ClassifyFields.model_validate({"input": "a", "text": "b"})
