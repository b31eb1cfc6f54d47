"""What is known of a prepared corpus beyond its counts, for people to look at: the data report draws it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from halo.runtime.errors import InputError, reason

FILE_NAME = "statistics.json"


@dataclass(frozen=True)
class LabelCounts:
    """What the documents of one label consist of.

    Attributes:
        documents: Number of documents.
        words: Stretches between white space.
        tokens: Tokens, without `<eos>`.
        unknown_tokens: Those whose word is not in the vocabulary.
    """

    documents: int
    words: int
    tokens: int
    unknown_tokens: int

    @property
    def out_of_vocabulary_rate(self) -> float:
        """Share of the tokens whose word is not in the vocabulary."""
        return self.unknown_tokens / max(self.tokens, 1)


@dataclass(frozen=True)
class Example:
    """A line that cleaning changed.

    Attributes:
        before: As it was read.
        after: As it was kept; empty where nothing was left.
        steps: Which steps changed it, as `clean_counted` names them.
    """

    before: str
    after: str
    steps: list[str]


@dataclass(frozen=True)
class Statistics:
    """What cleaning did, how frequent words are, and what the splits hold.

    Attributes:
        characters_read: Characters of all documents before cleaning.
        cleaning: How much each step of cleaning changed, in the units of `clean_counted`, over all documents that were
            read; steps that changed nothing are left out.
        examples: Lines before and after cleaning.
        labels: For each split and label what its documents consist of; a text without labels has the one label "".
        types: Number of distinct tokens of the training split, before rare ones became `<unk>`. Tokens of kind bpe are
            its pieces, those of kind char characters.
        singletons: How many of them occur once.
        frequent: The most frequent ones with their counts.
        ranks: Ranks of the types by frequency, from 1 to `types`, spread over a logarithmic scale.
        frequencies: How often the type of each of these ranks occurs in the training split.
        coverage: For each split the share of its tokens that are among so many most frequent training types.
        sentences: Sentences of the cleaned text whose detokenized tokens were compared with them.
        sentences_exact: How many of them came back exactly.
        beginnings: For each split how some of its documents begin, cleaned.
    """

    characters_read: int
    cleaning: dict[str, int]
    examples: list[Example]
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

    def save(self, folder: Path) -> None:
        """Writes statistics.json into `folder`."""
        (folder / FILE_NAME).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Statistics":
        """Returns what `save` wrote into `folder`.

        Raises:
            InputError: The file is not there or holds something else.
        """
        file = folder / FILE_NAME
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
            plain["examples"] = [Example(**example) for example in plain["examples"]]
            plain["labels"] = {
                split: {label: LabelCounts(**counts) for label, counts in labels.items()}
                for split, labels in plain["labels"].items()
            }
            plain["frequent"] = [(token, count) for token, count in plain["frequent"]]
            return cls(**plain)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{file}: damaged ({reason(error)}); delete the folder and run again") from error
