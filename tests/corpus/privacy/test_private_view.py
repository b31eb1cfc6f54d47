"""The private view of a corpus: the same ids and figures, and no text."""

import itertools
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from halo.corpus.prepare import prepare
from halo.corpus.privacy.private_view import private_view, words_of_one_document
from tests.conftest import data_config


def test_nothing_of_the_text_is_left_but_the_vocabulary(corpus_file: Path, tmp_path: Path) -> None:
    config = replace(data_config(), path=str(corpus_file), cache_dir=str(tmp_path), batch_size=2)
    corpus = prepare(config)
    assert corpus.statistics.frequent
    assert corpus.statistics.beginnings["train"]
    private = private_view(corpus)
    assert private.is_private
    assert private.label_names == [f"label {number + 1}" for number in range(len(corpus.label_names))]
    assert private.ids is corpus.ids
    assert private.counts is corpus.counts
    text = json.dumps([asdict(private.statistics), private.manifest])
    assert not [
        word
        for word in (*corpus.label_names, corpus_file.name, corpus.statistics.frequent[0][0])
        if f'"{word}"' in text
    ]
    assert private.statistics.types == corpus.statistics.types
    tokens = {
        split: {label: each.tokens for label, each in by.items()} for split, by in private.statistics.labels.items()
    }
    expected = {split: sorted(each.tokens for each in by.values()) for split, by in corpus.statistics.labels.items()}
    assert {split: sorted(each.values()) for split, each in tokens.items()} == expected


def test_words_of_one_document_are_counted(corpus_file: Path, tmp_path: Path) -> None:
    corpus = prepare(replace(data_config(), path=str(corpus_file), cache_dir=str(tmp_path), batch_size=2))
    ids, offsets = corpus.ids["train"], corpus.offsets["train"]
    documents = [set(ids[begin:end].tolist()) for begin, end in itertools.pairwise(offsets)]
    alone = [word for word in range(2, corpus.tokenizer.vocab_size) if sum(word in each for each in documents) == 1]
    assert words_of_one_document(corpus) == len(alone) > 0
    assert np.all(np.asarray(alone) > 1)
