"""The transformer: positions are relative, a token sees as far as it should, the preset is as large as the LSTM."""

import json
from typing import cast

import pytest
import torch

from halo.config import TrainConfig, parse
from halo.corpus.sources.discovery import CORPORA_DIR
from halo.models.model_spec import build_model
from halo.models.transformer import TransformerLayer, TransformerModel, rotate, rotation, visible
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import compose_config

VOCABULARY = 50


def small(*, layers: int = 2, heads: int = 2) -> TransformerModel:
    torch.manual_seed(0)
    return TransformerModel(vocab_size=VOCABULARY, embedding=8, hidden=12, layers=layers, heads=heads, context=6).eval()


@pytest.mark.parametrize("layers", [1, 2])
def test_a_token_sees_the_context_before_it_in_each_layer_and_no_further(layers: int) -> None:
    model, ids_BT = small(layers=layers), torch.randint(VOCABULARY, (1, 30))
    changed_BT = ids_BT.clone()
    changed_BT[0, 10] = (ids_BT[0, 10] + 1) % VOCABULARY
    differs_T = (model(ids_BT)[0] - model(changed_BT)[0]).abs().amax(dim=(0, 2)) > 0
    expected_T = (torch.arange(30) >= 10) & (torch.arange(30) <= 10 + 6 * layers)
    assert torch.equal(differs_T, expected_T)


def test_the_state_holds_the_last_tokens_only() -> None:
    model, state = small(), None
    for size, kept in ((2, 2), (3, 5), (1, 6), (9, 6), (1, 6)):
        _, state = model(torch.randint(VOCABULARY, (4, size)), state)
        assert [tuple(tensor.shape) for tensor in state[0]] == [(4, 2, kept, 4)] * 2


def test_scores_of_rotated_vectors_depend_on_their_distance_alone() -> None:
    cosine_SE, sine_SE = rotation(20, 6, device=torch.device("cpu"))
    query_E, key_E = torch.rand(2, 6)
    queries_SE, keys_SE = (
        rotate(vector_E.expand(1, 1, 20, 6), cosine_SE, sine_SE)[0, 0] for vector_E in (query_E, key_E)
    )
    scores_SS = queries_SE @ keys_SE.T
    torch.testing.assert_close(scores_SS[5, 2], scores_SS[17, 14])
    assert not torch.isclose(scores_SS[5, 2], scores_SS[5, 3])
    torch.testing.assert_close(scores_SS.diagonal(), (query_E @ key_E).expand(20))


def test_attention_is_that_of_a_plain_loop() -> None:
    model, features_BTD = small(heads=1), torch.rand(1, 9, 8)
    layer = cast(TransformerLayer, model.layers[0])
    cosine_SE, sine_SE = rotation(9, 8, device=torch.device("cpu"))
    added_BTD, _, _ = layer(features_BTD, None, (cosine_SE, sine_SE), visible(9, 0, context=6, device=cosine_SE.device))
    queries, keys, values = layer.attention_input(layer.norm_attention(features_BTD))[0].split(8, dim=-1)
    rows = []
    for place in range(9):
        first = max(0, place - 6)
        turned = [rotate(each.view(1, 1, 9, 8), cosine_SE, sine_SE)[0, 0] for each in (queries, keys)]
        weights = (turned[0][place] @ turned[1][first : place + 1].T / 8**0.5).softmax(0)
        rows.append(weights @ values[first : place + 1])
    after_BTD = features_BTD + layer.attention_output(torch.stack(rows))
    expected_BTD = after_BTD + layer.down(torch.nn.functional.gelu(layer.up(layer.norm_hidden(after_BTD))))
    torch.testing.assert_close(added_BTD, expected_BTD)


@pytest.mark.slow
def test_the_presets_are_of_one_size_on_the_bundled_corpus() -> None:
    lines = (CORPORA_DIR / "covid_discussions.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"].lower() for line in lines]
    words = TextTokenizer.train(texts, kind="word", min_count=2, max_size=None).words()
    sizes = {}
    for name in ("lstm", "transformer"):
        config = parse(compose_config("train", [f"model={name}", "run_dir=x"]), TrainConfig).model
        sizes[name] = sum(parameter.numel() for parameter in build_model(config, words).parameters())
    assert sizes["transformer"] == pytest.approx(sizes["lstm"], rel=0.03)
