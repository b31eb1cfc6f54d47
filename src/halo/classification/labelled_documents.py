"""The documents of a prepared text that have a label, as a classifier reads them.

Shape letter: N documents of a split.
"""

import logging
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from halo.config import SPLITS, DataConfig
from halo.corpus.corpus import Corpus
from halo.runtime.errors import InputError, counted
from halo.tokenization.tokenizer import TextTokenizer, TokenIds

log = logging.getLogger(__name__)

Targets = npt.NDArray[np.int64]

MIN_DOCUMENTS = 3
"""Documents of a label with which each split can have one."""

MAX_SHOWN = 5
"""Labels that a message lists."""


@dataclass(frozen=True)
class LabelledSplit:
    """The labelled documents of a split.

    Attributes:
        ids: The token ids of each document.
        targets_N: The number of its label.
        numbers_N: Its number among all documents of the split, labelled or not.
    """

    ids: list[TokenIds]
    targets_N: Targets
    numbers_N: Targets

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def lengths(self) -> list[int]:
        """The number of tokens of each document."""
        return [len(ids) for ids in self.ids]

    def select(self, chosen: npt.NDArray[np.int64]) -> "LabelledSplit":
        """Returns the documents with these positions, in this order."""
        return LabelledSplit(
            [self.ids[position] for position in chosen.tolist()], self.targets_N[chosen], self.numbers_N[chosen]
        )


@dataclass(frozen=True)
class LabelledDocuments:
    """The labelled documents of a prepared text.

    Attributes:
        labels: The labels in alphabetical order; a target is an index of them.
        splits: The documents of each split.
        tokenizer: The vocabulary.
        paragraph_break: What readable text has for an `<eos>`.
    """

    labels: tuple[str, ...]
    splits: dict[str, LabelledSplit]
    tokenizer: TextTokenizer
    paragraph_break: str = "\n\n"

    def texts(self, split: str) -> list[str]:
        """Returns the documents of a split as cleaned text; a word outside the vocabulary is `<unk>`."""
        decode = self.tokenizer.decode
        return [decode(ids.tolist(), paragraph_break=self.paragraph_break) for ids in self.splits[split].ids]

    def with_training_subset(self, num_labels: int, *, seed: int) -> "LabelledDocuments":
        """Returns the same documents with fewer for training, in the proportions of their labels.

        A larger subset with the same seed contains the smaller one, but for rounding.

        Args:
            num_labels: Number of training documents to keep.
            seed: Seed of the choice.

        Raises:
            InputError: There are fewer than that.
        """
        train = self.splits["train"]
        if num_labels > len(train):
            raise InputError(
                f"classifier.num_labels={num_labels}: there are {counted(len(train), 'labelled training document')}; "
                "give a smaller number, or null for all"
            )
        chosen = stratified_order(train.targets_N, seed=seed)[:num_labels]
        return replace(self, splits={**self.splits, "train": train.select(np.sort(chosen))})


def stratified_order(targets_N: Targets, *, seed: int) -> npt.NDArray[np.int64]:
    """Returns an order of documents of which each beginning has the labels in nearly their proportions.

    >>> stratified_order(np.array([0, 0, 0, 0, 1, 1]), seed=1)[:3].tolist() != [0, 1, 2]
    True
    """
    generator = np.random.default_rng(seed)
    positions = np.zeros(len(targets_N))
    for label in np.unique(targets_N).tolist():
        own = np.flatnonzero(targets_N == label)
        ranks = generator.permutation(len(own)) + generator.random()
        positions[own] = ranks / len(own)
    return np.argsort(positions, kind="stable")


def labelled_documents(corpus: Corpus, config: DataConfig) -> LabelledDocuments:
    """Returns the labelled documents of a prepared text, and logs what is left out and which labels are rare.

    Args:
        corpus: The prepared text.
        config: Its settings.

    Raises:
        InputError: No document has a label, or all training documents have the same one.
    """
    numbers = {split: np.asarray(corpus.labels[split], dtype=np.int64) for split in SPLITS}
    found = {corpus.label_names[number] for split in SPLITS for number in np.unique(numbers[split]).tolist()}
    labels = tuple(sorted(found - {""}))
    _require_labels(labels, corpus, config)
    number_of = {label: number for number, label in enumerate(labels)}
    target_of = np.array([number_of.get(name, -1) for name in corpus.label_names], dtype=np.int64)
    splits = {split: _split(corpus, split, target_of[numbers[split]]) for split in SPLITS}
    _require_splits(splits, labels, config)
    left_out = sum(int((target_of[numbers[split]] < 0).sum()) for split in SPLITS)
    if left_out:
        log.info(
            "%s without a label: left out of the classifier, read by the language model", counted(left_out, "document")
        )
    _log_rare_labels(splits, labels)
    _log_relabelled(corpus)
    return LabelledDocuments(labels, splits, corpus.tokenizer, config.tokenizer.paragraph_break)


def _split(corpus: Corpus, split: str, targets: Targets) -> LabelledSplit:
    offsets = corpus.offsets[split]
    is_used = (targets >= 0) & (np.diff(offsets) > 0)
    chosen = np.flatnonzero(is_used)
    ids = [np.asarray(corpus.ids[split][offsets[number] : offsets[number + 1]]) for number in chosen.tolist()]
    return LabelledSplit(ids, targets[chosen], chosen)


def _require_labels(labels: tuple[str, ...], corpus: Corpus, config: DataConfig) -> None:
    if labels:
        return
    field = "register or label" if config.label_field == "auto" else config.label_field
    wanted = f"no field {field} with values" if field else "data.label_field is null"
    raise InputError(
        f"{config.source}: no document has a label ({wanted}); name the field or column of the labels with "
        "data.label_field=NAME"
    )


def _require_splits(splits: dict[str, LabelledSplit], labels: tuple[str, ...], config: DataConfig) -> None:
    for split in SPLITS:
        if not len(splits[split]):
            raise InputError(
                f"{config.source}: no document of the {split} split has a label; label more documents, or give another "
                "data.splits.seed"
            )
    in_training = np.unique(splits["train"].targets_N)
    if len(in_training) < 2:
        only = labels[int(in_training[0])]
        raise InputError(
            f"{config.source}: all labelled training documents have the label {only!r}; a classifier needs documents "
            "of two labels or more"
        )


def _log_rare_labels(splits: dict[str, LabelledSplit], labels: tuple[str, ...]) -> None:
    counts = {split: np.bincount(splits[split].targets_N, minlength=len(labels)) for split in SPLITS}
    never_seen = np.flatnonzero(counts["train"] == 0)
    if len(never_seen):
        held_out = int((counts["validation"] + counts["test"])[never_seen].sum())
        log.warning(
            "%s without training documents: %s; %s held out with it count as errors",
            counted(len(never_seen), "label"),
            _listed([labels[number] for number in never_seen.tolist()]),
            counted(held_out, "document"),
        )
    total = np.sum([counts[split] for split in SPLITS], axis=0)
    rare = np.flatnonzero((total < MIN_DOCUMENTS) & (counts["train"] > 0))
    if len(rare):
        log.warning(
            "%s with fewer than %d documents: %s; not every split has one",
            counted(len(rare), "label"),
            MIN_DOCUMENTS,
            _listed([labels[number] for number in rare.tolist()]),
        )


def _log_relabelled(corpus: Corpus) -> None:
    """Logs how many dropped duplicates have another label than the document that they repeat."""
    entry = corpus.manifest["duplicates"]
    number = entry.get("relabelled", 0)
    if number:
        example = entry["relabelled_examples"][0]
        log.warning(
            "%s dropped as duplicates had another label than the document that was kept, such as %s (%r), which "
            "repeats %s (%r); manifest.json lists them",
            counted(number, "document"),
            *(example[key] for key in ("source", "label", "kept_source", "kept_label")),
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:MAX_SHOWN])
    return shown + f" and {len(names) - MAX_SHOWN:,} more" * (len(names) > MAX_SHOWN)


def label_counts(split: LabelledSplit, labels: tuple[str, ...]) -> dict[str, int]:
    """Returns the number of documents of each label."""
    counted_targets = Counter(split.targets_N.tolist())
    return {label: counted_targets[number] for number, label in enumerate(labels)}
