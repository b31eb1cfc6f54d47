"""The figures of the data report: they show the numbers of the corpus, in pictures and in TensorBoard too."""

import io

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.reports.data_report.figures import draw_figures, draw_frequent
from tests.conftest import Run
from tests.support.report_pages import FIGURES, hostile


def test_figures_show_the_figures(corpus: Corpus) -> None:
    figures = draw_figures(corpus)
    for panel, split in zip(figures["document_lengths"].axes, SPLITS, strict=True):
        assert sum(panel.patches[0].get_data().values) == pytest.approx(1)  # type: ignore[attr-defined]
        assert f"{split}: {corpus.counts[split].documents:,} document" in panel.texts[0].get_text()
    curves = {line.get_label(): line for line in figures["zipf"].axes[0].lines}
    assert np.array_equal(curves["this text"].get_ydata(), corpus.statistics.frequencies)
    for line, split in zip(figures["out_of_vocabulary"].axes[0].lines, SPLITS, strict=True):
        rates = {counts.out_of_vocabulary_rate for counts in corpus.statistics.labels[split].values()}
        shown = [float(share) for share in np.asarray(line.get_xdata())]
        assert shown[0] == corpus.counts[split].out_of_vocabulary_rate
        assert set(shown[1:]) == rates
        covered = figures["coverage"].axes[0].lines[SPLITS.index(split)]
        assert np.array_equal(covered.get_ydata(), corpus.statistics.coverage[split])


def test_a_word_that_cannot_be_drawn_is_labelled_by_its_rank() -> None:
    labels = draw_frequent([("слово", 5), ("你好", 4)], kind="word").axes[0].get_yticklabels()
    assert [each.get_text() for each in labels][:2] == ["слово", "#2"]


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
def test_they_are_drawn_as_pictures_without_a_missing_letter(corpus: Corpus) -> None:
    for figure in draw_figures(hostile(corpus)).values():
        figure.savefig(io.BytesIO(), format="png")


def test_training_shows_the_same_figures_in_tensorboard(trained: Run) -> None:
    events = EventAccumulator(str(trained.folder / "tensorboard"))
    events.Reload()
    assert set(events.Tags()["images"]) == {f"data/{name}" for name in FIGURES}
    assert events.Images("data/zipf")[0].step == 0
