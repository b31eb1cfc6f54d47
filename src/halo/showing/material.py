"""What the steps are computed from: a network, a sentence that it reads, and the text of a training batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from halo.bundle.loading import Bundle, find_device, open_model
from halo.bundle.validation import read_settings
from halo.config import DataConfig, ShowConfig
from halo.config.parsing import command_defaults
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.corpus import Corpus
from halo.corpus.encoded_documents import clean_document, encode_documents
from halo.corpus.prepare import prepare
from halo.evaluation.evaluation_report import training_corpus
from halo.models.ensemble import Ensemble
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.models.ngram.unigram import Unigram
from halo.runtime.array_types import IntArray
from halo.runtime.errors import InputError, require
from halo.tokenization.backends import EOS
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

MAX_SENTENCE = 60
"""Tokens of a sentence: more rows than a class looks at."""
USUAL_SENTENCE = range(7, 17)
"""Tokens of a sentence that is chosen from the validation text."""
SEARCHED_TOKENS = 20_000
SENTENCE_ENDS = {".", "!", "?"}


@dataclass(frozen=True)
class Sentence:
    """The sentence that the model reads, after `<eos>`.

    Attributes:
        typed: The sentence as it was given; None if it comes from the validation text.
        cleaned: The sentence after cleaning.
        ids: Its tokens; without `<eos>` at the end.
        written: Each token as the cleaned sentence has it, also where the vocabulary has only `<unk>`.
    """

    typed: str | None
    cleaned: str
    ids: list[int]
    written: list[str]


@dataclass(frozen=True)
class Material:
    """What is shown.

    Attributes:
        title: The model, or the text of an untrained one.
        notes: What a reader has to know.
        network: A single network in evaluation mode.
        tokenizer: Its vocabulary.
        data: How its text becomes batches.
        counts_V: Number of occurrences of each token in the training text.
        sentence: The sentence that it reads.
        batch_ids: The text that is folded into streams: that of the training split, or else the sentence.
        num_streams: Number of its streams, B.
        max_norm: Norm to which the gradient is clipped.
        is_trained: Whether the weights have been trained.
    """

    title: str
    notes: tuple[str, ...]
    network: LanguageModel
    tokenizer: TextTokenizer
    data: DataConfig
    counts_V: IntArray
    sentence: Sentence
    batch_ids: TokenIds
    num_streams: int
    max_norm: float
    is_trained: bool

    def name(self, token_id: int) -> str:
        """Returns a token as it is shown."""
        return visible_spaces(self.tokenizer.token(token_id))


def visible_spaces(token: str) -> str:
    r"""Returns a token with marks for spaces and line ends, of which tokens of characters and subwords may consist.

    >>> visible_spaces(" the"), visible_spaces("\n")
    ('␣the', '⏎')
    """
    return token.replace(" ", "␣").replace("\n", "⏎")


def open_material(config: ShowConfig, *, given: Mapping[str, str]) -> Material:
    """Returns what is shown: of a trained model, or of a text with a new model.

    Args:
        config: The settings of the command.
        given: The settings of the command line; those of a text or a new model are refused beside a trained model.

    Raises:
        InputError: The model or the text cannot be used, or the settings contradict each other.
    """
    if config.run is None and config.bundle is None:
        return _untrained(config)
    for key, value in given.items():
        group = key.partition(".")[0]
        allowed = "is for showing a text without a trained model; leave out either it or the run or bundle"
        require(group not in ("data", "model") or key == "data.cache_dir", key, value, allowed)
    opened = open_model(run=config.run, bundle=config.bundle, device=config.device, model_class=config.model_class)
    return _trained(opened, config)


def _trained(opened: Bundle, config: ShowConfig) -> Material:
    data = opened.config.data
    _require_text(data, opened.folder)
    settings = read_settings(opened.folder)
    corpus, notes = _text_of(opened, config, is_private=settings.get("private") is True)
    network, of_ensemble = _single(opened.model)
    max_norm, clipping = _max_norm(config.max_norm, None if opened.is_bundle else settings.get("gradient_clip"))
    sentence = _sentence(config.sentence, opened.tokenizer, data, corpus)
    is_own = corpus is None
    return Material(
        title=f"{'Bundle' if opened.is_bundle else 'Run'} {opened.folder}",
        notes=(*of_ensemble, *clipping, *notes),
        network=network.eval(),
        tokenizer=opened.tokenizer,
        data=data,
        counts_V=opened.word_counts,
        sentence=sentence,
        batch_ids=np.array(sentence.ids) if corpus is None else corpus.ids["train"],
        num_streams=min(2, len(sentence.ids)) if is_own else data.batch_size,
        max_norm=max_norm,
        is_trained=True,
    )


def _text_of(opened: Bundle, config: ShowConfig, *, is_private: bool) -> tuple[Corpus | None, tuple[str, ...]]:
    """Returns the text of a trained model; or None, and a note why, where a sentence is given instead of it."""
    if is_private:
        problem = f"{opened.folder}: was trained with private=true, so nothing of its text is shown"
    else:
        try:
            return training_corpus(opened, cache_dir=config.data.cache_dir), ()
        except InputError as error:
            problem = f"the model's text is not at hand: {error}"
    if config.sentence is None:
        raise InputError(f"{problem}; give sentence=... of your own")
    return None, (f"{problem[0].upper()}{problem[1:]}. Your sentence is the batch as well.",)


def _untrained(config: ShowConfig) -> Material:
    _require_text(config.data, config.data.source)
    device = find_device(config.device)
    corpus = prepare(config.data)
    counts_V = np.bincount(np.asarray(corpus.ids["train"]), minlength=corpus.tokenizer.vocab_size)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        model = build_model(config.model, corpus.tokenizer.words())
    if config.model.init_bias_from_unigram:
        model.init_output_bias(Unigram(corpus.ids["train"], corpus.tokenizer.vocab_size))
    network, of_ensemble = _single(model)
    max_norm = _usual_max_norm() if config.max_norm == "as_trained" else config.max_norm
    return Material(
        title=f"Text {config.data.source}",
        notes=("No trained model: the weights are random, so its numbers show how, not how well.", *of_ensemble),
        network=network.to(device).eval(),
        tokenizer=corpus.tokenizer,
        data=config.data,
        counts_V=counts_V,
        sentence=_sentence(config.sentence, corpus.tokenizer, config.data, corpus),
        batch_ids=corpus.ids["train"],
        num_streams=config.data.batch_size,
        max_norm=max_norm,
        is_trained=False,
    )


def _require_text(data: DataConfig, source: str | Path) -> None:
    if data.series is not None:
        raise InputError(f"{source}: is about series of numbers; halo.show is for text, halo.forecast for series")


def _single(model: LanguageModel) -> tuple[LanguageModel, tuple[str, ...]]:
    """Returns the first member of an ensemble, and any other model as it is."""
    if not isinstance(model, Ensemble):
        return model, ()
    members = model.networks()
    return members[0], (f"The model is an ensemble of {len(members)}; its first member is shown.",)


def _max_norm(configured: float | str, clip: Any) -> tuple[float, tuple[str, ...]]:
    """Returns the norm to which the gradient is clipped, and a note if the run did otherwise.

    Args:
        configured: The setting `max_norm`.
        clip: The setting `gradient_clip` of the run; None where it is not known.
    """
    if isinstance(configured, float | int):
        return float(configured), ()
    usual = _usual_max_norm()
    if not isinstance(clip, dict):
        return usual, (f"A bundle does not tell how gradients were clipped: max_norm={usual:g} is the usual one.",)
    value = clip.get("value")
    if clip.get("algorithm") != "norm" or not isinstance(value, int | float) or not 0 < value < float("inf"):
        return usual, (f"The run did not clip the norm of its gradient; max_norm={usual:g} is shown.",)
    return float(value), ()


def _usual_max_norm() -> float:
    return float(command_defaults("train")["gradient_clip"]["value"])


# The sentence


def _sentence(typed: str | None, tokenizer: TextTokenizer, data: DataConfig, corpus: Corpus | None) -> Sentence:
    if typed is None:
        assert corpus is not None
        return choose_sentence(np.asarray(corpus.ids["validation"][:SEARCHED_TOKENS]).tolist(), tokenizer)
    allowed = "cannot be given: a genome is read as it is in its file; leave it out"
    require(data.genome is None, "sentence", repr(typed[:MAX_SENTENCE]), allowed)
    return encode_sentence(typed, tokenizer, data)


def encode_sentence(typed: str, tokenizer: TextTokenizer, data: DataConfig) -> Sentence:
    """Returns a sentence cleaned and tokenized as the text of a model.

    Args:
        typed: The sentence.
        tokenizer: The vocabulary.
        data: How the text is cleaned, and where it has `<eos>`.

    Raises:
        InputError: It is empty after cleaning, or too long to be shown.
    """
    cleaned = clean_document(typed, data)
    ids = encode_documents([cleaned], tokenizer, replace(data, documents="file")).ids.tolist()
    if ids and ids[-1] == tokenizer.eos_id:
        ids.pop()
    beginning = repr(typed[:MAX_SENTENCE])
    require(bool(ids), "sentence", beginning, "contains no words; give some text")
    allowed = f"has {len(ids)} tokens; at most {MAX_SENTENCE} can be shown"
    require(len(ids) <= MAX_SENTENCE, "sentence", beginning, allowed)
    written: list[str] = []
    for paragraph in paragraphs(cleaned):
        if written and data.tokenizer.eos != "document":
            written.append(EOS)
        written += tokenizer.tokens(paragraph)
    return Sentence(typed, cleaned, ids, written)


def choose_sentence(ids: Sequence[int], tokenizer: TextTokenizer) -> Sentence:
    """Returns the first sentence at the start of a paragraph that has a usual length and no unknown word.

    Where there is none, as in text without full stops, it is the beginning of the text.

    Args:
        ids: Tokens of the text.
        tokenizer: The vocabulary.
    """
    chosen = list(ids[: USUAL_SENTENCE.stop - 1])
    begins = [0, *(place + 1 for place, each in enumerate(ids) if each == tokenizer.eos_id)]
    for begin in begins:
        tokens = [tokenizer.token(each) for each in ids[begin : begin + USUAL_SENTENCE.stop - 1]]
        length = next((place + 1 for place, token in enumerate(tokens) if token in SENTENCE_ENDS), 0)
        candidate = list(ids[begin : begin + length])
        if length in USUAL_SENTENCE and not {tokenizer.unk_id, tokenizer.eos_id} & {*candidate}:
            chosen = candidate
            break
    return Sentence(None, tokenizer.decode(chosen), chosen, [tokenizer.token(each) for each in chosen])
