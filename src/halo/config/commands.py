"""Settings of the other commands, and what a saved model keeps of its run's."""

from dataclasses import dataclass

from halo.config.data import DataConfig
from halo.config.model import ModelConfig
from halo.config.training import SamplingConfig
from halo.runtime.errors import require

DTYPES = ("float32", "float16", "int8")
"""How weights may be kept for reading: as they are; in a half of the bytes, three digits; in a quarter, two."""

MAX_SAMPLES = 10_000
MAX_WORDS = 1_000_000


@dataclass
class SavedConfig:
    """The part of a run's configuration that its bundle needs: how text is made into ids, and the architecture."""

    data: DataConfig
    model: ModelConfig


@dataclass
class GenerateConfig(SamplingConfig):
    """All of `python -m halo.generate`; exactly one of `run` and `bundle` is given.

    Attributes:
        prompt: The beginning.
        num_samples: How many texts.
        dtype: How the weights of a recurrent model are kept for reading: `float32`, or on a CPU `float16` or `int8`.
        device: `auto` (an accelerator where there is one) or a device of torch such as `cpu`.
    """

    run: str | None
    bundle: str | None
    prompt: str
    num_samples: int
    dtype: str
    device: str

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.dtype in DTYPES, "dtype", self.dtype, f"choose one of {', '.join(DTYPES)}")
        require(self.num_samples >= 1, "num_samples", self.num_samples, "at least 1 is needed")
        allowed = f"at most {MAX_SAMPLES:,} are written at once; call it again with another seed for more"
        require(self.num_samples <= MAX_SAMPLES, "num_samples", self.num_samples, allowed)
        allowed = f"at most {MAX_WORDS:,} are possible"
        require(self.num_words <= MAX_WORDS, "num_words", self.num_words, allowed)


@dataclass
class EvaluateConfig:
    """All of `python -m halo.evaluate`; exactly one of `run` and `bundle` is given.

    Attributes:
        split: `train`, `validation`, `test` or `all`: the parts of the model's own corpus.
        path: The user's own text instead: a file, folder, glob or URL.
        text: One sentence or paragraph instead, reported word by word.
        cache: Whether to report validation and test with a neural cache, settings chosen on validation.
        dynamic: The same with dynamic evaluation.
        ngram: The same mixed with a Kneser-Ney 5-gram model of the training text.
        cache_dir: Where the model's own corpus is prepared; where its run kept it does not matter.
        device: `auto` (an accelerator where there is one) or a device of torch such as `cpu`.
    """

    run: str | None
    bundle: str | None
    split: str
    path: str | None
    text: str | None
    cache: bool
    dynamic: bool
    ngram: bool
    cache_dir: str
    device: str

    def __post_init__(self) -> None:
        names = ("train", "validation", "test", "all")
        require(self.split in names, "split", self.split, f"choose one of {', '.join(names)}")
        both = self.path is not None and self.text is not None
        require(not both, "path", self.path, "give either path or text, not both")
        for key in ("cache", "dynamic", "ngram"):
            fits = not getattr(self, key) or (self.path is None and self.text is None)
            require(fits, key, getattr(self, key), "only on the model's own corpus: give neither path nor text")


@dataclass
class PrepareConfig:
    """All of `python -m halo.prepare`."""

    data: DataConfig
