"""How many words a second halo writes, beside torch's own layers called word by word, and the memory's limit.

Two LSTM layers and a softmax, 200 and 650 units, a vocabulary of 13,777 words; weights are random: what they say does
not change the time. Each contender is a process of its own; all take turns, and a figure is the median of the rounds.

The reference writes as PyTorch's word_language_model example does: `nn.LSTM` and `nn.Linear` read one word of one text,
`torch.multinomial` draws from the exponentials of the logits, and `.item()` takes the word out. halo writes with
`generate`, the function behind `halo.generate`, with weights in float32, float16 and int8, where the processor has
these, one text and 64 at once. The floor by memory is what reading all weights once takes at the rate at which this
machine copies memory; where they stay in the processor's caches, a word can take less.

What fewer bytes cost is the perplexity of validation text under each, word by word with the same reader, of the model
that --bundle names; without it, of one with 200 units that is trained on the bundled corpus for an epoch.

    python benchmarks/generation.py
    python benchmarks/generation.py --bundle outputs/train/DATE/TIME/bundle
"""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from measuring import in_turn, medians, memory_rate, output_of, report
from plain_recipe import PlainModel
from torch import nn
from training import PLAIN, SIZES, compose, model_of

from halo.bundle.loading import open_model
from halo.config import SamplingConfig
from halo.config.commands import DTYPES
from halo.evaluation.evaluation_report import training_corpus
from halo.generation.generator import generate
from halo.generation.step_decoder import make_linear, step_decoder
from halo.models.model_spec import build_model
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

VOCABULARY, TEXTS, WARM_UP = 13_777, 64, 20
REFERENCE = "nn.LSTM + torch.multinomial"
HEADER = ("units", "contender", "words/s", "ms a word of each text", f"/ {REFERENCE}", "/ floor by memory")
BYTES = {"reference": 4, "float32": 4, "float16": 2, "int8": 1}


def kinds_of_weights() -> list[str]:
    """Returns how weights can be kept on this machine; says what is left out."""
    found = []
    for weights in DTYPES:
        try:
            make_linear(weights, torch.ones(4, 4))
            found.append(weights)
        except InputError as error:
            print(f"  {error}", file=sys.stderr, flush=True)
    return found


def contenders_of(kinds: list[str]) -> dict[str, tuple[str, int]]:
    """Returns the weights and the number of texts of each contender, by its name."""
    one = {f"halo, {weights}": (weights, 1) for weights in kinds}
    many = {f"halo, {weights}, {TEXTS} texts": (weights, TEXTS) for weights in kinds}
    return {REFERENCE: ("reference", 1), **one, **many}


def words_a_second(weights: str, units: int, texts: int, words: int) -> float:
    """Returns how many words a contender writes in a second, of all its texts."""
    return float(output_of(sys.executable, __file__, "--loop", weights, str(units), str(texts), str(words)))


def reference_writer(units: int) -> Callable[[int], object]:
    """Returns what writes so many words as PyTorch's example does."""
    size = SIZES[units]
    embedding, decoder = nn.Embedding(VOCABULARY, units), nn.Linear(units, VOCABULARY)
    lstm = nn.LSTM(units, units, num_layers=2, dropout=size.dropout).eval()

    def write(words: int) -> None:
        word_11, state = torch.randint(VOCABULARY, (1, 1)), (torch.zeros(2, 1, units), torch.zeros(2, 1, units))
        with torch.no_grad():
            for _ in range(words):
                features_11D, state = lstm(embedding(word_11), state)
                weights_V = decoder(features_11D).squeeze().exp()
                word_11.fill_(torch.multinomial(weights_V, 1)[0].item())

    return write


def halo_writer(weights: str, units: int, texts: int) -> Callable[[int], object]:
    """Returns what writes so many words of each text with halo."""
    vocabulary = [" ".join(f"w{number}" for number in range(VOCABULARY - 2))]
    tokenizer = TextTokenizer.train(vocabulary, kind="whitespace", min_count=1, max_size=None)
    assert tokenizer.vocab_size == VOCABULARY
    model = build_model(compose([*PLAIN, *model_of(units)]).model, tokenizer.words())

    def write(words: int) -> None:
        sampling = SamplingConfig(num_words=words, temperature=1.0, top_k=0, top_p=1.0, seed=1)
        generate(model, tokenizer, [5], num_samples=texts, sampling=sampling, dtype=weights)

    return write


def time_words(weights: str, units: int, texts: int, words: int) -> float:
    """Returns the words a second of a contender, after a warm-up, without what is done once a call."""
    if weights == "reference":
        write = reference_writer(units)
    else:
        keep_freed_memory()
        write = halo_writer(weights, units, texts)
    write(WARM_UP)
    began = []
    for number in (WARM_UP, WARM_UP + words):
        began.append(time.perf_counter())
        write(number)
    ended = time.perf_counter()
    # Two calls differ in their number of words alone.
    return texts * words / ((ended - began[1]) - (began[1] - began[0]))


def speed_rows(kinds: list[str], units: int, words: int, rounds: int, figures: dict[str, object]) -> list[list[str]]:
    """Returns the rows of a size."""
    compared = contenders_of(kinds)
    contenders = {
        name: partial(words_a_second, weights, units, texts, words if texts == 1 else words // 4)
        for name, (weights, texts) in compared.items()
    }
    found = in_turn(contenders, rounds)
    speeds = medians(found)
    weight_bytes = 4 * sum(
        parameter.numel()
        for name, parameter in PlainModel(SIZES[units], VOCABULARY).named_parameters()
        if "embedding" not in name or SIZES[units].tied
    )
    copied = memory_rate()
    figures[str(units)] = {"words_per_second": found, "weight_bytes": weight_bytes, "memory_gb_per_second": copied}
    rows = []
    for name, (weights, texts) in compared.items():
        floor = weight_bytes * BYTES[weights] / 4 / copied / 1e9  # seconds a word of each text
        rows.append(
            [
                str(units),
                name,
                f"{speeds[name]:,.0f}",
                f"{1e3 * texts / speeds[name]:.2f}",
                f"{speeds[name] / speeds[REFERENCE]:.1f}",
                f"{texts / speeds[name] / floor:.1f}",
            ]
        )
    return rows


@torch.no_grad()
def perplexity_token_by_token(bundle: Path, tokens: int, weights: str) -> float:
    """Returns the perplexity of the first tokens of a model's validation text, read one by one."""
    opened = open_model(run=None, bundle=str(bundle), device="cpu")
    ids = training_corpus(opened, cache_dir="outputs/cache").ids["validation"][:tokens].astype("int64")
    read, nll = step_decoder(opened.model.eval(), dtype=weights), 0.0
    logits_BTV, state = opened.model(torch.tensor([[opened.tokenizer.eos_id]]))
    logits_BV = logits_BTV[:, -1]
    for token in ids.tolist():
        nll -= logits_BV.log_softmax(-1)[0, token].item()
        logits_BV, state = read(torch.tensor([token]), state)
    return math.exp(nll / len(ids))


def cost_rows(kinds: list[str], bundle: Path, tokens: int, figures: dict[str, object]) -> list[list[str]]:
    """Returns what a text's perplexity is with each kind of weights."""
    found = {weights: perplexity_token_by_token(bundle, tokens, weights) for weights in kinds}
    figures["perplexity"] = found
    return [
        ["", f"perplexity of validation text, {name}", "", "", f"{each:.4f}", f"{each / found['float32'] - 1:+.4%}"]
        for name, each in found.items()
    ]


def main() -> None:
    """Measures both sizes and the cost of fewer bytes, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, metavar="FOLDER", help="a saved model, for what fewer bytes cost")
    parser.add_argument("--units", type=int, nargs="+", choices=SIZES, default=list(SIZES), help="sizes")
    parser.add_argument("--words", type=int, default=600, help="of a round")
    parser.add_argument("--tokens", type=int, default=5000, help="of the text whose perplexity is compared")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--loop", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        weights, *numbers = given.loop
        print(time_words(weights, *map(int, numbers)))
        return
    figures: dict[str, object] = {}
    kinds = kinds_of_weights()
    rows = [row for units in given.units for row in speed_rows(kinds, units, given.words, given.rounds, figures)]
    with tempfile.TemporaryDirectory() as temporary:
        bundle = given.bundle
        if bundle is None:
            run = Path(temporary) / "run"
            settings = [*PLAIN, *model_of(200), "optim=adamw", "optim.lr=0.004", "trainer.max_epochs=1"]
            output_of(sys.executable, "-m", "halo.train", f"run_dir={run}", *settings)
            bundle = run / "bundle"
        rows += cost_rows(kinds, bundle, given.tokens, figures)
    report("generation", f"Generation, medians of {given.rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
