"""Text generation: prompt -> ids -> sampled ids -> text."""

import logging

import torch
from torch import Tensor
from torch.nn.utils import parametrize

from halo.config import CleaningConfig, SamplingConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.cleaning.white_space import paragraphs
from halo.generation.sampling import sample_next
from halo.generation.step_decoder import step_decoder
from halo.models.language_model import LanguageModel, evaluation_mode
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

log = logging.getLogger(__name__)


def encode_prompt(prompt: str, tokenizer: TextTokenizer, cleaning: CleaningConfig) -> list[int]:
    """Returns the token ids of a prompt, cleaned like the training text; words outside the vocabulary are logged.

    Raises:
        InputError: The prompt is empty, or none of its words is in the vocabulary.
    """
    text = clean(prompt, cleaning)
    if not text:
        raise InputError(f"prompt={prompt!r}: contains no words; give the beginning of a sentence")
    words = [word for part in paragraphs(text) for word in tokenizer.tokens(part)]
    ids = [token_id for part in paragraphs(text) for token_id in tokenizer.encode(part)]
    unknown = [word for word, token_id in zip(words, ids, strict=True) if token_id == tokenizer.unk_id]
    if len(unknown) == len(words):
        raise InputError(f"prompt={prompt!r}: the model knows none of these words; use words of its training text")
    if unknown:
        log.info("Words of the prompt outside the vocabulary: %s", ", ".join(unknown))
    return ids


def generate(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: list[int],
    *,
    num_samples: int,
    sampling: SamplingConfig,
    dtype: str = "float32",
) -> list[str]:
    """Returns `num_samples` texts that begin with the prompt and never contain `<unk>`.

    The model reads `<eos>` and the prompt once; each sample then continues with a recurrent state of its own.

    Args:
        model: The language model; it runs without dropout and keeps its mode.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt; may be empty.
        num_samples: Number of texts, sampled in parallel.
        sampling: Length of the texts, and how each word is sampled.
        dtype: Number format of the weights, as in `step_decoder`.

    Raises:
        InputError: This model or this machine does not support `dtype`.
    """
    with evaluation_mode(model):
        samples_BT = _sample(
            model,
            torch.tensor([tokenizer.eos_id, *prompt_ids]),
            banned_ids=torch.tensor([tokenizer.unk_id]),
            num_samples=num_samples,
            sampling=sampling,
            dtype=dtype,
        )
    return [tokenizer.decode(prompt_ids + sample) for sample in samples_BT.tolist()]


@torch.no_grad()
@parametrize.cached()
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
    device = next(model.parameters()).device
    generator = torch.Generator(device).manual_seed(sampling.seed)
    logits_BTV, state = model(prompt_T.to(device).expand(num_samples, -1))
    logits_BV = logits_BTV[:, -1]
    banned_ids = banned_ids.to(device)
    sampled_TB = torch.empty(sampling.num_words, num_samples, dtype=torch.int64, device=device)
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
                generator=generator,
            )
        )
    return sampled_TB.t()
