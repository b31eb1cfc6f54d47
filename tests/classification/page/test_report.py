"""What follows training: figures in files, learning curve, folds and examples, with classifiers that learn nothing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import load_classifier
from halo.classification.labelled_documents import LabelledDocuments, LabelledSplit
from halo.classification.measurement.predictions import load_predictions
from halo.classification.page.report import all_documents, measure_and_report, measured_split
from halo.config import SPLITS, ClassifyConfig, parse
from tests.conftest import compose_config
from tests.support.tiny_classifiers import saved_classifier


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    saved_classifier(tmp_path / "run" / "bundle")
    return tmp_path / "run"


def documents_for(run_dir: Path) -> LabelledDocuments:
    """Returns documents of random words whose first word tells the class."""
    classifier = load_classifier(run_dir)
    generator = np.random.default_rng(0)
    splits = {}
    for split, number in zip(SPLITS, (36, 12, 15), strict=True):
        targets_N = np.arange(number) % len(classifier.labels)
        ids = [
            np.array([2 + target, *generator.integers(2, classifier.tokenizer.vocab_size, 9)], dtype=np.uint16)
            for target in targets_N.tolist()
        ]
        splits[split] = LabelledSplit(ids, targets_N, np.arange(number))
    return LabelledDocuments(classifier.labels, splits, classifier.tokenizer)


def config_for(run_dir: Path, *settings: str) -> ClassifyConfig:
    return parse(compose_config("classify", [f"run_dir={run_dir}", *settings]), ClassifyConfig)


def test_a_measurement_leaves_figures_predictions_and_a_page(run_dir: Path) -> None:
    documents, classifier = documents_for(run_dir), load_classifier(run_dir)
    asked: list[tuple[int, int]] = []

    def train(some: LabelledDocuments, seed: int) -> TextClassifier:
        asked.append((len(some.splits["train"]), seed))
        return classifier.model

    config = config_for(run_dir, "learning_curve=true", "folds=3", "interpolate_ngrams=true")
    measurement = measure_and_report(run_dir, documents, classifier, config, train=train)
    assert asked == [(size, seed) for size in (10, 30) for seed in (1, 2, 3)] + [(21, 1)] * 3
    metrics = json.loads((run_dir / "metrics.json").read_text(encoding="utf-8"))
    assert metrics == json.loads((run_dir / "bundle" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["test_accuracy"] == measurement.figures["test"]["classifier"].accuracy
    assert [point["labels"] for point in metrics["learning_curve"]] == [10, 30, 36]
    assert metrics["learning_curve"][-1]["accuracies"]["classifier"] == [metrics["test_accuracy"]]
    assert metrics["cross_validation"]["models"]["classifier"]["documents"] == 63
    assert (
        metrics["cross_validation"]["models"]["tfidf"]["accuracy"] > metrics["models"]["majority"]["test"]["accuracy"]
    )
    assert set(load_predictions(run_dir / "predictions.npz")) == {"validation", "test"}
    assert "most telling words" in (run_dir / "classification.html").read_text(encoding="utf-8")


def test_without_a_page_no_text_is_written_and_few_documents_are_said_to_decide_little(run_dir: Path) -> None:
    documents, classifier = documents_for(run_dir), load_classifier(run_dir)

    def train(some: LabelledDocuments, seed: int) -> TextClassifier:
        raise AssertionError("nothing further is trained")

    found = measure_and_report(run_dir, documents, classifier, config_for(run_dir, "page=false"), train=train)
    assert not (run_dir / "classification.html").exists()
    assert found.verdict[-1].endswith("folds=5 measures all 63 labelled documents.")


def test_baselines_read_the_words_of_the_language_model(run_dir: Path) -> None:
    documents = documents_for(run_dir)
    words = documents.tokenizer.words()
    split = measured_split(documents, "test")
    assert split.texts[0].split() == [words[number] for number in documents.splits["test"].ids[0].tolist()]


def test_all_documents_keep_their_classes(run_dir: Path) -> None:
    documents = documents_for(run_dir)
    every = all_documents(documents)
    assert len(every) == 63
    assert every.targets_N[36:48].tolist() == documents.splits["validation"].targets_N.tolist()
    assert np.array_equal(every.ids[50], documents.splits["test"].ids[2])


def test_a_text_of_characters_is_divided_into_words_for_the_baselines(run_dir: Path) -> None:
    documents = documents_for(run_dir)
    tokenizer = type(documents.tokenizer).train(["good film!"], kind="char", min_count=1, max_size=None)
    ids = np.array(tokenizer.encode("good film!"), dtype=np.uint16)
    splits = {**documents.splits, "test": LabelledSplit([ids], np.array([0]), np.array([0]))}
    assert measured_split(replace(documents, tokenizer=tokenizer, splits=splits), "test").texts == ["good film !"]
