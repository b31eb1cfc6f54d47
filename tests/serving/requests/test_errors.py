"""Every error has the same body, with a message of limited length that can be printed."""

from typing import Any

import pytest

from halo.serving.requests.errors import ApiError, error_body, error_responses, explain, field_name, overloaded


def test_messages_are_printable_and_short() -> None:
    body = error_body(422, "a\x1b[31m\ud800" + "b" * 10_000, param="c\n")
    assert len(body["error"]["message"]) == 500
    body["error"]["message"].encode()
    assert body["error"]["param"] == "c\ufffd"


def test_an_error_holds_its_body_and_headers() -> None:
    error = overloaded("later", seconds=3)
    assert error.status_code == 503
    assert error.headers == {"Retry-After": "3"}
    assert error.body["error"] == {"message": "later", "type": "overloaded_error", "param": None, "code": "overloaded"}
    assert isinstance(error, ApiError)


@pytest.mark.parametrize(
    ("location", "name"), [(("body",), None), (("body", "k"), "k"), (("body", "stop", "list[str]", 0), "stop")]
)
def test_the_field_of_a_location(location: tuple[Any, ...], name: str | None) -> None:
    assert field_name(location) == name


def test_explanations_say_what_is_allowed() -> None:
    problem = {"type": "greater_than", "msg": "Input should be greater than 0"}
    assert explain(problem) == "must be greater than 0"


def test_responses_are_described_by_status() -> None:
    assert set(error_responses(404, 429)) == {404, 429}
