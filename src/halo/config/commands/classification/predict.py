"""Settings of `halo.predict`."""

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.scoring.text_files import TextFilesConfig, require_ending
from halo.config.fields import OPTIONS, NonEmpty, PathText, Share
from halo.runtime.errors import InputError, require


@dataclass(config=OPTIONS)
class PredictConfig(TextFilesConfig):
    """All settings of `python -m halo.predict`; exactly one of `run` and `bundle` is given."""

    run: PathText | None = Field(description="Run folder of halo.classify; give either run or bundle.")
    bundle: PathText | None = Field(
        description="Saved classifier: the bundle/ folder of a run, wherever it has been moved.",
    )
    model_class: NonEmpty | None = Field(
        description="Class of a custom language model, as package.module.Class. null: a model of this package.",
    )
    label_field: NonEmpty | None = Field(
        description="Column with the true label, with which the predictions are compared. auto: that of the training "
        "text, if path has it; null: none.",
    )
    threshold: Share | None = Field(
        description="The probability from which a label is given; below it the label is empty. null: always.",
    )
    probabilities: bool = Field(description="Whether there is a column with the probability of each class.")
    explain: bool = Field(description="Whether there is a column with the words that told most for the label; slower.")
    device: NonEmpty = Field(description="Device: auto (an accelerator if there is one), cpu, cuda, cuda:1, mps.")

    @model_validator(mode="after")
    def _check(self) -> "PredictConfig":
        if (self.run is None) == (self.bundle is None):
            raise InputError("give one classifier: run=FOLDER of halo.classify, or bundle=FOLDER of a saved one")
        allowed = "give path=FILE with texts, path=- for standard input, or text=SENTENCE"
        require(self.path is not None or self.text is not None, "path", "null", allowed)
        fits = self.path is not None or self.label_field in (None, "auto")
        require(fits, "label_field", self.label_field, "names a column of path; give a path")
        if self.output not in (None, "-"):
            require_ending(str(self.output))
        return self
