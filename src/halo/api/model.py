"""A trained model in use: perplexity, surprisal and generation from Python."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np
import numpy.typing as npt
import torch

from halo.api.next_words import NextWord, next_words
from halo.api.sampling_options import SamplingOptions, sampling_of
from halo.api.scored_texts import ScoredTexts
from halo.api.text_embeddings import Vectors, embed
from halo.api.texts import MAX_SHOWN, Texts, require_text, several, without_words
from halo.bundle.loading import Bundle
from halo.config import DTYPES
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.encoded_documents import clean_document, encode_documents
from halo.evaluation.text_scores import NLLSummary, text_nll, windows_to_score
from halo.generation.generator import generate
from halo.generation.prompts import encode_prompt
from halo.generation.stream import GeneratedToken, stream_tokens
from halo.models.computed_weights import fix_computed_weights
from halo.models.language_model import num_parameters
from halo.runtime.errors import InputError, require
from halo.scoring.ngram_scores import NgramScores
from halo.scoring.scorer import OOV, Context, score_texts

OF_CLASSIFIERS = ("classify", "probabilities", "explain", "labels")
"""What a `Classifier` has and a language model has not."""

TOKENS_PER_STREAM = 50_000
"""A longer text is read in parallel streams of this size, as `halo.evaluate` does; each starts without context."""
MAX_STREAMS = 64


class Model:
    """A trained language model with its vocabulary and text settings, ready to use; `halo.load` returns one.

    Texts are cleaned and tokenized like the training text. Several threads may use one model at the same time.

    Attributes:
        bundle: Network, tokenizer and settings.

    In the examples `bundle_folder` holds a model that has learned nothing: its seven tokens are equally likely.

    >>> import halo
    >>> model = halo.load(bundle_folder, device="cpu")
    >>> model.vocab_size
    7
    >>> round(model.perplexity("The virus spreads in the air."), 6)
    7.0
    >>> (scored,) = model.score("the virus mutates")
    >>> [(token.text, round(token.bits, 2), token.is_known) for token in scored.tokens]
    [('the', 2.81, True), ('virus', 2.81, True), ('mutates', 2.81, False)]
    >>> texts = model.generate("the virus", num_samples=2, num_words=5, seed=1)
    >>> [text.startswith("the virus ") for text in texts]
    [True, True]
    >>> [round(word.probability, 6) for word in model.next_words("the virus", k=2)]
    [0.142857, 0.142857]
    >>> model.embed(["the virus", "the air"]).shape
    (2, 4)
    """

    def __init__(self, bundle: Bundle) -> None:
        self._num_parameters = num_parameters(bundle.model)
        fix_computed_weights(bundle.model.eval())
        self.bundle = bundle
        self._frequencies = NgramScores.from_counts(bundle.word_counts, unk_id=bundle.tokenizer.unk_id)

    @property
    def folder(self) -> Path:
        """The folder that the model was loaded from."""
        return self.bundle.folder

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.bundle.model.parameters()).device

    @property
    def vocab_size(self) -> int:
        """Number of tokens of the vocabulary, `<unk>` and `<eos>` included."""
        return self.bundle.tokenizer.vocab_size

    @property
    def num_parameters(self) -> int:
        """Number of weights, shared ones counted once."""
        return self._num_parameters

    def __repr__(self) -> str:
        name, tokenizer = self.bundle.config.model.name, self.bundle.tokenizer.kind
        sizes = f"{self.num_parameters:,} parameters, {self.vocab_size:,} {tokenizer} tokens"
        return f"<halo.Model {name}: {sizes}, {self.device}, from {self.folder}>"

    def perplexity(self, text: str) -> float:
        """Returns the perplexity of a text: exp(mean negative log-likelihood of its tokens in nats).

        The text is read as one document; paragraphs are separated by blank lines. As in `halo.evaluate`, `<eos>` at the
        end of each paragraph or document counts as a token, and a token outside the vocabulary as `<unk>`.

        Args:
            text: The text.

        Raises:
            InputError: The text is empty after cleaning, or the model's predictions are not finite.
        """
        cleaned = "\n\n".join(self._paragraphs(text))
        ids = encode_documents([cleaned], self.bundle.tokenizer, self.bundle.config.data).ids
        batch_size = max(1, min(MAX_STREAMS, len(ids) // TOKENS_PER_STREAM))
        windows = windows_to_score(ids, eos_id=self.bundle.tokenizer.eos_id, batch_size=batch_size)
        summary = NLLSummary.from_tokens(text_nll(self.bundle.model, windows))
        self._require_finite(summary.nll)
        return summary.perplexity

    def score(
        self, texts: str | Iterable[str], *, context: Context = "reset", oov: OOV = "unk", num_alternatives: int = 0
    ) -> ScoredTexts:
        """Returns the surprisal of each word and each token of each text, with entropy and rank.

        `<eos>` is not scored. The result is a list of `ScoredText`, with `rows()` and `to_pandas()` for a table of all
        words; a notebook shows it as coloured text.

        Args:
            texts: Sentences or longer texts, or a single one.
            context: `reset`: each text is read by itself, as the beginning of a document; `running`: after those before
                it.
            oov: The surprisal of a word outside the vocabulary: `unk`: that of `<unk>`; `spell`: with the cost of its
                spelling; `na`: none.
            num_alternatives: Number of the likeliest tokens to list before each word.

        Raises:
            InputError: A text is empty after cleaning, or the model's predictions are not finite.
        """
        given = several(texts)
        for text in given:
            require_text(text)
        scored = score_texts(
            self.bundle, given, context=context, oov=oov, num_alternatives=num_alternatives, ngrams=self._frequencies
        )
        for text, each in zip(given, scored, strict=True):
            if not each.tokens:
                raise without_words(text)
        return ScoredTexts(scored)

    @overload
    def surprisal(self, texts: str) -> npt.NDArray[np.float64]: ...
    @overload
    def surprisal(self, texts: Texts) -> list[npt.NDArray[np.float64]]: ...

    def surprisal(self, texts: str | Texts) -> npt.NDArray[np.float64] | list[npt.NDArray[np.float64]]:
        """Returns the surprisal of each word in bits, NaN for a word that cleaning removes.

        Words are those of the text as it stands, divided by white space; `score` gives their places.

        Args:
            texts: A text, for one array; or several, for a list of arrays. Each is read by itself.

        Raises:
            InputError: As `score`.
        """
        found = [np.array([word.bits for word in text.words], dtype=np.float64) for text in self.score(texts)]
        return found[0] if isinstance(texts, str) else found

    @overload
    def next_words(self, text: str = ..., k: int = ...) -> list[NextWord]: ...
    @overload
    def next_words(self, text: Texts, k: int = ...) -> list[list[NextWord]]: ...

    def next_words(self, text: str | Texts = "", k: int = 10) -> list[NextWord] | list[list[NextWord]]:
        """Returns the likeliest words after a text, the likeliest first.

        Args:
            text: The text, "" for the beginning of a document; or several texts, for a list of lists.
            k: The number of words.

        Raises:
            InputError: The model knows no word of the text, or an argument has a wrong type or value.
        """
        require(type(k) is int and k >= 1, "k", k, "must be a whole number from 1")
        network, tokenizer = self.bundle.model, self.bundle.tokenizer
        found = [next_words(network, tokenizer, self._prompt_ids(each), k=k) for each in several(text)]
        return found[0] if isinstance(text, str) else found

    def embed(self, texts: str | Iterable[str]) -> Vectors:
        """Returns a vector for each text: the mean over its tokens of what the last layer knows, float32, (n, D).

        Texts with similar vectors are about similar things; compare them by their cosine.

        Args:
            texts: Sentences or longer texts, or a single one.

        Raises:
            InputError: There is no text, or one is empty after cleaning.
        """
        given = several(texts)
        require(len(given) > 0, "texts", given, "must hold at least one text")
        encode = self.bundle.tokenizer.encode
        ids = [[token_id for piece in self._paragraphs(text) for token_id in encode(piece)] for text in given]
        return embed(self.bundle.model, ids, eos_id=self.bundle.tokenizer.eos_id)

    @overload
    def generate(
        self, prompt: str = ..., *, num_samples: int = ..., dtype: str = ..., **sampling: Unpack[SamplingOptions]
    ) -> list[str]: ...
    @overload
    def generate(
        self, prompt: Texts, *, num_samples: int = ..., dtype: str = ..., **sampling: Unpack[SamplingOptions]
    ) -> list[list[str]]: ...

    def generate(
        self,
        prompt: str | Texts = "",
        *,
        num_samples: int = 1,
        dtype: str = "float32",
        **sampling: Unpack[SamplingOptions],
    ) -> list[str] | list[list[str]]:
        """Returns texts that continue a prompt; the same seed gives the same texts.

        Args:
            prompt: The beginning, "" for the beginning of a paragraph; or several, for a list of texts for each.
            num_samples: Number of texts for each prompt; they are generated side by side.
            dtype: Number format of a recurrent model's weights, one of `halo.config.DTYPES`.
            sampling: See `SamplingOptions`.

        Raises:
            InputError: An argument is out of range, or the model knows no word of the prompt.
        """
        is_number = type(num_samples) is int and num_samples >= 1
        require(is_number, "num_samples", num_samples, "must be a whole number from 1")
        require(dtype in DTYPES, "dtype", dtype, f"must be one of {', '.join(DTYPES)}")
        settings = sampling_of(sampling)
        texts = [
            generate(
                self.bundle.model,
                self.bundle.tokenizer,
                self._prompt_ids(each),
                num_samples=num_samples,
                sampling=settings,
                dtype=dtype,
                paragraph_break=self.bundle.config.data.tokenizer.paragraph_break,
            )
            for each in several(prompt, key="prompt")
        ]
        return texts[0] if isinstance(prompt, str) else texts

    def stream(
        self, prompt: str = "", *, num_alternatives: int = 0, **sampling: Unpack[SamplingOptions]
    ) -> Iterator[GeneratedToken]:
        """Returns an iterator over the words that continue a prompt, each computed when it is asked for.

        They are those of `generate` with the same seed.

        Args:
            prompt: The beginning; "" for the beginning of a paragraph.
            num_alternatives: Number of likely words that each comes with.
            sampling: See `SamplingOptions`.

        Raises:
            InputError: An argument is out of range, or the model knows no word of the prompt.
        """
        is_number = type(num_alternatives) is int and num_alternatives >= 0
        require(is_number, "num_alternatives", num_alternatives, "must be a whole number from 0")
        return stream_tokens(
            self.bundle.model,
            self.bundle.tokenizer,
            self._prompt_ids(prompt),
            sampling=sampling_of(sampling),
            num_alternatives=num_alternatives,
            paragraph_break=self.bundle.config.data.tokenizer.paragraph_break,
        )

    def _prompt_ids(self, prompt: object) -> list[int]:
        if not isinstance(prompt, str):
            raise InputError(f"prompt={repr(prompt)[:MAX_SHOWN]}: must be a string, or several strings in a list")
        data = self.bundle.config.data
        return encode_prompt(prompt, self.bundle.tokenizer, data.cleaning, eos=data.tokenizer.eos) if prompt else []

    def _paragraphs(self, text: str) -> list[str]:
        require_text(text)
        pieces = paragraphs(clean_document(text, self.bundle.config.data))
        if not pieces:
            raise without_words(text)
        return pieces

    def _require_finite(self, nll: float) -> None:
        if not math.isfinite(nll):
            raise InputError(f"{self.folder}: the model's predictions are not finite numbers; use another model")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in OF_CLASSIFIERS:
                raise AttributeError(
                    f"{self.folder} is a language model, which has no {name}; train a classifier with halo.classify "
                    f"language_model={self.folder}, and load its folder"
                )
            raise AttributeError(f"'Model' object has no attribute {name!r}")
