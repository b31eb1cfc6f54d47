"""Prompt -> ids -> sampled ids -> text."""

import logging

import torch
from torch.nn.utils import parametrize

from halo.config import CleaningConfig, SamplingConfig
from halo.corpus.cleaning.pipeline import clean, paragraphs
from halo.generation.sampling import sample_next
from halo.generation.step_decoder import step_decoder
from halo.models.language_model import LanguageModel
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

log = logging.getLogger(__name__)


def encode_prompt(prompt: str, tokenizer: TextTokenizer, cleaning: CleaningConfig) -> list[int]:
    """Returns the ids of a prompt, cleaned as the training text was; words that the model does not know are logged.

    Raises:
        InputError: The prompt is empty, or no word of it is known.
    """
    text = clean(prompt, cleaning)
    if not text:
        raise InputError(f"prompt={prompt!r}: no words in it; give the beginning of a sentence")
    words = [word for part in paragraphs(text) for word in tokenizer.tokens(part)]
    ids = [token_id for part in paragraphs(text) for token_id in tokenizer.encode(part)]
    unknown = [word for word, token_id in zip(words, ids, strict=True) if token_id == tokenizer.unk_id]
    if len(unknown) == len(words):
        raise InputError(f"prompt={prompt!r}: the model knows none of these words; use words of its training text")
    if unknown:
        log.info("Words of the prompt that the model does not know: %s", ", ".join(unknown))
    return ids


@torch.no_grad()
@parametrize.cached()
def generate(
    model: LanguageModel,
    tokenizer: TextTokenizer,
    prompt_ids: list[int],
    *,
    num_samples: int,
    sampling: SamplingConfig,
    dtype: str = "float32",
) -> list[str]:
    """Returns `num_samples` texts that begin with the prompt, without `<unk>`.

    The model reads `<eos>` and the prompt as it would in training; then each sample goes on with a state of its own.

    Args:
        model: What predicts the next word.
        tokenizer: Its vocabulary.
        prompt_ids: Token ids of the prompt, one or more.
        num_samples: How many texts.
        sampling: How the words are drawn, and how many.
        dtype: How its weights are kept for reading, as `step_decoder` says.

    Raises:
        InputError: They cannot be read so.
    """
    decode_step = step_decoder(model, dtype=dtype)
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    generator = torch.Generator(device).manual_seed(sampling.seed)
    prompt_BT = torch.tensor([[tokenizer.eos_id, *prompt_ids]], device=device).expand(num_samples, -1)
    logits_BTV, state = model(prompt_BT)
    logits_BV = logits_BTV[:, -1]
    banned_ids = torch.tensor([tokenizer.unk_id], device=device)
    drawn = torch.empty(sampling.num_words, num_samples, dtype=torch.int64, device=device)
    for number, ids_B in enumerate(drawn):
        if number:
            logits_BV, state = decode_step(drawn[number - 1], state)
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
    model.train(was_training)
    return [tokenizer.decode(prompt_ids + sample) for sample in drawn.t().tolist()]
