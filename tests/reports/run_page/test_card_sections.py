"""What swapped words and the audit have shown is told in plain English."""

from dataclasses import replace

import pytest

from halo.reports.run_page.card_sections import memorisation_context, swaps_context
from halo.reports.run_page.material import Material
from halo.reports.run_page.page import render
from halo.reports.run_page.run_metrics import AuditFigures, RunMetrics
from halo.runtime.errors import InputError
from tests.reports.run_page.conftest import figures
from tests.support.card_facts import audit_entry, swaps_entry


def measured(material: Material, counterfactuals: object) -> Material:
    metrics = RunMetrics.read(figures(counterfactuals=counterfactuals), place="")
    return Material(replace(material.run, metrics=metrics))


@pytest.mark.parametrize(
    ("bits", "told"),
    [
        (
            (1.0, 0.5, 1.5),
            "The model prefers he to she: 2.00 times the probability (1.00 bits, 95% interval 0.50 to 1.50).",
        ),
        (
            (-1.0, -1.5, -0.5),
            "The model prefers she to he: 2.00 times the probability (1.00 bits, 95% interval 0.50 to 1.50).",
        ),
        (
            (0.1, -0.1, 0.3),
            "Between he and she, no preference can be told from chance (+0.10 bits, 95% interval -0.10 to +0.30).",
        ),
    ],
)
def test_a_preference_is_told_only_where_its_interval_leaves_out_zero(
    material: Material, bits: tuple[float, float, float], told: str
) -> None:
    context = swaps_context(measured(material, swaps_entry(bits)))
    assert context["sentences"] == [told]
    assert [row[0] for row in context["rows"]] == ["he → she", "she → he"]
    assert context["skipped"] == ["first names: too few sentences"]


def test_without_swaps_the_reason_is_told(material: Material) -> None:
    assert swaps_context(measured(material, {"skipped": "tokens are not words"})) == {"missing": "tokens are not words"}
    assert "did not record" in swaps_context(measured(material, None))["missing"]
    assert "not been measured" in swaps_context(Material(replace(material.run, metrics=None)))["missing"]


def test_the_page_shows_the_verdict_of_the_audit_without_copied_text(material: Material) -> None:
    page = render(material.run)
    assert "Would you share this model?" in page
    assert "10% of the sequences stand in the training text." in page
    assert "dear anna" not in page
    assert "no audit" in memorisation_context(Material(replace(material.run, audit=None)))["missing"]


def test_an_audit_of_something_else_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"^run/audit\.json: not the audit of a model \(verdict.answer: ") as caught:
        AuditFigures.read(audit_entry(verdict={**audit_entry()["verdict"], "answer": 3}), place="run/audit.json")
    assert "\n" not in str(caught.value)
