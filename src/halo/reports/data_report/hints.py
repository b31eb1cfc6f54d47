"""Hints about a prepared corpus: likely problems, and the settings that change them."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from halo.config import SPLITS
from halo.corpus.cleaning_messages import describe_line_ends, describe_removed_characters
from halo.corpus.corpus import Corpus
from halo.corpus.duplicate_messages import MIN_SHARE_DESCRIBED, dropped_share, how_to_keep, what_was_dropped
from halo.corpus.genomes.messages import genome_warnings
from halo.corpus.privacy.private_view import words_of_one_document
from halo.models.ngram.unigram import Unigram
from halo.reports.console import wrapped
from halo.reports.data_report.wording import label_name, tokens_per_label

MAX_UNKNOWN = 0.10  # of the tokens of a split
SERIOUS_UNKNOWN = 1 / 3
MAX_LABEL_SHARE = 0.80
MIN_TOKENS = 10_000
MIN_COMPARED_TOKENS = 500
MAX_DIFFERENCE = 0.3  # nats per token under a unigram model: perplexities that differ by 35%
MIN_ROUND_TRIP = 0.90
MAX_WORD_CHARACTERS = 20  # on average, beyond which text is hardly written in words
ADJECTIVES = {"train": "training", "validation": "validation", "test": "test"}


class Hint(NamedTuple):
    """A likely problem of a corpus.

    Attributes:
        text: What it is, what follows from it, and what to change; a few sentences for the report.
        line: The same in a line for the terminal; empty where the table of the corpus says it already.
        is_serious: Whether the figures of a model will say little.
    """

    text: str
    line: str
    is_serious: bool = False


def hints(corpus: Corpus) -> list[Hint]:
    """Returns a hint for each likely problem; empty where none is found, and for series."""
    if "series" in corpus.manifest:  # their notes are in the table, and they are as short as they are
        return []
    return [hint for check in _CHECKS for hint in check(corpus)]


def hint_lines(corpus: Corpus) -> list[str]:
    """Returns the messages about a corpus that a command prints below its table, each wrapped at 80 columns."""
    lines = (f"{'Warning' if hint.is_serious else 'Note'}: {hint.line}" for hint in hints(corpus) if hint.line)
    return [wrapped(line) for line in lines]


def unknown_advice(corpus: Corpus, share: float) -> str:
    """Returns what makes fewer words unknown, the setting that suits the text first.

    Args:
        corpus: The corpus.
        share: The share of its tokens that are `<unk>`. If it is large, the text is hardly written in words.
    """
    settings, train = corpus.manifest["settings"]["tokenizer"], corpus.counts["train"]
    characters, subwords = "data.tokenizer.kind=char", "data.tokenizer.kind=bpe data.tokenizer.max_size=2000"
    has_words = settings["kind"] in ("word", "whitespace")
    if has_words and train.characters > MAX_WORD_CHARACTERS * train.words:
        return f"{characters} (words are {train.characters / train.words:.0f} characters long on average)"
    vocabulary = []
    if settings["max_size"] is not None:
        vocabulary.append(f"a higher data.tokenizer.max_size (it is {settings['max_size']:,})")
    if settings["min_count"] > 1:
        vocabulary.append(f"a lower data.tokenizer.min_count (it is {settings['min_count']})")
    if has_words and share > SERIOUS_UNKNOWN:
        return f"{characters} (for numbers, codes, text without spaces), {subwords} (subwords), or more text"
    return listed(["more text", *vocabulary, *([f"subwords ({subwords})"] if has_words else [])], "or")


def listed(parts: Sequence[str], conjunction: str) -> str:
    """Returns parts as a list in a sentence.

    >>> listed(["a", "b", "c"], "and"), listed(["a"], "or")
    ('a, b and c', 'a')
    """
    return f" {conjunction} ".join([part for part in (", ".join(parts[:-1]), parts[-1]) if part])


def share_of_unknown(corpus: Corpus, splits: Sequence[str]) -> str:
    """Returns the shares of unknown tokens in words: `9.0% of the validation and 10.7% of the test tokens`."""
    shares = [f"{corpus.counts[split].out_of_vocabulary_rate:.1%} of the {ADJECTIVES[split]}" for split in splits]
    return f"{listed(shares, 'and')} tokens"


def _unknown(corpus: Corpus) -> Iterator[Hint]:
    rates = {split: corpus.counts[split].out_of_vocabulary_rate for split in SPLITS}
    many = [split for split, rate in rates.items() if rate > MAX_UNKNOWN]
    if not many:
        return
    shares, most = share_of_unknown(corpus, many), max(rates.values())
    advice = unknown_advice(corpus, most)
    yield Hint(
        f"{shares} are not in the vocabulary. The model sees <unk> in their place, which makes perplexity look better "
        f"than it is. Use {advice}.",
        f"{shares} are <unk>, which makes perplexity look better than it is; use {advice}",
        is_serious=most > SERIOUS_UNKNOWN,
    )


def _never_unknown(corpus: Corpus) -> Iterator[Hint]:
    unknown = {split: counts.unknown_tokens for split, counts in corpus.counts.items()}
    if "genome" in corpus.manifest:  # an unknown k-mer has other letters than A, C, G and T
        return
    if unknown["train"] == 0 and unknown["validation"] > 0:
        problem = (
            "No training token is unknown, but some validation tokens are: the model cannot learn when to expect <unk>"
        )
        remedy = f"data.tokenizer.min_count (it is {corpus.manifest['settings']['tokenizer']['min_count']})"
        yield Hint(f"{problem}. Raise {remedy}.", f"{problem}; raise {remedy}")


def _uneven_splits(corpus: Corpus) -> Iterator[Hint]:
    """Compares the splits under a unigram model of the training split."""
    if min(len(corpus.ids[split]) for split in SPLITS) < MIN_COMPARED_TOKENS:
        return
    unigram = Unigram(corpus.ids["train"], corpus.tokenizer.vocab_size)
    nll = {split: unigram.total_nll(corpus.ids[split]) / len(corpus.ids[split]) for split in SPLITS}
    easiest, middle, hardest = sorted(nll, key=lambda split: nll[split])
    if nll[hardest] - nll[middle] > MAX_DIFFERENCE:
        split, difference = hardest, "harder"
    elif nll[middle] - nll[easiest] > MAX_DIFFERENCE:
        split, difference = easiest, "easier"
    else:
        return
    figures = ", ".join(f"{math.exp(nll[each]):,.0f} on {each}" for each in SPLITS)
    problem = f"The {split} split is far {difference} than the others: the perplexity of a unigram model is {figures}"
    given = any(file["split"] for file in corpus.manifest["files"])
    remedy = "give texts of one kind" if given else "try another data.splits.seed"
    yield Hint(
        f"{problem}. Their figures cannot be compared, and the model may be chosen on the wrong text: {remedy}.",
        f"{problem}; {remedy}",
        is_serious=True,
    )


def _one_label(corpus: Corpus) -> Iterator[Hint]:
    tokens = tokens_per_label(corpus.statistics.labels)
    if len(tokens) < 2:
        return
    label, most = tokens.most_common(1)[0]
    share = most / max(tokens.total(), 1)
    if share > MAX_LABEL_SHARE:
        problem = f"{share:.1%} of the tokens have the label {label_name(label)}"
        yield Hint(
            f"{problem}. Metrics mostly measure how well this label is predicted; the others hardly count.",
            f"{problem}: metrics mostly measure how well this label is predicted",
        )


def _small_splits(corpus: Corpus) -> Iterator[Hint]:
    effects = {
        "validation": "the choice of the best checkpoint is partly a matter of chance",
        "test": "differences of a few percent between two models mean little",
    }
    small = {split: corpus.counts[split].tokens for split in effects if corpus.counts[split].tokens < MIN_TOKENS}
    sizes = listed([f"{tokens:,} {split}" for split, tokens in small.items()], "and") if small else ""
    for position, (split, tokens) in enumerate(small.items()):
        yield Hint(
            f"The {split} split has {tokens:,} tokens. Below {MIN_TOKENS:,} its perplexity is noisy: {effects[split]}. "
            f"Use more text{_larger_share(corpus, split)}.",
            f"{sizes} tokens: below {MIN_TOKENS:,} perplexity is noisy" if position == 0 else "",
        )


def _larger_share(corpus: Corpus, split: str) -> str:
    """Returns advice on the setting that enlarges a split; none does if the splits have files of their own."""
    if any(file["split"] for file in corpus.manifest["files"]):
        return ""
    by_ratio = split == "validation" and corpus.manifest["settings"]["splits"]["validation_ratio"] is not None
    return f", or a higher data.splits.{'validation_ratio' if by_ratio else split}"


def _duplicates(corpus: Corpus) -> Iterator[Hint]:
    entry = corpus.manifest["duplicates"]
    if dropped_share(entry) >= MIN_SHARE_DESCRIBED:
        text = (
            f"{what_was_dropped(entry)} were removed as duplicates. Part of the text may have been collected twice, or "
            f"its documents may follow one template; the section Duplicates lists them. To keep them: "
            f"{how_to_keep(entry)}."
        )
        yield Hint(text, "")


def _special(corpus: Corpus) -> Iterator[Hint]:
    lines = describe_removed_characters(corpus.statistics, corpus.manifest["settings"]["cleaning"])
    if lines:
        yield Hint(" ".join(map(str.strip, lines)), "")


def _line_ends(corpus: Corpus) -> Iterator[Hint]:
    yield from (Hint(line, "") for line in describe_line_ends(corpus.manifest["line_ends"]))


def _round_trip(corpus: Corpus) -> Iterator[Hint]:
    statistics = corpus.statistics
    share = statistics.sentences_exact / max(statistics.sentences, 1)
    if statistics.sentences and share < MIN_ROUND_TRIP:
        problem = f"Only {share:.1%} of the sentences are restored exactly when their tokens are joined to text again"
        effect = "generated text will have odd spaces"
        remedy = "data.tokenizer.kind=bpe (with a data.tokenizer.max_size) restores any text"
        yield Hint(f"{problem}, so {effect}. To avoid it: {remedy}.", f"{problem}: {effect}; {remedy}")


def _genome(corpus: Corpus) -> Iterator[Hint]:
    if "genome" in corpus.manifest:
        for line in genome_warnings(corpus.manifest):
            yield Hint(f"{line[0].upper()}{line[1:]}.", line, is_serious=True)


def _private(corpus: Corpus) -> Iterator[Hint]:
    """Says what a private text leaves in a saved model: its vocabulary."""
    if not corpus.is_private:
        return
    words = corpus.tokenizer.vocab_size - 2
    problem = f"A model of this private text holds its vocabulary of {words:,} tokens, which tokenizer.json lists"
    rare = words_of_one_document(corpus)
    if rare:
        minimum = corpus.manifest["settings"]["tokenizer"]["min_count"]
        problem += f"; {rare:,} of these words occur{'s' if rare == 1 else ''} in a single document, and may be names"
        problem += f": a higher data.tokenizer.min_count (it is {minimum}) leaves out rare words"
    yield Hint(f"{problem}.", problem, is_serious=bool(rare))


_CHECKS: tuple[Callable[[Corpus], Iterator[Hint]], ...] = (
    _unknown,
    _never_unknown,
    _uneven_splits,
    _one_label,
    _small_splits,
    _duplicates,
    _special,
    _line_ends,
    _round_trip,
    _genome,
    _private,
)
