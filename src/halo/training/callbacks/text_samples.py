"""Generates text samples during training."""

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
    """Generates text from fixed prompts after each validation and writes it to TensorBoard.

    Sampling uses its own random number generator, so it does not change training.

    Args:
        config: Prompts and sampling settings.
    """

    def __init__(self, config: SamplesConfig) -> None:
        self.config = config
        self._prompts: list[list[int]] = []

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Encodes the prompts; one without a known word is skipped, which is logged."""
        data = _data_of(trainer)
        for prompt in self.config.prompts:
            try:
                ids = encode_prompt(prompt, data.corpus.tokenizer, data.config.cleaning) if prompt else []
                self._prompts.append(ids)
            except InputError as error:
                log.info("One of samples.prompts is skipped: %s", error)

    def generate(self, model: LanguageModel, tokenizer: TextTokenizer) -> list[str]:
        """Returns one generated text for each prompt."""
        return [
            generate(model, tokenizer, prompt_ids, num_samples=1, sampling=self.config)[0]
            for prompt_ids in self._prompts
        ]

    @rank_zero_only
    def on_validation_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes samples of the current model to TensorBoard."""
        if trainer.sanity_checking:
            return
        assert isinstance(pl_module.model, LanguageModel)
        log_text(trainer, "samples", show_samples(self.generate(pl_module.model, _data_of(trainer).corpus.tokenizer)))


def _data_of(trainer: L.Trainer) -> CorpusDataModule:
    data = getattr(trainer, "datamodule", None)
    assert isinstance(data, CorpusDataModule), "sampling needs the data module's tokenizer"
    return data
