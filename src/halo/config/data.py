"""Settings of the text: sources, cleaning, tokenizer, duplicates, splits, batches."""

import math
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.domains.files import Documents, Extensions, TableConfig
from halo.config.domains.genome import GenomeConfig
from halo.config.domains.series import SeriesConfig
from halo.config.domains.text import CleaningConfig, TokenizerConfig
from halo.config.fields import (
    OPTIONS,
    Count,
    Encoding,
    Fraction,
    Integer,
    NonEmpty,
    Paths,
    PathText,
    Positive,
)
from halo.runtime.errors import require

SPLITS = ("train", "validation", "test")
# Where to find the files of the data groups that do not bring their text along.
BENCHMARKS = {
    "ptb": "they are in the folder data of simple-examples.tgz, which Mikolov published with his RNNLM toolkit",
    "wikitext2": "they are in wikitext-2-v1.zip, which Merity et al. published with their paper of 2016",
}


@dataclass(config=OPTIONS)
class SplitConfig:
    """Fractions of the documents of each label that go into each split."""

    train: Fraction = Field(description="Fraction of the documents in the training split.")
    validation: Fraction = Field(description="Fraction of the documents in the validation split.")
    test: Fraction = Field(description="Fraction of the documents in the test split.")
    validation_ratio: Positive | None = Field(
        description="Size of the validation split relative to the training split. If given, splits.test is kept, the "
        "rest is divided in this ratio, and splits.train and splits.validation are ignored. null: not used.",
    )
    seed: Integer = Field(description="Seed of the order in which documents are assigned to splits.")

    @model_validator(mode="after")
    def _set_fractions(self) -> "SplitConfig":
        if self.validation_ratio is not None:
            self.train = (1 - self.test) / (1 + self.validation_ratio)
            self.validation = 1 - self.test - self.train
            ratio, allowed = self.validation_ratio, "must leave documents for training and validation"
            require(0 < self.train < 1 and 0 < self.validation < 1, "data.splits.validation_ratio", ratio, allowed)
        total = self.train + self.validation + self.test
        is_whole = math.isclose(total, 1, abs_tol=1e-6)
        require(is_whole, "data.splits (sum)", f"{total:g}", "train, validation and test must add up to 1")
        return self


@dataclass(config=OPTIONS)
class DuplicatesConfig:
    """Which duplicates `halo.corpus.dedup.duplicate_finder` drops before the documents are split."""

    documents: bool = Field(
        description="Whether to drop documents of eight words or more that repeat another one, exactly or "
        "nearly. Given validation and test texts are never dropped."
    )
    paragraphs: bool = Field(
        description="Whether to drop paragraphs that also occur in another document, exactly or nearly. "
        "Given validation and test texts stay whole."
    )
    similarity: Annotated[float, Field(strict=True, ge=0.5, le=1)] = Field(
        description="Similarity from which texts count as duplicates: the Jaccard similarity (shared / all) of their "
        "sets of eight consecutive words, or characters where no spaces separate words. 1 drops only texts with equal "
        "sets. With data=genome: share of a region's 31-mers, of either strand.",
    )
    min_paragraph_words: Count = Field(
        description="Paragraphs with fewer words, such as headings and greetings, are never dropped; where no spaces "
        "separate words, fewer characters.",
    )


@dataclass(config=OPTIONS)
class DataConfig:
    """Settings of the text and of how it becomes batches."""

    name: NonEmpty = Field(description="Name of the data group, for messages and reports.")
    path: Paths = Field(
        description="Text to be divided by data.splits: a file, folder, glob, URL (s3://, hf://, ...) or "
        "bundled:NAME, or a list of these. Formats: .txt .text .tokens .md .jsonl .ndjson .json .csv .tsv .parquet, "
        "each also as .gz .bz2 .xz .zst or in a .zip. With data.train_path: the folder, URL or .zip that relative "
        "paths refer to; null: the current folder.",
    )
    train_path: Paths = Field(
        description="Text of the training split, instead of dividing data.path; give all three or none. null: data.path"
        " is divided.",
    )
    validation_path: Paths = Field(description="Text of the validation split, as data.train_path.")
    test_path: Paths = Field(description="Text of the test split, as data.train_path.")
    documents: Documents = Field(
        description="What one document of a text file (.txt, .md, ...) is: the whole file, or its parts between "
        "document separators; a paragraph (separated by blank lines); a line; or every_line: blank lines too, each an "
        "<eos> alone.",
    )
    document_separator: NonEmpty | None = Field(
        description="What separates the documents within a text, and is no part of it: <...> or [...] anywhere, "
        "anything else alone on a line. auto: <|endoftext|> and the like. null: nothing.",
    )
    text_field: NonEmpty = Field(
        description="Field (.jsonl, .json) or column (.csv, .tsv, .parquet) that holds the text; each record is a "
        "document.",
    )
    title_field: NonEmpty | None = Field(
        description="Field that is put before the text as a paragraph of its own. null: none.",
    )
    label_field: NonEmpty | None = Field(
        description="Field whose values keep their proportions in every split. auto: register or label, if present. "
        "null: none.",
    )
    table: TableConfig = Field(description="How .csv and .tsv files are divided into fields.")
    encoding: Encoding = Field(
        description="Encoding of the text files, .jsonl, .json, .csv and .tsv files, unless they begin with a byte "
        "order mark: utf-8, cp1252, utf-16, gb18030 or another one that Python knows.",
    )
    encoding_errors: Literal["strict", "replace"] = Field(
        description="Bytes that are not text in this encoding: strict refuses the file and names the place; replace "
        "substitutes U+FFFD and reports the number.",
    )
    cache_dir: PathText = Field(
        description="Folder of prepared token ids, reused for the same content and settings; or a URL (s3://, ...), to "
        "which they are uploaded and from which they are read block by block.",
    )
    batch_size: Count = Field(description="Number of parallel text streams in training, over all devices.")
    sequence_length: Count = Field(
        description="Tokens of each stream in a batch: how far gradients flow back (truncated BPTT).",
    )
    variable_sequence_length: bool = Field(
        description="Whether training windows have random lengths around data.sequence_length, with the learning rate "
        "scaled by the length (Merity et al. 2018).",
    )
    eval_batch_size: Count = Field(
        description="Parallel streams in validation during training, and of the training text in the final report. "
        "Each starts without context, so perplexity depends on it slightly.",
    )
    report_batch_size: Count = Field(
        description="Parallel streams of validation and test in the final report; 1 reads a text from start to end.",
    )
    report_train_tokens: Count | None = Field(
        description="Tokens of the training text that are scored for comparison in the final report, in stretches "
        "spread evenly over it. null: all.",
    )
    cleaning: CleaningConfig = Field(description="Cleaning of the text before it is tokenized.")
    tokenizer: TokenizerConfig = Field(description="Tokenizer and vocabulary.")
    duplicates: DuplicatesConfig = Field(
        description="Duplicates dropped before splitting, so that no text is in two splits.",
    )
    splits: SplitConfig = Field(description="Fractions of the documents of each label in each split.")
    # These have defaults here too, since models that were saved by earlier versions lack them.
    extensions: Extensions = Field(
        default_factory=dict,
        description="Further endings of files, and what each is read as: text, jsonl, json, csv, tsv or parquet, and "
        "with data=genome fasta or fastq. Files with these endings are also read from folders.",
    )
    engine: Literal["local", "ray"] = Field(
        default="local",
        description="What reads, cleans and tokenizes the text. local: the cores of this machine; ray: a Ray cluster. "
        "The ids are the same.",
    )
    ray_address: NonEmpty | None = Field(
        default=None,
        description="Ray cluster of data.engine=ray: HOST:PORT of its head, ray://HOST:PORT, or auto for the cluster "
        "that runs on this machine. null: one is started for the preparation and ended after it.",
    )
    prepared: PathText | None = Field(
        default=None,
        description="Prepared corpus to use as it is, instead of data.path: a folder that halo.prepare made, or its "
        "URL, from which ids are read block by block. null: the text is prepared, or found in data.cache_dir.",
    )
    genome: GenomeConfig | None = Field(
        default=None,
        description="How nucleotide sequences are read and divided, with data=genome. null: the text is no genome.",
    )
    series: SeriesConfig | None = Field(
        default=None,
        description="Series of numbers with dates instead of text, see data=series. null: text.",
    )

    @model_validator(mode="after")
    def _check(self) -> "DataConfig":
        long_enough = not self.variable_sequence_length or self.sequence_length >= 10
        allowed = "must be at least 10 with data.variable_sequence_length=true"
        require(long_enough, "data.sequence_length", self.sequence_length, allowed)
        allowed = "is the cluster of data.engine=ray; set that as well, or leave this null"
        require(self.ray_address is None or self.engine == "ray", "data.ray_address", self.ray_address, allowed)
        self._check_genome()
        if self.series is not None:
            allowed = "a series is divided by its dates; give data.path alone"
            require(self.train_path is None, "data.train_path", self.train_path, allowed)
        has_words = self.tokenizer.kind in ("word", "whitespace") and self.tokenizer.eos != "line"
        allowed = "is for tokenizer.kind=word or whitespace without tokenizer.eos=line, which ends lines with <eos>"
        require(has_words or self.cleaning.line_ends != "eol", "data.cleaning.line_ends", "eol", allowed)
        self._check_paths()
        return self

    def _check_genome(self) -> None:
        kind, case = self.tokenizer.kind, self.cleaning.case
        if self.genome is None:
            require(kind != "kmer", "data.tokenizer.kind", kind, "is for nucleotide sequences; set data=genome")
            return
        allowed = "must be char or kmer with data=genome"
        require(kind in ("char", "kmer"), "data.tokenizer.kind", kind, allowed)
        allowed = "must be document with data=genome: <eos> ends each region"
        require(self.tokenizer.eos == "document", "data.tokenizer.eos", self.tokenizer.eos, allowed)
        require(self.engine == "local", "data.engine", self.engine, "must be local with data=genome")
        suitable = "keep" if self.genome.soft_mask == "keep" else "upper"
        allowed = f"must be {suitable} with data.genome.soft_mask={self.genome.soft_mask}, for prompts and other texts"
        require(case == suitable, "data.cleaning.case", case, allowed)

    def _check_paths(self) -> None:
        missing = [split for split in SPLITS if getattr(self, f"{split}_path") is None]
        keys = "data.train_path, data.validation_path and data.test_path"
        if self.prepared is not None:
            return
        if len(missing) == len(SPLITS):
            require(self.path is not None, "data.path", "null", f"no text given; give a path or URL, or {keys}")
            return
        allowed = "give a path for each of train, validation and test, or for none"
        require(not missing, ", ".join(f"data.{split}_path" for split in missing), "null", allowed)
        is_folder = isinstance(self.path, str) and not self.path.startswith("bundled:")
        shown = f"[{', '.join(self.path)}]" if isinstance(self.path, list) else self.path
        allowed = f"must be the one folder of {keys}, or null; data=text has no path of its own"
        require(self.path is None or is_folder, "data.path", shown, allowed)
        if self.name in BENCHMARKS:
            files = ", ".join(path for paths in self.source_paths().values() for path in paths)
            allowed = f"give the folder of {files}; {BENCHMARKS[self.name]}"
            require(self.path is not None, "data.path", "null", allowed)

    def source_paths(self) -> dict[str, list[str]]:
        """Returns the paths given for each split; under an empty name those of documents that are yet to be split."""
        if self.train_path is None:
            return {"": _listed(self.path)}
        folder = self.path if isinstance(self.path, str) else None
        given = {"train": self.train_path, "validation": self.validation_path, "test": self.test_path}
        return {split: [_within(folder, path) for path in _listed(value)] for split, value in given.items()}

    def urls(self) -> list[str]:
        """Returns the given paths that may refer to another machine, unchanged."""
        given = (self.path, self.train_path, self.validation_path, self.test_path, self.prepared)
        return [path for value in given for path in _listed(value) if "://" in path or "::" in path]

    @property
    def source(self) -> str:
        """The settings that name the text, for messages: `data.path=own.txt`."""
        if self.prepared is not None:
            return f"data.prepared={self.prepared}"
        keys = {"": "data.path", **{split: f"data.{split}_path" for split in SPLITS}}
        return ", ".join(f"{keys[split]}={','.join(paths)}" for split, paths in self.source_paths().items())


def _listed(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _within(folder: str | None, path: str) -> str:
    """Returns `path` relative to `folder`: a local one, a URL or a .zip. An absolute path is returned unchanged."""
    is_absolute = "://" in path or path.startswith(("~", "bundled:")) or PurePath(path).is_absolute()
    if folder is None or is_absolute:
        return path
    if folder.lower().endswith(".zip"):
        return f"zip://{path}::{folder}"
    return f"{folder}{'' if folder.endswith('/') else '/'}{path}"
