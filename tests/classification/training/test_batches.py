from types import SimpleNamespace

import numpy as np

from halo.classification.training.batches import DocumentLoader, LabelledDataModule
from tests.support.tiny_classifiers import planted_documents


def make_loader(word_dropout: float = 0.0) -> DocumentLoader:
    split = planted_documents().splits["train"]
    plan = [list(range(first, first + 10)) for first in range(0, 60, 10)]
    return DocumentLoader(split, lambda _: plan, eos_id=1, word_dropout=word_dropout)


def test_a_pass_continues_where_it_was_once() -> None:
    loader = make_loader(word_dropout=0.3)
    batches = [batch.ids_BN.tolist() for batch in loader]
    iterator = iter(loader)
    for _ in range(3):
        next(iterator)
    state = loader.state_dict()
    other = make_loader(word_dropout=0.3)
    other.load_state_dict(state)
    assert [batch.ids_BN.tolist() for batch in other] == batches[2:]
    assert [batch.ids_BN.tolist() for batch in other] == batches


def test_word_dropout_replaces_about_that_share_of_the_words_and_no_eos() -> None:
    before = [batch.ids_BN for batch in make_loader()]
    after = [batch.ids_BN for batch in make_loader(word_dropout=0.5)]
    words = sum(int((ids_BN > 1).sum()) for ids_BN in before)
    dropped = sum(int((ids_BN == 0).sum()) for ids_BN in after)
    assert 0.35 < dropped / words < 0.65
    for full_BN, ids_BN in zip(before, after, strict=True):
        assert ((ids_BN == full_BN) | (ids_BN == 0)).all()
        assert (ids_BN[full_BN == 1] == 1).all()


def test_every_epoch_has_all_documents_in_the_same_number_of_batches() -> None:
    documents = planted_documents()
    data = LabelledDataModule(
        None,  # type: ignore[arg-type]  # only resume checkpoints need the text
        documents,
        batch_size=4,
        max_difference=5,
        word_dropout=0.0,
        seed=1,
    )
    trainer = SimpleNamespace(max_epochs=6, current_epoch=0)
    data.trainer = trainer  # type: ignore[assignment]
    loader = data.train_dataloader()
    numbers, orders = set(), set()
    for epoch in range(6):
        trainer.current_epoch = epoch
        batches = list(loader)
        assert len(batches) == len(loader)
        assert sum(len(batch.targets_B) for batch in batches) == len(documents.splits["train"])
        numbers.add(len(batches))
        orders.add(np.concatenate([batch.lengths_B.numpy() for batch in batches]).tobytes())
    assert len(numbers) == 1
    assert len(orders) == 6
