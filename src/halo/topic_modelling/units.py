"""What is divided among topics: the paragraphs or documents of a collection.

Shape letters: N units, D features.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from halo.bundle.loading import Bundle
from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.generation.recasing import recase
from halo.runtime.array_types import IntArray
from halo.runtime.errors import InputError
from halo.tokenization.text_stream import text_pieces
from halo.topic_modelling.unit_vectors import unit_vectors
from halo.topic_modelling.words import words_of

MIN_WORDS = 5
"""Shorter units, such as headings and signatures, have too few words to tell a topic from."""


@dataclass(frozen=True)
class TopicUnits:
    """The units that are divided among topics, in the order of the text.

    Attributes:
        texts: The text of each unit, for reading.
        documents: The number of the document that each belongs to, shape (N,).
        labels: The label of each unit's document; empty where there is none.
        dates: The date of each unit's document, as `parse_date` returns it, or empty; None if there are no dates.
        splits: The split of each: topics are made from `train`, chosen on `validation` and measured on `test`.
        tokens: The words of each, without numbers and signs, as the model reads them.
        vectors: A vector of each, float32, shape (N, D); see `unit_vectors`.
        paragraphs: The number of each within its document, from 0; shorter ones are counted too.
        sources: Where the document of each stands: a file with a line or row, or the document's number in its split.
        num_skipped: The number of shorter units, which are left out.
    """

    texts: list[str]
    documents: IntArray
    labels: list[str]
    dates: list[str] | None
    splits: list[str]
    tokens: list[list[str]]
    vectors: npt.NDArray[np.float32]
    paragraphs: IntArray
    sources: list[str]
    num_skipped: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    def in_split(self, split: str) -> npt.NDArray[np.bool_]:
        """Returns whether each unit is in a split, shape (N,)."""
        return np.array([each == split for each in self.splits], dtype=bool)


class Unit(NamedTuple):
    """A paragraph or document, before it has a vector.

    Attributes:
        text: The text for reading.
        cleaned: The text as the model reads it, to take its words from.
        ids: The ids of its tokens.
        document: The number of its document.
        label: The label of its document.
        split: Its split.
        paragraph: Its number within its document, from 0.
        source: Where its document stands.
        date: The date of its document; empty if there is none.
    """

    text: str
    cleaned: str
    ids: list[int]
    document: int
    label: str
    split: str
    paragraph: int
    source: str
    date: str = ""


def corpus_units(bundle: Bundle, corpus: Corpus, *, unit: str) -> list[Unit]:
    """Returns the paragraphs or documents of the corpus that a model was trained on.

    Args:
        bundle: The model.
        corpus: Its corpus.
        unit: `paragraph` or `document`.

    Raises:
        InputError: Paragraphs are asked for, and the corpus does not have their ends.
    """
    eos = bundle.config.data.tokenizer.eos
    if unit == "paragraph" and eos == "document":
        raise InputError(
            "unit=paragraph: this model's corpus has no paragraph ends (data.tokenizer.eos=document); "
            "use unit=document, or path=FILE with the text"
        )
    return list(_corpus_units(bundle, corpus, unit))


def _corpus_units(bundle: Bundle, corpus: Corpus, unit: str) -> Iterator[Unit]:
    tokenizer, number = bundle.tokenizer, 0
    unknown = tokenizer.token(tokenizer.unk_id)
    for split in SPLITS:
        offsets = corpus.offsets[split]
        ends = zip(offsets[:-1], offsets[1:], corpus.labels[split], strict=True)
        for place, (begin, end, label) in enumerate(ends, start=1):
            ids = np.array(corpus.ids[split][begin:end], dtype=np.int64)
            source, name = f"{split} document {place}", corpus.label_names[int(label)]
            for paragraph, part in enumerate(_parts(ids, eos_id=tokenizer.eos_id) if unit == "paragraph" else [ids]):
                kept = part.tolist()
                pieces = text_pieces(tokenizer, kept, paragraph_break=bundle.config.data.tokenizer.paragraph_break)
                text = "".join(recase(pieces, bundle.cased_forms)).strip()
                without_eos = [token_id for token_id in kept if token_id != tokenizer.eos_id]
                cleaned = "".join(pieces).replace(unknown, " ")  # or "unk" would be a frequent word
                yield Unit(text, cleaned, without_eos, number, name, split, paragraph, source)
            number += 1


def _parts(ids: IntArray, *, eos_id: int) -> list[IntArray]:
    """Returns the paragraphs of a document, each without its `<eos>`."""
    parts = np.split(ids, np.flatnonzero(ids == eos_id) + 1)
    return [part[part != eos_id] for part in parts]


def collect_units(bundle: Bundle, units: Sequence[Unit]) -> TopicUnits:
    """Returns the units that have at least `MIN_WORDS` words and a token that the model knows, with their vectors.

    Args:
        bundle: The model that makes the vectors.
        units: Paragraphs or documents.

    Raises:
        InputError: No unit is left.
    """
    words = [words_of(unit.cleaned) for unit in units]
    unknown = {bundle.tokenizer.unk_id}
    kept = [number for number, each in enumerate(words) if len(each) >= MIN_WORDS and {*units[number].ids} - unknown]
    if not kept:
        raise InputError(
            f"none of {len(units):,} texts has {MIN_WORDS} words or more, one of them known to the model; "
            "give other texts"
        )
    chosen = [units[number] for number in kept]
    dates = [unit.date for unit in chosen]
    return TopicUnits(
        texts=[unit.text for unit in chosen],
        documents=np.array([unit.document for unit in chosen], dtype=np.int64),
        labels=[unit.label for unit in chosen],
        dates=dates if any(dates) else None,
        splits=[unit.split for unit in chosen],
        tokens=[words[number] for number in kept],
        vectors=unit_vectors(bundle, [unit.ids for unit in chosen]),
        paragraphs=np.array([unit.paragraph for unit in chosen], dtype=np.int64),
        sources=[unit.source for unit in chosen],
        num_skipped=len(units) - len(kept),
    )
