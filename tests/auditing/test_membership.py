"""Tests of halo.auditing.membership: known answers of the attacks."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from sklearn.metrics import roc_auc_score, roc_curve
from torch import Tensor

from halo.auditing.membership import (
    _aucs_and_tprs,
    _resampled_weights,
    measure_membership,
    membership_rows,
    passage_nll,
)
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.models.ngram.kneser_ney import KneserNey
from tests.conftest import model_config, vocabulary

VOCABULARY, LENGTH, PASSAGES = 20, 12, 120
PLAIN = ("mogrifier_rounds=0", "pointer_tokens=null", "subword_lengths=null")


def random_passages(seed: int, number: int = PASSAGES) -> npt.NDArray[np.int64]:
    return np.random.default_rng(seed).integers(2, VOCABULARY, (number, LENGTH))


def new_model(seed: int = 1) -> LanguageModel:
    torch.manual_seed(seed)
    settings = model_config("lstm", "embedding=64", "hidden=64", "layers=1", *PLAIN)
    return build_model(settings, vocabulary(VOCABULARY))


@pytest.fixture(scope="module")
def reference() -> KneserNey:
    """N-grams of passages like the others, but none of them."""
    return KneserNey(random_passages(9).ravel(), VOCABULARY, eos_id=1, order=3)


@pytest.fixture(scope="module")
def memorising() -> LanguageModel:
    """A model trained on the members alone until it knows them."""
    model = new_model().eval()  # without dropout
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    ids_PL = torch.from_numpy(random_passages(1))
    for _ in range(60):
        loss = model.nll(model.read(ids_PL[:, :-1], None), ids_PL[:, 1:]).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return model


def test_members_of_a_memorising_model_are_found(memorising: LanguageModel, reference: KneserNey) -> None:
    result = measure_membership(memorising, random_passages(1), random_passages(2), reference=reference, seed=1)
    for attack in result.attacks.values():
        assert attack.auc > 0.97
        assert attack.tpr is not None
        assert attack.tpr > 0.5
    for control in result.controls.values():
        assert control.auc_interval.low < 0.5 < control.auc_interval.high


def test_shuffled_labels_give_chance(memorising: LanguageModel, reference: KneserNey) -> None:
    both = np.random.default_rng(3).permutation(np.concatenate([random_passages(1), random_passages(2)]))
    result = measure_membership(memorising, both[:PASSAGES], both[PASSAGES:], reference=reference, seed=1)
    for attack in result.attacks.values():
        assert attack.auc_interval.low < 0.5 < attack.auc_interval.high
        assert attack.tpr_interval is not None
        assert attack.tpr_interval.low <= 0.01


def test_an_untrained_model_gives_chance(reference: KneserNey) -> None:
    result = measure_membership(new_model(), random_passages(1), random_passages(2), reference=reference, seed=1)
    for attack in result.attacks.values():
        assert attack.auc_interval.low < 0.5 < attack.auc_interval.high


def test_a_shift_between_splits_shows_in_the_controls(reference: KneserNey) -> None:
    other_words = 2 + random_passages(2) % 6
    result = measure_membership(new_model(), random_passages(1), other_words, reference=reference, seed=1)
    assert result.controls["tfidf"].auc > 0.9


def test_documents_widen_the_interval(memorising: LanguageModel, reference: KneserNey) -> None:
    documents = np.repeat(np.arange(6), PASSAGES // 6).tolist()
    members, others = random_passages(1), random_passages(2)
    members[: PASSAGES // 2] = random_passages(4, PASSAGES // 2)  # three documents that it has not seen
    widths = []
    for numbers in (None, documents):
        result = measure_membership(
            *(memorising, members, others),
            reference=reference,
            seed=1,
            member_documents=numbers,
            non_member_documents=numbers,
        )
        interval = result.attacks["loss"].auc_interval
        widths.append(interval.high - interval.low)
    assert result.documents == (6, 6)
    assert widths[1] > 2 * widths[0]


def test_rates_are_those_of_sklearn_with_ties_and_weights() -> None:
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 30, 300).astype(np.float64)
    is_member = generator.random(300) < 0.4
    weights = generator.integers(0, 3, (4, 300))
    aucs, tprs = _aucs_and_tprs(scores, is_member, weights)
    for auc, tpr, weight in zip(aucs, tprs, weights, strict=True):
        assert auc == pytest.approx(roc_auc_score(is_member, scores, sample_weight=weight))
        false, true, _ = roc_curve(is_member, scores, sample_weight=weight)
        assert tpr == pytest.approx(true[false <= 0.01].max())


def test_resamples_keep_documents_whole_and_sides_apart() -> None:
    documents = np.array([0, 0, 1, 2, 3, 3])
    is_member = documents < 2
    weights = _resampled_weights(documents, is_member, resamples=50, seed=1)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 0] + weights[:, 2] == 2).all()
    assert (weights[:, 3] + weights[:, 4] == 2).all()


def test_too_few_non_members_give_no_rate_at_one_percent(reference: KneserNey) -> None:
    few = random_passages(2, 50)
    result = measure_membership(new_model(), random_passages(1), few, reference=reference, seed=1).as_json()
    assert result["passages"] == [PASSAGES, 50]
    assert result["attacks"]["loss"]["tpr"] is None
    assert result["attacks"]["loss"]["tpr_interval"] is None
    rows = membership_rows(result)
    assert [row[0] for row in rows[:2]] == ["loss", "loss over n-gram"]
    assert {row[2] for row in rows} == {"-"}


class Doubling(LanguageModel):
    """Gives each token a loss of its input plus twice its target."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def read(self, ids_BT: Tensor, state: Any) -> Any:
        assert state is None
        return ids_BT

    def nll(self, outputs: Any, targets_BT: Tensor, *, num_frequent: int | None = None) -> Tensor:
        found: Tensor = (outputs + 2 * targets_BT).float()
        return found

    def forward(self, ids_BT: Tensor, state: Any = None) -> Any: ...

    def init_output_bias(self, unigram: Any) -> None: ...


def test_every_token_but_the_first_of_a_passage_has_a_loss() -> None:
    ids = np.arange(3000).reshape(300, 10)
    np.testing.assert_array_equal(passage_nll(Doubling(), ids), ids[:, :-1] + 2.0 * ids[:, 1:])
