"""A run, and what the sections of its page compute from it once."""

from functools import cached_property
from typing import Any

import numpy as np

from halo.config.introspection.changed_settings import Change, find_changes
from halo.reports.run_page.analysis.token_scores import TokenScores, score_validation
from halo.reports.run_page.reported_run import ReportedRun

Context = dict[str, Any]
"""What a template shows; with the key `missing`, only why there is nothing to show."""

NOT_MEASURED = "the run has not been measured: it was stopped, or is still training"
"""Why figures are missing."""


class Material:
    """A run, and what is computed from it when a section first asks for it.

    Args:
        run: The run.
    """

    def __init__(self, run: ReportedRun) -> None:
        self.run = run

    @cached_property
    def scores(self) -> TokenScores | None:
        """The scores of validation; None without the text, or where they are not finite."""
        if self.run.corpus is None:
            return None
        scores = score_validation(self.run.model, self.run.corpus, self.run.config.data)
        return scores if np.isfinite(scores.bits_N).all() and np.isfinite(scores.top_probability_N).all() else None

    @cached_property
    def changes(self) -> list[Change]:
        """The settings of the run that differ from the defaults; none of a bundle, which lacks them."""
        return [] if self.run.settings is None else find_changes(self.run.settings)

    @property
    def without_scores(self) -> str:
        """Why there are no scores."""
        if self.run.corpus is None:
            return f"this needs the text that the model was trained on: {self.run.without_corpus}"
        return "the predictions of the model are not finite numbers"
