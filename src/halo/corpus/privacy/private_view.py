"""A prepared corpus as a private run shows it: its figures, without words, names of files and labels."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from halo.corpus.corpus import Corpus
from halo.corpus.store.statistics_file import CorpusStatistics
from halo.tokenization.backends import EOS, UNK

WHOLE_WORDS = ("word", "whitespace")


def private_view(corpus: Corpus) -> Corpus:
    """Returns the corpus with the same ids, of which statistics and manifest hold no text.

    Examples, frequent words, forms with capitals and quoted duplicates are left out; labels and files are numbered. The
    tokenizer has its vocabulary, and the folder of the corpus is as it was.
    """
    names = {name: f"label {number}" if name else "" for number, name in enumerate(corpus.label_names, start=1)}
    return replace(
        corpus,
        label_names=[names[name] for name in corpus.label_names],
        manifest=_private_manifest(corpus.manifest, names),
        statistics=_private_statistics(corpus.statistics, names),
        is_private=True,
    )


def _private_statistics(statistics: CorpusStatistics, names: Mapping[str, str]) -> CorpusStatistics:
    labels = {
        split: {names.get(label, "label"): counts for label, counts in by_label.items()}
        for split, by_label in statistics.labels.items()
    }
    return replace(statistics, examples=[], labels=labels, frequent=[], beginnings={}, cased_forms={})


def _private_manifest(manifest: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    private = dict(manifest)
    private["files"] = [{**file, "name": f"file {number}"} for number, file in enumerate(manifest["files"], start=1)]
    private["labels"] = [names.get(name, "label") for name in manifest["labels"]]
    if "duplicates" in manifest:
        private["duplicates"] = manifest["duplicates"] | {
            "example": None,
            "dropped": [],
            "listed": 0,
            "relabelled_examples": [],
        }
    return private


def words_of_one_document(corpus: Corpus) -> int | None:
    """Returns how many words of the vocabulary occur in a single training document; None if tokens are no words.

    Such a word may be a name, and whoever has the saved model can read it in tokenizer.json.
    """
    if corpus.tokenizer.kind not in WHOLE_WORDS:
        return None
    ids, offsets = corpus.ids["train"], corpus.offsets["train"]
    documents_V = np.zeros(corpus.tokenizer.vocab_size, dtype=np.int64)
    for begin, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        documents_V[np.unique(np.asarray(ids[begin:end]))] += 1
    is_word_V = np.array([token not in (UNK, EOS) for token in corpus.tokenizer.words()])
    return int(np.count_nonzero(is_word_V & (documents_V == 1)))
