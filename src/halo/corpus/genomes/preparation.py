"""Preparation of a genome: FASTA and FASTQ files -> regions -> ids, in a folder like that of any prepared text.

    files --read_sequences--> records --pieces_of--> pieces without gaps --divide--> regions
          --assign, cut_gaps--> regions of splits --find_near_duplicates--> without copies --write--> ids

A base takes two bytes in memory, and eight while near duplicates are looked for in a genome of up to eight million.
"""

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from halo.config import SPLITS, DataConfig, GenomeConfig
from halo.corpus.genomes.duplicates.near_duplicates import NearDuplicate, find_near_duplicates
from halo.corpus.genomes.letters import Letters, pieces_of, reverse_complement
from halo.corpus.genomes.reading import read_sequences
from halo.corpus.genomes.records import SequenceRecord
from halo.corpus.genomes.region_plan import Region, assign, cut_gaps, divide, region_length
from halo.corpus.genomes.regions import Regions
from halo.corpus.genomes.statistics import base_counts, genome_statistics
from halo.corpus.genomes.vocabulary import RegionEncoder, label_numbers, make_tokenizer, token_counts, unknown_tokens
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import ReadLog
from halo.corpus.store.array_writer import ArrayWriter
from halo.corpus.store.document_texts import DocumentTexts, hash_array
from halo.runtime.errors import InputError
from halo.runtime.progress import Progress
from halo.tokenization.oov_cost import OOVCost
from halo.tokenization.tokenizer import TextTokenizer

MAX_LISTED = 1000  # near duplicates in manifest.json
MAX_LABELS = 30


def write_genome(folder: Path, files: Sequence[SourceFile], config: DataConfig, progress: Progress) -> dict[str, Any]:
    """Writes all files but the manifest, and returns the entries of the manifest about the sequences.

    Raises:
        InputError: A file cannot be read, or there is too little sequence.
        OSError: The disk is full.
    """
    assert config.genome is not None
    genome = config.genome
    token_length = genome.kmer_length if config.tokenizer.kind == "kmer" else 1
    read = _read(files, genome, progress)
    bases = sum(map(len, read.pieces))
    length = region_length(bases, genome, token_length)
    regions = divide(read.pieces, length, token_length)
    read.counts["too_short_for_a_token"] += bases - sum(map(len, regions))
    progress.set_stage("dividing")
    assign(regions, genome, config.splits)
    read.counts["gaps_between_splits"] += cut_gaps(regions, genome.gap, token_length)
    regions = [region for region in regions if len(region)]
    progress.set_stage("looking for near duplicates")
    are_dropped = config.duplicates.documents
    copies, shared = find_near_duplicates(regions, similarity=config.duplicates.similarity, are_dropped=are_dropped)
    if are_dropped:
        dropped = {id(copy.training) for copy in copies}
        regions = [region for region in regions if id(region) not in dropped]
    _require_splits(regions, len(copies), config)
    progress.set_stage("writing ids")
    documents = {split: _documents(regions, split, genome) for split in SPLITS}
    types = token_counts((document.letters for document in documents["train"]), token_length)
    tokenizer = make_tokenizer(types, config.tokenizer)
    tokenizer.save(folder / "tokenizer.json")
    labels, counts = _write_splits(folder, documents, tokenizer, token_length)
    genome_statistics(
        {split: [(each.region.record, each.letters) for each in documents[split]] for split in SPLITS},
        types,
        labels=labels,
        counts=counts,
        token_length=token_length,
        letters_read=read.letters,
    ).save(folder)
    return {
        "vocabulary": tokenizer.vocab_size,
        "labels": labels,
        "duplicates": _duplicates_entry(copies, documents, config),
        "line_ends": {"examined": 0, "early": 0},
        "splits": counts,
        "genome": {
            "records": read.records,
            "letters": read.letters,
            "counts": {name: int(number) for name, number in sorted(read.counts.items()) if number},
            "region_length": length,
            "token_length": token_length,
            "bases": {
                split: base_counts(each.letters for each in documents[split] if not each.is_reverse) for split in SPLITS
            },
            "shared_with_training": shared,
            "near_duplicates": _near_duplicates_entry(copies, config),
        },
    }


def read_regions(files: Sequence[SourceFile], config: DataConfig) -> list[Region]:
    """Returns the sequences of files without a division into splits: a region for each piece, whole tokens long.

    Raises:
        InputError: A file cannot be read, or holds no bases.
    """
    assert config.genome is not None
    token_length = config.genome.kmer_length if config.tokenizer.kind == "kmer" else 1
    read = _read(files, config.genome, None)
    length = region_length(sum(map(len, read.pieces)), config.genome, token_length)
    return divide(read.pieces, length, token_length)


class _ReadGenome(NamedTuple):
    """The sequences of all files.

    Attributes:
        pieces: Their pieces without gaps, each as a region without a split unless its file was given for one.
        records: Number of records.
        letters: Number of letters of these.
        counts: Number of bases, or of runs, by what was done with them.
    """

    pieces: list[Region]
    records: int
    letters: int
    counts: Counter[str]


def _read(files: Sequence[SourceFile], config: GenomeConfig, progress: Progress | None) -> _ReadGenome:
    pieces: list[Region] = []
    log, counts = ReadLog(), Counter[str]()
    records = letters = 0
    first_file: dict[str, str] = {}
    for file in files:
        begin = len(pieces)
        for record in read_sequences(file, config, log):
            records += 1
            letters += len(record.letters)
            name = _unique_name(record, first_file, log)
            for piece in pieces_of(record, config, counts):
                pieces.append(Region(name, piece.start, piece.letters, record.split))
                if progress is not None:
                    progress.advance_words(len(piece.letters))
        if begin == len(pieces):
            log.note("file[|s] without bases [was|were] skipped", file.name)
    log.report()
    for file in files:
        if not any(piece.split == file.split for piece in pieces):
            raise InputError(f"{file.setting}: no bases left to read; give a file with sequences")
    return _ReadGenome(pieces, records, letters, counts)


def _unique_name(record: SequenceRecord, first_file: dict[str, str], log: ReadLog) -> str:
    """Returns the name of a record; with its file in front where another file has a record of that name."""
    if record.qualities or first_file.setdefault(record.name, record.file_name) == record.file_name:
        return record.name
    log.note("record[|s] with a name of another file [has|have] the file's name in front", record.location)
    return f"{PurePosixPath(record.file_name).name}|{record.name}"


def _require_splits(regions: Sequence[Region], num_copies: int, config: DataConfig) -> None:
    """Raises `InputError` if a split has no regions left."""
    for split in SPLITS:
        if not any(region.split == split for region in regions):
            if split == "train" and num_copies:
                raise InputError(
                    f"{config.source}: all {num_copies:,} training regions repeat validation or test regions, as reads "
                    "of one sample do; give assembled sequences, or keep them with data.duplicates.documents=false"
                )
            raise InputError(
                f"{config.source}: no sequence is left for the {split} split; lower data.genome.gap, or give more "
                "sequence"
            )


class _Document(NamedTuple):
    """A region as it is written, or its reverse complement."""

    region: Region
    letters: Letters
    is_reverse: bool


def _documents(regions: Sequence[Region], split: str, config: GenomeConfig) -> list[_Document]:
    mine = [region for region in regions if region.split == split]
    forward = [_Document(region, region.letters, is_reverse=False) for region in mine]
    if split != "train" or not config.reverse_complement:
        return forward
    return forward + [_Document(region, reverse_complement(region.letters), is_reverse=True) for region in mine]


def _write_splits(
    folder: Path, documents: dict[str, list[_Document]], tokenizer: TextTokenizer, token_length: int
) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Writes the arrays of each split, and returns the labels and the counts of each, as `TextCounts` has them."""
    encoder = RegionEncoder(tokenizer, token_length)
    in_order = [each.region.record for split in SPLITS for each in documents[split]]
    labels, numbers = label_numbers(in_order, max_labels=MAX_LABELS)
    counts = {}
    begin = 0
    for split in SPLITS:
        end = begin + len(documents[split])
        with ArrayWriter(folder / f"{split}.labels.npy", np.min_scalar_type(len(labels))) as file:
            file.append(numbers[begin:end])
        begin = end
        _regions(documents[split]).save(folder, split)
        counts[split] = _write_split(folder, split, documents[split], encoder, tokenizer)
    return labels, counts


def _write_split(
    folder: Path, split: str, documents: Sequence[_Document], encoder: RegionEncoder, tokenizer: TextTokenizer
) -> dict[str, Any]:
    oov_cost = OOVCost(tokenizer)
    dtype = np.uint16 if tokenizer.vocab_size <= np.iinfo(np.uint16).max + 1 else np.uint32
    lengths, costs, digests, unknown = [], [], [], 0
    with ArrayWriter(folder / f"{split}.npy", dtype) as file:
        for document in documents:
            ids = encoder.encode(document.letters)
            is_unknown = ids == tokenizer.unk_id
            tokens = unknown_tokens(document.letters, is_unknown, encoder.token_length)
            costs.append(math.fsum(map(oov_cost.of_token, tokens)))
            digests.append(hashlib.sha256(document.letters.tobytes()).digest())
            unknown += int(is_unknown.sum())
            lengths.append(len(ids) + 1)
            file.append(np.append(ids, np.uint32(tokenizer.eos_id)))
    with ArrayWriter(folder / f"{split}.offsets.npy", np.int64) as file:
        file.append(np.array([0, *itertools.accumulate(lengths)], dtype=np.int64))
    bases = [len(document.letters) for document in documents]
    if split != "train":
        texts = DocumentTexts(hash_array(digests), np.array(bases, dtype=np.int64), np.array(costs, dtype=np.float64))
        texts.save(folder / f"{split}.documents.npz")
    return {
        "documents": len(documents),
        "words": sum(lengths) - len(documents),
        "characters": sum(bases),
        "tokens": sum(lengths),
        "unknown_tokens": unknown,
        "eos_tokens": len(documents),
        "oov_cost": math.fsum(costs),
    }


def _regions(documents: Sequence[_Document]) -> Regions:
    return Regions(
        record=[each.region.record for each in documents],
        start=[each.region.start for each in documents],
        end=[each.region.end for each in documents],
        strand=["-" if each.is_reverse else "+" for each in documents],
    )


def _duplicates_entry(
    copies: Sequence[NearDuplicate], documents: dict[str, list[_Document]], config: DataConfig
) -> dict[str, Any]:
    """Returns the entry `duplicates` that every prepared corpus has; `genome.near_duplicates` says more."""
    dropped = copies if config.duplicates.documents else ()
    remaining = [each for split in SPLITS for each in documents[split]]
    bases = sum(len(copy.training) for copy in dropped)
    return {
        "documents": len(remaining) + len(dropped),
        "dropped_documents": len(dropped),
        "units": sum(len(each.letters) for each in remaining) + bases,
        "dropped_units": bases,
        "counts": {},
        "dropped_by_kept_split": {},
        "example": None,
        "total": len(dropped),
        "listed": 0,
        "dropped": [],
        "shared_counts": {},
        "shared": [],
    }


def _near_duplicates_entry(copies: Sequence[NearDuplicate], config: DataConfig) -> dict[str, Any]:
    listed = [
        {
            "record": copy.training.record,
            "start": copy.training.start,
            "end": copy.training.end,
            "repeats_split": copy.held_out.split,
            "repeats_record": copy.held_out.record,
            "repeats_start": copy.held_out.start,
            "repeats_end": copy.held_out.end,
            "share": round(copy.share, 4),
        }
        for copy in copies
    ]
    return {
        "regions": len(copies),
        "bases": sum(len(copy.training) for copy in copies),
        "are_dropped": config.duplicates.documents,
        "similarity": config.duplicates.similarity,
        "listed": listed[:MAX_LISTED],
    }
