"""Generates text samples during training."""

import logging
from typing import NamedTuple

import lightning as L
from lightning.pytorch.utilities import rank_zero_only

from halo.config import SamplesConfig
from halo.data.datamodule import CorpusDataModule
from halo.generation.generator import generate
from halo.generation.prompts import encode_prompt, frequent_beginnings
from halo.models.language_model import LanguageModel
from halo.reports.console import show_samples
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from halo.training.sharding import is_sharded
from halo.training.tensorboard import log_text

log = logging.getLogger(__name__)


class _Prompt(NamedTuple):
    """A prompt and its token ids; both are empty for the beginning of a paragraph."""

    text: str
    ids: list[int]


class TextSamples(L.Callback):
    """Generates text from fixed prompts after each validation and writes it to TensorBoard.

    Sampling uses its own random number generator, so it does not change training. With `trainer.strategy=fsdp` no
    process holds all weights during training: texts are generated at the end only.

    Args:
        config: Prompts and sampling settings.
        is_private: Whether the text is private: then nothing is generated, and there is no prompt.

    Attributes:
        first_prompt: The first prompt with a word, or else a beginning of the text; None if there is none.
    """

    def __init__(self, config: SamplesConfig, *, is_private: bool = False) -> None:
        self.config = config
        self._is_private = is_private
        self.first_prompt: str | None = None
        self._prompts: list[_Prompt] = []
        self._paragraph_break = "\n\n"

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Encodes the prompts; one without a known word is skipped, which is logged. There are none of series."""
        data = _data_of(trainer)
        if self._is_private or data.config.series is not None:
            return  # bins one after another are nothing to read; halo.forecast shows what they predict
        tokenizer, cleaning = data.corpus.tokenizer, data.config.cleaning
        eos, self._paragraph_break = data.config.tokenizer.eos, data.config.tokenizer.paragraph_break
        beginnings = frequent_beginnings(data.corpus.ids["validation"], tokenizer)
        beginnings = beginnings or frequent_beginnings(data.corpus.ids["train"], tokenizer)
        given = self.config.prompts
        for prompt in ["", *beginnings] if given is None else given:
            try:
                ids = encode_prompt(prompt, tokenizer, cleaning, eos=eos) if prompt else []
                self._prompts.append(_Prompt(prompt, ids))
            except InputError as error:
                if given is not None:
                    log.info("One of samples.prompts is skipped: %s", error)
        self.first_prompt = next(filter(None, [*(prompt.text for prompt in self._prompts), *beginnings]), None)

    def generate(self, model: LanguageModel, tokenizer: TextTokenizer) -> list[str]:
        """Returns one generated text for each prompt."""
        return [
            generate(
                model,
                tokenizer,
                prompt.ids,
                num_samples=1,
                sampling=self.config,
                paragraph_break=self._paragraph_break,
            )[0]
            for prompt in self._prompts
        ]

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes samples of the current model to TensorBoard, each prompt under a tag of its own."""
        if trainer.sanity_checking or is_sharded(pl_module):
            return
        assert isinstance(pl_module.model, LanguageModel)
        texts = self.generate(pl_module.model, _data_of(trainer).corpus.tokenizer)
        for number, (prompt, text) in enumerate(zip(self._prompts, texts, strict=True), start=1):
            log_text(trainer, f"samples/{number}: {prompt.text or 'a new paragraph'}", show_samples([text]))


def _data_of(trainer: L.Trainer) -> CorpusDataModule:
    data = getattr(trainer, "datamodule", None)
    assert isinstance(data, CorpusDataModule), "sampling needs the data module's tokenizer"
    return data
