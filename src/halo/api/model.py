"""A trained model in use: perplexity, surprisal and generation from Python."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch

from halo.bundle.loading import Bundle
from halo.config import GenerateConfig, default_sampling, parse, plain
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.encoded_documents import clean_document, encode_documents
from halo.evaluation.text_scores import NLLSummary, text_nll, windows_to_score
from halo.generation.generator import generate
from halo.generation.prompts import encode_prompt
from halo.models.computed_weights import fix_computed_weights
from halo.models.language_model import num_parameters
from halo.runtime.errors import InputError, require
from halo.scoring.scored_text import ScoredText
from halo.scoring.scorer import OOV, Context, score_texts

MAX_SHOWN = 60
"""The number of characters of a wrong argument that a message shows."""

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
    """

    def __init__(self, bundle: Bundle) -> None:
        self._num_parameters = num_parameters(bundle.model)
        fix_computed_weights(bundle.model.eval())
        self.bundle = bundle

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
    ) -> list[ScoredText]:
        """Returns the surprisal of each word and each token of each text, with entropy and rank.

        `<eos>` is not scored.

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
        is_iterable = isinstance(texts, Iterable) and not isinstance(texts, bytes | Mapping)
        require(is_iterable, "texts", repr(texts)[:MAX_SHOWN], "must be a string or several strings")
        given = [texts] if isinstance(texts, str) else list(texts)
        for text in given:
            self._require_text(text)
        scored = score_texts(self.bundle, given, context=context, oov=oov, num_alternatives=num_alternatives)
        for text, each in zip(given, scored, strict=True):
            if not each.tokens:
                raise _without_words(text)
        return scored

    def generate(
        self,
        prompt: str = "",
        *,
        num_samples: int = 1,
        num_words: int = 80,
        temperature: float = 0.8,
        top_k: int = 40,
        top_p: float = 0.95,
        seed: int = 1,
        dtype: str = "float32",
    ) -> list[str]:
        """Returns texts that continue a prompt; the same seed gives the same texts.

        Args:
            prompt: The beginning; "" for the beginning of a paragraph.
            num_samples: Number of texts.
            num_words: Tokens of each text after the prompt: words and punctuation marks.
            temperature: Divides the logits: below 1 more predictable, above 1 more varied, 0 always the likeliest word.
            top_k: Sample from the k likeliest words only; 0 for no limit.
            top_p: Sample from the fewest words with this share of the probability, in (0, 1]; 1 for no limit.
            seed: Seed of the sampling.
            dtype: Number format of a recurrent model's weights: `float32`, or on a CPU `float16` or `int8`.

        Raises:
            InputError: An argument is out of range, or the model knows no word of the prompt.
        """
        require(isinstance(prompt, str), "prompt", repr(prompt)[:MAX_SHOWN], "must be a string")
        settings = parse(
            {
                **{"run": None, "bundle": str(self.folder), "model_class": None, "device": str(self.device)},
                **plain(default_sampling()),
                **{"prompt": prompt, "num_samples": num_samples, "num_words": num_words, "temperature": temperature},
                **{"top_k": top_k, "top_p": top_p, "seed": seed, "dtype": dtype},
            },
            GenerateConfig,
        )
        tokenizer, data = self.bundle.tokenizer, self.bundle.config.data
        prompt_ids = encode_prompt(prompt, tokenizer, data.cleaning, eos=data.tokenizer.eos) if prompt else []
        return generate(
            self.bundle.model,
            tokenizer,
            prompt_ids,
            num_samples=num_samples,
            sampling=settings,
            dtype=dtype,
            paragraph_break=data.tokenizer.paragraph_break,
        )

    def _paragraphs(self, text: str) -> list[str]:
        self._require_text(text)
        pieces = paragraphs(clean_document(text, self.bundle.config.data))
        if not pieces:
            raise _without_words(text)
        return pieces

    def _require_text(self, text: object) -> None:
        allowed = "must be a string; read a file with Path(...).read_text(), and give several texts one by one"
        require(isinstance(text, str), "text", repr(text)[:MAX_SHOWN], allowed)

    def _require_finite(self, nll: float) -> None:
        if not math.isfinite(nll):
            raise InputError(f"{self.folder}: the model's predictions are not finite numbers; use another model")


def _without_words(text: str) -> InputError:
    return InputError(f"text={text[:40]!r}: contains no words; give some text")
