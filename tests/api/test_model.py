"""A loaded model in use: the same figures as the commands, the same texts for the same seed."""

import math
import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import halo
from halo.config import DataConfig
from halo.corpus.cleaning.pipeline import clean
from halo.corpus.encoded_documents import encode_documents
from halo.evaluation.text_scores import NLLSummary, surprisal_bits, text_nll, windows_to_score
from tests.conftest import Run

TEXT = "The people were in the town.\n\nThey did not see the zyzzyva, and went home."


@pytest.fixture(scope="module")
def model(trained: Run) -> halo.Model:
    return halo.load(trained.folder / "bundle", device="cpu")


def test_perplexity_counts_the_tokens_of_a_document(model: halo.Model) -> None:
    settings: DataConfig = model.bundle.config.data
    ids, _ = encode_documents([clean(TEXT, settings.cleaning)], model.bundle.tokenizer, settings)
    windows = windows_to_score(ids, eos_id=model.bundle.tokenizer.eos_id, batch_size=1)
    expected = NLLSummary.from_tokens(text_nll(model.bundle.model, windows)).perplexity
    assert model.perplexity(TEXT) == pytest.approx(expected)


def test_each_text_is_scored_as_if_it_were_alone(model: halo.Model) -> None:
    texts = [TEXT, "the people", "the", "and they went home, and the people were in the town . " * 40]
    for text, scored in zip(texts, model.score(texts), strict=True):
        (alone,) = model.score(text)
        pieces = clean(text, model.bundle.config.data.cleaning).split("\n\n")
        with_eos = [[*model.bundle.tokenizer.encode(piece), model.bundle.tokenizer.eos_id] for piece in pieces]
        ids = np.concatenate(with_eos).astype(np.uint32)
        bits = surprisal_bits(model.bundle.model, ids, eos_id=model.bundle.tokenizer.eos_id)
        expected = [each for each, token_id in zip(bits, ids, strict=True) if token_id != model.bundle.tokenizer.eos_id]
        for tokens in (scored.tokens, alone.tokens):
            np.testing.assert_allclose([token.bits for token in tokens], expected, atol=1e-3)
        assert scored.total_bits == pytest.approx(math.fsum(expected), abs=1e-2)
        assert scored.bits_per_token == pytest.approx(scored.total_bits / len(expected))


def test_scored_tokens_are_those_of_the_text_also_outside_the_vocabulary(model: halo.Model) -> None:
    (scored,) = model.score("the zyzzyva")
    assert [(token.text, token.is_known) for token in scored.tokens] == [("the", True), ("zyzzyva", False)]
    assert str(scored).startswith("the ")
    assert model.score([]) == []


@pytest.mark.parametrize("text", ["", "  \n ", "😀"])
def test_an_empty_text_is_refused(model: halo.Model, text: str) -> None:
    with pytest.raises(halo.InputError, match="contains no words"):
        model.score(["the people", text])
    with pytest.raises(halo.InputError, match="contains no words"):
        model.perplexity(text)


def test_the_same_seed_generates_the_same_texts(model: halo.Model) -> None:
    texts = model.generate("The people", num_samples=2, num_words=12, seed=3)
    assert texts == model.generate("The people", num_samples=2, num_words=12, seed=3)
    assert texts != model.generate("The people", num_samples=2, num_words=12, seed=4)
    assert all(text.startswith("the people") for text in texts)
    assert len(model.generate(num_words=5)) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"prompt": "zyzzyva"}, "the model knows none of these words"),
        ({"temperature": -1.0}, "temperature=-1.0"),
        ({"top_p": 0.0}, "top_p=0.0"),
        ({"num_samples": 0}, "num_samples=0"),
        ({"dtype": "float8"}, "dtype=float8"),
    ],
)
def test_arguments_out_of_range_are_refused(model: halo.Model, arguments: dict[str, object], message: str) -> None:
    with pytest.raises(halo.InputError, match=message):
        model.generate(**{"prompt": "the", "num_words": 3, **arguments})  # type: ignore[call-overload]


def test_the_representation_says_what_the_model_is(model: halo.Model, trained: Run) -> None:
    text = repr(model)
    assert text.startswith("<halo.Model lstm: ")
    assert f"{model.num_parameters:,} parameters, {model.vocab_size:,} word tokens, cpu" in text
    assert str(trained.folder / "bundle") in text


@pytest.mark.parametrize("text", [Path("a.txt"), 3, None, b"the", [3], {"the": 1}])
def test_what_is_no_text_is_refused(model: halo.Model, text: object) -> None:
    with pytest.raises(halo.InputError, match=r"text=.*must be a string"):
        model.perplexity(text)  # type: ignore[arg-type]
    with pytest.raises(halo.InputError, match="prompt"):
        model.generate(text)  # type: ignore[call-overload]


@pytest.mark.parametrize("texts", [Path("a.txt"), 3, None, b"the", {"the": 1}, [3], [b"the"]])
def test_what_are_no_texts_is_refused(model: halo.Model, texts: object) -> None:
    with pytest.raises(halo.InputError, match="must be a string"):
        model.score(texts)  # type: ignore[arg-type]


def test_texts_may_come_from_a_generator(model: halo.Model) -> None:
    assert model.score(text for text in ("the people", "the town")) == model.score(["the people", "the town"])


def test_a_pickled_model_is_the_same(model: halo.Model) -> None:
    copy = pickle.loads(pickle.dumps(model))
    assert repr(copy) == repr(model)
    assert copy.perplexity(TEXT) == model.perplexity(TEXT)


@pytest.mark.slow
def test_a_model_can_be_used_in_another_process(model: halo.Model) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (perplexity,) = pool.map(model.perplexity, [TEXT])
    assert perplexity == pytest.approx(model.perplexity(TEXT))


def test_several_prompts_give_what_each_gives_alone(model: halo.Model) -> None:
    prompts = ["the people", "", "they went"]
    assert model.generate(prompts, num_words=4, num_samples=2) == [
        model.generate(prompt, num_words=4, num_samples=2) for prompt in prompts
    ]
    assert model.next_words(prompts, k=3) == [model.next_words(prompt, k=3) for prompt in prompts]
    assert model.generate([]) == []
    assert model.next_words([]) == []


def test_a_stream_has_the_words_of_the_first_sample(model: halo.Model) -> None:
    stream = model.stream("the people", num_words=9, seed=5, num_alternatives=2)
    tokens = list(stream)
    assert model.generate("the people", num_words=9, seed=5) == ["the people" + "".join(each.text for each in tokens)]
    assert all(len(each.alternatives) == 2 for each in tokens)
    with pytest.raises(halo.InputError, match="num_alternatives"):
        model.stream("the", num_alternatives=-1)
    with pytest.raises(TypeError, match="heat"):
        model.stream("the", heat=1)  # type: ignore[call-arg]


def test_the_next_words_are_the_likeliest_and_known(model: halo.Model) -> None:
    everything = model.next_words("the people were", k=10**6)
    assert [each.word for each in everything[:5]] == [each.word for each in model.next_words("the people were", k=5)]
    assert len({each.word for each in everything}) == len(everything) == model.vocab_size - 1
    assert math.fsum(each.probability for each in everything) <= 1 + 1e-5
    (scored,) = model.score("the people were in")
    (probability,) = [each.probability for each in everything if each.word == "in"]
    assert scored.words[-1].bits == pytest.approx(-math.log2(probability), abs=1e-4)
    for k in (0, True, 2.0):
        with pytest.raises(halo.InputError, match="k="):
            model.next_words("the", k=k)  # type: ignore[arg-type]


def test_surprisal_has_a_value_for_each_word_as_it_stands(model: halo.Model) -> None:
    bits = model.surprisal("The people went, 😀 home.")
    assert bits.shape == (5,)
    assert np.isnan(bits).tolist() == [False, False, False, True, False]
    np.testing.assert_allclose(model.surprisal(["the town", "the people"])[1], model.surprisal("the people"), atol=1e-5)


def test_several_threads_get_what_one_gets(model: halo.Model) -> None:
    prompts = ["the people", "they went", "and the town", "in the"] * 6

    def use(number: int) -> object:
        prompt = prompts[number]
        words = [token.text for token in model.stream(prompt, num_words=6, seed=number)]
        return words, model.next_words(prompt, k=3), model.score(prompt), model.generate(prompt, num_words=5)

    expected = [use(number) for number in range(len(prompts))]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(len(prompts)))) == expected
