"""Samples of generated text while a run trains."""

import logging

import lightning as L
from lightning.pytorch.utilities import rank_zero_only

from halo.config import SamplesConfig
from halo.data.datamodule import CorpusDataModule
from halo.generation.generator import encode_prompt, generate
from halo.models.language_model import LanguageModel
from halo.reports.console import show_samples
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from halo.training.tensorboard import log_text

log = logging.getLogger(__name__)


class TextSamples(L.Callback):
    """Writes text from the same beginnings after each validation, into TensorBoard.

    Sampling has a random generator of its own, so training goes as it would without it.

    Args:
        config: The beginnings, and how words are drawn.
    """

    def __init__(self, config: SamplesConfig) -> None:
        self.config = config
        self._prompts: list[list[int]] = []

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Makes the beginnings into ids; those without a known word are left out, with a line that says so."""
        data = _data_of(trainer)
        for prompt in self.config.prompts:
            try:
                ids = encode_prompt(prompt, data.corpus.tokenizer, data.config.cleaning) if prompt else []
                self._prompts.append(ids)
            except InputError as error:
                log.info("No samples from one of samples.prompts: %s", error)

    def generate(self, model: LanguageModel, tokenizer: TextTokenizer) -> list[str]:
        """Returns one text for each beginning."""
        return [
            generate(model, tokenizer, prompt_ids, num_samples=1, sampling=self.config)[0]
            for prompt_ids in self._prompts
        ]

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes the texts of the model as it is now."""
        if trainer.sanity_checking:
            return
        assert isinstance(pl_module.model, LanguageModel)
        log_text(trainer, "samples", show_samples(self.generate(pl_module.model, _data_of(trainer).corpus.tokenizer)))


def _data_of(trainer: L.Trainer) -> CorpusDataModule:
    data = getattr(trainer, "datamodule", None)
    assert isinstance(data, CorpusDataModule), "sampling needs the data module's tokenizer"
    return data
