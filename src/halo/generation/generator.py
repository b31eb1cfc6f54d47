"""Text generation: prompt -> ids -> sampled ids -> text.

Shape letters: B samples that are generated in parallel, T tokens, V words of the vocabulary.
"""

import logging
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from halo.config import CleaningConfig, SamplingConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import lines_to_paragraphs, paragraphs
from halo.generation.sampling import sample_next
from halo.generation.step_decoder import StepDecoder, step_decoder
from halo.models.computed_weights import cached_weights
from halo.models.language_model import LanguageModel, State, evaluation_mode
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

WINDOW_TOKENS = 256
"""A prompt is read in windows of this size: the memory of a longer one does not grow."""
MAX_PARALLEL = 256
"""The number of samples that are generated in parallel; more are generated in several groups."""
MAX_VALUES = 2**23
"""The number of logits of a step, and of words: of a large vocabulary, and of long texts, fewer are in parallel."""

log = logging.getLogger(__name__)


def encode_prompt(
    prompt: str, tokenizer: TextTokenizer, cleaning: CleaningConfig, *, eos: str = "document", key: str = "prompt"
) -> list[int]:
    """Returns the token ids of a prompt, cleaned like the training text; words outside the vocabulary are logged.

    Args:
        prompt: The text.
        tokenizer: The vocabulary.
        cleaning: The cleaning of the training text.
        eos: Where the training text has `<eos>`, see `TokenizerConfig`; one is put between paragraphs, or lines, of the
            prompt, but none at its end.
        key: The setting that holds the text, for messages.

    Raises:
        InputError: The prompt is empty, or none of its words is in the vocabulary.
    """
    text = clean(lines_to_paragraphs(prompt) if eos == "line" else prompt, cleaning)
    if not text:
        raise InputError(f"{key}={prompt!r}: contains no words; give the beginning of a sentence")
    words = [word for part in paragraphs(text) for word in tokenizer.tokens(part)]
    ids = [token_id for part in paragraphs(text) for token_id in tokenizer.encode(part)]
    unknown = [word for word, token_id in zip(words, ids, strict=True) if token_id == tokenizer.unk_id]
    if len(unknown) == len(words):
        raise InputError(f"{key}={prompt!r}: the model knows none of these words; use words of its training text")
    if unknown:
        log.info("Words of %s outside the vocabulary: %s", key, ", ".join(unknown))
    if eos != "document":
        ids = [token_id for part in paragraphs(text) for token_id in (tokenizer.eos_id, *tokenizer.encode(part))][1:]
    return ids


def generate(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: list[int],
    *,
    num_samples: int,
    sampling: SamplingConfig,
    dtype: str = "float32",
    paragraph_break: str = "\n\n",
) -> list[str]:
    """Returns `num_samples` texts that begin with the prompt and never contain `<unk>`.

    The model reads `<eos>` and the prompt once; each sample then continues with a state and random numbers of its own:
    the first is the same however many there are.

    Args:
        model: The language model; it runs without dropout and keeps its mode.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt; may be empty.
        num_samples: Number of texts.
        sampling: Length of the texts, and how each word is sampled.
        dtype: Number format of the weights, as in `step_decoder`.
        paragraph_break: What is written for `<eos>`.

    Raises:
        InputError: This model or this machine does not support `dtype`.
    """
    with evaluation_mode(model), cached_weights(model):
        samples_BT = _sample(
            model,
            torch.tensor([tokenizer.eos_id, *prompt_ids]),
            banned_ids=torch.tensor([tokenizer.unk_id]),
            num_samples=num_samples,
            sampling=sampling,
            dtype=dtype,
        )
    return [tokenizer.decode(prompt_ids + sample, paragraph_break=paragraph_break) for sample in samples_BT.tolist()]


@torch.no_grad()
def _sample(
    model: LanguageModel,
    prompt_T: Tensor,
    *,
    banned_ids: Tensor,
    num_samples: int,
    sampling: SamplingConfig,
    dtype: str,
) -> Tensor:
    """Returns the sampled ids without the prompt, int64, shape (num_samples, num_words)."""
    decode_step = step_decoder(model, dtype=dtype)
    logits_1V, state = _read_prompt(model, prompt_T.to(next(model.parameters()).device))
    parallel = max(1, min(MAX_PARALLEL, MAX_VALUES // logits_1V.size(1), MAX_VALUES // sampling.num_words))
    banned_ids = banned_ids.to(logits_1V.device)
    return torch.cat(
        [
            _sample_in_parallel(
                decode_step,
                *_repeat(logits_1V, state, len(samples)),
                banned_ids=banned_ids,
                sampling=sampling,
                samples=samples,
            )
            for samples in _parts(range(num_samples), parallel)
        ]
    )


def _parts(samples: range, size: int) -> Iterator[range]:
    return (samples[first : first + size] for first in range(0, len(samples), size))


def _read_prompt(model: LanguageModel, prompt_T: Tensor) -> tuple[Tensor, State]:
    """Returns the logits after a prompt, shape (1, V), and the state; logits of earlier tokens are not computed."""
    state: State | None = None
    for first in range(0, len(prompt_T) - 1, WINDOW_TOKENS):
        window_T = prompt_T[first : min(first + WINDOW_TOKENS, len(prompt_T) - 1)]
        state = model.read(window_T.unsqueeze(0), state).state
    logits_11V, state = model(prompt_T[-1:].unsqueeze(0), state)
    return logits_11V[:, -1], state


def _repeat(logits_1V: Tensor, state: State, times: int) -> tuple[Tensor, State]:
    """Returns the logits and state after the prompt, once for each of several samples."""

    def repeat(tensor: Tensor) -> Tensor:
        return tensor.expand(times, *tensor.shape[1:]).contiguous()

    return repeat(logits_1V), [tuple(map(repeat, layer)) for layer in state]


def _sample_in_parallel(
    decode_step: StepDecoder,
    logits_BV: Tensor,
    state: State,
    *,
    banned_ids: Tensor,
    sampling: SamplingConfig,
    samples: range,
) -> Tensor:
    """Returns the ids of some of the samples, int64, shape (B, num_words)."""
    device = logits_BV.device
    precise = torch.float32 if device.type == "mps" else torch.float64
    uniform_TB = _uniform(samples, sampling).to(device, precise)
    sampled_TB = torch.empty(uniform_TB.shape, dtype=torch.int64, device=device)
    for number, ids_B in enumerate(sampled_TB):
        if number:
            logits_BV, state = decode_step(sampled_TB[number - 1], state)
        ids_B.copy_(
            sample_next(
                logits_BV,
                temperature=sampling.temperature,
                top_k=sampling.top_k,
                top_p=sampling.top_p,
                banned_ids=banned_ids,
                uniform_B=uniform_TB[number],
            )
        )
    return sampled_TB.t()


def _uniform(samples: range, sampling: SamplingConfig) -> Tensor:
    """Returns the random numbers of some samples, from 0 to below 1, shape (num_words, B).

    Each sample has a generator of its own, so that it does not depend on how many there are, nor its beginning on how
    long it gets.
    """
    drawn_BT = [np.random.default_rng([sampling.seed, number]).random(sampling.num_words) for number in samples]
    return torch.from_numpy(np.stack(drawn_BT, axis=1))
