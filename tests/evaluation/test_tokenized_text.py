"""Texts for evaluation: excerpts of a long one come from all over it and keep documents and labels."""

import itertools

import numpy as np

from halo.config import TrainConfig
from halo.corpus.corpus import Corpus
from halo.corpus.prepare import prepare
from halo.evaluation.tokenized_text import TokenizedText


def test_of_a_long_training_text_excerpts_come_from_all_over_it(tiny_config: TrainConfig) -> None:
    corpus = prepare(tiny_config.data)
    whole = TokenizedText.from_split(corpus, "train")
    limit = len(whole.ids) // 4
    part = whole.subsample(limit, num_excerpts=3, tokenizer=corpus.tokenizer)
    length = limit // 3
    assert len(part.ids) == 3 * length
    text, begins = whole.ids.tolist(), whole.offsets.tolist()
    for number in range(3):
        excerpt = part.ids[number * length : (number + 1) * length].tolist()
        place = next(place for place in begins if text[place : place + length] == excerpt)
        assert number * len(text) // 3 <= place <= (number + 1) * len(text) // 3 - length
    documents = [text[begin:end] for begin, end in itertools.pairwise(begins)]
    for label, (begin, end) in zip(part.labels, itertools.pairwise(part.offsets), strict=True):
        if found := part.ids[begin:end].tolist():
            assert label in {whole.labels[place] for place, each in enumerate(documents) if each[: len(found)] == found}
    assert part.counts.unknown_tokens == part.ids.tolist().count(corpus.tokenizer.unk_id)


def test_of_one_long_document_excerpts_begin_within_it(labelled_corpus: Corpus) -> None:
    text = TokenizedText.from_split(labelled_corpus, "test")
    one = text._replace(offsets=np.array([0, len(text.ids)]), labels=text.labels[:1])
    part = one.subsample(50, num_excerpts=2, tokenizer=labelled_corpus.tokenizer)
    half = len(text.ids) // 2
    assert part.ids.tolist() == [*text.ids[:25].tolist(), *text.ids[half : half + 25].tolist()]
    assert part.offsets.tolist() == [0, 25, 50]
    assert part.labels.tolist() == [text.labels[0]] * 2


def test_a_text_within_the_limit_is_returned_unchanged(labelled_corpus: Corpus) -> None:
    text = TokenizedText.from_split(labelled_corpus, "test")
    assert text.subsample(len(text.ids), num_excerpts=2, tokenizer=labelled_corpus.tokenizer) is text
