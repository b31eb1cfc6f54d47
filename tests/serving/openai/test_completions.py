"""Completions as the `openai` package asks for them, over a real connection."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

PROMPT = "The virus spreads in"


@pytest.fixture
def openai_client(live: Callable[..., str]) -> Callable[..., openai.OpenAI]:
    def start(*changes: str) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{live(*changes)}/v1", api_key="open-sesame", max_retries=0)

    return start


def test_models_and_completions(openai_client: Callable[..., openai.OpenAI]) -> None:
    client = openai_client("token=open-sesame")
    assert [model.id for model in client.models.list()] == ["tiny"]
    assert client.models.retrieve("tiny").object == "model"
    asked: dict[str, Any] = {"model": "tiny", "max_tokens": 5, "seed": 3}
    answer = client.completions.create(prompt=[PROMPT, "the people"], n=2, logprobs=2, **asked)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert {choice.finish_reason for choice in answer.choices} == {"length"}
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 20
    assert answer.usage.prompt_tokens == 4 + 2
    assert answer.usage.total_tokens == 26
    for prompt, choice in zip([PROMPT, PROMPT, "the people", "the people"], answer.choices, strict=True):
        logprobs = choice.logprobs
        assert logprobs is not None
        assert logprobs.tokens is not None
        assert logprobs.text_offset is not None
        assert "".join(logprobs.tokens) == choice.text
        assert logprobs.text_offset[0] == len(prompt)
        assert all(len(top) in (2, 3) for top in logprobs.top_logprobs or ())
    again = client.completions.create(prompt=PROMPT, **asked)
    assert again.choices[0].text == answer.choices[0].text  # whatever n is

    parts = [*client.completions.create(prompt=PROMPT, stream=True, stream_options={"include_usage": True}, **asked)]
    assert "".join(part.choices[0].text for part in parts[:-1]) == answer.choices[0].text
    assert parts[-2].choices[0].finish_reason == "length"
    assert parts[-1].usage is not None

    stop = answer.choices[0].text.split()[2]
    for is_stream in (False, True):
        stopped: Any = client.completions.create(prompt=PROMPT, stop=[stop, "never"], stream=is_stream, **asked)
        choices = [part.choices[0] for part in stopped] if is_stream else [stopped.choices[0]]
        text = "".join(choice.text for choice in choices)
        assert stop not in text
        assert answer.choices[0].text.startswith(text)
        assert choices[-1].finish_reason == "stop"


def test_echo_scores_a_prompt(openai_client: Callable[..., openai.OpenAI]) -> None:
    client = openai_client()
    answer = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=0, echo=True, logprobs=1)
    (choice,) = answer.choices
    assert choice.text == PROMPT
    assert choice.logprobs is not None
    assert choice.logprobs.tokens == ["The", " virus", " spreads", " in"]
    assert choice.logprobs.text_offset == [0, 3, 9, 17]
    assert all(value < 0 for value in choice.logprobs.token_logprobs or [1.0])
    longer = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=2, echo=True, logprobs=1, temperature=0)
    assert longer.choices[0].text.startswith(PROMPT)
    assert longer.choices[0].logprobs is not None
    assert len(longer.choices[0].logprobs.tokens or ()) == 6


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"suffix": "x"}, openai.BadRequestError),
        ({"best_of": 2}, openai.BadRequestError),
        ({"max_tokens": 0}, openai.BadRequestError),
        ({"max_tokens": 10**6}, openai.BadRequestError),
        ({"presence_penalty": 1.0}, openai.BadRequestError),
        ({"prompt": "zyzzyva"}, openai.BadRequestError),
        ({"prompt": "zyzzyva", "stream": True}, openai.BadRequestError),
        ({"model": "gpt"}, openai.NotFoundError),
    ],
)
def test_refusals_have_the_shape_that_clients_know(
    openai_client: Callable[..., openai.OpenAI], wrong: dict[str, Any], error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as refused:
        openai_client().completions.create(**{"model": "tiny", "prompt": PROMPT, **wrong})
    assert refused.value.param in wrong
    assert str(refused.value.param) in str(refused.value)


def test_a_wrong_token_is_refused(openai_client: Callable[..., openai.OpenAI]) -> None:
    with pytest.raises(openai.AuthenticationError):
        openai_client("token=another-token").models.list()
