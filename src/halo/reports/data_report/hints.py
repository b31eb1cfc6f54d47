"""Hints about a prepared corpus: likely problems, and the settings that change them."""

from collections.abc import Callable, Iterator

from halo.corpus.cleaning_messages import describe_line_ends, describe_removed_characters
from halo.corpus.corpus import Corpus
from halo.corpus.duplicate_messages import MIN_SHARE_DESCRIBED, dropped_share, how_to_keep, what_was_dropped
from halo.reports.data_report.wording import label_name, tokens_per_label

MAX_UNKNOWN = 0.10
MAX_LABEL_SHARE = 0.80
MIN_TOKENS = 10_000
MIN_ROUND_TRIP = 0.90


def hints(corpus: Corpus) -> list[str]:
    """Returns a short text for each likely problem; empty where none is found."""
    return [hint for check in _CHECKS for hint in check(corpus)]


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
    remedies.append("use subwords with data.tokenizer.kind=bpe")
    yield (
        f"{rate:.1%} of the validation tokens are not in the vocabulary. The model sees <unk> in their place, which "
        f"makes perplexity look better than it is. Use more text, or {', or '.join(remedies)}."
    )


def _never_unknown(corpus: Corpus) -> Iterator[str]:
    unknown = {split: counts.unknown_tokens for split, counts in corpus.counts.items()}
    if unknown["train"] == 0 and unknown["validation"] > 0:
        yield (
            "No training token is unknown, but some validation tokens are: the model cannot learn when to expect "
            "<unk>. Raise data.tokenizer.min_count to 2."
        )


def _one_label(corpus: Corpus) -> Iterator[str]:
    tokens = tokens_per_label(corpus.statistics.labels)
    if len(tokens) < 2:
        return
    label, most = tokens.most_common(1)[0]
    share = most / max(tokens.total(), 1)
    if share > MAX_LABEL_SHARE:
        yield (
            f"{share:.1%} of the tokens have the label {label_name(label)}. Metrics mostly measure how well this label "
            "is predicted; the others hardly count."
        )


def _small_splits(corpus: Corpus) -> Iterator[str]:
    for split, effect in (
        ("validation", "the choice of the best checkpoint is partly a matter of chance"),
        ("test", "differences of a few percent between two models mean little"),
    ):
        tokens = corpus.counts[split].tokens
        if tokens < MIN_TOKENS:
            yield (
                f"The {split} split has {tokens:,} tokens. Below {MIN_TOKENS:,} its perplexity is noisy: {effect}. "
                f"Use more text{_larger_share(corpus, split)}."
            )


def _larger_share(corpus: Corpus, split: str) -> str:
    """Returns advice on the setting that enlarges a split; none does if the splits have files of their own."""
    if any(file["split"] for file in corpus.manifest["files"]):
        return ""
    by_ratio = split == "validation" and corpus.manifest["settings"]["splits"]["validation_ratio"] is not None
    return f", or raise data.splits.{'validation_ratio' if by_ratio else split}"


def _duplicates(corpus: Corpus) -> Iterator[str]:
    entry = corpus.manifest["duplicates"]
    if dropped_share(entry) >= MIN_SHARE_DESCRIBED:
        yield (
            f"{what_was_dropped(entry)} were removed as duplicates. Part of the text may have been collected twice, or "
            f"its documents may follow one template; the section Duplicates lists them. To keep them: "
            f"{how_to_keep(entry)}."
        )


def _special(corpus: Corpus) -> Iterator[str]:
    lines = describe_removed_characters(corpus.statistics, corpus.manifest["settings"]["cleaning"])
    if lines:
        yield " ".join(map(str.strip, lines))


def _line_ends(corpus: Corpus) -> Iterator[str]:
    yield from describe_line_ends(corpus.manifest["line_ends"])


def _round_trip(corpus: Corpus) -> Iterator[str]:
    statistics = corpus.statistics
    share = statistics.sentences_exact / max(statistics.sentences, 1)
    if statistics.sentences and share < MIN_ROUND_TRIP:
        yield (
            f"Only {share:.1%} of the sentences are restored exactly when their tokens are joined to text again, so "
            "generated text will have odd spaces. data.tokenizer.kind=bpe restores any text."
        )


_CHECKS: tuple[Callable[[Corpus], Iterator[str]], ...] = (
    _unknown,
    _never_unknown,
    _one_label,
    _small_splits,
    _duplicates,
    _special,
    _line_ends,
    _round_trip,
)
