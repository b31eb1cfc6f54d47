"""The sections of the report, in the order in which the page shows them."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.reports.data_report.changes import marked
from halo.reports.data_report.elements import Html, details, escaped, figure, items, joined, paragraph, quoted, table
from halo.reports.data_report.hints import hints
from halo.reports.data_report.wording import TOKENS, largest_labels, named, printed_token, tokens_of_labels

MAX_LISTED = 20
MAX_LABEL_CHARACTERS = 60

Drawings = Mapping[str, Html]


def overview(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns the figures of the whole text, and what is worth a look."""
    found = hints(corpus)
    if found:
        look = items((paragraph(hint) for hint in found), kind="hints")
    else:
        look = paragraph("Nothing stands out: no limit of this report is passed.")
    heading = Html('<h3 id="look">What to look at</h3>\n')
    return joined(_tiles(corpus), heading, look, _splits(corpus))


def _tiles(corpus: Corpus) -> Html:
    counts, statistics = corpus.counts.values(), corpus.statistics
    tiles = {
        "documents": f"{sum(each.documents for each in counts):,}",
        "words": f"{sum(each.words for each in counts):,}",
        "tokens in the vocabulary": f"{corpus.tokenizer.vocab_size:,}",
        "of validation not in the vocabulary": f"{corpus.counts['validation'].out_of_vocabulary_rate:.1%}",
        "texts dropped as repeated": f"{sum(corpus.manifest['duplicates']['counts'].values()):,}",
        "of the sentences come back exactly": f"{statistics.sentences_exact / max(statistics.sentences, 1):.2%}",
    }
    drawn = (f"<div><dt>{escaped(name)}</dt><dd>{escaped(number)}</dd></div>\n" for name, number in tiles.items())
    return Html(f'<dl class="tiles">\n{"".join(drawn)}</dl>\n')


def _splits(corpus: Corpus) -> Html:
    rows = []
    for split in SPLITS:
        counts = corpus.counts[split]
        numbers = (counts.documents, counts.words, counts.characters, counts.tokens)
        rows.append([split, *(f"{number:,}" for number in numbers), f"{counts.out_of_vocabulary_rate:.2%}"])
    header = ["split", "documents", "words", "characters", "tokens", "not in the vocabulary"]
    return table("What the splits consist of", header, rows)


def documents(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns how long the documents are, and which labels they have."""
    caption = (
        "Each bar says what share of a split's documents has that length. The three rows should look alike: where "
        "validation documents are much longer or shorter than those of training, they are of another kind."
    )
    return joined(figure(drawings["document_lengths"], caption), _labels(corpus))


def _labels(corpus: Corpus) -> Html:
    labels, tokens = corpus.statistics.labels, tokens_of_labels(corpus.statistics.labels)
    largest = largest_labels(labels)
    if not largest.shown:
        return paragraph("The documents have no labels.")
    rows = []
    for label in largest.shown:
        per_split = [labels[split].get(label) for split in SPLITS]
        rows.append(
            [
                quoted(named(label), limit=MAX_LABEL_CHARACTERS),
                *(f"{counts.documents:,}" if counts else "0" for counts in per_split),
                f"{tokens[label]:,}",
                f"{tokens[label] / max(tokens.total(), 1):.1%}",
                *(f"{counts.out_of_vocabulary_rate:.1%}" if counts else "–" for counts in per_split),
            ]
        )
    header = ["label", *(f"documents: {split}" for split in SPLITS), "tokens", "share"]
    header += [f"unknown: {split}" for split in SPLITS]
    more = paragraph(f"{largest.hidden:,} smaller labels are not listed.") if largest.hidden else Html()
    return joined(table("The labels, largest first", header, rows), more)


def words(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns how frequent words are, and what a vocabulary covers."""
    statistics, what = corpus.statistics, TOKENS[corpus.tokenizer.kind]
    share = statistics.singletons / max(statistics.types, 1)
    zipf = (
        f"The training text has {statistics.types:,} different {what}; {statistics.singletons:,} of them ({share:.0%}) "
        "occur once only. A text that people wrote falls about as the dashed line does: few words are very frequent, "
        "most are rare, and of the rare ones a model learns little."
    )
    frequent = (
        f"The {what} that the training text has most of. Marks and words such as “the” come first in almost any "
        "English text; a name among them says what the text is about, or that something stands in it too often. A "
        "number with # in place of a word is its rank in the table, which can write any script."
    )
    coverage = (
        "Go up from a size to the lines: that share of the tokens is known with a vocabulary so large. Where the lines "
        "are flat a larger vocabulary gains little; below train are the others by the words that are new in them."
    )
    return joined(
        figure(drawings["zipf"], zipf),
        figure(drawings["frequent"], frequent),
        _frequent(corpus),
        figure(drawings["coverage"], coverage),
    )


def _frequent(corpus: Corpus) -> Html:
    counts = corpus.counts["train"]
    tokens = max(counts.tokens - counts.eos_tokens, 1)
    rows = [
        [str(rank), quoted(printed_token(token), limit=MAX_LABEL_CHARACTERS), f"{number:,}", f"{number / tokens:.2%}"]
        for rank, (token, number) in enumerate(corpus.statistics.frequent, start=1)
    ]
    title = f"The {len(rows)} most frequent {TOKENS[corpus.tokenizer.kind]}"
    return details(f"{title} as a table", table(title, ["rank", "token", "occurrences", "share"], rows))


def unknown(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns how many words are not in the vocabulary, and how well text comes back from tokens."""
    if corpus.tokenizer.kind == "bpe":
        caption = "With pieces of words every text can be written, so nothing is unknown."
    else:
        caption = (
            "Further to the right is worse: there the model sees <unk> in place of a word. Validation and test have "
            "more of it, because the vocabulary comes from the training text; a label far right has words of its own."
        )
    statistics = corpus.statistics
    share = statistics.sentences_exact / max(statistics.sentences, 1)
    others = " The others have a space or a quotation mark elsewhere." if share < 1 else ""
    round_trip = paragraph(
        f"{statistics.sentences_exact:,} of {statistics.sentences:,} sentences ({share:.2%}) come back exactly when "
        f"they are cut into tokens and written as text again.{others}"
    )
    title = Html('<h3 id="round-trip">From text to tokens and back</h3>\n')
    return joined(figure(drawings["out_of_vocabulary"], caption), title, round_trip)


def cleaning(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns what cleaning changed, step by step, and lines before and after."""
    caption = (
        "Each point is the number of things that one step changed or took out; a step that is not there changed "
        "nothing. A large number where you expect none says that the step does not fit your text (data.cleaning.steps)."
    )
    examples = corpus.statistics.examples[:MAX_LISTED]
    if not examples:
        shown = paragraph("No line before and after is at hand.")
    else:
        entries = [_change(example.before, example.after, example.steps) for example in examples]
        shown = details(f"Lines before and after ({len(examples)})", items(entries, kind="changes"))
    return joined(figure(drawings["cleaning"], caption), shown)


def _change(before: str, after: str, steps: list[str]) -> Html:
    old, new = marked(before, after)
    kept = new if after else Html("<em>nothing was left</em>")
    return Html(
        f'<p class="steps">{escaped(", ".join(steps))}</p>\n'
        f'<p><span class="side">before</span> {old}</p>\n<p><span class="side">after</span> {kept}</p>\n'
    )


def duplicates(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns what was dropped because it stands elsewhere too."""
    found = corpus.manifest["duplicates"]
    if not found["counts"]:
        return paragraph("No document or paragraph was dropped because it stands elsewhere too.")
    what = paragraph(
        "They were dropped before the text was divided, so that nothing that is tested was trained on. Near ones share "
        "at least data.duplicates.similarity of their runs of eight words with the one that is kept."
    )
    counts = table(
        "Dropped, by kind", ["kind", "number"], [[kind, f"{number:,}"] for kind, number in found["counts"].items()]
    )
    dropped = found["dropped"][:MAX_LISTED]
    rows = [
        [
            Html(f'<span class="short">{escaped(each["kind"])} {escaped(each["unit"])}</span>'),
            f"{each['similarity']:.3f}",
            _place(each["source"], each["paragraph"]),
            _place(each["kept_source"], each["kept_paragraph"]),
        ]
        for each in dropped
    ]
    listed = table("What was dropped, and what stays in its place", ["kind", "similarity", "dropped", "kept"], rows)
    return joined(what, counts, listed, _more(found["listed"] - len(dropped), "texts"))


def _place(source: str, number: int) -> Html:
    return joined(quoted(source), Html(f", paragraph {number:,}" if number else ""))


def _more(hidden: int, what: str) -> Html:
    return paragraph(f"{hidden:,} more {what} are in manifest.json of the prepared text.") if hidden > 0 else Html()


def examples(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns how some documents of each split begin."""
    parts = []
    for split in SPLITS:
        beginnings = corpus.statistics.beginnings.get(split, [])
        quotes = joined(*(Html(f"<blockquote>{quoted(text)}</blockquote>\n") for text in beginnings))
        parts.append(Html(f"<h3>{escaped(split)}</h3>\n{quotes}"))
    how = paragraph("How documents begin, as the model reads them: cleaned, before words become tokens.")
    return joined(how, *parts)


def files(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns the files that were read."""
    read = corpus.manifest["files"]
    rows = [
        [
            quoted(each["name"]),
            escaped(each["split"] or "to be divided"),
            f"{each['size_bytes']:,}",
            _hash(each["sha256"]),
        ]
        for each in read[:MAX_LISTED]
    ]
    listed = table(f"Files that were read: {len(read):,}", ["file", "split", "bytes", "SHA-256"], rows)
    return joined(listed, _more(len(read) - len(rows), "files"))


def _hash(digits: str) -> Html:
    return Html(f"<code>{escaped(digits)}</code>")


def settings(corpus: Corpus, drawings: Drawings) -> Html:
    """Returns the settings that made ids of the text."""
    rows = [
        [Html(f"<code>{escaped(key)}</code>"), Html(f"<code>{escaped(value)}</code>")]
        for key, value in _flat("data", corpus.manifest["settings"])
    ]
    source = joined(Html("<p>Read from "), quoted(corpus.manifest["source"]), Html(".</p>\n"))
    return joined(source, table("As they were", ["setting", "value"], rows))


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{prefix}.{key}", value)
        else:
            yield f"{prefix}.{key}", _written(value)


def _written(value: object) -> str:
    """Returns a value as it stands on the command line."""
    if isinstance(value, str):
        return value
    return f"[{', '.join(map(_written, value))}]" if isinstance(value, list) else json.dumps(value)


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: Its heading.
        draw: Returns what stands below it.
    """

    title: str
    draw: Callable[[Corpus, Drawings], Html]


SECTIONS = {
    "overview": Section("Overview", overview),
    "documents": Section("Documents", documents),
    "words": Section("Words and vocabulary", words),
    "unknown": Section("Unknown words", unknown),
    "cleaning": Section("Cleaning", cleaning),
    "duplicates": Section("Repeated texts", duplicates),
    "examples": Section("Examples", examples),
    "files": Section("Files", files),
    "settings": Section("Settings", settings),
}
