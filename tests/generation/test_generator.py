"""Generation: the same seed gives the same text, a prompt is cleaned like the training text, the mode is restored."""

import pytest
import torch

from halo.config import CleaningConfig, SamplingConfig
from halo.generation.generator import encode_prompt, generate
from halo.models.language_model import LanguageModel
from halo.models.model_spec import build_model
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import MODELS, model_config

CLEANING = CleaningConfig(steps=["special"], case="lower", numbers="keep", keep_characters=".,")


@pytest.fixture
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, tokenizer: TextTokenizer) -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config(request.param), tokenizer.words())


def sampling(*, seed: int = 1, temperature: float = 1.0) -> SamplingConfig:
    return SamplingConfig(num_words=12, temperature=temperature, top_k=0, top_p=1.0, seed=seed)


def test_the_same_seed_writes_the_same_text(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    def write(seed: int) -> list[str]:
        return generate(model, tokenizer, [3, 4], num_samples=3, sampling=sampling(seed=seed))

    assert write(1) == write(1)
    assert write(1) != write(2)
    assert len(set(write(1))) == 3


def test_sampling_leaves_the_global_random_state_alone(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    before = torch.get_rng_state()
    generate(model, tokenizer, [], num_samples=1, sampling=sampling())
    assert torch.equal(before, torch.get_rng_state())


def test_greedy_text_is_that_of_reading_everything_anew(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    (text,) = generate(model, tokenizer, [2], num_samples=1, sampling=sampling(temperature=0))
    ids = [tokenizer.eos_id, 2]
    model.eval()
    for _ in range(12):
        logits_1TV, _ = model(torch.tensor([ids]))
        logits_1TV[..., tokenizer.unk_id] = -torch.inf
        ids.append(int(logits_1TV[0, -1].argmax()))
    assert text == tokenizer.decode(ids[1:])


def test_a_prompt_is_cleaned_as_the_text_was(tokenizer: TextTokenizer) -> None:
    assert encode_prompt("The *Virus*", tokenizer, CLEANING) == tokenizer.encode("the virus")


@pytest.mark.parametrize(("prompt", "message"), [("", "no words"), (" *** ", "no words"), ("zebra", "knows none")])
def test_a_prompt_without_known_words_is_refused(tokenizer: TextTokenizer, prompt: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode_prompt(prompt, tokenizer, CLEANING)


@pytest.mark.parametrize("kind", ["char", "bpe"])
def test_characters_and_pieces_are_written_without_spaces_between(kind: str) -> None:
    texts = ["the virus spreads in the air."]
    tokenizer = TextTokenizer.train(texts, kind=kind, min_count=1, max_size=270 if kind == "bpe" else None)
    model = build_model(model_config("lstm"), tokenizer.words())
    prompt_ids = encode_prompt("The virus", tokenizer, CLEANING)
    (text,) = generate(model, tokenizer, prompt_ids, num_samples=1, sampling=sampling())
    assert text.startswith("the virus")
    assert "<unk>" not in text
    assert tokenizer.decode(prompt_ids) == "the virus"


@pytest.mark.parametrize("mode", [True, False])
def test_the_mode_is_restored_also_after_an_exception(
    model: LanguageModel, tokenizer: TextTokenizer, mode: bool
) -> None:
    model.train(mode)
    generate(model, tokenizer, [2], num_samples=1, sampling=sampling())
    assert model.training == mode
    with pytest.raises(IndexError):
        generate(model, tokenizer, [tokenizer.vocab_size], num_samples=1, sampling=sampling())
    assert model.training == mode
