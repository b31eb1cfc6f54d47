"""Files of the user's -> documents, their splits, and the paragraphs or documents that are divided among topics."""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from halo.bundle.loading import Bundle
from halo.config import SPLITS, DataConfig, SplitConfig, TopicsConfig
from halo.corpus.cleaning.white_space import paragraphs
from halo.corpus.encoded_documents import clean_document
from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.documents import read_parts
from halo.corpus.sources.file_kinds import RECORD_KINDS
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.formats import read_rows
from halo.corpus.sources.lines import ReadLog
from halo.corpus.sources.records import MissingFieldError, make_record, require_fields
from halo.corpus.splits.assignment import assign_splits, cut_points
from halo.corpus.store.document_hashes import content_hash
from halo.evaluation.evaluation_report import training_corpus
from halo.runtime.errors import InputError, counted
from halo.topic_modelling.crossings.dates import parse_date
from halo.topic_modelling.units import TopicUnits, Unit, collect_units, corpus_units

log = logging.getLogger(__name__)


def topic_units(bundle: Bundle, config: TopicsConfig) -> TopicUnits:
    """Returns the units that the settings name, with their vectors: of files, or of the model's own corpus.

    Raises:
        InputError: A text cannot be read, or no unit has enough words.
    """
    if config.path is None:
        corpus = training_corpus(bundle, cache_dir=config.cache_dir)
        return collect_units(bundle, corpus_units(bundle, corpus, unit=config.unit))
    data = config.data.applied_to(bundle.config.data)
    return collect_units(bundle, file_units(bundle, config.paths, data, unit=config.unit, date_field=config.date_field))


class DatedText(NamedTuple):
    """A document as it was read.

    Attributes:
        text: Its raw text.
        label: Its label; empty if there is none.
        date: The value of its date field, as `parse_date` returns it; empty if there is none.
        location: The file, and the line or row.
    """

    text: str
    label: str
    date: str
    location: str


def file_units(
    bundle: Bundle, paths: Sequence[str], config: DataConfig, *, unit: str, date_field: str | None
) -> list[Unit]:
    """Returns the paragraphs or documents of files, each in a split.

    Documents are divided as those of a training text are, by `data.splits` and in the proportions of their labels;
    documents with the same text are in the same split. Of fewer than three documents the paragraphs are divided, in
    their order.

    Args:
        bundle: The model that reads them.
        paths: Files, folders, patterns or URLs.
        config: The settings of reading and cleaning.
        unit: `paragraph` or `document`.
        date_field: The field of the date; None if there is none.

    Raises:
        InputError: A file cannot be read or holds no text, or a field does not exist.
    """
    documents = read_documents(paths, config, date_field=date_field)
    parts = [paragraphs(each.text) if unit == "paragraph" else [each.text] for each in documents]
    splits = _document_splits(documents, config.splits)
    units = []
    for number, (document, texts) in enumerate(zip(documents, parts, strict=True)):
        in_splits = [splits[number]] * len(texts) if splits else _paragraph_splits(texts, config.splits)
        for paragraph, (text, split) in enumerate(zip(texts, in_splits, strict=True)):
            cleaned = clean_document(text, config)
            ids = [each for part in paragraphs(cleaned) for each in bundle.tokenizer.encode(part)]
            place = (number, document.label, split, paragraph, document.location, document.date)
            units.append(Unit(text.strip(), cleaned, ids, *place))
    return units


def read_documents(paths: Sequence[str], config: DataConfig, *, date_field: str | None) -> list[DatedText]:
    """Returns the documents of files, none of them empty, with the value of a date field.

    Raises:
        InputError: A file cannot be read, there is no text, or a field does not exist.
    """
    found = find_files(list(paths), key="path", extensions=config.extensions)
    found.log_ignored("path")
    read_log = ReadLog()
    documents: list[DatedText] = []
    for file in found.files:
        if file.kind in RECORD_KINDS:
            documents += _read_records(file, config, read_log, date_field=date_field)
            continue
        for each in read_parts([file], config, read_log):
            if each.continues:  # a long file is read in pieces
                last = documents.pop()
                documents.append(last._replace(text=f"{last.text}\n\n{each.text}"))
            elif each.text.strip():
                documents.append(DatedText(each.text, each.label, "", each.source))
    read_log.report()
    if not documents:
        raise InputError(f"path={','.join(paths)}: contains no text; give a file or folder with documents")
    return documents


def _read_records(
    file: SourceFile, config: DataConfig, read_log: ReadLog, *, date_field: str | None
) -> Iterator[DatedText]:
    """Yields the records of a table or of a JSON file."""
    names: Sequence[str] = ()
    for location, fields in read_rows(file, config, read_log, check_header=partial(_check_header, config=config)):
        if names != (names := list(fields)):
            _require_fields(names, location, config, date_field)
        for record in make_record(location, fields, config, read_log):
            date = None if date_field is None else parse_date(fields[date_field], field=date_field, location=location)
            yield DatedText(record.text, record.label, date or "", location)


def _check_header(header: list[str], location: str, *, config: DataConfig) -> list[str]:
    require_fields(header, location, config)
    return header


def _require_fields(names: Sequence[str], location: str, config: DataConfig, date_field: str | None) -> None:
    require_fields(names, location, config)
    if date_field is not None and date_field not in names:
        available = ", ".join(repr(name[:40]) for name in names[:10])
        raise MissingFieldError(
            f"{location}: date_field={date_field}: no such field (fields: {available}); name another, or leave it out"
        )


def _document_splits(documents: Sequence[DatedText], config: SplitConfig) -> list[str]:
    """Returns the split of each document, the same for the same text; none of fewer than three different documents."""
    first = {document.text: document for document in reversed(documents)}
    if repeated := len(documents) - len(first):
        log.info("%s with the text of another one: in the same split as that one", counted(repeated, "document"))
    if len(first) < len(SPLITS):
        return []
    hashes = [content_hash(text, config.seed) for text in first]
    numbers = assign_splits([document.label for document in first.values()], hashes, config)
    split_of = {text: SPLITS[number] for text, number in zip(first, numbers, strict=True)}
    return [split_of[document.text] for document in documents]


def _paragraph_splits(texts: Sequence[str], config: SplitConfig) -> list[str]:
    """Returns the split of each paragraph of a document that is divided in order; of fewer than three, `train`."""
    if len(texts) < len(SPLITS):
        return ["train"] * len(texts)
    validation, test = cut_points([max(1, len(text.split())) for text in texts], config)
    return ["train"] * validation + ["validation"] * (test - validation) + ["test"] * (len(texts) - test)
