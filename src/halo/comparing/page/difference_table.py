"""The table of the differences of all runs from the best one."""

from typing import Any

from halo.comparing.page.charts.values import bounds_text, change_text, is_significant, p_text
from halo.comparing.page.material import Material
from halo.reports.console import number


def difference_rows(material: Material) -> list[dict[str, Any]]:
    """Returns the rows of the table: one for each group and split."""
    comparison = material.comparison
    return [
        {
            "group": material.group_label(difference.group),
            "split": split,
            "change": change_text(comparison.measure, each),
            "interval": "–" if documents is None else bounds_text(comparison.measure, documents.low, documents.high),
            "p": "–" if documents is None else p_text(documents.p_value),
            "corrected": "–" if documents is None else p_text(documents.corrected_p_value),
            "documents": "–" if documents is None else number(documents.observations, digits=0),
            "seeds": "–" if seeds is None else p_text(seeds.corrected_p_value),
            "is_significant": is_significant(each),
        }
        for difference in comparison.differences
        for split, each in difference.splits.items()
        for documents, seeds in [(each.over_documents, each.over_seeds)]
    ]
