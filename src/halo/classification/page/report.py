"""Measures a trained classifier, and writes and prints what was found.

Shape letters: N documents, C classes.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from halo.classification.classifier import TextClassifier
from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.labelled_documents import LabelledDocuments, LabelledSplit
from halo.classification.measurement.baselines import fit_tfidf, majority_probabilities
from halo.classification.measurement.calibration import fit_temperature
from halo.classification.measurement.cross_validation import CrossValidation, make_folds, measure_folds
from halo.classification.measurement.figures import Floats, macro_f1
from halo.classification.measurement.learning_curve import CurvePoint, as_dicts, curve_table, learning_curve
from halo.classification.measurement.measure import MEASURED, MeasuredSplit, Measurement, measure
from halo.classification.measurement.predictions import FILE_NAME, save_predictions
from halo.classification.measurement.tables import folds_table, measurement_text
from halo.classification.measurement.telling_words import Faithfulness, check_faithfulness, explain, predict_ids_of
from halo.classification.measurement.wording import CLASSIFIER, FEW_DOCUMENTS, MAJORITY, TFIDF
from halo.classification.page.material import Example, Material
from halo.classification.page.page import FILE_NAME as PAGE
from halo.classification.page.page import try_to_write_page
from halo.classification.probabilities import predict_logits, softmax
from halo.config import SPLITS, ClassifyConfig
from halo.reports.console import relative_to_cwd, wrapped
from halo.runtime.atomic_files import atomic_write, json_text
from halo.runtime.errors import InputError, counted
from halo.tokenization.token_rules import pre_tokenizer

log = logging.getLogger(__name__)

EXAMPLES = 4
"""Right and wrong decisions that the page shows, of each."""

TrainClassifier = Callable[[LabelledDocuments, int], TextClassifier]
"""Labelled documents and a seed -> a classifier that has learned from them, with the same settings."""


def measure_and_report(
    run_folder: Path,
    documents: LabelledDocuments,
    classifier: ClassifierBundle,
    config: ClassifyConfig,
    *,
    train: TrainClassifier,
) -> Measurement:
    """Returns the figures of a classifier; prints them, and writes metrics.json, predictions.npz and the page.

    Args:
        run_folder: The run folder.
        documents: The labelled documents.
        classifier: The classifier that was trained on them.
        config: The settings of the run.
        train: Trains further classifiers, for the learning curve and for cross-validation.
    """
    logits = {split: predict_logits(classifier.model, documents.splits[split].ids) for split in MEASURED}
    splits = {split: measured_split(documents, split) for split in SPLITS}
    total = sum(len(documents.splits[split]) for split in SPLITS)
    hint = f"folds=5 measures all {total:,} labelled documents" if config.folds is None else ""
    measurement = measure(
        splits,
        documents.labels,
        logits,
        temperature=classifier.temperature,
        interpolate_ngrams=config.interpolate_ngrams,
        hint=hint if len(documents.splits["test"]) < FEW_DOCUMENTS else "",
    )
    log.info(measurement_text(measurement))
    save_predictions(run_folder / FILE_NAME, measurement.predictions)
    curve = measure_curve(documents, measurement, train, seed=config.seed) if config.learning_curve else []
    if curve:
        measurement.extras["learning_curve"] = as_dicts(curve)
        log.info(curve_table(curve))
    folds = None if config.folds is None else cross_validate(documents, train, folds=config.folds, seed=config.seed)
    if folds is not None:
        measurement.extras["cross_validation"] = folds.as_dict(documents.labels)
        log.info("%s\n%s", folds_table(folds), "\n".join(map(wrapped, folds.verdict)))
    material = Material(
        run_folder.resolve().name,
        config.data.source,
        len(documents.splits["train"]),
        measurement,
        folds,
        curve,
    )
    if config.page and not config.private:  # it quotes the text
        examples, faithfulness = explain_examples(documents, classifier, measurement, seed=config.seed)
        material = replace(material, examples=examples, faithfulness=faithfulness)
        measurement.extras["telling_words_check"] = None if faithfulness is None else faithfulness._asdict()
        if try_to_write_page(material, run_folder):
            log.info("Page: %s", relative_to_cwd(run_folder / PAGE))
    text = json_text(measurement.metrics())
    atomic_write(run_folder / "metrics.json", text)
    atomic_write(classifier.folder / "metrics.json", text)
    return measurement


def measured_split(documents: LabelledDocuments, split: str) -> MeasuredSplit:
    """Returns the texts of a split as words between spaces, for the baselines.

    Words are those that the language model sees, with `<unk>` for those outside the vocabulary; a text of characters or
    of parts of words is divided into words by the rules of the kind `word`.
    """
    own = documents.splits[split]
    tokenizer = documents.tokenizer
    if tokenizer.kind in ("word", "whitespace"):
        names = np.array(tokenizer.words(), dtype=object)
        texts = [" ".join(names[ids]) for ids in own.ids]
    else:
        divide = pre_tokenizer("word").pre_tokenize_str
        texts = [" ".join(word for word, _ in divide(text)) for text in documents.texts(split)]
    return MeasuredSplit(texts, own.targets_N, own.numbers_N)


def measure_curve(
    documents: LabelledDocuments, measurement: Measurement, train: TrainClassifier, *, seed: int
) -> list[CurvePoint]:
    """Returns the learning curve of the classifier and of TF-IDF; its last point is what has been measured already.

    Args:
        documents: The labelled documents.
        measurement: The figures with all training documents.
        train: Trains a classifier.
        seed: The first seed of the choice of documents.
    """
    num_documents, num_classes = len(documents.splits["train"]), len(documents.labels)
    targets_N = documents.splits["test"].targets_N

    def scores(probabilities_NC: Floats) -> tuple[float, float]:
        predicted_N = probabilities_NC.argmax(axis=1)
        return float((predicted_N == targets_N).mean()), macro_f1(predicted_N, targets_N, num_classes)

    def measure_one(size: int, draw: int) -> Mapping[str, tuple[float, float]]:
        if size == num_documents:
            figures = measurement.figures["test"]
            return {
                model: (figures[model].accuracy, figures[model].macro_f1)
                for model in (CLASSIFIER, TFIDF)
                if model in figures
            }
        log.info("Learning curve: %s, draw %d", counted(size, "label"), draw - seed + 1)
        smaller = documents.with_training_subset(size, seed=draw)
        found = {CLASSIFIER: scores(predict_logits(train(smaller, draw), documents.splits["test"].ids))}
        tfidf = _try_tfidf(smaller)
        return found if tfidf is None else {**found, TFIDF: scores(tfidf)}

    return learning_curve(num_documents, measure_one, seed=seed)


def _try_tfidf(documents: LabelledDocuments) -> Floats | None:
    """Returns the probabilities of TF-IDF for test; None without scikit-learn, of which a note has told already."""
    train, validation, test = (measured_split(documents, split) for split in SPLITS)
    held_out = (validation.texts, validation.targets_N)
    try:
        model = fit_tfidf((train.texts, train.targets_N), held_out, len(documents.labels))
    except InputError:
        return None
    return model.predict(test.texts)


def cross_validate(documents: LabelledDocuments, train: TrainClassifier, *, folds: int, seed: int) -> CrossValidation:
    """Returns the figures of all labelled documents, each predicted by models that have not learned from it.

    Args:
        documents: The labelled documents, whose splits are put together.
        train: Trains a classifier.
        folds: Number of folds.
        seed: Seed of the folds.
    """
    every = all_documents(documents)
    num_classes = len(documents.labels)
    predictions: dict[str, Floats] = {}
    for number, fold in enumerate(make_folds(every.targets_N, folds, seed=seed), start=1):
        log.info("Cross-validation: fold %d of %d", number, folds)
        parts = {split: every.select(chosen) for split, chosen in zip(SPLITS, fold, strict=True)}
        own = replace(documents, splits=parts)
        model = train(own, seed)
        temperature = fit_temperature(predict_logits(model, parts["validation"].ids), parts["validation"].targets_N)
        found = {
            CLASSIFIER: softmax(predict_logits(model, parts["test"].ids) / temperature),
            MAJORITY: majority_probabilities(parts["train"].targets_N, len(fold.test), num_classes),
        }
        tfidf = _try_tfidf(own)
        if tfidf is not None:
            found[TFIDF] = tfidf
        for name, probabilities_NC in found.items():
            whole_NC = predictions.setdefault(name, np.zeros((len(every), num_classes)))
            whole_NC[fold.test] = probabilities_NC
    return measure_folds(predictions, every.targets_N, folds=folds)


def all_documents(documents: LabelledDocuments) -> LabelledSplit:
    """Returns the documents of all splits as one."""
    parts = [documents.splits[split] for split in SPLITS]
    ids = [each for part in parts for each in part.ids]
    targets_N, numbers_N = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("targets_N", "numbers_N")
    )
    return LabelledSplit(ids, targets_N, numbers_N)


def explain_examples(
    documents: LabelledDocuments, classifier: ClassifierBundle, measurement: Measurement, *, seed: int
) -> tuple[list[Example], Faithfulness | None]:
    """Returns wrong and right decisions on test with their telling words, and whether these words matter.

    The wrong decisions are those of which the classifier was surest, and the right ones are drawn at random.

    Args:
        documents: The labelled documents.
        classifier: The classifier.
        measurement: Its figures.
        seed: Seed of the choice.
    """
    test = documents.splits["test"]
    probabilities_NC = measurement.predictions["test"].probabilities[CLASSIFIER]
    is_right_N = probabilities_NC.argmax(axis=1) == test.targets_N
    surest_N = np.argsort(-probabilities_NC.max(axis=1), kind="stable")
    wrong = [position for position in surest_N.tolist() if not is_right_N[position]][:EXAMPLES]
    right = np.random.default_rng(seed).permutation(np.flatnonzero(is_right_N))[:EXAMPLES].tolist()
    chosen = wrong + sorted(right)
    explanations = [explain(classifier, test.ids[position]) for position in chosen]
    examples = [
        Example(int(test.numbers_N[position]), int(test.targets_N[position]), explanation)
        for position, explanation in zip(chosen, explanations, strict=True)
    ]
    texts = [test.ids[position] for position in chosen]
    predict = predict_ids_of(classifier)
    return examples, check_faithfulness(texts, explanations, classifier.tokenizer, predict, seed=seed)
