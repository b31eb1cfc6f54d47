"""The figures that are always reported together, made of the nats of each token of a text.

Shape letters: N tokens of the text, D documents, V words of the vocabulary.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.config import DataConfig
from halo.corpus.corpus import Corpus
from halo.corpus.split_writer import TextCounts
from halo.evaluation.text_scores import NLL, Score, perplexity, text_nll, windows_to_score
from halo.models.language_model import LanguageModel
from halo.models.ngram.unigram import token_counts
from halo.tokenization.tokenizer import EOS, UNK, TextTokenizer

RESAMPLES = 1000
CONFIDENCE = 0.95
SEED = 0
FREQUENCY_BOUNDS = (1, 10, 100, 1_000, 10_000)
POSITION_BOUNDS = (0, 10, 100, 1_000)


class MeasuredText(NamedTuple):
    """A text whose tokens have been scored.

    Attributes:
        ids: Token ids, shape (N,).
        offsets: Where each document begins in them, and the end, shape (D + 1,).
        labels: The label of each document, as an index of `label_names`, shape (D,).
        label_names: The labels; the one label "" where there are none.
        counts: What the text consists of.
    """

    ids: npt.NDArray[Any]
    offsets: npt.NDArray[Any]
    labels: npt.NDArray[Any]
    label_names: Sequence[str]
    counts: TextCounts

    @classmethod
    def of_split(cls, corpus: Corpus, split: str) -> "MeasuredText":
        """Returns one split of a corpus."""
        return cls(
            corpus.ids[split], corpus.offsets[split], corpus.labels[split], corpus.label_names, corpus.counts[split]
        )

    def spread(self, max_tokens: int, *, num_stretches: int, tokenizer: TextTokenizer) -> "MeasuredText":
        """Returns a part of the text: stretches of equal length from all over it, which begin with a document.

        Where a document is so long that they could not, they begin within it. Words and characters are not known, and
        count as 0.

        Args:
            max_tokens: About so many tokens; a text that has no more is returned as it is.
            num_stretches: As many as there are streams, so that each stream reads one of them.
            tokenizer: Its vocabulary.
        """
        total, length = len(self.ids), max(1, max_tokens // num_stretches)
        if total <= max_tokens:
            return self
        places = np.arange(num_stretches + 1) * total // num_stretches
        begins = self.offsets[np.searchsorted(self.offsets, places[:-1])]
        begins = np.where(begins + length <= places[1:], begins, places[:-1])
        ids = np.concatenate([self.ids[begin : begin + length] for begin in begins])
        sizes, labels = [], []
        for begin in begins:
            first, last = np.searchsorted(self.offsets, (begin, begin + length), side="right")
            bounds = np.concatenate(([begin], self.offsets[first:last], [begin + length]))
            sizes.append(np.diff(bounds))
            labels.append(self.labels[first - 1 : last])
        offsets = np.concatenate(([0], np.cumsum(np.concatenate(sizes))))
        counts = TextCounts(
            documents=int((np.diff(offsets) > 0).sum()),
            words=0,
            characters=0,
            tokens=len(ids),
            unknown_tokens=int((ids == tokenizer.unk_id).sum()),
            eos_tokens=int((ids == tokenizer.eos_id).sum()),
            oov_cost=0.0,
        )
        return MeasuredText(ids, offsets, np.concatenate(labels), self.label_names, counts)


@dataclass(frozen=True)
class Quality:
    """How well a text was predicted, and where.

    Attributes:
        whole: All tokens.
        without_eos: All but `<eos>`; None where there are no others.
        known_words: All but `<eos>` and `<unk>`; None where there are no others.
        interval: Bounds of the perplexity that hold in 95 % of the texts made by drawing as many documents as there are
            from them, with replacement; None of a single document.
        counts: What the text consists of.
        batch_size: In how many parallel streams it was read, each of which began without context.
        by_label: The documents of each label; empty where there are no labels.
        by_frequency: The tokens by how often their word occurs in the training text, `<unk>` and `<eos>` apart; empty
            where the training text is not at hand.
        by_position: The tokens by their place in their document.
    """

    whole: Score
    without_eos: Score | None
    known_words: Score | None
    interval: tuple[float, float] | None
    counts: TextCounts
    batch_size: int
    by_label: dict[str, Score]
    by_frequency: dict[str, Score]
    by_position: dict[str, Score]

    @property
    def num_tokens(self) -> int:
        """Number of predicted tokens, `<eos>` among them."""
        return self.whole.num_tokens

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood in nats."""
        return self.whole.nll

    @property
    def perplexity(self) -> float:
        """exp(total nats / predicted tokens)."""
        return self.whole.perplexity

    @property
    def bits_per_character(self) -> float | None:
        """Bits of all tokens, and of spelling the unknown words, for each character of the cleaned text.

        It compares between models of words, characters and pieces of words; None of a text without characters.
        """
        return self._bits_per_character(self.whole.total_nll + self.counts.oov_cost)

    def _bits_per_character(self, nll: float) -> float | None:
        return nll / math.log(2) / self.counts.characters if self.counts.characters else None

    def plain(self) -> dict[str, Any]:
        """Returns the figures as plain data."""
        return {
            "documents": self.counts.documents,
            "tokens": self.num_tokens,
            "characters": self.counts.characters,
            "nll": self.nll,
            "perplexity": self.perplexity,
            "perplexity_interval": None if self.interval is None else list(self.interval),
            "perplexity_without_eos": None if self.without_eos is None else self.without_eos.perplexity,
            "perplexity_known_words": None if self.known_words is None else self.known_words.perplexity,
            "bits_per_character": self.bits_per_character,
            "oov_bits_per_character": self._bits_per_character(self.counts.oov_cost),
            "out_of_vocabulary_rate": self.counts.out_of_vocabulary_rate,
            "batch_size": self.batch_size,
            "by_label": self._plain_parts(self.by_label),
            "by_frequency": self._plain_parts(self.by_frequency),
            "by_position": self._plain_parts(self.by_position),
        }

    def _plain_parts(self, parts: dict[str, Score]) -> dict[str, dict[str, float]]:
        total = self.whole.total_nll
        return {
            name: {
                "tokens": part.num_tokens,
                "share_of_nll": part.total_nll / total if total else 0.0,
                "perplexity": part.perplexity,
            }
            for name, part in parts.items()
        }


def measure(
    nll_N: NLL,
    text: MeasuredText,
    tokenizer: TextTokenizer,
    *,
    batch_size: int,
    train_counts_V: npt.NDArray[Any] | None,
) -> Quality:
    """Returns the figures of a text.

    Args:
        nll_N: The negative log-likelihood of each token in nats, from whatever model.
        text: The text.
        tokenizer: Its vocabulary.
        batch_size: In how many parallel streams the text was read.
        train_counts_V: How often each word of the vocabulary occurs in the training text; None if that is not at hand.
    """
    assert len(nll_N) == len(text.ids), "one figure for each token"
    ids_N = np.asarray(text.ids)
    is_end_N = ids_N == tokenizer.eos_id
    is_known_N = ~is_end_N & (ids_N != tokenizer.unk_id)
    tokens_D, nll_D = np.diff(text.offsets), np.diff(np.concatenate(([0.0], np.cumsum(nll_N)))[text.offsets])
    return Quality(
        whole=Score.of(nll_N),
        without_eos=_score(nll_N[~is_end_N]),
        known_words=_score(nll_N[is_known_N]),
        interval=bootstrap_interval(nll_D, tokens_D),
        counts=text.counts,
        batch_size=batch_size,
        by_label=_by_label(nll_D, tokens_D, text),
        by_frequency={} if train_counts_V is None else _by_frequency(nll_N, train_counts_V[ids_N], ids_N, tokenizer),
        by_position=_by_position(nll_N, text.offsets),
    )


def measure_split(model: LanguageModel, corpus: Corpus, split: str, config: DataConfig) -> Quality:
    """Returns the figures of one split of a corpus.

    Validation and test are read in `report_batch_size`; of the training text, which is many times longer and is measured
    to be set against them, a part is read, of `report_train_tokens`, in `eval_batch_size`.
    """
    text, tokenizer, batch_size = MeasuredText.of_split(corpus, split), corpus.tokenizer, config.report_batch_size
    if split == "train":
        batch_size = config.eval_batch_size
        if config.report_train_tokens is not None:
            limit = max(batch_size, config.report_train_tokens)
            text = text.spread(limit, num_stretches=batch_size, tokenizer=tokenizer)
    windows = windows_to_score(text.ids, eos_id=tokenizer.eos_id, batch_size=batch_size)
    train_counts_V = token_counts(corpus.ids["train"], tokenizer.vocab_size)
    nll_N = text_nll(model, windows)
    return measure(nll_N, text, tokenizer, batch_size=batch_size, train_counts_V=train_counts_V)


def bootstrap_interval(nll_D: NLL, tokens_D: npt.NDArray[Any]) -> tuple[float, float] | None:
    """Returns the 95 % percentile interval of the perplexity over documents; None with fewer than two documents.

    A document is drawn as a whole: its words depend on each other, so that single words drawn would promise a precision
    that is not there (Efron and Tibshirani 1993). The drawing has a seed of its own: the same figures give the same
    interval.

    Args:
        nll_D: The summed nats of each document.
        tokens_D: The number of tokens of each document.
    """
    nll_D, tokens_D = nll_D[tokens_D > 0], tokens_D[tokens_D > 0]
    num_documents = len(nll_D)
    if num_documents < 2:
        return None
    generator = np.random.default_rng(SEED)
    means = np.empty(RESAMPLES)
    for resample in range(RESAMPLES):
        drawn = generator.integers(num_documents, size=num_documents)
        means[resample] = nll_D[drawn].sum() / tokens_D[drawn].sum()
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return perplexity(float(low)), perplexity(float(high))


def _score(nll: NLL) -> Score | None:
    return Score.of(nll) if len(nll) else None


def _by_label(nll_D: NLL, tokens_D: npt.NDArray[Any], text: MeasuredText) -> dict[str, Score]:
    if not any(text.label_names):
        return {}
    size = len(text.label_names)
    nll, tokens = np.bincount(text.labels, nll_D, size), np.bincount(text.labels, tokens_D, size)
    scores = {
        name or "(none)": Score(float(nll[number]), int(tokens[number]))
        for number, name in enumerate(text.label_names)
        if tokens[number]
    }
    return dict(sorted(scores.items()))


def _by_frequency(
    nll_N: NLL, frequency_N: npt.NDArray[Any], ids_N: npt.NDArray[Any], tokenizer: TextTokenizer
) -> dict[str, Score]:
    bins_N = np.searchsorted(FREQUENCY_BOUNDS, frequency_N, side="right")
    names = ["0", *_ranges(FREQUENCY_BOUNDS)]
    for token_id, name in ((tokenizer.unk_id, UNK), (tokenizer.eos_id, EOS)):
        bins_N[ids_N == token_id] = len(names)
        names.append(name)
    return _by_bin(nll_N, bins_N, names)


def _by_position(nll_N: NLL, offsets: npt.NDArray[Any]) -> dict[str, Score]:
    position_N = np.arange(len(nll_N)) - np.repeat(offsets[:-1], np.diff(offsets))
    bins_N = np.searchsorted(POSITION_BOUNDS, position_N, side="right") - 1
    return _by_bin(nll_N, bins_N, _ranges([bound + 1 for bound in POSITION_BOUNDS]))


def _ranges(bounds: Sequence[int]) -> list[str]:
    """Returns the names of the stretches that begin at the bounds.

    >>> _ranges([1, 10, 1000])
    ['1 to 9', '10 to 999', '1,000 and more']
    """
    inner = [f"{low:,} to {high - 1:,}" for low, high in itertools.pairwise(bounds)]
    return [*inner, f"{bounds[-1]:,} and more"]


def _by_bin(nll_N: NLL, bins_N: npt.NDArray[Any], names: Sequence[str]) -> dict[str, Score]:
    nll, tokens = np.bincount(bins_N, nll_N, len(names)), np.bincount(bins_N, minlength=len(names))
    return {name: Score(float(nll[number]), int(tokens[number])) for number, name in enumerate(names) if tokens[number]}
