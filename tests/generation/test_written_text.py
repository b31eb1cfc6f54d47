"""Generated texts: the prompt stays as it was given, and JSON Lines hold every token with its probability."""

import json

import pytest

from halo.generation.generator import Sample
from halo.generation.stopping import Stops
from halo.generation.written_text import WrittenText, json_lines, written_text
from halo.tokenization.tokenizer import TextTokenizer

TEXT = 'the virus is in italy . " it spreads . "'


def write(*, prompt: str = "The  Virus", forms: dict[str, str] | None = None, kind: str = "word") -> WrittenText:
    tokenizer = TextTokenizer.train([TEXT], kind=kind, min_count=1, max_size=None)
    prompt_ids, ids = tokenizer.encode(prompt.lower()), tokenizer.encode('is in italy . " it spreads . "')
    sample = Sample(ids, [-0.5] * len(ids), [1] * len(ids))
    stops = Stops(tokenizer, ['"'])
    return written_text(
        sample, tokenizer, prompt=prompt, prompt_ids=prompt_ids, cased_forms=forms, stops=stops, paragraph_break="\n"
    )


def test_the_prompt_is_as_it_was_given_and_the_pieces_complete_the_text() -> None:
    text = write(forms={"italy": "Italy", "virus": "VIRUS"})
    assert text.text == 'The  Virus is in Italy. "It spreads."'
    assert text.text == "The  Virus" + "".join(text.pieces)
    assert text.cleaned_text == 'the virus is in italy. "it spreads."'
    assert text.tokens == ["is", "in", "italy", ".", '"', "it", "spreads", ".", '"']
    assert text.is_stopped


def test_capitals_change_nothing_but_the_text() -> None:
    plain, cased = write(), write(forms={"italy": "Italy"})
    assert plain.text == 'The  Virus is in italy. "it spreads."'
    for name in ("tokens", "logprobs", "ranks", "cleaned_text"):
        assert getattr(plain, name) == getattr(cased, name)


def test_without_a_prompt_the_first_word_starts_a_sentence() -> None:
    assert write(prompt="", forms={}).text.startswith("Is in italy")


@pytest.mark.parametrize("prompt", ["The  Virus", "a\x9b\x00\u2028\n\"'\\"])
def test_json_lines_are_a_line_each_and_read_back(prompt: str) -> None:
    texts = [write(prompt=prompt), write(prompt=prompt)]
    lines = json_lines(texts, prompt=prompt, settings={"seed": 3, "temperature": 0.5})
    assert not {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160))} & {*lines}
    first, second = map(json.loads, lines.split("\n"))
    assert (first["sample"], second["sample"]) == (0, 1)
    assert first["text"] == prompt.rstrip() + "".join(first["pieces"])
    assert first["seed"] == 3
    assert first["settings"] == {"seed": 3, "temperature": 0.5}
    assert len(first["tokens"]) == len(first["logprobs"]) == len(first["ranks"]) == len(first["pieces"])
