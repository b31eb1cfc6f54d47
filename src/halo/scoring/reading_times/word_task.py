"""`halo.score group_field=...`: scores tables with a word a row, and predicts their reading times."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from halo.bundle.loading import Bundle
from halo.config import ScoreConfig
from halo.corpus.sources.files import optional_module
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError
from halo.scoring.files.columns import WORD_COLUMNS, word_columns
from halo.scoring.files.items import open_items, reading_config
from halo.scoring.files.training_text import training_ngrams
from halo.scoring.files.writers import kept_names, open_output, text_writer
from halo.scoring.reading_times.observations import make_observations
from halo.scoring.reading_times.reading_time_report import gain_as_dict, gain_tables, reading_times
from halo.scoring.reading_times.regression import reading_time_gain
from halo.scoring.reading_times.word_rows import WordTable, read_word_table, require_column, score_words
from halo.scoring.scored_text import ScoredWord
from halo.scoring.scorer import Scorer

UNKNOWN = {
    "unk": "their surprisal is that of <unk>, of all unknown words together; oov=na leaves them out",
    "spell": "their surprisal includes their spelling",
    "na": "they have no surprisal",
}
"""What the surprisal of unknown words is, by `oov`."""

log = logging.getLogger(__name__)


def score_word_table(
    bundle: Bundle, config: ScoreConfig, *, name: str, print_text: Callable[[str], object]
) -> dict[str, Any]:
    """Scores the words of a table in the context of their texts, and returns a summary as plain data.

    With `predicts`, the gain in log-likelihood is printed; the rows are then only written to `output`.

    Args:
        bundle: The model.
        config: The settings; `group_field` is given.
        name: The model, for the title.
        print_text: Prints lines on standard output.

    Raises:
        InputError: The table cannot be read, a column is missing or has other values, or there are too few texts.
    """
    if config.predicts is not None:
        optional_module("statsmodels", extra="stats", where="predicts", use="for the regression")
    read_log = ReadLog()
    items = open_items(
        str(config.path),
        text_field=config.text_field,
        config=reading_config(bundle.config.data, config),
        read_log=read_log,
    )
    if config.predicts is not None:
        require_column(items, "predicts", config.predicts)
    table = read_word_table(items, group_field=str(config.group_field), order_field=config.order_field)
    read_log.report()
    ngrams = training_ngrams(bundle, config)
    scorer = Scorer(bundle, oov=config.oov, with_distributions=config.predicts is None, ngrams=ngrams)
    scores = score_words(table.texts, scorer)
    unknown = sum(not word.is_known for words in scores.values() for word in words)
    total = sum(map(len, scores.values()))
    log.info("%s words of %s texts are read in the order of their text", f"{total:,}", f"{len(scores):,}")
    if unknown:
        log.info("%s of them are not in the vocabulary: %s (oov=%s)", f"{unknown:,}", UNKNOWN[config.oov], config.oov)
    if config.predicts is None or config.output is not None:
        kept = kept_names(WORD_COLUMNS, items.names)
        columns = [*WORD_COLUMNS, *kept.values()]
        if config.output in (None, "-"):
            opened: Any = nullcontext(text_writer(columns, print_text, tool="halo", ending=""))
        else:
            opened = open_output(str(config.output), columns, WORD_COLUMNS, tool="halo")
        with opened as writer:
            writer.write(_rows(table, scores, kept))
    summary = {"texts": len(scores), "words": total, "unknown_words": unknown}
    return summary if config.predicts is None else {**summary, **_predict(table, scores, config, name, print_text)}


def _predict(
    table: WordTable,
    scores: Mapping[str, Sequence[ScoredWord]],
    config: ScoreConfig,
    name: str,
    print_text: Callable[[str], object],
) -> dict[str, Any]:
    if all(word.log_frequency is None for words in scores.values() for word in words):
        raise InputError(
            "predicts: the model has no word frequencies; train it again, or give its text with ngrams=true"
        )
    low, high = config.reading_time_limits
    times = reading_times(table, scores, predicts=str(config.predicts), limits=(low, high))
    observations = make_observations(times.words, limits=(low, high))
    gain = reading_time_gain(observations, folds=config.folds)
    title = f"Model: {name}\nReading times: {config.predicts} of {config.path}"
    if config.output != "-":
        print_text(gain_tables(gain, observations, times, title=title) + "\n")
    return gain_as_dict(gain, observations)


def _rows(
    table: WordTable, scores: Mapping[str, Sequence[ScoredWord]], kept: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Yields a row for each row of the table, in its order."""
    numbers = {text_id: number for number, text_id in enumerate(table.texts, start=1)}
    for row in table.rows:
        word = scores[row.text_id][row.position]
        yield {
            "sentence_id": numbers[row.text_id],
            "word_id": row.position + 1,
            **word_columns(word),
            **{kept[name]: value for name, value in row.item.columns.items()},
        }
