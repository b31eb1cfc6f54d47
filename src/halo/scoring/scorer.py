"""The surprisal of each word and token of many texts."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, get_args

import numpy as np

from halo.bundle.loading import Bundle
from halo.generation.stream import Alternative
from halo.models.language_model import State
from halo.runtime.errors import InputError, require
from halo.scoring.encoding import EncodedText, TextEncoder
from halo.scoring.ngram_scores import NgramScores
from halo.scoring.predictions import Figures, Predictions, Predictor
from halo.scoring.scored_text import MERGED, REMOVED, ScoredText, ScoredToken, ScoredWord
from halo.tokenization.oov_cost import OOVCost

Context = Literal["reset", "running"]
OOV = Literal["spell", "unk", "na"]

LN_2 = math.log(2)


class Scorer:
    """Scores texts with a model.

    Args:
        bundle: The model.
        context: `reset`: each text is read by itself after an `<eos>`; `running`: after all texts before it, also
            those of earlier calls, as one text.
        oov: The surprisal of a word outside the vocabulary: `unk`: that of `<unk>`; `spell`: the cost of spelling it is
            added (`halo.tokenization.oov_cost`); `na`: none.
        with_distributions: Whether entropy, entropy reduction and rank are computed, which takes more time.
        num_alternatives: Number of the likeliest tokens before each word.
        ngrams: Scores of the training text alone; None for none.

    Raises:
        InputError: An argument is out of range.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        context: Context = "reset",
        oov: OOV = "unk",
        with_distributions: bool = True,
        num_alternatives: int = 0,
        ngrams: NgramScores | None = None,
    ) -> None:
        require(context in get_args(Context), "context", context, f"must be {' or '.join(get_args(Context))}")
        require(oov in get_args(OOV), "oov", oov, f"must be one of {', '.join(get_args(OOV))}")
        is_number = isinstance(num_alternatives, int) and num_alternatives >= 0
        require(is_number, "num_alternatives", num_alternatives, "must be a whole number from 0")
        self._bundle = bundle
        self._tokenizer = bundle.tokenizer
        self._encoder = TextEncoder(bundle)
        self._predictor = Predictor(
            bundle.model,
            vocab_size=bundle.tokenizer.vocab_size,
            eos_id=bundle.tokenizer.eos_id,
            with_distributions=with_distributions or num_alternatives > 0,
            num_likeliest=num_alternatives + 1 if num_alternatives else 0,  # one may be <unk>
        )
        self._num_alternatives = num_alternatives
        self._is_running = context == "running"
        self._oov = oov
        self._oov_cost = OOVCost(bundle.tokenizer) if oov == "spell" else None
        self._ngrams = ngrams
        self._state: State | None = None

    def score(self, texts: Sequence[str]) -> list[ScoredText]:
        """Returns the scores of each text; of one without words there are none.

        Raises:
            InputError: The model's predictions are not finite.
        """
        encoded = self._encoder.encode(texts)
        predicted = self._predict([each.ids for each in encoded])
        if not all(np.isfinite(each.bits).all() for each in predicted):
            folder = self._bundle.folder
            raise InputError(f"{folder}: the model's predictions are not finite numbers; use another model")
        kneser_ney: Sequence[Figures | None] = [None] * len(encoded)
        if self._ngrams is not None:
            ids = [each.ids for each in encoded]
            kneser_ney = [*self._ngrams.kneser_ney_bits(ids, eos_id=self._tokenizer.eos_id)]
        return [*map(self._scored_text, texts, encoded, predicted, kneser_ney)]

    def _predict(self, texts: Sequence[list[int]]) -> list[Predictions]:
        """Returns the predictions of the tokens of each text, and of the `<eos>` behind it."""
        # The `<eos>` is read for the entropy after the last word, and before the next text.
        with_eos = [[*ids, self._tokenizer.eos_id] for ids in texts]
        if not self._is_running:
            return self._predictor.predict_texts(with_eos if self._predictor.with_distributions else texts)
        if not with_eos:
            return []
        stream = [token_id for ids in with_eos for token_id in ids]
        predictions, self._state = self._predictor.predict_next(stream, self._state)
        ends = np.cumsum([0, *map(len, with_eos)]).tolist()
        return [predictions.select(lambda each, part=slice(*ends): each[part]) for ends in pairwise(ends)]  # type: ignore[misc]

    def _scored_text(
        self, text: str, encoded: EncodedText, predicted: Predictions, kneser_ney_bits: Figures | None
    ) -> ScoredText:
        """Returns the scores of one text."""
        bits = predicted.bits[encoded.places].tolist()
        unk_id = self._tokenizer.unk_id
        if self._oov_cost is not None:
            for place, token in enumerate(encoded.tokens):
                if token.token_id == unk_id:
                    bits[place] += self._oov_cost.of_token(token.text) / LN_2
        tokens = [
            ScoredToken(token.text, value, token.token_id != unk_id)
            for token, value in zip(encoded.tokens, bits, strict=True)
        ]
        words = self._words(text, encoded, tokens)
        words = self._with_distributions(words, encoded, predicted)
        words = self._with_ngrams(words, encoded, kneser_ney_bits)
        return ScoredText(tuple(tokens), tuple(words))

    def _words(self, text: str, encoded: EncodedText, tokens: Sequence[ScoredToken]) -> Iterator[ScoredWord]:
        """Yields each word with its surprisal."""
        first = 0
        for index, (start, end) in enumerate(encoded.words):
            last = first
            while last < len(tokens) and encoded.tokens[last].word == index:
                last += 1
            if last == first:
                note = MERGED if index in encoded.merged else REMOVED
                yield ScoredWord(text[start:end], start, end, None, first_token=first, note=note)
                continue
            own = tokens[first:last]
            is_known = all(token.is_known for token in own)
            bits = own[0].bits if len(own) == 1 else math.fsum(token.bits for token in own)
            is_given = is_known or self._oov != "na"
            yield ScoredWord(
                text[start:end],
                start,
                end,
                bits=bits if is_given else None,
                probability=2.0**-bits if is_given else None,
                is_known=is_known,
                first_token=first,
                num_tokens=last - first,
            )
            first = last

    def _with_distributions(
        self, words: Iterator[ScoredWord], encoded: EncodedText, predicted: Predictions
    ) -> Iterator[ScoredWord]:
        """Yields each word with entropy, entropy reduction, rank and alternatives."""
        if predicted.distributions is None:
            yield from words
            return
        found = predicted.distributions
        entropy, ranks = found.entropy_bits.tolist(), found.ranks.tolist()
        for word in words:
            if not word.num_tokens:
                yield word
                continue
            place, after = (
                encoded.places[word.first_token],
                encoded.places[word.first_token + word.num_tokens - 1] + 1,
            )
            is_given = word.bits is not None
            yield word._replace(
                entropy_bits=entropy[place],
                entropy_reduction_bits=max(0.0, entropy[place] - entropy[after]),
                rank=ranks[place] if is_given else None,
                alternatives=self._alternatives(found.likeliest_ids[place], found.likeliest_nll[place]),
            )

    def _alternatives(self, ids: Figures, nll: Figures) -> tuple[Alternative, ...]:
        """Returns the likeliest tokens of a place, without `<unk>`."""
        likeliest = zip(ids.tolist(), nll.tolist(), strict=True)
        named = [
            Alternative(self._tokenizer.token(each), -own) for each, own in likeliest if each != self._tokenizer.unk_id
        ]
        return tuple(named[: self._num_alternatives])

    def _with_ngrams(
        self, words: Iterator[ScoredWord], encoded: EncodedText, kneser_ney_bits: Figures | None
    ) -> Iterator[ScoredWord]:
        """Yields each word with its frequency in the training text, unigram and Kneser-Ney surprisal."""
        if self._ngrams is None:
            yield from words
            return
        unigram, frequencies = self._ngrams.unigram_bits_V, self._ngrams.log_frequencies_V
        for word in words:
            own = encoded.tokens[word.first_token : word.first_token + word.num_tokens]
            if not own:
                yield word
                continue
            has_letters = [token for token in own if any(map(str.isalnum, token.text))]
            is_given = word.bits is not None
            places = encoded.places[word.first_token : word.first_token + word.num_tokens]
            yield word._replace(
                log_frequency=float(min(frequencies[token.token_id] for token in has_letters or own)),
                unigram_bits=math.fsum(unigram[token.token_id] for token in own) if is_given else None,
                kneser_ney_bits=float(kneser_ney_bits[places].sum())
                if is_given and kneser_ney_bits is not None
                else None,
            )


def score_texts(
    bundle: Bundle,
    texts: Sequence[str],
    *,
    context: Context = "reset",
    oov: OOV = "unk",
    with_distributions: bool = True,
    num_alternatives: int = 0,
    ngrams: NgramScores | None = None,
) -> list[ScoredText]:
    """Returns the scores of each text; see `Scorer`."""
    scorer = Scorer(
        bundle,
        context=context,
        oov=oov,
        with_distributions=with_distributions,
        num_alternatives=num_alternatives,
        ngrams=ngrams,
    )
    return scorer.score(texts)
