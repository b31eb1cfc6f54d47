import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from halo.classification.labelled_documents import LabelledDocuments, labelled_documents, stratified_order
from halo.corpus.prepare import prepare
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.support.tiny_classifiers import planted_documents

WORDS = [
    "the",
    "patient",
    "was",
    "seen",
    "in",
    "clinic",
    "with",
    "a",
    "cough",
    "and",
    "fever",
    "after",
    "a",
    "long",
    "flight",
    "home",
]


def documents_of(folder: Path, labels: list[Any], **settings: Any) -> LabelledDocuments:
    """Returns the labelled documents of a prepared text with one document for each label."""
    generator = np.random.default_rng(1)
    texts = [" ".join(generator.permutation(WORDS)) for _ in labels]
    records = [
        {"text": text} | ({} if label is None else {"label": label}) for text, label in zip(texts, labels, strict=True)
    ]
    return prepared(records, folder, **settings)


def prepared(records: list[dict[str, Any]], folder: Path, **settings: Any) -> LabelledDocuments:
    """Returns the labelled documents of records."""
    (folder / "labelled.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    config = replace(
        data_config(),
        path=str(folder / "labelled.jsonl"),
        cache_dir=str(folder / "cache"),
        batch_size=1,
        eval_batch_size=1,
        report_batch_size=1,
        sequence_length=5,
        **settings,
    )
    return labelled_documents(prepare(config), config)


def test_labels_keep_their_proportions_and_documents_without_one_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    labels = [*["wörd with space"] * 40, *[1] * 20, *[None] * 10]
    documents = documents_of(tmp_path, labels)
    assert documents.labels == ("1", "wörd with space")
    counts = {split: np.bincount(found.targets_N).tolist() for split, found in documents.splits.items()}
    assert sum(sum(each) for each in counts.values()) == 60
    assert counts["train"][1] == pytest.approx(2 * counts["train"][0], abs=2)
    assert "10 documents without a label" in caplog.text
    first = documents.texts("test")[0]
    assert set(first.split()) <= {*WORDS, "<unk>"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([None] * 30, "no document has a label (no field register or label with values)"),
        (["same"] * 30, "all labelled training documents have the label 'same'"),
    ],
)
def test_a_text_that_cannot_be_learnt_is_refused_in_one_line(labels: list[Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        documents_of(tmp_path, labels)
    assert message in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_rare_labels_are_told_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    documents = documents_of(tmp_path, [*["often"] * 40, "once", "twice", "twice"])
    assert documents.labels == ("often", "once", "twice")
    assert "with fewer than 3 documents" in caplog.text or "without training documents" in caplog.text


def test_duplicates_with_another_label_are_told_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts = [f"number {number} " + " ".join(WORDS) for number in range(3)]
    unlike = [" ".join(np.random.default_rng(number).permutation(WORDS)) for number in range(30)]
    records = [{"text": text, "label": label} for text in texts for label in ("good", "bad")]
    records += [{"text": text, "label": ("good", "bad")[number % 2]} for number, text in enumerate(unlike)]
    prepared(records, tmp_path)
    assert "documents dropped as duplicates had another label than the document that was kept" in caplog.text
    assert "labelled.jsonl" in caplog.text


def test_a_thousand_labels(tmp_path: Path) -> None:
    documents = documents_of(tmp_path, [f"label {number:04}" for number in range(1000)] * 3)
    assert len(documents.labels) == 1000


def test_a_subset_is_stratified_nested_and_seeded() -> None:
    documents = planted_documents()
    small, larger = (documents.with_training_subset(number, seed=1).splits["train"] for number in (10, 30))
    assert np.bincount(small.targets_N).tolist() == [5, 5]
    assert {*small.numbers_N.tolist()} <= {*larger.numbers_N.tolist()}
    other = documents.with_training_subset(10, seed=2).splits["train"]
    assert small.numbers_N.tolist() != other.numbers_N.tolist()
    with pytest.raises(InputError, match="there are 60 labelled training documents"):
        documents.with_training_subset(61, seed=1)


def test_each_beginning_of_the_order_has_the_proportions() -> None:
    targets_N = np.array([*[0] * 900, *[1] * 100])
    order = stratified_order(targets_N, seed=1)
    assert targets_N[order[:100]].sum() == pytest.approx(10, abs=2)
