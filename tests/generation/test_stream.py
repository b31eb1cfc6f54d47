"""Streams: the same tokens as in a batch, with the model's own probabilities, in several threads at once."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from halo.config import default_sampling
from halo.generation.context import read_context
from halo.generation.generator import generate_samples
from halo.generation.step_decoder import step_decoder
from halo.generation.stopping import Stops
from halo.generation.stream import GeneratedToken, stream_tokens
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import MODELS, model_config

SAMPLING = default_sampling(num_words=12, temperature=1.0, top_k=0, top_p=1.0, repetition_penalty=1.2)


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    text = 'the virus " spreads " in the ( air ) , and it does .'
    return TextTokenizer.train([text], kind="word", min_count=1, max_size=None)


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest, tokenizer: TextTokenizer) -> LanguageModel:
    torch.manual_seed(0)
    model = build_model(model_config(str(request.param)), tokenizer.words()).eval()
    for parameter in model.parameters():
        torch.nn.init.uniform_(parameter, -0.3, 0.3)
    return model


def test_a_stream_has_the_tokens_of_a_batch(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    samples = generate_samples(model, tokenizer, [2, 3], num_samples=3, sampling=SAMPLING, with_scores=True)
    for number, sample in enumerate(samples):
        stream = [*stream_tokens(model, tokenizer, [2, 3], sampling=SAMPLING, sample=number)]
        assert [token.token_id for token in stream] == sample.ids
        assert [token.rank for token in stream] == sample.ranks
        assert [token.logprob for token in stream] == pytest.approx(sample.logprobs, abs=1e-5)


def test_probabilities_are_those_of_the_model(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    sampling = replace(SAMPLING, temperature=0.5, top_k=2)
    stream = stream_tokens(model, tokenizer, [2], sampling=sampling, num_alternatives=4)
    ids = [tokenizer.eos_id, 2]
    for token in stream:
        with torch.no_grad():
            log_probs_V = model(torch.tensor([ids]))[0][0, -1].log_softmax(-1)
        assert token.logprob == pytest.approx(float(log_probs_V[token.token_id]), abs=1e-5)
        log_probs_V[tokenizer.unk_id] = -torch.inf
        values, order = log_probs_V.topk(4)
        assert [each.token for each in token.alternatives] == [tokenizer.token(number) for number in order.tolist()]
        assert [each.logprob for each in token.alternatives] == pytest.approx(values.tolist(), abs=1e-5)
        assert token.rank == 1 + int((log_probs_V > log_probs_V[token.token_id]).sum())
        ids.append(token.token_id)
    assert len(ids) == 14


def test_more_alternatives_than_words_are_all_of_them(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    token = next(stream_tokens(model, tokenizer, [], sampling=SAMPLING, num_alternatives=1000))
    assert len(token.alternatives) == tokenizer.vocab_size - 1
    assert sum(math.exp(each.logprob) for each in token.alternatives) < 1  # <unk> has the rest


def test_a_text_can_be_continued_from_where_a_stream_is(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    greedy = replace(SAMPLING, temperature=0)
    decode_step = step_decoder(model)
    stream = stream_tokens(model, tokenizer, [2], sampling=greedy, decode_step=decode_step)
    first = [next(stream) for _ in range(5)]
    after = stream.context
    assert after.ids == (2, *(token.token_id for token in first))
    rest = [token.token_id for token in stream]
    shorter = replace(greedy, num_words=7)
    again = stream_tokens(model, tokenizer, after, sampling=shorter, decode_step=decode_step)
    assert [token.token_id for token in again] == rest


def test_streams_in_threads_do_not_disturb_each_other(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    def write(seed: int) -> list[GeneratedToken]:
        return [*stream_tokens(model, tokenizer, [2, 3], sampling=replace(SAMPLING, seed=seed), num_alternatives=2)]

    expected = [write(seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(write, range(8))] == expected
    assert not model.training


def test_a_stream_ends_with_its_stop(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    def write(stops: Stops | None) -> list[GeneratedToken]:
        return [*stream_tokens(model, tokenizer, [2, 3], sampling=SAMPLING, stops=stops)]

    whole = write(None)
    stopped = write(Stops(tokenizer, [whole[4].token]))
    first = [token.token for token in whole].index(whole[4].token)
    assert stopped == whole[: first + 1]


def test_a_model_in_training_keeps_its_mode_and_has_no_dropout(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    expected = [*stream_tokens(model, tokenizer, [2], sampling=SAMPLING)]
    model.train()
    try:
        assert [*stream_tokens(model, tokenizer, [2], sampling=SAMPLING)] == expected
        assert model.training
        assert read_context(model, tokenizer, [2]).ids == (2,)
    finally:
        model.eval()


@pytest.mark.parametrize("kind", ["word", "whitespace", "char", "bpe"])
def test_the_pieces_are_the_text(kind: str) -> None:
    texts = ["the virus spreads in the air, and it does. “naïve” 😂"]
    tokenizer = TextTokenizer.train(texts, kind=kind, min_count=1, max_size=280 if kind == "bpe" else None)
    torch.manual_seed(0)
    model = build_model(model_config("lstm"), tokenizer.words()).eval()
    prompt_ids = tokenizer.encode("the virus")
    stream = [*stream_tokens(model, tokenizer, prompt_ids, sampling=SAMPLING)]
    text = "the virus" + "".join(token.text for token in stream)
    assert "<unk>" not in text
    expected = tokenizer.decode([*prompt_ids, *(token.token_id for token in stream)])
    if kind == "bpe":  # the last character may be incomplete
        assert expected.startswith(text.strip()[:-1])
    else:
        assert text.strip() == expected
