"""Scores the held-out documents of runs that have left no scores, with their models and their text."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from halo.bundle.loading import load_bundle, open_model
from halo.comparing.comparison import ComparedRun
from halo.evaluation.document_scores import HELD_OUT, DocumentScores, is_of, score_documents
from halo.evaluation.evaluation_report import training_corpus
from halo.evaluation.text_metrics import evaluate_split
from halo.runtime.errors import InputError, counted, reason

log = logging.getLogger(__name__)

Scores = Mapping[str, dict[str, DocumentScores] | str]


def missing_scores(*, cache_dir: str, device: str) -> Callable[[Sequence[ComparedRun]], Scores]:
    """Returns a function that scores the documents of runs, and says in a line what keeps it from that.

    Nothing is written into the folders of the runs.

    Args:
        cache_dir: Folder of prepared corpora.
        device: `auto` for an accelerator if there is one, or a device of torch.
    """

    def score_runs(runs: Sequence[ComparedRun]) -> Scores:
        log.info("Scoring the held-out documents of %s without document_scores.npz", counted(len(runs), "run"))
        return {run.folder: _scores(run, cache_dir=cache_dir, device=device) for run in runs}

    return score_runs


def _scores(run: ComparedRun, *, cache_dir: str, device: str) -> dict[str, DocumentScores] | str:
    folder = Path(run.folder)
    try:
        is_saved = (folder / "bundle").is_dir()  # the weights that were measured, whichever they are
        paths = (None, str(folder)) if run.is_bundle else (str(folder), None)
        opened = open_model(run=paths[0], bundle=paths[1], device=device)
        if is_saved:
            opened.model.load_state_dict(load_bundle(folder / "bundle").model.state_dict())
        corpus = training_corpus(opened, cache_dir=cache_dir)
        metrics = {split: evaluate_split(opened.model, corpus, split, opened.config.data) for split in HELD_OUT}
    except (InputError, RuntimeError) as error:  # RuntimeError: weights that do not fit the model
        return f"{run.name}: ranked, but not tested: {reason(error)}"
    scores = score_documents(metrics, corpus)
    assert run.figures is not None
    for split in HELD_OUT:
        figures = run.figures.splits[split]
        nll = figures.nll
        if nll is None or not is_of(scores[split], nll=nll, tokens=figures.tokens, tolerance=1e-3):
            return f"{run.name}: ranked, but not tested: its model gives other figures than its metrics.json has"
    return scores
