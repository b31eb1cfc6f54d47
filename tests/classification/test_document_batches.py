import numpy as np

from halo.classification.document_batches import batches_by_length, make_batch, shuffled_batches, split_batches

LENGTHS = np.random.default_rng(1).integers(1, 2_000, size=300).tolist()


def test_every_document_is_in_one_batch_and_lengths_are_similar() -> None:
    batches = shuffled_batches(LENGTHS, batch_size=8, max_difference=200, seed=1, epoch=0)
    assert sorted(number for batch in batches for number in batch) == list(range(300))
    for batch in batches:
        lengths = [LENGTHS[number] for number in batch]
        assert len(batch) <= 8
        assert max(lengths) - min(lengths) <= 200


def test_the_order_depends_on_seed_and_epoch_only() -> None:
    def order(seed: int, epoch: int) -> list[list[int]]:
        return shuffled_batches(LENGTHS, batch_size=8, max_difference=200, seed=seed, epoch=epoch)

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)


def test_the_longest_documents_come_first_without_shuffling() -> None:
    assert batches_by_length([3, 9, 5], batch_size=2) == [[1, 2], [0]]


def test_shorter_documents_are_filled_up() -> None:
    batch = make_batch([np.array([4, 5, 6]), np.array([7])], [1, 0], eos_id=1)
    assert batch.ids_BN.tolist() == [[4, 5, 6], [7, 1, 1]]
    assert batch.lengths_B.tolist() == [3, 1]
    assert batch.targets_B.tolist() == [1, 0]


def test_halving_gives_the_wanted_number_and_loses_nothing() -> None:
    batches = [[0, 1, 2, 3, 4], [5], [6, 7, 8]]
    for number in range(3, 10):
        found = split_batches(batches, number)
        assert len(found) == number
        assert sorted(each for batch in found for each in batch) == list(range(9))
        assert all(found)
