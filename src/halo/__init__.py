"""Semblance Halo: train a small word-level language model on your own text, and use it.

    import halo

    model = halo.load("outputs/train/2026-11-27/10-00-00")      # a run folder or a bundle
    model.perplexity("The patients were given the vaccine.")
    model.score("The patients were given the vaccine.")         # surprisal of each word, in bits
    model.generate("the virus", num_samples=3, seed=1)

    classifier = halo.load("outputs/classify/2026-11-27/11-00-00")
    classifier.classify("The patients were given the vaccine.").label

    result = halo.fit("data=text", "data.path=notes.txt", "model.hidden=128", run_dir="runs/notes")
    corpus = halo.prepare("data=text", "data.path=notes.txt")

Importing `halo` loads no other library; each function imports what it needs when it is first used. The commands are
`python -m halo.train`, `classify`, `generate` and so on; `halo` lists them.
"""

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

from halo.runtime.errors import InputError, Stopped, TrainingError

if TYPE_CHECKING:
    from halo.api.classifier import ClassifiedTexts, Classifier
    from halo.api.loading import load
    from halo.api.model import Model
    from halo.api.next_words import NextWord
    from halo.api.preparation import prepare
    from halo.api.scored_texts import ScoredTexts
    from halo.api.training import fit
    from halo.classification.prediction.classifications import Classification
    from halo.classification.prediction.telling_words import TellingWord
    from halo.generation.stream import GeneratedToken
    from halo.scoring.scored_text import ScoredText, ScoredToken, ScoredWord

    __version__: str

__all__ = [
    "Classification",
    "ClassifiedTexts",
    "Classifier",
    "GeneratedToken",
    "InputError",
    "Model",
    "NextWord",
    "ScoredText",
    "ScoredTexts",
    "ScoredToken",
    "ScoredWord",
    "Stopped",
    "TellingWord",
    "TrainingError",
    "__version__",
    "fit",
    "load",
    "prepare",
]

_HOMES = {
    "Classification": "halo.classification.prediction.classifications",
    "ClassifiedTexts": "halo.api.classifier",
    "Classifier": "halo.api.classifier",
    "GeneratedToken": "halo.generation.stream",
    "Model": "halo.api.model",
    "NextWord": "halo.api.next_words",
    "ScoredText": "halo.scoring.scored_text",
    "ScoredTexts": "halo.api.scored_texts",
    "ScoredToken": "halo.scoring.scored_text",
    "ScoredWord": "halo.scoring.scored_text",
    "TellingWord": "halo.classification.prediction.telling_words",
    "fit": "halo.api.training",
    "load": "halo.api.loading",
    "prepare": "halo.api.preparation",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # takes longer to import than everything else here

    try:
        return version("semblance-halo")
    except PackageNotFoundError:  # the source tree on the path, without an installation
        return "0+unknown"


class _Package(types.ModuleType):
    """This package, in which `halo.prepare` is always the function.

    Importing the command `halo.prepare`, a module, would make Python store that module under the same name. The module
    stays available to `python -m halo.prepare`, `from halo.prepare import main` and
    `importlib.import_module("halo.prepare")`, which look it up in `sys.modules`.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
