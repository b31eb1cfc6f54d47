"""Draft and ids -> the statistics that the data report draws."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from halo.config import SPLITS
from halo.corpus.split_writer import WORD_LEVEL, SplitStats
from halo.corpus.splits.division import Division
from halo.corpus.store.statistics import Example, Statistics
from halo.corpus.store.token_store import TokenStore
from halo.corpus.store.word_table import Indexes
from halo.tokenization.detokenizer import sentences
from halo.tokenization.tokenizer import TextTokenizer

NUM_EXAMPLES = 20
NUM_FREQUENT = 50
NUM_RANKS = 200
NUM_BEGINNINGS = 3
BEGINNING_CHARACTERS = 400
NUM_SENTENCES = 20_000


def describe(
    store: TokenStore, division: Division, stats: Mapping[str, SplitStats], tokenizer: TextTokenizer
) -> Statistics:
    """Returns what there is to see of a corpus."""
    order = np.argsort(-stats["train"].types, kind="stable")
    order = order[: np.count_nonzero(stats["train"].types)]
    frequencies = stats["train"].types[order]
    ranks = _logarithmic_ranks(len(order))
    is_word_level = tokenizer.kind in WORD_LEVEL
    told, exact = _detokenized(store, division, tokenizer)
    return Statistics(
        characters_read=store.characters,
        cleaning=dict(sorted(store.cleaning.items())),
        examples=choose_examples(store.examples),
        labels={name: stats[name].labels for name in SPLITS},
        types=len(order),
        singletons=int((frequencies == 1).sum()),
        frequent=[
            (store.strings[number] if is_word_level else tokenizer.token(number), int(stats["train"].types[number]))
            for number in order[:NUM_FREQUENT].tolist()
        ],
        ranks=ranks.tolist(),
        frequencies=frequencies[ranks - 1].tolist(),
        coverage={name: _coverage(stats[name].types, order, ranks) for name in SPLITS},
        sentences=told,
        sentences_exact=exact,
        beginnings={name: list(_beginnings(store, division, name)) for name in SPLITS},
    )


def _logarithmic_ranks(num_types: int) -> Indexes:
    ranks: Indexes = np.unique(np.geomspace(1, max(num_types, 1), NUM_RANKS).round().astype(np.int64))
    return ranks[ranks <= num_types]


def _coverage(types: Indexes, order: Indexes, ranks: Indexes) -> list[float]:
    covered = np.cumsum(types[order])[ranks - 1] / max(int(types.sum()), 1)
    return [round(share, 6) for share in covered.tolist()]


def choose_examples(examples: Sequence[Example]) -> list[Example]:
    """Returns up to twenty examples, those of steps that are rare among them first."""
    shown: Counter[str] = Counter()
    left = list({example.before: example for example in examples}.values())
    chosen: list[Example] = []
    while left and len(chosen) < NUM_EXAMPLES:
        newest = min(left, key=lambda example: min(shown[step] for step in example.steps))
        left.remove(newest)
        chosen.append(newest)
        shown.update(newest.steps)
    return chosen


def _detokenized(store: TokenStore, division: Division, tokenizer: TextTokenizer) -> tuple[int, int]:
    """Returns of how many sentences the tokens were joined again, and how many came back exactly."""
    told = exact = 0
    for sentence in itertools.islice(_sentences(store, division), NUM_SENTENCES):
        told += 1
        exact += (
            tokenizer.decode(tokenizer.encode(sentence)) == sentence
            if tokenizer.kind == "bpe"
            else (tokenizer.join(tokenizer.tokens(sentence)) == sentence)
        )
    return told, exact


def _sentences(store: TokenStore, division: Division) -> Iterator[str]:
    for name in SPLITS:
        for block in division.blocks(name, store):
            for paragraph in store.paragraphs(block.ids):
                yield from sentences(paragraph)


def _beginnings(store: TokenStore, division: Division, split: str) -> Iterator[str]:
    for document in division.documents[split][:NUM_BEGINNINGS].tolist():
        span = division.spans(split, document, store)[0]
        ids = next(store.blocks(span), None)
        if ids is not None:
            text = "\n\n".join(store.paragraphs(np.append(ids[:BEGINNING_CHARACTERS], 0)))
            yield text if len(text) <= BEGINNING_CHARACTERS else _cut(text)


def _cut(text: str) -> str:
    """Returns the beginning of a text, up to the end of a word where there is one."""
    beginning = text[:BEGINNING_CHARACTERS]
    return f"{beginning.rpartition(' ')[0] or beginning} …"
