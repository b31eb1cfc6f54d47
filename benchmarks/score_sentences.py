"""Speed of scoring many sentences, compared with one long text of the same words and with one sentence at a time.

All three return surprisal, entropy and rank of each word (`halo.scoring`), of --sentences sentences from the validation
and test texts of the bundled corpus, repeated. Only --alone of them are scored one by one. The largest difference of
their surprisals from those in batches, and of batches in another order, is printed first.

    python benchmarks/score_sentences.py --bundle outputs/train/DATE/TIME/bundle
"""

import argparse
import itertools
import random
import time
from collections.abc import Callable
from pathlib import Path

from measuring import in_turn, medians, report

from halo.bundle.loading import Bundle, open_model
from halo.evaluation.evaluation_report import training_corpus
from halo.runtime.allocator import keep_freed_memory
from halo.scoring.files.items import TEXTS_PER_CHUNK
from halo.scoring.scored_text import ScoredText
from halo.scoring.scorer import Scorer
from halo.tokenization.detokenizer import sentences

HEADER = ("contender", "sentences/s", "tokens/s", "seconds", "share of the speed of one long text")
LONG, BATCHED, ALONE = "one long text", "sentences in batches", "one by one"


def read_sentences(bundle: Bundle, cache_dir: str, number: int) -> list[str]:
    """Returns sentences of the held-out texts of the model's corpus, repeated until there are enough."""
    corpus = training_corpus(bundle, cache_dir=cache_dir)
    text = "\n\n".join(corpus.tokenizer.decode(corpus.ids[split].tolist()) for split in ("validation", "test"))
    found = [sentence for paragraph in text.split("\n\n") for sentence in sentences(paragraph)]
    longer = [sentence for sentence in found if len(sentence.split()) > 2]
    return list(itertools.islice(itertools.cycle(longer), number))


def score_in_chunks(bundle: Bundle, texts: list[str], *, size: int = TEXTS_PER_CHUNK) -> list[ScoredText]:
    """Returns the scores of texts that are given to the scorer in chunks of a size."""
    scorer = Scorer(bundle)
    return [each for first in range(0, len(texts), size) for each in scorer.score(texts[first : first + size])]


def largest_difference(one: list[ScoredText], other: list[ScoredText]) -> float:
    """Returns the largest difference of the surprisals of the same words, in bits."""
    pairs = zip(one, other, strict=True)
    words = (both for pair in pairs for both in zip(pair[0].words, pair[1].words, strict=True))
    return max(abs((first.bits or 0) - (second.bits or 0)) for first, second in words)


def seconds_of(run: Callable[[], object]) -> float:
    """Returns the seconds that a function takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main() -> None:
    """Measures the three in turns and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", required=True, metavar="FOLDER", type=Path, help="a model of the bundled corpus")
    parser.add_argument("--sentences", type=int, default=100_000)
    parser.add_argument("--alone", type=int, default=1000, help="sentences that are scored one by one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cache-dir", default="outputs/cache")
    given = parser.parse_args()
    keep_freed_memory()
    bundle = open_model(run=None, bundle=str(given.bundle), device="cpu")
    texts = read_sentences(bundle, given.cache_dir, given.sentences)
    alone = texts[: given.alone]
    batched = score_in_chunks(bundle, texts)
    tokens = sum(len(each.tokens) for each in batched)
    tokens_alone = sum(len(each.tokens) for each in batched[: len(alone)])
    one_by_one = score_in_chunks(bundle, alone, size=1)
    order = random.Random(1).sample(range(len(texts)), len(texts))
    shuffled = score_in_chunks(bundle, [texts[place] for place in order])
    in_order = [each for _, each in sorted(zip(order, shuffled, strict=True), key=lambda pair: pair[0])]
    print(f"largest difference from one by one: {largest_difference(one_by_one, batched[: len(alone)]):.1e} bits")
    print(f"largest difference from another order: {largest_difference(in_order, batched):.1e} bits")
    del batched, shuffled, in_order
    contenders = {
        LONG: lambda: seconds_of(lambda: Scorer(bundle).score([" ".join(texts)])),
        BATCHED: lambda: seconds_of(lambda: score_in_chunks(bundle, texts)),
        ALONE: lambda: seconds_of(lambda: score_in_chunks(bundle, alone, size=1)),
    }
    found = in_turn(contenders, given.rounds)
    seconds = medians(found)
    counts = {LONG: (len(texts), tokens), BATCHED: (len(texts), tokens), ALONE: (len(alone), tokens_alone)}
    speeds = {name: counts[name][1] / each for name, each in seconds.items()}
    rows = [
        [
            name,
            f"{counts[name][0] / each:,.0f}",
            f"{speeds[name]:,.0f}",
            f"{each:.1f}",
            f"{speeds[name] / speeds[LONG]:.2f}",
        ]
        for name, each in seconds.items()
    ]
    title = f"Scoring {len(texts):,} sentences of {tokens:,} tokens, medians of {given.rounds} rounds"
    report("score_sentences", title, HEADER, rows, {"seconds": found, "tokens": tokens, "sentences": len(texts)})


if __name__ == "__main__":
    main()
