"""The sections with text: passages, samples, words, and the data."""

from collections.abc import Mapping
from typing import Any

from halo.config import SPLITS
from halo.config.messages import shown
from halo.corpus.duplicate_messages import describe_duplicates
from halo.corpus.genomes.messages import describe_genome, genome_rows
from halo.reports.data_report.hints import hints
from halo.reports.data_report.wording import TOKEN_NOUNS, UNITS, printed_token
from halo.reports.run_page.analysis.passages import LEVELS, excerpts, find_extremes
from halo.reports.run_page.analysis.word_space import content_words, map_words, nearest, word_vectors
from halo.reports.run_page.drawings import draw_word_map
from halo.reports.run_page.material import NOT_MEASURED, Context, Material

MAX_LISTED_WORDS = 16
MAX_MAPPED_WORDS = 60
NEIGHBOURS = 6
KNOWN_WORDS = 20_000
"""Neighbours are looked for among the most frequent words: of the rarest the model has hardly learned anything."""
MAX_EXCERPT_TOKENS = 60
MAX_SAMPLES = 6
OF_SERIES = "words are bins of a series, and nothing to read; halo.forecast writes forecast.html about them"
"""Why sections of text are missing from the page about a model of series."""


def passages_context(material: Material) -> Context:
    """Returns the most and the least surprising passages of validation."""
    if material.run.config.data.series is not None:
        return {"missing": OF_SERIES}
    scores = material.scores
    if scores is None:
        return {"missing": material.without_scores}
    extremes = find_extremes(scores, material.run.tokenizer)
    if not extremes.most:
        return {"missing": "the validation text has too few passages that are long enough and consist of known words"}
    return {"extremes": extremes, "levels": LEVELS, "is_whole": scores.is_whole, "mean": float(scores.bits_N.mean())}


def samples_context(material: Material) -> Context:
    """Returns generated texts, and excerpts of validation for comparison."""
    if material.run.config.data.series is not None:
        return {"missing": OF_SERIES}
    metrics = material.run.metrics
    samples = [] if metrics is None else metrics.samples[:MAX_SAMPLES]
    if not samples:
        return {"missing": NOT_MEASURED if metrics is None else "the run generated no texts, or did not record them"}
    real: list[str] = []
    if material.scores is not None:
        real = excerpts(material.scores, material.run.tokenizer, number=len(samples), max_tokens=MAX_EXCERPT_TOKENS)
    settings = (material.run.settings or {}).get("samples")
    how = _described(settings) if isinstance(settings, Mapping) else ""
    return {"samples": samples, "real": real, "how": how, "without_real": "" if real else material.without_scores}


def _described(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={shown(value)}" for key, value in settings.items() if key not in ("prompts", "num_words"))


def words_context(material: Material) -> Context:
    """Returns the nearest neighbours of frequent content words, and a map of them."""
    if material.run.config.data.series is not None:
        return {"missing": OF_SERIES}
    run = material.run
    if run.corpus is None:
        return {"missing": material.without_scores}
    vectors_VD = word_vectors(run.model, run.tokenizer.vocab_size)
    if vectors_VD is None:
        return {"missing": "the model has no table with a vector for each word"}
    chosen = content_words(run.corpus.ids["train"], run.tokenizer)
    if not chosen:
        return {"missing": "no word of the training text is frequent enough"}
    known = min(run.tokenizer.vocab_size, KNOWN_WORDS)
    neighbours = [
        (
            printed_token(run.tokenizer.token(token_id)),
            [
                (printed_token(each.word), f"{each.similarity:.2f}")
                for each in nearest(vectors_VD, token_id, run.tokenizer, number=NEIGHBOURS, known=known)
            ],
        )
        for token_id in chosen[:MAX_LISTED_WORDS]
    ]
    word_map = map_words(vectors_VD, chosen[:MAX_MAPPED_WORDS], run.tokenizer)
    return {
        "neighbours": neighbours,
        "drawing": None if word_map is None else draw_word_map(word_map),
        "num_mapped": 0 if word_map is None else len(word_map.words),
        "explained": "" if word_map is None else f"{word_map.explained:.0%}",
        "noun": TOKEN_NOUNS[run.tokenizer.kind],
    }


def data_context(material: Material) -> Context:
    """Returns the size of the splits, what cleaning and duplicates removed, and hints."""
    corpus = material.run.corpus
    if corpus is None:
        return {"missing": material.without_scores}
    cleaning = sorted(corpus.statistics.cleaning.items(), key=lambda item: -item[1])
    is_genome = "genome" in corpus.manifest
    messages = describe_genome(corpus.manifest) if is_genome else describe_duplicates(corpus.manifest["duplicates"])
    return {
        "genome": genome_rows(corpus.manifest) if is_genome else [],
        "counts": {split: corpus.counts[split] for split in SPLITS},
        "vocab_size": corpus.tokenizer.vocab_size,
        "noun": TOKEN_NOUNS[corpus.tokenizer.kind],
        "hints": [hint.text for hint in hints(corpus)],
        "duplicates": [line.strip() for line in messages],
        "cleaning": [(step, f"{count:,}", UNITS.get(step, "items")) for step, count in cleaning],
        "source": corpus.manifest["source"],
    }
