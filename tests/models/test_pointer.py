"""The pointer: against sums by hand; it knows no word before it was read, and its memory does not depend on windows."""

import math

import pytest
import torch
import torch.nn.functional as F

from halo.data.streams import IGNORED
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.models.pointer import KEY_FEATURES, Memory, Pointer, pointer_mixture_logits
from tests.conftest import model_config, vocabulary

VOCABULARY = 20


@pytest.fixture
def model() -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config("lstm", "pointer_tokens=6"), vocabulary(VOCABULARY)).eval()


def test_the_probability_of_a_word_is_that_of_its_places() -> None:
    torch.manual_seed(0)
    pointer, tokens = Pointer(8, tokens=4), 9
    torch.nn.init.normal_(pointer.age_bias)
    hidden_BTH, ids_BT = torch.randn(1, tokens, 8), torch.randint(5, (1, tokens))
    logits_BTV = torch.randn(1, tokens, 5)
    pointer_output, _ = pointer(hidden_BTH, ids_BT, None)
    found_TV = pointer_mixture_logits(logits_BTV, pointer_output)[0].exp()
    keys, queries = pointer.key(hidden_BTH)[0], pointer.query(hidden_BTH)[0]
    for now in range(tokens):
        words = F.softmax(logits_BTV[0, now], dim=0)
        places = range(max(0, now - 4), now)  # the words that followed there have been read
        if places:
            scores = [queries[now] @ keys[at] / math.sqrt(KEY_FEATURES) + pointer.age_bias[now - at] for at in places]
            gate = torch.sigmoid(pointer.gate(hidden_BTH[0, now]))
            words = (1 - gate) * words
            for at, share in zip(places, torch.stack(scores).softmax(0), strict=True):
                words[ids_BT[0, at + 1]] += gate[0] * share
        torch.testing.assert_close(found_TV[now], words, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(found_TV.sum(1), torch.ones(tokens))


def test_nats_are_those_of_the_logits(model: LanguageModel) -> None:
    ids_BT, targets_BT = torch.randint(VOCABULARY, (2, 3, 15))
    targets_BT[1, 4:] = IGNORED
    expected = F.cross_entropy(model(ids_BT)[0].flatten(0, 1), targets_BT.flatten(), reduction="none").view(3, 15)
    torch.testing.assert_close(model.nll(model.read(ids_BT, None), targets_BT), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("sequence_length", [1, 4, 7, 40])
def test_windows_of_any_length_are_the_whole(model: LanguageModel, sequence_length: int) -> None:
    ids_BT = torch.randint(VOCABULARY, (3, 40))
    state, parts = None, []
    for window_BT in torch.split(ids_BT, sequence_length, dim=1):
        logits_BTV, state = model(window_BT, state)
        parts.append(logits_BTV)
    torch.testing.assert_close(torch.cat(parts, dim=1), model(ids_BT)[0], rtol=0, atol=1e-5)
    assert state is not None
    keys_BPK, words_BP = state[-1]
    assert keys_BPK.shape == (3, 6, KEY_FEATURES)
    assert torch.equal(words_BP, ids_BT[:, -5:])


def test_a_word_is_not_known_before_it_is_read(model: LanguageModel) -> None:
    ids_BT = torch.randint(VOCABULARY, (1, 12))
    changed_BT = ids_BT.clone()
    changed_BT[0, 8] = (changed_BT[0, 8] + 1) % VOCABULARY
    before, after = model(ids_BT)[0], model(changed_BT)[0]
    assert torch.equal(before[:, :8], after[:, :8])
    assert not torch.equal(before[:, 8:], after[:, 8:])


def test_the_first_word_is_left_to_the_softmax() -> None:
    pointer = Pointer(8, tokens=4)
    memory: Memory | None = None
    pointer_output, memory = pointer(torch.randn(2, 1, 8), torch.zeros(2, 1, dtype=torch.int64), memory)
    logits_BTV = torch.randn(2, 1, 5)
    assert torch.equal(pointer_mixture_logits(logits_BTV, pointer_output), F.log_softmax(logits_BTV, dim=-1))
    pointer_output, _ = pointer(torch.randn(2, 1, 8), torch.full((2, 1), 3), memory)
    words_BV = pointer_mixture_logits(logits_BTV, pointer_output).exp()[:, 0]
    gate_B = pointer_output.gate_BT[:, 0].exp()
    expected_BV = (1 - gate_B).unsqueeze(1) * F.softmax(logits_BTV[:, 0], dim=-1)
    expected_BV[:, 3] += gate_B  # the one word that was read so far
    torch.testing.assert_close(words_BV, expected_BV)


@pytest.mark.slow
def test_a_text_that_repeats_itself_is_learnt_by_pointing() -> None:
    def loss(*settings: str) -> float:
        torch.manual_seed(0)
        model = build_model(model_config("lstm", *settings), vocabulary(VOCABULARY))
        optimizer, last = torch.optim.Adam(model.parameters(), lr=0.01), []
        for _ in range(150):
            half_BT = torch.randint(2, VOCABULARY, (8, 10))
            ids_BT = half_BT.repeat(1, 2)  # nothing can be known of the first half, all of the second
            nll = model.nll(model.read(ids_BT[:, :-1], None), ids_BT[:, 1:])[:, 10:].mean()
            optimizer.zero_grad()
            torch.autograd.backward(nll)
            optimizer.step()
            last.append(nll.item())
        return sum(last[-10:]) / 10

    assert loss("pointer_tokens=12") < 0.7 * loss("pointer_tokens=null")
