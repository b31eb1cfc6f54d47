"""What a page is about: a model with its figures, its settings and its text, as far as they are at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from halo.bundle.loading import Bundle
from halo.bundle.validation import AUDIT_FILE, find_file, read_audit, read_metrics
from halo.config import SavedConfig
from halo.corpus.corpus import Corpus
from halo.corpus.privacy.private_view import private_view
from halo.evaluation.evaluation_report import training_corpus
from halo.models.language_model import LanguageModel
from halo.reports.run_page.run_metrics import AuditFigures, RunMetrics
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

MAX_SETTINGS_BYTES = 2**20


@dataclass(frozen=True)
class ReportedRun:
    """A training run, or what a bundle keeps of one.

    Attributes:
        folder: The run folder, or the bundle.
        model: The network with the weights that were chosen.
        tokenizer: Its vocabulary.
        config: The settings of its text, and its architecture.
        settings: All settings of the run as plain data; None for a bundle, which has only those of `config`.
        metrics: The figures of the run; None if it has not been measured.
        corpus: The text; None if it is not at hand.
        without_corpus: Why it is not.
        audit: What it remembers of the text; None if there was no audit.
    """

    folder: Path
    model: LanguageModel
    tokenizer: TextTokenizer
    config: SavedConfig
    settings: Mapping[str, Any] | None
    metrics: RunMetrics | None
    corpus: Corpus | None
    without_corpus: str = ""
    audit: AuditFigures | None = None

    @property
    def is_private(self) -> bool:
        """Whether the run was private: then the page has no section with text."""
        is_set = self.settings is not None and self.settings.get("private") is True
        return is_set or (self.metrics is not None and self.metrics.private)


def reported_run(bundle: Bundle, *, cache_dir: str) -> ReportedRun:
    """Returns what is at hand of a saved model: its figures, settings and text.

    Args:
        bundle: The model, from a run folder or a bundle.
        cache_dir: Folder of prepared corpora.

    Raises:
        InputError: The metrics.json, the audit.json or the config.yaml of the folder is damaged.
    """
    corpus, reason = None, ""
    try:
        corpus = training_corpus(bundle, cache_dir=cache_dir)
    except InputError as error:
        reason = str(error)
    content = read_metrics(bundle.folder)
    metrics = RunMetrics.read(content, place=str(bundle.folder / "metrics.json")) if content else None
    settings = None if bundle.is_bundle else _settings(bundle.folder)
    recorded = read_audit(bundle.folder)
    audit = AuditFigures.read(recorded, place=str(bundle.folder / AUDIT_FILE)) if recorded else None
    run = ReportedRun(
        *(bundle.folder, bundle.model, bundle.tokenizer, bundle.config, settings, metrics, corpus, reason), audit=audit
    )
    return replace(run, corpus=private_view(corpus)) if run.is_private and corpus is not None else run


def _settings(folder: Path) -> Mapping[str, Any] | None:
    """Returns the settings of a run folder, whose config.yaml has been checked when the model was loaded."""
    file = find_file(folder, "config.yaml", max_bytes=MAX_SETTINGS_BYTES)
    settings = None if file is None else yaml.safe_load(file.read_text(encoding="utf-8"))
    return settings if isinstance(settings, Mapping) and "seed" in settings else None
