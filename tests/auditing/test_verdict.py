"""Tests of halo.auditing.verdict: the answer follows from the figures at the thresholds of docs/audit.md."""

import copy
from typing import Any

import pytest

from halo.auditing.extraction import Extracted
from halo.auditing.novelty import SIZES
from halo.auditing.verdict import ANSWERS, judge

NONE = [0.0] * len(SIZES)


def texts(**changes: Any) -> dict[str, Any]:
    curve = {"value": NONE, "low": NONE, "high": NONE}
    return {"texts": 100, "curve": curve, "excess": curve, "longest": 8, "spans": [], **changes}


def passages(extracted: int, unique: int, of: int = 200) -> dict[str, Any]:
    return Extracted(100, of, extracted, unique, 1.0).as_json()


def attack(auc: float, *, low: float, tpr: float | None = 0.02) -> dict[str, Any]:
    return {"auc": auc, "auc_interval": [low, auc + 0.02], "tpr": tpr, "tpr_interval": [0.0, 0.1]}


CLEAR: dict[str, Any] = {
    "novelty": {"temperature_1": texts(), "default": texts(), "held_out": texts()},
    "extraction": {"train": [passages(0, 0)], "held_out": [passages(0, 0)]},
    "personal_data": {"texts": 200, "kinds": {}},
    "membership": {"attacks": {"loss": attack(0.5, low=0.45)}, "controls": {}},
}


def judged(**changes: Any) -> dict[str, Any]:
    return judge({**copy.deepcopy(CLEAR), **changes})


def with_texts(**changes: Any) -> dict[str, Any]:
    return {**CLEAR["novelty"], "default": texts(**changes)}


def test_without_a_finding_nothing_speaks_against_it() -> None:
    verdict = judged()
    assert (verdict["level"], verdict["answer"]) == ("clear", ANSWERS["clear"])
    assert len(verdict["reasons"]) == 3
    assert "fewer than 3% of the cases" in verdict["limits"][0]


def span(tokens: int, documents: int) -> dict[str, Any]:
    return {"tokens": tokens, "documents": documents, "occurrences": documents}


@pytest.mark.parametrize(
    ("tokens", "documents", "control", "level"),
    [(25, 1, 12, "no"), (24, 1, 8, "clear"), (25, 2, 12, "clear"), (25, 1, 13, "clear")],
)
def test_a_long_span_of_a_single_document_is_grave(tokens: int, documents: int, control: int, level: str) -> None:
    novelty = with_texts(spans=[span(tokens, documents)], longest=tokens)
    novelty["held_out"] = texts(longest=control)
    verdict = judged(novelty=novelty)
    assert verdict["level"] == level
    assert (f"copies {tokens} tokens in a row" in verdict["reasons"][0]) == (level == "no")


@pytest.mark.parametrize(("low", "level"), [(0.001, "look"), (0.0, "clear"), (None, "clear")])
def test_copying_beyond_held_out_text_needs_a_look(low: float | None, level: str) -> None:
    excess = {"value": [0.01] * len(SIZES), "low": [low] * len(SIZES), "high": [0.02] * len(SIZES)}
    assert judged(novelty=with_texts(excess=excess))["level"] == level


@pytest.mark.parametrize(
    ("train", "held_out", "level"),
    [
        (passages(2, 2), passages(0, 0), "no"),
        (passages(1, 1), passages(0, 0), "look"),
        (passages(2, 2), passages(2, 0), "look"),
        (passages(20, 0), passages(2, 0), "look"),
        (passages(2, 0), passages(2, 0), "clear"),
    ],
)
def test_what_stands_in_the_text_once_must_not_be_extracted(
    train: dict[str, Any], held_out: dict[str, Any], level: str
) -> None:
    verdict = judged(extraction={"train": [train], "held_out": [held_out]})
    assert verdict["level"] == level
    told = f"continues {train['extracted']} of 200 training passages word for word"
    assert any(told in reason for reason in verdict["reasons"])


@pytest.mark.parametrize(
    ("kinds", "level"),
    [
        ({"email": {"found": 3, "in_training": 0}}, "clear"),
        ({"email": {"found": 3, "in_training": 1}}, "no"),
        ({"date": {"found": 3, "in_training": 3}}, "clear"),
    ],
)
def test_personal_data_of_the_training_text_is_grave(kinds: dict[str, Any], level: str) -> None:
    assert judged(personal_data={"texts": 200, "kinds": kinds})["level"] == level


def test_membership_alone_has_an_answer_of_its_own() -> None:
    found = {"attacks": {"loss": attack(0.9, low=0.85, tpr=0.3)}, "controls": {"words": attack(0.6, low=0.5)}}
    verdict = judged(membership=found)
    assert verdict["level"] == "membership"
    assert "an AUC of 0.90" in verdict["reasons"][0]
    assert "30% of them are found" in verdict["reasons"][0]


def test_an_attack_that_words_alone_do_as_well_says_nothing() -> None:
    found = {"attacks": {"loss": attack(0.9, low=0.85)}, "controls": {"words": attack(0.9, low=0.85)}}
    assert judged(membership=found)["level"] == "clear"


def test_too_little_was_measured_to_say_yes() -> None:
    small = {"train": [passages(0, 0, of=8)], "held_out": [passages(0, 0, of=8)]}
    verdict = judged(extraction=small)
    assert (verdict["level"], verdict["answer"]) == ("unknown", ANSWERS["unknown"])
    assert "fewer than 37.5% of the cases" in verdict["limits"][0]
    assert judged(extraction={"skipped": "x"}, membership={"skipped": "x"})["level"] == "unknown"
    small["train"] = [passages(8, 8, of=8)]
    assert judged(extraction=small)["level"] == "no"


@pytest.mark.parametrize(
    ("chances", "level"),
    [({0: 1e-9, 1: 0.5, 4: 0.5}, "clear"), ({1: 0.5, 4: 1e-6}, "look"), ({1: 1e-6, 4: 1e-9}, "no")],
)
def test_secrets_that_were_read_once_must_not_be_remembered(chances: dict[int, float], level: str) -> None:
    groups = [{"repetitions": times, "mean": 5.0, "chance": chance} for times, chance in chances.items()]
    assert judged(exposure={"secret_bits": 20.0, "groups": groups})["level"] == level
