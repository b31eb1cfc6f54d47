"""A trained classifier in use: labels and probabilities of texts from Python."""

import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt
import torch

from halo.api.model import Model
from halo.api.texts import Texts, require_text, several, without_words
from halo.classification.classifier_bundle import ClassifierBundle
from halo.classification.prediction.classifications import Classification, classify_texts
from halo.classification.prediction.telling_words import TellingWord, telling_words
from halo.models.language_model import num_parameters
from halo.runtime.errors import counted, packages_of_extra

if TYPE_CHECKING:
    import pandas


MAX_SHOWN_ROWS = 50
MAX_SHOWN_TEXT = 120
"""Rows, and characters of a text, that a notebook shows."""


class ClassifiedTexts(list[Classification]):
    """The labels of several texts: a list, which a notebook shows as a table.

    Args:
        found: The label of each text.
        texts: The texts.
    """

    def __init__(self, found: Iterable[Classification], texts: Sequence[str]) -> None:
        super().__init__(found)
        self._texts = texts

    def __repr__(self) -> str:
        return f"<halo.ClassifiedTexts: {counted(len(self), 'text')}>"

    def rows(self) -> list[dict[str, Any]]:
        """Returns a dict for each text: the text, its label, the probability of that, and of each label."""
        return [
            {"text": text, "label": each.label, "probability": each.probability}
            | {f"probability_{label}": value for label, value in each.probabilities.items()}
            for text, each in zip(self._texts, self, strict=True)
        ]

    def to_pandas(self) -> "pandas.DataFrame":
        """Returns the rows as a data frame.

        Raises:
            InputError: pandas is not installed.
        """
        with packages_of_extra("stats", purpose="a data frame"):
            import pandas
        return pandas.DataFrame(self.rows())

    def _repr_html_(self) -> str:
        rows = [
            f"<tr><td>{html.escape(text[:MAX_SHOWN_TEXT])}{'…' * (len(text) > MAX_SHOWN_TEXT)}</td>"
            f"<td>{html.escape(each.label)}</td><td>{each.probability:.3f}</td></tr>"
            for text, each in zip(self._texts[:MAX_SHOWN_ROWS], self, strict=False)
        ]
        more = f"<p>and {len(self) - MAX_SHOWN_ROWS:,} more texts</p>" if len(self) > MAX_SHOWN_ROWS else ""
        header = "<tr><th>text</th><th>label</th><th>probability</th></tr>"
        return f"<table><thead>{header}</thead><tbody>{''.join(rows)}</tbody></table>{more}"


class Classifier:
    """A trained classifier with its vocabulary and text settings, ready to use; `halo.load` returns one.

    Texts are cleaned and tokenized like the training text. Several threads may use one classifier at the same time.

    Attributes:
        bundle: Network, tokenizer, labels and settings.

    In the examples `classifier_folder` holds a classifier that has learned nothing: its labels are equally likely.

    >>> import halo
    >>> classifier = halo.load(classifier_folder, device="cpu", kind="classifier")
    >>> classifier.labels
    ('bad', 'good')
    >>> classifier.classify("the virus spreads in the air").probability
    0.5
    >>> [found.label for found in classifier.classify(["the virus", "the air"])]
    ['bad', 'bad']
    >>> classifier.probabilities(["the virus", "the air"]).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """

    def __init__(self, bundle: ClassifierBundle) -> None:
        self.bundle = bundle

    @property
    def folder(self) -> Path:
        """The folder that the classifier was loaded from."""
        return self.bundle.folder

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns of `probabilities`."""
        return self.bundle.labels

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        return next(self.bundle.model.parameters()).device

    @property
    def vocab_size(self) -> int:
        """Number of tokens of the vocabulary, `<unk>` and `<eos>` included."""
        return self.bundle.tokenizer.vocab_size

    @property
    def num_parameters(self) -> int:
        """Number of weights, shared ones counted once."""
        return num_parameters(self.bundle.model)

    def __repr__(self) -> str:
        name = self.bundle.config.model.name
        sizes = f"{len(self.labels):,} labels, {self.num_parameters:,} parameters"
        return f"<halo.Classifier {name}: {sizes}, {self.device}, from {self.folder}>"

    @overload
    def classify(self, texts: str) -> Classification: ...
    @overload
    def classify(self, texts: Texts) -> ClassifiedTexts: ...

    def classify(self, texts: str | Texts) -> Classification | ClassifiedTexts:
        """Returns the most probable label of a text, with the probability of each label.

        Args:
            texts: A text, for one result; or several in a list, for a list, which a notebook shows as a table.

        Raises:
            InputError: A text is empty after cleaning, or no string.
        """
        given = several(texts)
        found = self._classify(given)
        return found[0] if isinstance(texts, str) else ClassifiedTexts(found, given)

    def probabilities(self, texts: str | Iterable[str]) -> npt.NDArray[np.float64]:
        """Returns the probability of each label for each text, shape (number of texts, number of labels).

        Args:
            texts: Texts, or a single one.

        Raises:
            InputError: As `classify`.
        """
        rows = [[*found.probabilities.values()] for found in self._classify(several(texts))]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.labels))

    def explain(self, text: str) -> list[TellingWord]:
        """Returns the words of a text with what each adds to the probability of the most probable label, in order.

        Args:
            text: The text.

        Raises:
            InputError: As `classify`.
        """
        require_text(text)
        (found,) = self._classify([text])
        return telling_words(self.bundle, text, found.label)

    def _classify(self, texts: list[str]) -> list[Classification]:
        for text in texts:
            require_text(text)
        found = []
        for text, classified in zip(texts, classify_texts(self.bundle, texts), strict=True):
            if classified.found is None:
                raise without_words(text)
            found.append(classified.found)
        return found

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if not name.startswith("_") and hasattr(Model, name):
                raise AttributeError(
                    f"{self.folder} is a classifier, which has no {name}: use classify; {_language_model(self.folder)}"
                )
            raise AttributeError(f"'Classifier' object has no attribute {name!r}")


def _language_model(folder: Path) -> str:
    """Returns where the language model of a classifier is, as far as the folder tells."""
    places = (folder / "language_model", folder.parent / "language_model")
    found = next((place for place in places if place.is_dir()), None)
    return "load a language model for that" if found is None else f"its language model is in {found}"
