"""A classifier as the server uses it, by many threads at once."""

from collections.abc import Sequence

from halo.api.classifier import Classifier
from halo.runtime.errors import InputError
from halo.serving.answers.classification_fields import (
    MAX_EXPLAINED_WORDS,
    ClassifiedText,
    ClassifiedTexts,
    ClassifiedWord,
)
from halo.serving.answers.fields import ClassifierEntry


class ServedClassifier:
    """A classifier of a server.

    Args:
        model_id: Its name in requests.
        classifier: The classifier.
    """

    def __init__(self, model_id: str, classifier: Classifier) -> None:
        self.id = model_id
        self._classifier = classifier

    def entry(self) -> ClassifierEntry:
        """Returns what `/api/models` says about the classifier."""
        return ClassifierEntry(
            id=self.id,
            architecture=self._classifier.bundle.config.model.name,
            parameters=self._classifier.num_parameters,
            vocabulary=self._classifier.vocab_size,
            labels=[*self._classifier.labels],
        )

    def classify(self, texts: Sequence[str], *, explain: bool) -> ClassifiedTexts:
        """Returns the label of each text.

        Args:
            texts: The texts.
            explain: Whether to say what each word adds.

        Raises:
            InputError: A text contains no words, or is too long to be explained.
        """
        if explain and (words := max(len(text.split()) for text in texts)) > MAX_EXPLAINED_WORDS:
            raise InputError(
                f"explain=true: a text of {words:,} words; at most {MAX_EXPLAINED_WORDS} are allowed, leave explain out"
            )
        found = self._classifier.classify([*texts])
        data = [
            ClassifiedText(
                index=index,
                label=each.label,
                probability=each.probability,
                probabilities=dict(each.probabilities),
                words=self._words(text) if explain else None,
            )
            for index, (text, each) in enumerate(zip(texts, found, strict=True))
        ]
        return ClassifiedTexts(model=self.id, data=data)

    def _words(self, text: str) -> list[ClassifiedWord]:
        return [ClassifiedWord(**each._asdict()) for each in self._classifier.explain(text)]
