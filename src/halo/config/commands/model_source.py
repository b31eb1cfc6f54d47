"""Settings that say which trained model a command uses."""

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, NonEmpty, PathText


@dataclass(config=OPTIONS)
class ModelSourceConfig:
    """A trained model and its device; exactly one of `run` and `bundle` is given."""

    run: PathText | None = Field(description="Run folder of halo.train; give either run or bundle.")
    bundle: PathText | None = Field(
        description="Saved model: the bundle/ folder of a run, wherever it has been moved.",
    )
    model_class: NonEmpty | None = Field(
        description="Class of a custom model, as package.module.Class; what a saved model names is never imported. "
        "null: a model of this package.",
    )
    device: NonEmpty = Field(description="Device: auto (an accelerator if there is one), cpu, cuda, cuda:1, mps.")
