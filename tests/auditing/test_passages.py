"""Tests of halo.auditing.passages."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from halo.auditing.passages import Passages, choose_passages
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from tests.conftest import data_config


@pytest.fixture(scope="module")
def corpus(corpus_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    config = replace(data_config(), path=str(corpus_file), cache_dir=str(tmp_path_factory.mktemp("cache")))
    return prepare(config)


def chosen(corpus: Corpus, **settings: int) -> Passages:
    found = choose_passages(corpus, **{"seed": 1, "length": 10, **settings})  # type: ignore[arg-type]
    assert found is not None
    return found


def test_passages_come_from_their_splits_and_documents(corpus: Corpus) -> None:
    found = chosen(corpus)
    assert found.members.shape == found.non_members.shape
    assert len(found.members) >= 2
    for ids, documents, split in (
        (found.members, found.member_documents, "train"),
        (found.non_members, found.non_member_documents, "test"),
    ):
        offsets = corpus.offsets[split]
        for passage, number in zip(ids, documents, strict=True):
            text = corpus.ids[split][offsets[number] : offsets[number + 1]].tolist()
            starts = range(0, len(text) - 9, 10)
            assert passage.tolist() in [text[start : start + 10] for start in starts]


def test_the_reference_text_has_no_document_of_a_member(corpus: Corpus) -> None:
    found = chosen(corpus)
    offsets = corpus.offsets["train"]
    others = [number for number in range(len(offsets) - 1) if number not in found.member_documents]
    outside = np.concatenate([corpus.ids["train"][offsets[number] : offsets[number + 1]] for number in others])
    assert 0 < len(found.reference_ids) <= len(outside)
    assert len(found.reference_ids) > 0.3 * len(corpus.ids["train"])
    reference = found.reference_ids.tolist()
    joined = " ".join(map(str, reference))
    assert not any(f" {' '.join(map(str, each))} " in joined for each in found.members.tolist())


def test_the_same_seed_chooses_the_same_passages(corpus: Corpus) -> None:
    np.testing.assert_array_equal(chosen(corpus).members, chosen(corpus).members)
    assert not np.array_equal(chosen(corpus).non_members, chosen(corpus, seed=2, max_passages=5).non_members)


def test_matching_brings_the_shares_of_unknown_words_together(corpus: Corpus) -> None:
    ids = np.asarray(corpus.ids["test"]).copy()
    ids[: len(ids) // 2] = corpus.tokenizer.unk_id  # far more than in training
    train = np.asarray(corpus.ids["train"]).copy()
    train[np.random.default_rng(1).random(len(train)) < np.linspace(0, 1, len(train))] = corpus.tokenizer.unk_id
    changed = replace(corpus, ids={**corpus.ids, "test": ids, "train": train})
    found = chosen(changed, max_passages=6)
    members, non_members = found.unknown_shares
    assert abs(members - non_members) < 0.15


def test_a_single_document_is_divided_in_its_middle(corpus: Corpus) -> None:
    size = len(corpus.ids["train"])
    found = chosen(replace(corpus, offsets={**corpus.offsets, "train": np.array([0, size])}))
    halves = (corpus.ids["train"][: size // 2], corpus.ids["train"][size // 2 :])
    assert any(np.array_equal(found.reference_ids, half) for half in halves)
    assert len(set(found.member_documents.tolist())) == 1


def test_a_split_without_two_passages_gives_none(corpus: Corpus) -> None:
    assert choose_passages(corpus, seed=1, length=10_000) is None
