"""What in a prepared text is likely to disappoint, and which setting changes it."""

from collections.abc import Callable, Iterator

from halo.corpus.corpus import Corpus
from halo.reports.data_report.wording import named, tokens_of_labels

MAX_UNKNOWN = 0.10
MAX_LABEL_SHARE = 0.80
MIN_TOKENS = 10_000
MAX_DUPLICATES = 0.10
MAX_SPECIAL = 0.05
MIN_ROUND_TRIP = 0.90


def hints(corpus: Corpus) -> list[str]:
    """Returns a sentence or two for each thing that is worth a look; none where nothing stands out."""
    return [text for look in _LOOKS for text in look(corpus)]


def _unknown(corpus: Corpus) -> Iterator[str]:
    rate = corpus.counts["validation"].out_of_vocabulary_rate
    if rate <= MAX_UNKNOWN:
        return
    settings = corpus.manifest["settings"]["tokenizer"]
    remedies = []
    if settings["max_size"] is not None:
        remedies.append(f"raise data.tokenizer.max_size (it is {settings['max_size']:,})")
    if settings["min_count"] > 1:
        remedies.append(f"lower data.tokenizer.min_count (it is {settings['min_count']})")
    remedies.append("cut words into pieces with data.tokenizer.kind=bpe")
    yield (
        f"{rate:.1%} of the validation tokens are not in the vocabulary. The model sees <unk> there, and perplexity "
        f"looks better than it is. Give more text, or {', or '.join(remedies)}."
    )


def _never_unknown(corpus: Corpus) -> Iterator[str]:
    unknown = {split: counts.unknown_tokens for split, counts in corpus.counts.items()}
    if unknown["train"] == 0 and unknown["validation"] > 0:
        yield (
            "No training token is unknown, but validation tokens are: the model cannot learn when to expect <unk>. "
            "Raise data.tokenizer.min_count to 2."
        )


def _one_label(corpus: Corpus) -> Iterator[str]:
    tokens = tokens_of_labels(corpus.statistics.labels)
    if len(tokens) < 2:
        return
    label, most = tokens.most_common(1)[0]
    share = most / max(tokens.total(), 1)
    if share > MAX_LABEL_SHARE:
        yield (
            f"{share:.1%} of the tokens have the label {named(label)}. What is measured is mostly how well that label "
            "is predicted; the others hardly count."
        )


def _small_splits(corpus: Corpus) -> Iterator[str]:
    for split, effect in (
        ("validation", "the choice of the best checkpoint is partly luck"),
        ("test", "differences of a few per cent between two models mean little"),
    ):
        tokens = corpus.counts[split].tokens
        if tokens < MIN_TOKENS:
            yield (
                f"The {split} split has {tokens:,} tokens. Below {MIN_TOKENS:,} its perplexity is noisy: {effect}. "
                f"Give more text{_larger_share(corpus, split)}."
            )


def _larger_share(corpus: Corpus, split: str) -> str:
    """Returns which setting makes a split larger; none does where each split has files of its own."""
    if any(file["split"] for file in corpus.manifest["files"]):
        return ""
    by_ratio = split == "validation" and corpus.manifest["settings"]["splits"]["validation_ratio"] is not None
    return f", or raise data.splits.{'validation_ratio' if by_ratio else split}"


def _duplicates(corpus: Corpus) -> Iterator[str]:
    counts = corpus.manifest["duplicates"]["counts"]
    dropped = sum(number for kind, number in counts.items() if kind.endswith(" documents"))
    read = dropped + sum(each.documents for each in corpus.counts.values())
    if dropped > MAX_DUPLICATES * read:
        yield (
            f"{dropped:,} of {read:,} documents ({dropped / read:.1%}) repeat another one and were dropped. Look at "
            "where the text comes from: a part of it may have been collected twice."
        )


def _special(corpus: Corpus) -> Iterator[str]:
    removed = corpus.statistics.cleaning.get("special", 0)
    share = removed / max(corpus.statistics.characters_read, 1)
    if share > MAX_SPECIAL:
        yield (
            f"Cleaning took out {share:.1%} of the characters as special. If they carry meaning in your text, name "
            "them in data.cleaning.keep_characters, or leave the step special out of data.cleaning.steps."
        )


def _round_trip(corpus: Corpus) -> Iterator[str]:
    statistics = corpus.statistics
    share = statistics.sentences_exact / max(statistics.sentences, 1)
    if statistics.sentences and share < MIN_ROUND_TRIP:
        yield (
            f"Only {share:.1%} of the sentences come back exactly when their tokens are written as text again: what "
            "the model writes will have odd spaces. data.tokenizer.kind=bpe gives back every text."
        )


_LOOKS: tuple[Callable[[Corpus], Iterator[str]], ...] = (
    _unknown,
    _never_unknown,
    _one_label,
    _small_splits,
    _duplicates,
    _special,
    _round_trip,
)
