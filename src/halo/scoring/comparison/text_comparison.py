"""`halo.score models=A,B path=...`: the mean surprisal of the same texts under several models.

Shape letters: M models, D texts.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from halo.bundle.loading import Bundle
from halo.config import ScoreConfig
from halo.corpus.sources.lines import ReadLog
from halo.evaluation.bootstrap import Interval, bootstrap_interval
from halo.reports.console import number, table
from halo.runtime.errors import InputError
from halo.scoring.comparison.statistics import RESAMPLES
from halo.scoring.files.items import reading_config
from halo.scoring.files.score_files import open_scored_texts
from halo.scoring.scored_text import ScoredText
from halo.scoring.scorer import Scorer

log = logging.getLogger(__name__)

DIFFERENT = (
    "The vocabularies differ. Surprisal of <unk> is that of all unknown words together, and lower\n"
    "the more there are: compare with oov=spell, or the words that all models know"
)


class TextTotals(NamedTuple):
    """Sums over the words of one text that all models have scored.

    Attributes:
        words: Number of these words.
        characters: Number of characters of the text.
        bits_M: Their surprisal under each model.
        known_words: Number of those that all models know.
        known_bits_M: The surprisal of these under each model.
        unknown_M: Number of words that each model does not know.
    """

    words: int
    characters: int
    bits_M: list[float]
    known_words: int
    known_bits_M: list[float]
    unknown_M: list[int]

    @classmethod
    def of(cls, text: str, scored_M: Sequence[ScoredText]) -> "TextTotals":
        """Returns the sums of a text from its scores under each model."""
        words = [each for each in zip(*(scored.words for scored in scored_M), strict=True) if _has_bits(each)]
        known = [each for each in words if all(word.is_known for word in each)]
        models = range(len(scored_M))
        return cls(
            len(words),
            len(text),
            [math.fsum(each[model].bits or 0 for each in words) for model in models],
            len(known),
            [math.fsum(each[model].bits or 0 for each in known) for model in models],
            [sum(not each[model].is_known for each in words) for model in models],
        )


def _has_bits(words: Sequence[Any]) -> bool:
    return all(word.bits is not None for word in words)


def compare_texts(
    models: Mapping[str, Bundle], config: ScoreConfig, *, print_text: Callable[[str], object]
) -> dict[str, Any]:
    """Prints the mean surprisal of texts under each model with the paired differences, and returns all figures.

    Args:
        models: The models by their names.
        config: Its `path` or `text` names the texts.
        print_text: Prints lines on standard output.

    Raises:
        InputError: The texts cannot be read, or have no word that all models score.
    """
    read_log = ReadLog()
    first = next(iter(models.values()))
    items = open_scored_texts(config, reading_config(first.config.data, config), read_log)
    texts = [item.text for item in items.rows]
    read_log.report()
    scored = [
        Scorer(bundle, context=config.context, oov=config.oov, with_distributions=False).score(texts)
        for bundle in models.values()
    ]
    totals = [TextTotals.of(text, each) for text, *each in zip(texts, *scored, strict=True)]
    words = sum(each.words for each in totals)
    if not words:
        raise InputError(f"path={config.path}: no word has a surprisal under all models; give some text, or oov=spell")
    bits_DM = np.array([each.bits_M for each in totals])
    known_DM = np.array([each.known_bits_M for each in totals])
    words_D = np.array([each.words for each in totals])
    known_words = sum(each.known_words for each in totals)
    characters = sum(each.characters for each in totals)
    summary: dict[str, Any] = {
        name: {
            "bits_per_word": float(bits_DM[:, model].sum() / words),
            "bits_per_character": float(bits_DM[:, model].sum() / characters),
            "unknown_words": sum(each.unknown_M[model] for each in totals),
            "bits_per_word_known_to_all": float(known_DM[:, model].sum() / known_words) if known_words else None,
        }
        for model, name in enumerate(models)
    }
    differences = [
        _difference(name, bits_DM[:, model] - bits_DM[:, 0], words_D) for model, name in enumerate(models) if model > 0
    ]
    vocabularies = [each.tokenizer.vocabulary() for each in models.values()]
    is_same = all(each == vocabularies[0] for each in vocabularies)
    print_text(_tables(summary, differences, words=words, texts=len(texts), is_same=is_same, oov=config.oov) + "\n")
    summary["differences_from_first"] = [each._asdict() for each in differences]
    return {**summary, "texts": len(texts), "words": words}


class TextDifference(NamedTuple):
    """The difference of a model from the first one.

    Attributes:
        name: The model.
        bits_per_word: Its mean surprisal of a word minus that of the first model.
        interval: The 95% interval over resampled texts; None for a single text.
        texts_lower: Number of texts that the model finds less surprising.
    """

    name: str
    bits_per_word: float
    interval: Interval | None
    texts_lower: int


def _difference(name: str, differences_D: npt.NDArray[Any], words_D: npt.NDArray[Any]) -> TextDifference:
    has_words_D = words_D > 0
    interval = bootstrap_interval(differences_D[has_words_D], words_D[has_words_D], resamples=RESAMPLES)
    mean = float(differences_D.sum() / words_D.sum())
    return TextDifference(name, mean, interval, int((differences_D < 0).sum()))


def _tables(
    summary: Mapping[str, Any],
    differences: Sequence[TextDifference],
    *,
    words: int,
    texts: int,
    is_same: bool,
    oov: str,
) -> str:
    rows = [
        [
            name,
            number(figures["bits_per_word"], digits=3),
            number(figures["bits_per_character"], digits=3),
            f"{figures['unknown_words'] / words:.2%}",
            number(figures["bits_per_word_known_to_all"], digits=3),
        ]
        for name, figures in summary.items()
    ]
    title = f"Mean surprisal in bits over {words:,} words of {texts:,} texts that all models score (oov={oov})"
    header = ["model", "per word", "per character", "unknown words", "per word that all models know"]
    tables = [table(title, header, rows)]
    rows = [
        [
            each.name,
            f"{each.bits_per_word:+.3f}",
            "-" if each.interval is None else f"{each.interval.low:+.3f} to {each.interval.high:+.3f}",
            f"{each.texts_lower:,}",
        ]
        for each in differences
    ]
    if rows:
        title = "Differences from the first model in bits per word; bootstrap over texts"
        tables.append(table(title, ["model", "difference", "95% interval", "texts with less"], rows))
    if not is_same and oov != "spell":
        tables.append(DIFFERENT)
    return "\n\n".join(tables)
