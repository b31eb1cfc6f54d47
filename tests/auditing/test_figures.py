"""Tests of halo.auditing.figures."""

from typing import Any

import pytest

from halo.auditing.figures import (
    attack_rows,
    describe_tokens,
    extraction_rows,
    novelty_rows,
    personal_data_line,
    skipped_lines,
    span_rows,
)


def test_rows_have_the_figures_of_the_audit(caught: dict[str, Any]) -> None:
    sizes = {row[0]: row for row in novelty_rows(caught)}
    value = caught["novelty"]["temperature_1"]["curve"]["value"][10 - 4]
    assert sizes["10"][1] == f"{100 * value:.2f}%"
    assert sizes["10"][3] == "0%"
    train = caught["extraction"]["train"][-1]
    assert extraction_rows(caught)[-1][:2] == ["100", f"{train['extracted']} of {train['passages']}"]
    assert next(row[0] for row in attack_rows(caught)) == "loss"
    row, text = next(iter(span_rows(caught)))
    assert row[1] == str(caught["novelty"]["temperature_1"]["spans"][0]["tokens"])
    assert text == caught["novelty"]["temperature_1"]["spans"][0]["text"]


@pytest.mark.parametrize(
    ("kind", "named"), [("word", "words and punctuation marks"), ("char", "characters"), ("bpe", "subwords")]
)
def test_what_n_counts_depends_on_the_tokenizer(kind: str, named: str) -> None:
    assert describe_tokens({"tokens": kind}) == f"tokens: {named}"


def test_personal_data_is_counted_by_kind() -> None:
    kinds = {"email": {"found": 3, "in_training": 1}, "phone": {"found": 2, "in_training": 0}}
    assert "email 3 (1), phone 2 (0)." in personal_data_line({"personal_data": {"texts": 9, "kinds": kinds}})
    assert "no pattern" in personal_data_line({"personal_data": {"texts": 9, "kinds": {}}})


def test_what_was_skipped_is_said(caught: dict[str, Any]) -> None:
    short = {**caught, "extraction": {"skipped": "too short"}, "membership": {"skipped": "no package"}}
    assert extraction_rows(short) == attack_rows(short) == []
    assert skipped_lines(short) == [
        "Extraction was not measured: too short.",
        "Membership inference was not measured: no package.",
    ]
    assert skipped_lines(caught) == []
