"""Word vectors that know how words are spelled: against sums by hand, and that they are computed once where asked."""

import copy

import numpy as np
import pytest
import torch
from torch.nn.utils import parametrize

from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.models.subword_vectors import SubwordVectors
from halo.tokenization.character_ngrams import MIN_WORDS, subwords
from tests.conftest import model_config

ENDINGS = ["", "s", "ed", "er", "ers", "ing", "y"]
WORDS = ["<unk>", "<eos>", ".", *(f"cough{end}" for end in ENDINGS), *(f"vaccin{end}" for end in ENDINGS), "blood"]


def by_hand(own_VD: torch.Tensor, vectors: SubwordVectors) -> torch.Tensor:
    parts = subwords(WORDS, shortest=3, longest=6)
    rows = []
    for word_id, own_D in enumerate(own_VD):
        ngrams = parts.ngram_ids_P[parts.word_ids_P == word_id]
        rows.append(own_D + vectors.vectors[ngrams].sum(0) / max(1, len(ngrams)) ** 0.5)
    return torch.stack(rows)


def word_vectors(model: LanguageModel) -> torch.Tensor:
    embedding = model.get_submodule("embedding")
    assert isinstance(embedding, torch.nn.Embedding)
    return embedding.weight


def test_vectors_and_gradients_are_those_of_sums_by_hand() -> None:
    torch.manual_seed(0)
    vectors = SubwordVectors(subwords(WORDS, shortest=3, longest=6), 5).double()
    torch.nn.init.normal_(vectors.vectors)
    own_VD = torch.randn(len(WORDS), 5, dtype=torch.float64, requires_grad=True)
    weights_VD = torch.randn(len(WORDS), 5, dtype=torch.float64)
    torch.testing.assert_close(vectors(own_VD), by_hand(own_VD, vectors))
    expected = torch.autograd.grad((by_hand(own_VD, vectors) * weights_VD).sum(), [own_VD, vectors.vectors])
    found = torch.autograd.grad((vectors(own_VD) * weights_VD).sum(), [own_VD, vectors.vectors])
    torch.testing.assert_close(found, expected)


def test_ngrams_are_shared_by_words_and_rare_ones_left_out() -> None:
    parts = subwords(WORDS, shortest=3, longest=6)
    assert len(parts.word_ids_P) == len(parts.ngram_ids_P)
    assert parts.vocab_size == len(WORDS)
    of = [set(parts.ngram_ids_P[parts.word_ids_P == word_id].tolist()) for word_id in range(len(WORDS))]
    assert of[0] == of[1] == of[2] == set()  # they are not spelled
    assert of[-1] == set()  # no other words share its n-grams
    for family in (of[3:10], of[10:17]):
        assert family[0]
        assert all(family[0] <= other for other in family)
    assert of[3] & of[10] == set()
    counts = np.bincount(parts.ngram_ids_P)
    assert len(counts) == parts.num_ngrams
    assert counts.min() >= MIN_WORDS


def test_a_vocabulary_without_common_ngrams_has_vectors_of_its_own_alone() -> None:
    model = build_model(model_config("lstm", "subword_lengths=[3,6]"), ["<unk>", "<eos>", ".", "a"])
    own = model.get_parameter("embedding.parametrizations.weight.original")
    assert torch.equal(word_vectors(model), own)


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_input_and_output_share_the_sums_and_a_copy_is_the_same(name: str) -> None:
    torch.manual_seed(0)
    model = build_model(model_config(name, "subword_lengths=[3,6]"), WORDS).eval()
    weights = dict(model.named_parameters())
    torch.nn.init.normal_(weights["embedding.parametrizations.weight.0.vectors"])
    ids_BT = torch.randint(len(WORDS), (2, 6))
    logits_BTV = model(ids_BT)[0]
    assert torch.equal(copy.deepcopy(model)(ids_BT)[0], logits_BTV)
    plain = build_model(model_config(name, "subword_lengths=null"), WORDS).eval()
    values = {key: value for key, value in model.state_dict().items() if "parametrizations" not in key}
    table = word_vectors(model).detach()
    plain.load_state_dict({**values, "embedding.weight": table, "output.words.weight": table})
    assert torch.equal(plain(ids_BT)[0], logits_BTV)


def test_the_sums_are_computed_once_where_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    forward = SubwordVectors.forward

    def counted(self: SubwordVectors, own_VD: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        return forward(self, own_VD)

    monkeypatch.setattr(SubwordVectors, "forward", counted)
    model = build_model(model_config("lstm", "subword_lengths=[3,6]"), WORDS)
    calls = 0
    with parametrize.cached():
        outputs = model.read(torch.randint(len(WORDS), (2, 6)), None)
        nll = model.nll(outputs, torch.randint(len(WORDS), (2, 6))).sum()
    assert calls == 1
    torch.autograd.backward(nll)
    for weight in model.parameters():
        assert weight.grad is not None
