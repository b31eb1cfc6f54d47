"""All metrics that are reported of a text, computed from the negative log-likelihood of each of its tokens.

Shape letters: N tokens of the text, D documents, V words of the vocabulary.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from halo.config import DataConfig
from halo.corpus.corpus import Corpus
from halo.corpus.text_counts import TextCounts
from halo.evaluation.bootstrap import perplexity_interval
from halo.evaluation.breakdowns import (
    LabelInterval,
    intervals_by_label,
    nll_by_frequency,
    nll_by_label,
    nll_by_position,
)
from halo.evaluation.text_scores import NLL, NLLSummary, text_nll, windows_to_score
from halo.evaluation.tokenized_text import TokenizedText
from halo.models.language_model import LanguageModel
from halo.models.ngram.unigram import token_counts
from halo.tokenization.tokenizer import TextTokenizer


@dataclass(frozen=True)
class TextMetrics:
    """How well a model predicts a text, in total and broken down.

    Attributes:
        all_tokens: All tokens.
        without_eos: All tokens except `<eos>`; None where there are no others.
        known_words: All tokens except `<eos>` and `<unk>`; None where there are no others.
        perplexity_interval: 95% bootstrap interval of the perplexity over documents; None for a single document.
        counts: Number of documents, words, characters and tokens.
        batch_size: Number of parallel streams the text was read in, each of which started without context.
        by_label: By document label; empty where there are no labels.
        label_intervals: 95% bootstrap interval of the perplexity of each label over its documents, and their number;
            the interval is None for a single one.
        by_frequency: By how often the token occurs in the training text, with `<unk>` and `<eos>` separate; empty where
            the training text is not available.
        by_position: By the token's position in its document.
        document_nll: The negative log-likelihood of each document, summed over its tokens, in nats, shape (D,).
        unit: What a character of the text is called: `character`, or `base` of a genome.
    """

    all_tokens: NLLSummary
    without_eos: NLLSummary | None
    known_words: NLLSummary | None
    perplexity_interval: tuple[float, float] | None
    counts: TextCounts
    batch_size: int
    by_label: dict[str, NLLSummary]
    by_frequency: dict[str, NLLSummary]
    by_position: dict[str, NLLSummary]
    document_nll: NLL = field(compare=False, repr=False)
    unit: str = "character"
    label_intervals: Mapping[str, LabelInterval] = field(default_factory=dict)

    @property
    def tokens(self) -> int:
        """Number of predicted tokens, `<eos>` included."""
        return self.all_tokens.tokens

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood in nats per token."""
        return self.all_tokens.nll

    @property
    def perplexity(self) -> float:
        """exp(total nats / number of tokens)."""
        return self.all_tokens.perplexity

    @property
    def bits_per_character(self) -> float | None:
        """Bits of all tokens, plus the bits to spell the unknown words, per character of the cleaned text.

        Comparable between models with different tokenizers and vocabularies. None for a text whose number of
        characters is not known.
        """
        return self._bits_per_character(self.all_tokens.total_nll + self.counts.oov_cost)

    @property
    def oov_bits_per_character(self) -> float | None:
        """The part of `bits_per_character` that spells the unknown words."""
        return self._bits_per_character(self.counts.oov_cost)

    def _bits_per_character(self, nll: float) -> float | None:
        return nll / math.log(2) / self.counts.characters if self.counts.characters else None

    def as_dict(self) -> dict[str, Any]:
        """Returns the metrics as plain data, as written to metrics.json."""
        return {
            "documents": self.counts.documents,
            "unit": self.unit,
            "tokens": self.tokens,
            "characters": self.counts.characters,
            "nll": self.nll,
            "perplexity": self.perplexity,
            "perplexity_interval": None if self.perplexity_interval is None else list(self.perplexity_interval),
            "perplexity_without_eos": None if self.without_eos is None else self.without_eos.perplexity,
            "perplexity_known_words": None if self.known_words is None else self.known_words.perplexity,
            "bits_per_character": self.bits_per_character,
            "oov_bits_per_character": self.oov_bits_per_character,
            "out_of_vocabulary_rate": self.counts.out_of_vocabulary_rate,
            "batch_size": self.batch_size,
            "by_label": {
                name: {**part, **self._interval_of(name)} for name, part in self._breakdown(self.by_label).items()
            },
            "by_frequency": self._breakdown(self.by_frequency),
            "by_position": self._breakdown(self.by_position),
        }

    def _interval_of(self, label: str) -> dict[str, Any]:
        if label not in self.label_intervals:
            return {}
        documents, interval = self.label_intervals[label]
        return {"documents": documents, "perplexity_interval": None if interval is None else list(interval)}

    def _breakdown(self, parts: dict[str, NLLSummary]) -> dict[str, dict[str, float]]:
        total_nll = self.all_tokens.total_nll
        return {
            name: {
                "tokens": part.tokens,
                "share_of_nll": part.total_nll / total_nll if total_nll else 0.0,
                "perplexity": part.perplexity,
            }
            for name, part in parts.items()
        }


def compute_metrics(
    nll_N: NLL,
    text: TokenizedText,
    tokenizer: TextTokenizer,
    *,
    batch_size: int,
    train_counts_V: npt.NDArray[Any] | None,
    unit: str = "character",
) -> TextMetrics:
    """Returns the metrics of a text from the scores of its tokens.

    Args:
        nll_N: The negative log-likelihood of each token in nats, from any model.
        text: The text.
        tokenizer: Its vocabulary.
        batch_size: Number of parallel streams the text was read in.
        train_counts_V: How often each word of the vocabulary occurs in the training text; None if not available.
        unit: What a character of the text is called.
    """
    assert len(nll_N) == len(text.ids), "one negative log-likelihood for each token"
    ids_N = np.asarray(text.ids)
    is_eos_N = ids_N == tokenizer.eos_id
    is_known_N = ~is_eos_N & (ids_N != tokenizer.unk_id)
    tokens_D, nll_D = np.diff(text.offsets), np.diff(np.concatenate(([0.0], np.cumsum(nll_N)))[text.offsets])
    train_counts_N = None if train_counts_V is None else train_counts_V[ids_N]
    return TextMetrics(
        all_tokens=NLLSummary.from_tokens(nll_N),
        without_eos=_summary(nll_N[~is_eos_N]),
        known_words=_summary(nll_N[is_known_N]),
        perplexity_interval=perplexity_interval(nll_D, tokens_D),
        counts=text.counts,
        batch_size=batch_size,
        by_label=nll_by_label(nll_D, tokens_D, text),
        by_frequency={} if train_counts_N is None else nll_by_frequency(nll_N, train_counts_N, ids_N, tokenizer),
        by_position=nll_by_position(nll_N, text.offsets),
        document_nll=nll_D,
        unit=unit,
        label_intervals=intervals_by_label(nll_D, tokens_D, text),
    )


def _summary(nll: NLL) -> NLLSummary | None:
    return NLLSummary.from_tokens(nll) if len(nll) else None


def evaluate_split(model: LanguageModel, corpus: Corpus, split: str, config: DataConfig) -> TextMetrics:
    """Returns the metrics of a model on one split of a corpus.

    Validation and test are read in full, in `report_batch_size` streams. The training split is many times longer and
    is only needed for comparison: `report_train_tokens` of it are read, in `eval_batch_size` streams.
    """
    text, tokenizer, batch_size = TokenizedText.from_split(corpus, split), corpus.tokenizer, config.report_batch_size
    if split == "train":
        batch_size = config.eval_batch_size
        if config.report_train_tokens is not None:
            max_tokens = max(batch_size, config.report_train_tokens)
            text = text.subsample(max_tokens, num_excerpts=batch_size, tokenizer=tokenizer)
    windows = windows_to_score(text.ids, eos_id=tokenizer.eos_id, batch_size=batch_size)
    train_counts_V = token_counts(corpus.ids["train"], tokenizer.vocab_size)
    nll_N = text_nll(model, windows)
    return compute_metrics(
        nll_N, text, tokenizer, batch_size=batch_size, train_counts_V=train_counts_V, unit=unit_of(config)
    )


def unit_of(config: DataConfig) -> str:
    """Returns what a character of a text with these settings is called."""
    return "character" if config.genome is None else "base"
