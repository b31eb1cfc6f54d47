"""Generation speed in words per second, compared with torch's own layers called word by word and with memory speed.

Two LSTM layers and a softmax, 200 and 650 units, a vocabulary of 13,777 words; the weights are random, since their
values do not affect speed. Each contender runs in its own process; they take turns, and a figure is the median of the
rounds.

The reference generates as PyTorch's word_language_model example does: `nn.LSTM` and `nn.Linear` read one word of one
text, `torch.multinomial` draws from the exponentials of the logits, and `.item()` reads the word. halo uses `generate`,
the function behind `halo.generate`, with weights in float32, and in float16 where the processor supports it,
for one text and for 64 at once. The memory floor is the time that reading all weights once takes at the rate at which
this machine copies memory; weights that stay in the processor's caches can be read faster.

The cost of the smaller types is the perplexity of validation text under each, read token by token by the same decoder,
with the model that --bundle names; without --bundle, with one of 200 units trained on the bundled corpus for an epoch.

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
from halo.config import DTYPES, default_sampling
from halo.evaluation.evaluation_report import training_corpus
from halo.generation.generator import generate
from halo.generation.step_decoder import make_linear, step_decoder
from halo.models.model_spec import build_model
from halo.runtime.allocator import keep_freed_memory
from halo.runtime.errors import InputError
from halo.tokenization.tokenizer import TextTokenizer

VOCABULARY, TEXTS, WARM_UP = 13_777, 64, 20
REFERENCE = "nn.LSTM + torch.multinomial"
HEADER = (
    "units",
    "contender",
    "words/s",
    "ms per word of each text",
    f"x faster than {REFERENCE}",
    "time / memory floor",
)
BYTES = {"reference": 4, "float32": 4, "float16": 2}


def supported_dtypes() -> list[str]:
    """Returns the data types of weights that this machine supports, and reports those that it does not."""
    found = []
    for dtype in (each for each in DTYPES if each != "auto"):
        try:
            make_linear(dtype, torch.ones(4, 4))
            found.append(dtype)
        except InputError as error:
            print(f"  {error}", file=sys.stderr, flush=True)
    return found


def contenders_of(dtypes: list[str]) -> dict[str, tuple[str, int]]:
    """Returns the data type and the number of texts of each contender, by name."""
    one = {f"halo, {dtype}": (dtype, 1) for dtype in dtypes}
    many = {f"halo, {dtype}, {TEXTS} texts": (dtype, TEXTS) for dtype in dtypes}
    return {REFERENCE: ("reference", 1), **one, **many}


def words_per_second(dtype: str, units: int, texts: int, words: int) -> float:
    """Returns the words per second of a contender, all its texts together."""
    return float(output_of(sys.executable, __file__, "--loop", dtype, str(units), str(texts), str(words)))


def reference_writer(units: int) -> Callable[[int], object]:
    """Returns a function that generates a number of words as PyTorch's example does."""
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


def halo_writer(dtype: str, units: int, texts: int) -> Callable[[int], object]:
    """Returns a function that generates a number of words of each text with halo."""
    vocabulary = [" ".join(f"w{number}" for number in range(VOCABULARY - 2))]
    tokenizer = TextTokenizer.train(vocabulary, kind="whitespace", min_count=1, max_size=None)
    assert tokenizer.vocab_size == VOCABULARY
    model = build_model(compose([*PLAIN, *model_of(units)]).model, tokenizer.words())

    def write(words: int) -> None:
        sampling = default_sampling(num_words=words, temperature=1.0, top_k=0, top_p=1.0)
        generate(model, tokenizer, [5], num_samples=texts, sampling=sampling, dtype=dtype)

    return write


def time_words(dtype: str, units: int, texts: int, words: int) -> float:
    """Returns the words per second of a contender after a warm-up, excluding the fixed cost of a call."""
    if dtype == "reference":
        write = reference_writer(units)
    else:
        keep_freed_memory()
        write = halo_writer(dtype, units, texts)
    write(WARM_UP)
    began = []
    for number in (WARM_UP, WARM_UP + words):
        began.append(time.perf_counter())
        write(number)
    ended = time.perf_counter()
    # The two calls differ only in their number of words.
    return texts * words / ((ended - began[1]) - (began[1] - began[0]))


def speed_rows(dtypes: list[str], units: int, words: int, rounds: int, figures: dict[str, object]) -> list[list[str]]:
    """Returns the rows of the speed table for one size."""
    compared = contenders_of(dtypes)
    contenders = {
        name: partial(words_per_second, dtype, units, texts, words if texts == 1 else words // 4)
        for name, (dtype, texts) in compared.items()
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
    for name, (dtype, texts) in compared.items():
        floor = weight_bytes * BYTES[dtype] / 4 / copied / 1e9  # seconds per word of each text
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
def perplexity_token_by_token(bundle: Path, tokens: int, dtype: str) -> float:
    """Returns the perplexity of the first tokens of a model's validation text, read one at a time."""
    opened = open_model(run=None, bundle=str(bundle), device="cpu")
    ids = training_corpus(opened, cache_dir="outputs/cache").ids["validation"][:tokens].astype("int64")
    read, nll = step_decoder(opened.model.eval(), dtype=dtype), 0.0
    logits_BTV, state = opened.model(torch.tensor([[opened.tokenizer.eos_id]]))
    logits_BV = logits_BTV[:, -1]
    for token in ids.tolist():
        nll -= logits_BV.log_softmax(-1)[0, token].item()
        logits_BV, state = read(torch.tensor([token]), state)
    return math.exp(nll / len(ids))


def cost_rows(dtypes: list[str], bundle: Path, tokens: int, figures: dict[str, object]) -> list[list[str]]:
    """Returns the rows with the perplexity of validation text under each data type."""
    found = {dtype: perplexity_token_by_token(bundle, tokens, dtype) for dtype in dtypes}
    figures["perplexity"] = found
    return [
        ["", f"perplexity of validation text, {name}", "", "", f"{each:.4f}", f"{each / found['float32'] - 1:+.4%}"]
        for name, each in found.items()
    ]


def main() -> None:
    """Measures the speed of each size and the cost of smaller data types, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--bundle", type=Path, metavar="FOLDER", help="a saved model to measure the cost of smaller types"
    )
    parser.add_argument("--units", type=int, nargs="+", choices=SIZES, default=list(SIZES), help="units of each layer")
    parser.add_argument("--words", type=int, default=300, help="words generated per round")
    parser.add_argument("--tokens", type=int, default=5000, help="validation tokens for the perplexities")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loop", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.loop:
        dtype, *numbers = given.loop
        print(time_words(dtype, *map(int, numbers)))
        return
    figures: dict[str, object] = {}
    dtypes = supported_dtypes()
    rows = [row for units in given.units for row in speed_rows(dtypes, units, given.words, given.rounds, figures)]
    with tempfile.TemporaryDirectory() as temporary:
        bundle = given.bundle
        if bundle is None:
            run = Path(temporary) / "run"
            settings = [*PLAIN, *model_of(200), "optim=adamw", "optim.lr=0.004", "trainer.max_epochs=1"]
            output_of(sys.executable, "-m", "halo.train", f"run_dir={run}", *settings)
            bundle = run / "bundle"
        rows += cost_rows(dtypes, bundle, given.tokens, figures)
    report("generation", f"Generation, medians of {given.rounds} rounds", HEADER, rows, figures)


if __name__ == "__main__":
    main()
