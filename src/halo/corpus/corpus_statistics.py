"""Computation of the statistics that the data report shows, while a corpus is prepared."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from halo.config import SPLITS
from halo.corpus.split_writer import WORD_LEVEL, SplitStats
from halo.corpus.splits.split_plan import SplitPlan
from halo.corpus.store.statistics_file import CleaningExample, CorpusStatistics
from halo.corpus.store.token_store import TokenStore
from halo.runtime.array_types import IntArray
from halo.tokenization.detokenizer import sentences
from halo.tokenization.tokenizer import TextTokenizer

NUM_EXAMPLES = 20
NUM_FREQUENT = 50
NUM_REMOVED = 10
NUM_RANKS = 200
NUM_BEGINNINGS = 3
BEGINNING_CHARACTERS = 400
MAX_SENTENCES = 20_000
MIN_CASED = 2
"""A word has to be capitalised within sentences at least this often to count as a name."""


def compute_statistics(
    store: TokenStore, plan: SplitPlan, stats: Mapping[str, SplitStats], tokenizer: TextTokenizer
) -> CorpusStatistics:
    """Returns the statistics of a corpus.

    Args:
        store: The cleaned text.
        plan: The content of each split.
        stats: The counts of each split.
        tokenizer: The tokenizer of the corpus.
    """
    train_counts = stats["train"].type_counts
    order = np.argsort(-train_counts, kind="stable")
    order = order[: np.count_nonzero(train_counts)]
    frequencies = train_counts[order]
    ranks = _logarithmic_ranks(len(order))
    is_word_level = tokenizer.kind in WORD_LEVEL
    num_sentences, num_exact = _count_exact_sentences(store, plan, tokenizer)
    return CorpusStatistics(
        characters_read=store.num_characters,
        cleaning=dict(sorted(store.cleaning_counts.steps.items())),
        removed=dict(store.cleaning_counts.removed.most_common(NUM_REMOVED)),
        examples=choose_examples(store.cleaning_examples),
        labels={name: stats[name].labels for name in SPLITS},
        types=len(order),
        singletons=int((frequencies == 1).sum()),
        frequent=[
            (store.token_strings[number] if is_word_level else tokenizer.token(number), int(train_counts[number]))
            for number in order[:NUM_FREQUENT].tolist()
        ],
        ranks=ranks.tolist(),
        frequencies=frequencies[ranks - 1].tolist(),
        coverage={name: _coverage(stats[name].type_counts, order, ranks) for name in SPLITS},
        sentences=num_sentences,
        sentences_exact=num_exact,
        beginnings={name: list(_beginnings(store, plan, name)) for name in SPLITS},
        cased_forms=_cased_forms(store, tokenizer) if is_word_level else {},
    )


def _cased_forms(store: TokenStore, tokenizer: TextTokenizer) -> dict[str, str]:
    """Returns the form with capitals of those words of the vocabulary that mostly have them within sentences."""
    capitalised = store.cleaning_counts.capitalised
    forms: dict[str, str] = {}
    capitals: Counter[str] = Counter()
    for form, count in capitalised.anywhere.items():
        capitals[form.lower()] += count
    for form, _ in reversed(capitalised.within_sentences.most_common()):
        forms[form.lower()] = form  # of several forms the most frequent remains
    totals, counts = dict.fromkeys(forms, 0), store.token_counts()
    for token, count in zip(store.token_strings, counts.tolist(), strict=True):
        if token in totals:
            totals[token] = count
    vocabulary, within = tokenizer.vocabulary(), capitalised.within_sentences
    return {
        word: form
        for word, form in sorted(forms.items())
        if word in vocabulary and within[form] >= MIN_CASED and within[form] > totals[word] - capitals[word]
    }


def _logarithmic_ranks(num_types: int) -> IntArray:
    ranks: IntArray = np.unique(np.geomspace(1, max(num_types, 1), NUM_RANKS).round().astype(np.int64))
    return ranks[ranks <= num_types]


def _coverage(type_counts: IntArray, order: IntArray, ranks: IntArray) -> list[float]:
    covered = np.cumsum(type_counts[order])[ranks - 1] / max(int(type_counts.sum()), 1)
    return [round(fraction, 6) for fraction in covered.tolist()]


def choose_examples(examples: Sequence[CleaningExample]) -> list[CleaningExample]:
    """Returns up to twenty examples, those of steps that are rare among them first."""
    shown: Counter[str] = Counter()
    remaining = list({example.before: example for example in examples}.values())
    chosen: list[CleaningExample] = []
    while remaining and len(chosen) < NUM_EXAMPLES:
        rarest = min(remaining, key=lambda example: min(shown[step] for step in example.steps))
        remaining.remove(rarest)
        chosen.append(rarest)
        shown.update(rarest.steps)
    return chosen


def _count_exact_sentences(store: TokenStore, plan: SplitPlan, tokenizer: TextTokenizer) -> tuple[int, int]:
    """Returns the number of sentences that were tokenized and detokenized, and of those reproduced exactly."""
    total = exact = 0
    for sentence in itertools.islice(_sentences(store, plan), MAX_SENTENCES):
        total += 1
        exact += (
            tokenizer.decode(tokenizer.encode(sentence)) == sentence
            if tokenizer.kind == "bpe"
            else (tokenizer.join(tokenizer.tokens(sentence)) == sentence)
        )
    return total, exact


def _sentences(store: TokenStore, plan: SplitPlan) -> Iterator[str]:
    for name in SPLITS:
        for block in plan.blocks(name, store):
            for paragraph in store.paragraphs(block.tokens):
                yield from sentences(paragraph)


def _beginnings(store: TokenStore, plan: SplitPlan, split: str) -> Iterator[str]:
    for document in plan.documents[split][:NUM_BEGINNINGS].tolist():
        span = plan.spans(split, document, store)[0]
        tokens = next(store.blocks(span), None)
        if tokens is not None:
            text = "\n\n".join(store.paragraphs(np.append(tokens[:BEGINNING_CHARACTERS], 0)))
            yield text if len(text) <= BEGINNING_CHARACTERS else _shorten(text)


def _shorten(text: str) -> str:
    """Returns the beginning of a text, cut at the end of a word if possible."""
    beginning = text[:BEGINNING_CHARACTERS]
    return f"{beginning.rpartition(' ')[0] or beginning} …"
