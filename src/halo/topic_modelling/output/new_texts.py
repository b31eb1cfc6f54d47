"""Saved topics -> the topics of new texts: a file with a column of texts in, the same rows with a topic each out."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from halo.bundle.loading import Bundle
from halo.config import TopicsConfig
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.encoded_documents import clean_document
from halo.corpus.sources.lines import ReadLog
from halo.runtime.errors import InputError, counted
from halo.scoring.files.items import AUTO, Item, Items, chunks, open_items
from halo.scoring.files.writers import Row, kept_names, open_output
from halo.topic_modelling.topic_model import TopicModel, load_topics
from halo.topic_modelling.unit_vectors import probe_vector, unit_vectors
from halo.topic_modelling.units import MIN_WORDS
from halo.topic_modelling.words import words_of

COLUMNS: dict[str, type] = {
    **{"text_id": int, "text": str, "topic": int, "topic_words": str, "weight": float},
    **{"unlike_all_topics": bool, "note": str},
}
EMPTY, UNKNOWN, SHORT = "empty", "no known word", f"fewer than {MIN_WORDS} words"
SHOWN_WORDS = 5
SAME_MODEL = 0.01
"""Relative distance up to which two vectors of the probe text come from the same model, on different devices."""

log = logging.getLogger(__name__)


def assign_new_texts(bundle: Bundle, config: TopicsConfig) -> None:
    """Writes the rows of a file with the topic of each text; a text unlike all topics is flagged.

    Each row is one text, whatever unit the topics were made of.

    Args:
        bundle: The model that the topics come from.
        config: The settings; `topics`, `path` and `output` are given.

    Raises:
        InputError: The topics come from another model, the texts cannot be read or have no word, or the output cannot
            be written.
    """
    model = load_topics(Path(str(config.topics)))
    require_same_model(model, bundle, folder=str(config.topics))
    read_log = ReadLog()
    items = _open(bundle, config, read_log)
    kept = kept_names(COLUMNS, items.names)
    assigning = _Assigning(model, bundle)
    with open_output(str(config.output), [*COLUMNS, *kept.values()], COLUMNS, tool="halo") as writer:
        for chunk in chunks(items):
            rows = assigning.rows([item.text for item in chunk])
            writer.write({**row, **_others(item, kept)} for item, row in zip(chunk, rows, strict=True))
        if not assigning.num_assigned:
            raise InputError(f"path={config.path}: no text has a word that the model knows; give other texts")
    read_log.report()
    _report(assigning, str(config.output))


def require_same_model(model: TopicModel, bundle: Bundle, *, folder: str) -> None:
    """Raises `InputError` unless topics were made with the vectors of a model."""
    probe_D, saved_D = probe_vector(bundle), np.array(model.description.probe)
    is_same = probe_D.shape == saved_D.shape == model.mean_D.shape
    if not is_same or np.linalg.norm(probe_D - saved_D) > SAME_MODEL * np.linalg.norm(probe_D):
        raise InputError(
            f"topics={folder}: made with another model than {bundle.folder}, whose vectors mean something else; give "
            "the run or bundle that they were made with, or make new ones"
        )


def _open(bundle: Bundle, config: TopicsConfig, read_log: ReadLog) -> Items:
    field = AUTO if config.data.text_field == "as_trained" else config.data.text_field
    reading = config.data.applied_to(bundle.config.data)
    (path,) = config.paths
    try:
        return open_items(path, text_field=field, config=reading, read_log=read_log)
    except InputError as error:
        raise InputError(str(error).replace(" with text_field", " with data.text_field")) from error


def _others(item: Item, kept: dict[str, str]) -> Row:
    return {name: item.columns[before] for before, name in kept.items()}


class _Assigning:
    """Assigns topics to texts, and counts what it meets.

    Args:
        model: The topics.
        bundle: The model that makes vectors of texts.
    """

    def __init__(self, model: TopicModel, bundle: Bundle) -> None:
        self._model, self._bundle = model, bundle
        self.num_texts = self.num_assigned = self.num_unlike = self.num_short = 0

    def rows(self, texts: Sequence[str]) -> Iterator[Row]:
        """Yields the columns of each text."""
        config, tokenizer = self._bundle.config.data, self._bundle.tokenizer
        cleaned = [clean_document(text, config) for text in texts]
        ids = [[each for part in paragraphs(text) for each in tokenizer.encode(part)] for text in cleaned]
        unknown = {tokenizer.unk_id, tokenizer.eos_id}
        known = [place for place, own in enumerate(ids) if {*own} - unknown]
        found = {}
        if known:
            vectors_ND = unit_vectors(self._bundle, [ids[place] for place in known])
            assignment, is_far_N = self._model.assign(vectors_ND), self._model.is_unlike_all(vectors_ND)
            weights_N = np.take_along_axis(assignment.weights_NK, assignment.topics_N[:, None], axis=1)[:, 0]
            found = dict(
                zip(
                    known,
                    zip(assignment.topics_N.tolist(), weights_N.tolist(), is_far_N.tolist(), strict=True),
                    strict=True,
                )
            )
        for place, text in enumerate(texts):
            self.num_texts += 1
            row: dict[str, object] = {"text_id": self.num_texts, "text": text}
            if place not in found:
                yield {**row, "note": UNKNOWN if ids[place] else EMPTY}
                continue
            topic, weight, is_far = found[place]
            is_short = len(words_of(cleaned[place])) < MIN_WORDS
            self.num_assigned += 1
            self.num_unlike += is_far
            self.num_short += is_short
            words = " ".join(word for word, _ in self._model.words[topic][:SHOWN_WORDS])
            row |= {"topic": topic + 1, "topic_words": words, "weight": weight, "unlike_all_topics": is_far}
            yield {**row, "note": SHORT if is_short else None}


def _report(assigning: _Assigning, output: str) -> None:
    """Logs what was assigned."""
    log.info("%s: %s assigned", output, counted(assigning.num_assigned, "text"))
    if assigning.num_unlike:
        share = assigning.num_unlike / assigning.num_assigned
        log.info(
            "%s (%.0f%%) unlike all topics: farther from each than 99%% of the texts that the topics were made of",
            counted(assigning.num_unlike, "text"),
            100 * share,
        )
    if assigning.num_short:
        log.info("%s with %s: hardly enough to tell a topic", counted(assigning.num_short, "text"), SHORT)
    if without := assigning.num_texts - assigning.num_assigned:
        log.info("%s without a word that the model knows: no topic, see the column note", counted(without, "text"))
