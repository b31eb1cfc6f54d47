"""The Lightning data module of labelled documents, whose order can be continued in the middle of an epoch."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import lightning as L
import numpy as np

from halo.classification.document_batches import (
    DocumentBatch,
    batches_by_length,
    make_batch,
    shuffled_batches,
    split_batches,
)
from halo.classification.labelled_documents import LabelledDocuments, LabelledSplit
from halo.corpus.corpus import Corpus


class DocumentLoader:
    """Yields batches of labelled documents of similar length.

    This is not a `torch.utils.data.DataLoader`, since its position is part of a resume checkpoint; see `StreamLoader`.

    Args:
        documents: The documents of a split.
        plan: Returns the batches of an epoch, each as positions of documents.
        eos_id: The id of `<eos>`.
        current_epoch: Returns the epoch of a pass when it starts.
        unk_id: The id of `<unk>`, which replaces dropped words.
        word_dropout: Share of the words that are replaced.
        seed: Seed of that choice.
    """

    def __init__(
        self,
        documents: LabelledSplit,
        plan: Callable[[int], Sequence[Sequence[int]]],
        *,
        eos_id: int,
        current_epoch: Callable[[], int] = lambda: 0,
        unk_id: int = 0,
        word_dropout: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._documents = documents
        self._plan = plan
        self._eos_id, self._unk_id = eos_id, unk_id
        self._current_epoch = current_epoch
        self._word_dropout, self._seed = word_dropout, seed
        self._batch_index = self._first_index = 0

    def __len__(self) -> int:
        """Returns the number of batches of the current epoch."""
        return len(self._plan(self._current_epoch()))

    def __iter__(self) -> Iterator[DocumentBatch]:
        # Reset here: Lightning may stop asking before code after the last `yield` runs.
        first_index, self._first_index = self._first_index, 0
        epoch = self._current_epoch()
        batches = self._plan(epoch)
        for index in range(first_index, len(batches)):
            self._batch_index = index
            yield self._batch(batches[index], np.random.default_rng([self._seed, epoch, index]))

    def state_dict(self) -> dict[str, Any]:
        """Returns the index of the batch that was yielded last, counted from 0."""
        return {"batch": self._batch_index}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Makes the next pass, and only that one, start with the batch of `state_dict`."""
        self._first_index = state_dict["batch"]

    def _batch(self, positions: Sequence[int], generator: np.random.Generator) -> DocumentBatch:
        documents = [self._documents.ids[position] for position in positions]
        if self._word_dropout:
            documents = [
                np.where((generator.random(len(ids)) < self._word_dropout) & (ids != self._eos_id), self._unk_id, ids)
                for ids in documents
            ]
        targets = self._documents.targets_N[list(positions)].tolist()
        return make_batch(documents, targets, eos_id=self._eos_id)


class LabelledDataModule(L.LightningDataModule):
    """Serves the labelled documents of training and validation in batches.

    Args:
        corpus: The prepared text.
        documents: Its labelled documents.
        batch_size: Documents of a batch, at most.
        max_difference: Tokens by which the documents of a batch may differ in length.
        word_dropout: Share of the words that are replaced by `<unk>` in training.
        seed: Seed of the order of the training documents.
    """

    def __init__(
        self,
        corpus: Corpus,
        documents: LabelledDocuments,
        *,
        batch_size: int,
        max_difference: int,
        word_dropout: float,
        seed: int,
    ) -> None:
        super().__init__()
        self.corpus = corpus
        self.documents = documents
        self.batch_size = batch_size
        self.max_difference = max_difference
        self.word_dropout = word_dropout
        self.seed = seed

    def train_dataloader(self) -> DocumentLoader:
        """Returns the training batches, in another order in each epoch."""
        split, tokenizer = self.documents.splits["train"], self.documents.tokenizer
        lengths = split.lengths
        last_epoch = max(1, (self.trainer.max_epochs if self.trainer else None) or 1)

        @functools.cache
        def shuffled(epoch: int) -> list[list[int]]:
            return shuffled_batches(
                lengths, batch_size=self.batch_size, max_difference=self.max_difference, seed=self.seed, epoch=epoch
            )

        number = max(len(shuffled(epoch)) for epoch in range(last_epoch))

        def plan(epoch: int) -> list[list[int]]:
            return split_batches(shuffled(epoch), number)

        return DocumentLoader(
            split,
            plan,
            eos_id=tokenizer.eos_id,
            current_epoch=lambda: self.trainer.current_epoch if self.trainer else 0,
            unk_id=tokenizer.unk_id,
            word_dropout=self.word_dropout,
            seed=self.seed,
        )

    def val_dataloader(self) -> DocumentLoader:
        """Returns the validation batches."""
        split = self.documents.splits["validation"]
        batches = batches_by_length(
            split.lengths, batch_size=4 * self.batch_size, max_difference=4 * self.max_difference
        )
        return DocumentLoader(split, lambda _: batches, eos_id=self.documents.tokenizer.eos_id)
