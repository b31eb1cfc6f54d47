"""Generation: the same seed gives the same text, a prompt is cleaned like the training text, the mode is restored."""

from dataclasses import replace

import pytest
import torch

from halo.config import CleaningConfig, SamplingConfig, default_sampling
from halo.generation import context, generator
from halo.generation.generator import generate
from halo.generation.prompts import encode_prompt
from halo.models.language_model import LanguageModel, ModelOutput, State
from halo.models.model_spec import build_model
from halo.tokenization.tokenizer import TextTokenizer
from tests.conftest import MODELS, model_config

CLEANING = CleaningConfig(steps=["special"], case="lower", numbers="keep", keep_characters=".,")


@pytest.fixture
def tokenizer() -> TextTokenizer:
    return TextTokenizer.train(["the virus spreads in the air ."], kind="word", min_count=1, max_size=None)


@pytest.fixture(params=MODELS)
def name_of_model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def model(name_of_model: str, tokenizer: TextTokenizer) -> LanguageModel:
    torch.manual_seed(0)
    return build_model(model_config(name_of_model), tokenizer.words())


def sampling(*, seed: int = 1, temperature: float = 1.0) -> SamplingConfig:
    return default_sampling(num_words=12, temperature=temperature, top_k=0, top_p=1.0, seed=seed)


def test_the_same_seed_writes_the_same_text(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    def write(seed: int) -> list[str]:
        return generate(model, tokenizer, [3, 4], num_samples=3, sampling=sampling(seed=seed))

    assert write(1) == write(1)
    assert write(1) != write(2)
    assert len(set(write(1))) == 3


@pytest.mark.parametrize("changes", [(), ("ensemble_size=2",)], ids=["one", "ensemble"])
def test_a_sample_does_not_depend_on_how_many_there_are(
    name_of_model: str, changes: tuple[str, ...], tokenizer: TextTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    model = build_model(model_config(name_of_model, *changes), tokenizer.words())
    together = generate(model, tokenizer, [3, 4], num_samples=7, sampling=sampling())
    monkeypatch.setattr(generator, "MAX_PARALLEL", 2)
    for num_samples in (1, 2, 3, 7):
        assert (
            generate(model, tokenizer, [3, 4], num_samples=num_samples, sampling=sampling()) == together[:num_samples]
        )


def test_a_shorter_sample_is_the_beginning_of_a_longer_one(model: LanguageModel, tokenizer: TextTokenizer) -> None:
    short, long = (
        generate(model, tokenizer, [3], num_samples=2, sampling=replace(sampling(), num_words=number))
        for number in (4, 12)
    )
    assert all(text.startswith(beginning) for text, beginning in zip(long, short, strict=True))


def test_a_prompt_is_read_once_in_windows_and_its_logits_are_not_computed(
    model: LanguageModel, tokenizer: TextTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = [2 + number % 5 for number in range(60)]
    expected = generate(model, tokenizer, prompt, num_samples=3, sampling=sampling())
    monkeypatch.setattr(context, "WINDOW_TOKENS", 7)
    shapes: list[tuple[int, ...]] = []
    model.register_forward_pre_hook(lambda _, arguments: shapes.append(tuple(arguments[0].shape)))
    reading = type(model).read

    def read(self: LanguageModel, ids_BT: torch.Tensor, state: State | None) -> ModelOutput:
        assert ids_BT.numel() <= 7
        return reading(self, ids_BT, state)

    monkeypatch.setattr(type(model), "read", read)
    assert generate(model, tokenizer, prompt, num_samples=3, sampling=sampling()) == expected
    assert all(tokens == 1 for _, tokens in shapes)


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
