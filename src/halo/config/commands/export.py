"""Settings of `halo.export`."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.domains.card import DatasetName, Languages, Licence
from halo.config.fields import OPTIONS, NonEmpty, PathText
from halo.runtime.errors import require


@dataclass(config=OPTIONS)
class HubConfig:
    """What the card of a model says about it, beside its figures; for `format=hub`."""

    name: NonEmpty | None = Field(description="Name of the model. null: architecture and size.")
    license: Licence = Field(
        description="Licence of the model, such as apache-2.0. null: what card.license was in training.",
    )
    language: Languages = Field(
        description="Language of the text, as a code such as en, or a list. null: what card.language was in training.",
    )
    dataset: DatasetName = Field(
        description="Name of the text, as on the hub. null: what card.dataset was in training.",
    )


@dataclass(config=OPTIONS)
class ExportConfig:
    """All settings of `python -m halo.export`; exactly one of `run` and `bundle` is given."""

    run: PathText | None = Field(description="Run folder of halo.train; give either run or bundle.")
    bundle: PathText | None = Field(
        description="Saved model: the bundle/ folder of a run, wherever it has been moved.",
    )
    format: Literal["onnx", "torch", "safetensors", "hub"] = Field(
        description="Format: onnx, a graph for onnxruntime; torch, a step recorded by torch.export; safetensors, the "
        "weights alone; hub, the folder that a model hub expects.",
    )
    output: PathText = Field(description="Folder to write; an earlier export there is replaced.")
    quantize: Literal["int8"] | None = Field(
        description="Number format of the weights of onnx. int8: 8 bits, with size, speed and perplexity before and "
        "after. null: float32.",
    )
    path: PathText | None = Field(
        description="Text on which the perplexity of an int8 model is measured: a file, folder, glob or URL. null: the "
        "validation split of the training text, if it is at hand.",
    )
    cache_dir: PathText = Field(description="Folder of the training text as token ids, as data.cache_dir of its run.")
    hub: HubConfig = Field(description="What the card of a model hub says; for format=hub.")

    @model_validator(mode="after")
    def _check(self) -> "ExportConfig":
        fits = self.quantize is None or self.format == "onnx"
        require(fits, "quantize", self.quantize, f"is for format=onnx; leave it out with format={self.format}")
        fits = self.path is None or self.quantize is not None
        require(fits, "path", self.path, "is the text for quantize=int8; leave it out, or set quantize=int8")
        for key in ("name", "license", "language", "dataset"):
            value = getattr(self.hub, key)
            fits = value is None or self.format == "hub"
            require(fits, f"hub.{key}", value, f"is for format=hub; leave it out with format={self.format}")
        return self
