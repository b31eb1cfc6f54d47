"""Tests of halo.auditing.output.terminal."""

from typing import Any

from rich.cells import cell_len

from halo.auditing.output.terminal import audit_report, short_verdict


def test_the_report_fits_80_columns_and_says_everything(caught: dict[str, Any]) -> None:
    report = audit_report(caught)
    assert max(map(cell_len, report.splitlines())) <= 80
    flat = " ".join(report.split())
    for reason in (*caught["verdict"]["reasons"], *caught["verdict"]["limits"]):
        assert " ".join(reason.split()) in flat
    assert "Membership inference" in report


def test_a_long_or_strange_copied_text_is_one_short_line(caught: dict[str, Any]) -> None:
    strange = {**caught["novelty"]["default"], "spans": [{**caught["novelty"]["default"]["spans"][0]}]}
    strange["spans"][0]["text"] = "a\n\nb\x1b[31m " + "word " * 200
    report = audit_report({**caught, "novelty": {**caught["novelty"], "default": strange}})
    assert "\x1b" not in report
    assert report.count("word word") > 1
    assert "..." in report


def test_the_short_verdict_is_the_answer_and_its_first_reason(caught: dict[str, Any]) -> None:
    answer, reason = short_verdict(caught)
    assert answer.startswith("Would you share this model? Not if")
    assert " ".join(reason.split()) == f"{caught['verdict']['reasons'][0]} (audit.html)"
