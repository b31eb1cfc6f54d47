"""Draft and ids -> the statistics that the data report draws."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from halo.text.detokenizing import sentences
from halo.text.dividing import Division
from halo.text.draft import Draft
from halo.text.numericalising import WORD_LEVEL, Written
from halo.text.splitting import SPLITS
from halo.text.statistics import Example, Statistics
from halo.text.tokenizer import TextTokenizer
from halo.text.word_table import Indexes

NUM_EXAMPLES = 20
NUM_FREQUENT = 50
NUM_RANKS = 200
NUM_BEGINNINGS = 3
BEGINNING_CHARACTERS = 400
NUM_SENTENCES = 20_000


def describe(draft: Draft, division: Division, written: Mapping[str, Written], tokenizer: TextTokenizer) -> Statistics:
    """Returns what there is to see of a corpus."""
    order = np.argsort(-written["train"].types, kind="stable")
    order = order[: np.count_nonzero(written["train"].types)]
    frequencies = written["train"].types[order]
    ranks = _logarithmic_ranks(len(order))
    is_word_level = tokenizer.kind in WORD_LEVEL
    told, exact = _detokenized(draft, division, tokenizer)
    return Statistics(
        characters_read=draft.characters,
        cleaning=dict(sorted(draft.cleaning.items())),
        examples=choose_examples(draft.examples),
        labels={name: written[name].labels for name in SPLITS},
        types=len(order),
        singletons=int((frequencies == 1).sum()),
        frequent=[
            (draft.strings[number] if is_word_level else tokenizer.token(number), int(written["train"].types[number]))
            for number in order[:NUM_FREQUENT].tolist()
        ],
        ranks=ranks.tolist(),
        frequencies=frequencies[ranks - 1].tolist(),
        coverage={name: _coverage(written[name].types, order, ranks) for name in SPLITS},
        sentences=told,
        sentences_exact=exact,
        beginnings={name: list(_beginnings(draft, division, name)) for name in SPLITS},
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


def _detokenized(draft: Draft, division: Division, tokenizer: TextTokenizer) -> tuple[int, int]:
    """Returns of how many sentences the tokens were joined again, and how many came back exactly."""
    told = exact = 0
    for sentence in itertools.islice(_sentences(draft, division), NUM_SENTENCES):
        told += 1
        exact += (
            tokenizer.decode(tokenizer.encode(sentence)) == sentence
            if tokenizer.kind == "bpe"
            else (tokenizer.join(tokenizer.tokens(sentence)) == sentence)
        )
    return told, exact


def _sentences(draft: Draft, division: Division) -> Iterator[str]:
    for name in SPLITS:
        for block in division.blocks(name, draft):
            for paragraph in draft.paragraphs(block.ids):
                yield from sentences(paragraph)


def _beginnings(draft: Draft, division: Division, split: str) -> Iterator[str]:
    for document in division.documents[split][:NUM_BEGINNINGS].tolist():
        span = division.spans(split, document, draft)[0]
        ids = next(draft.blocks(span), None)
        if ids is not None:
            text = "\n\n".join(draft.paragraphs(np.append(ids[:BEGINNING_CHARACTERS], 0)))
            yield text if len(text) <= BEGINNING_CHARACTERS else _cut(text)


def _cut(text: str) -> str:
    """Returns the beginning of a text, up to the end of a word where there is one."""
    beginning = text[:BEGINNING_CHARACTERS]
    return f"{beginning.rpartition(' ')[0] or beginning} …"
