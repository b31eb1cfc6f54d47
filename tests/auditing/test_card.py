"""Tests of halo.auditing.card."""

from typing import Any

from halo.auditing import card_lines


def test_the_card_has_verdict_and_tables_but_no_copied_text(caught: dict[str, Any]) -> None:
    written = card_lines(caught)
    assert written.startswith("**Would you share this model?** Not if its training text is private")
    for reason in (*caught["verdict"]["reasons"], *caught["verdict"]["limits"]):
        assert f"- {reason}" in written
    assert "| 10 | " in written
    assert caught["novelty"]["temperature_1"]["spans"][0]["text"] not in written
    rows = [line for line in written.splitlines() if line.startswith("|")]
    tables = [line for line in rows if line.startswith("| ---")]
    assert len(tables) == 4
    assert all(line.endswith(" |") for line in rows)


def test_what_was_not_measured_has_no_table(caught: dict[str, Any]) -> None:
    written = card_lines({**caught, "membership": {"skipped": "no package"}})
    assert "Membership inference was not measured: no package." in written
    assert written.count("\n| --- |") == 3
