"""The file statistics.json of a prepared corpus, from which the data report is drawn."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from halo.runtime.errors import InputError, reason

FILE_NAME = "statistics.json"


@dataclass(frozen=True)
class LabelCounts:
    """Counts over the documents of one label.

    Attributes:
        documents: Number of documents.
        words: Number of whitespace-separated words.
        tokens: Number of tokens, without `<eos>`.
        unknown_tokens: Number of those whose word is not in the vocabulary.
    """

    documents: int
    words: int
    tokens: int
    unknown_tokens: int

    @property
    def out_of_vocabulary_rate(self) -> float:
        """Fraction of the tokens whose word is not in the vocabulary."""
        return self.unknown_tokens / max(self.tokens, 1)


@dataclass(frozen=True)
class CleaningExample:
    """A line before and after cleaning.

    Attributes:
        before: The line as it was read.
        after: The cleaned line, possibly empty.
        steps: The steps that changed it, as `clean_counted` names them.
    """

    before: str
    after: str
    steps: list[str]


@dataclass(frozen=True)
class CorpusStatistics:
    """Statistics of cleaning, of word frequencies, and of the splits.

    Attributes:
        characters_read: Number of characters of all documents before cleaning.
        cleaning: Number of changes by each cleaning step, in the units of `CleaningCounts`, over all documents that
            were read; steps that changed nothing are absent.
        removed: Number of occurrences of each of the characters that the step `special` removed most often.
        examples: Lines before and after cleaning.
        labels: For each split and label the counts of its documents; a text without labels has the single label "".
        types: Number of distinct tokens of the training split, before rare ones became `<unk>`. Tokens of kind bpe are
            subwords, those of kind char characters.
        singletons: Number of types that occur once.
        frequent: The most frequent types with their counts.
        ranks: Ranks of types by frequency, from 1 to `types`, evenly spaced on a logarithmic scale.
        frequencies: Number of occurrences of the type of each of these ranks in the training split.
        coverage: For each split and rank the fraction of its tokens that are among the training types up to that rank.
        sentences: Number of sentences of the cleaned text that were tokenized and detokenized again.
        sentences_exact: Number of those that were reproduced exactly.
        beginnings: For each split the beginnings of some of its documents, cleaned.
        cased_forms: For words of the vocabulary that were lowercased, the form with capitals that they mostly had
            within sentences, over all documents that were read.
    """

    characters_read: int
    cleaning: dict[str, int]
    removed: dict[str, int]
    examples: list[CleaningExample]
    labels: dict[str, dict[str, LabelCounts]]
    types: int
    singletons: int
    frequent: list[tuple[str, int]]
    ranks: list[int]
    frequencies: list[int]
    coverage: dict[str, list[float]]
    sentences: int
    sentences_exact: int
    beginnings: dict[str, list[str]]
    cased_forms: dict[str, str]

    def save(self, folder: Path) -> None:
        """Writes statistics.json into `folder`."""
        (folder / FILE_NAME).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "CorpusStatistics":
        """Returns the statistics that `save` wrote into `folder`.

        Raises:
            InputError: The file is missing or damaged.
        """
        file = folder / FILE_NAME
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
            plain["examples"] = [CleaningExample(**example) for example in plain["examples"]]
            plain["labels"] = {
                split: {label: LabelCounts(**counts) for label, counts in labels.items()}
                for split, labels in plain["labels"].items()
            }
            plain["frequent"] = [(token, count) for token, count in plain["frequent"]]
            return cls(**plain)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{file}: damaged ({reason(error)}); delete its folder and rerun") from error
