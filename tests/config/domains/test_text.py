"""Settings of cleaning and tokenization that fit together."""

from dataclasses import replace

import pytest

from tests.conftest import data_config


@pytest.mark.parametrize("steps", [["html", "control"], ["urls", "urls"], ["lower"]])
def test_cleaning_steps_have_one_order(steps: list[str]) -> None:
    with pytest.raises(ValueError, match=r"data\.cleaning\.steps"):
        replace(data_config().cleaning, steps=steps)


def test_subwords_need_a_size() -> None:
    tokenizer = data_config().tokenizer
    assert replace(tokenizer, kind="bpe", max_size=258).max_size == 258
    with pytest.raises(ValueError, match="258"):
        replace(tokenizer, kind="bpe")


@pytest.mark.parametrize("changes", [{"kind": "char"}, {"kind": "bpe", "max_size": 300}, {"eos": "line"}])
def test_line_ends_are_tokens_only_among_words(changes: dict[str, str | int]) -> None:
    config = data_config()
    lines = replace(config.cleaning, line_ends="eol")
    assert replace(config, cleaning=lines).cleaning.line_ends == "eol"
    with pytest.raises(ValueError, match=r"data\.cleaning\.line_ends"):
        replace(config, cleaning=lines, tokenizer=replace(config.tokenizer, **changes))  # type: ignore[arg-type]
