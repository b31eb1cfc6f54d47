"""Tests of halo.auditing.canaries.exposure: a memorised secret is exposed, an unseen one is not."""

import math

import numpy as np
import pytest
import torch

from halo.auditing.canaries.exposure import CHANCE_EXPOSURE, exposure_of, exposure_rows, measure_exposure, secret_losses
from halo.auditing.canaries.insertion import Canaries, Canary, make_canaries
from halo.data.streams import IGNORED
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.models.ngram.unigram import Unigram
from tests.auditing.canaries.test_insertion import word_tokenizer
from tests.auditing.test_membership import PLAIN
from tests.conftest import model_config

EOS = 1


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return make_canaries(word_tokenizer(), number=6, seed=1)


def new_model() -> LanguageModel:
    torch.manual_seed(1)
    plain = ("layers=1", "embedding=48", "hidden=48", *PLAIN)
    return build_model(model_config("lstm", *plain), word_tokenizer().words())


@pytest.fixture(scope="module")
def overfitted(canaries: Canaries) -> LanguageModel:
    """A model trained on the inserted canaries, as often as they are repeated, and on nothing else."""
    model = new_model().eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    ids_BT = torch.tensor(
        [[EOS, *canaries.ids(canary), EOS] for canary in canaries.inserted for _ in range(canary.repetitions)]
    )
    for _ in range(60):
        loss = model.nll(model.read(ids_BT[:, :-1], None), ids_BT[:, 1:]).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return model


def test_a_model_that_overfits_its_canaries_is_caught(overfitted: LanguageModel, canaries: Canaries) -> None:
    result = measure_exposure(overfitted, canaries, eos_id=EOS, seed=1, candidates=300)
    by_repetitions = {group.repetitions: group for group in result.groups}
    assert [*by_repetitions] == [0, 1, 4, 16]
    assert by_repetitions[16].mean > math.log2(301)  # likelier than all candidates
    assert by_repetitions[16].chance < 1e-3
    assert by_repetitions[4].mean > 5
    never = by_repetitions[0]
    assert never.canaries == 10
    assert never.mean < 3.5
    assert never.chance > 0.01
    assert result.secret_bits == pytest.approx(math.log2(10**6))
    assert all(each.exposure <= result.secret_bits for each in result.canaries)
    assert all(each.is_extrapolated == (each.rank == 1) for each in result.canaries)


def test_a_model_that_never_saw_them_has_the_exposure_of_chance() -> None:
    many = make_canaries(word_tokenizer(), number=0, seed=2, controls=20)
    (never,) = measure_exposure(new_model(), many, eos_id=EOS, seed=1, candidates=200).groups
    assert never.mean == pytest.approx(CHANCE_EXPOSURE, abs=4 * CHANCE_EXPOSURE / math.sqrt(20))
    assert never.interval is not None
    assert never.interval.low < CHANCE_EXPOSURE < never.interval.high
    assert 0.01 < never.chance < 0.99


def test_uniform_ranks_have_the_mean_of_an_exponential_distribution() -> None:
    generator = np.random.default_rng(1)
    losses = generator.normal(size=(2000, 200))
    found = [exposure_of(row[0], row[1:], 0, secret_bits=20).exposure for row in losses if row[0] > row[1:].min()]
    assert np.mean(found) == pytest.approx(CHANCE_EXPOSURE, abs=0.1)


def test_extrapolation_follows_the_tail_of_the_candidates() -> None:
    losses = np.random.default_rng(1).normal(20, 2, 4000)
    for deviations, bits in ((4, 14.95), (4.5, 18.17)):  # -log2 of the normal distribution's tail
        found = exposure_of(20 - 2 * deviations, losses, 1, secret_bits=40)
        assert found.is_extrapolated
        assert found.exposure == pytest.approx(bits, abs=3)
    assert exposure_of(-100, losses, 1, secret_bits=19.9).exposure == 19.9


def test_ties_count_against_the_canary() -> None:
    assert exposure_of(1.0, np.ones(9), 1, secret_bits=20).rank == 10
    assert exposure_of(1.0, np.ones(9), 1, secret_bits=20).exposure == 0


@pytest.mark.parametrize("architecture", ["lstm", "transformer"])
def test_losses_of_secrets_are_those_of_the_whole_text(architecture: str, canaries: Canaries) -> None:
    torch.manual_seed(1)
    model = build_model(model_config(architecture), word_tokenizer().words()).eval()
    model.init_output_bias(Unigram(np.arange(30), word_tokenizer().vocab_size))
    canary = canaries.canaries[0]
    secrets = np.array([[canaries.symbols[each][0] for each in (*canary.secret[:5], last)] for last in range(10)] * 15)
    found = secret_losses(model, canaries, canary, secrets, eos_id=EOS)
    for secret, loss in list(zip(secrets, found, strict=True))[:3]:
        text = torch.tensor([[EOS, *canary.prefix_ids, *secret.tolist()]])
        with torch.no_grad():
            nll = model.nll(model.read(text[:, :-1], None), text[:, 1:])
        assert loss == pytest.approx(nll[0, len(canary.prefix_ids) :].sum().item(), rel=1e-4)


def test_symbols_may_have_different_numbers_of_tokens(overfitted: LanguageModel) -> None:
    canary = Canary("", (2, 3), (0, 1), 1)
    uneven = Canaries("", ((4,), (5, 6)), (canary,))
    found = secret_losses(
        *(overfitted, uneven, canary, np.array([[4, 5, 6], [4, 4, IGNORED]])),
        eos_id=EOS,
    )
    even = secret_losses(overfitted, uneven, canary, np.array([[4, 4]]), eos_id=EOS)
    assert found[1] == pytest.approx(even[0], rel=1e-5)
    assert measure_exposure(overfitted, uneven, eos_id=EOS, seed=1, candidates=10).secret_bits == 2


def test_the_result_is_plain_data_without_secrets(canaries: Canaries) -> None:
    result = measure_exposure(new_model(), canaries, eos_id=EOS, seed=1, candidates=20).as_json()
    assert "secret" not in str(result).replace("secret_bits", "")
    assert canaries.canaries[0].text not in str(result)
    assert [row[:2] for row in exposure_rows(result)] == [
        ["never", "10"],
        ["once", "2"],
        ["4 times", "2"],
        ["16 times", "2"],
    ]
