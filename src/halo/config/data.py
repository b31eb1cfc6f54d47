"""Settings of the text: sources, cleaning, tokenizer, duplicates, splits, batches."""

import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from halo.runtime.errors import require

SPLITS = ("train", "validation", "test")
CLEANING_STEPS = ("control", "unicode", "html", "typography", "urls", "emails", "phones", "handles", "special")

# Where the texts are that a data group is about and does not bring along.
BENCHMARKS = {
    "ptb": "the folder data of simple-examples.tgz, published by Mikolov with his RNNLM toolkit, holds them",
    "wikitext2": "wikitext-2-v1.zip, published by Merity et al. with their paper of 2016, holds them",
}


@dataclass
class CleaningConfig:
    """What `halo.corpus.cleaning.pipeline.clean` does.

    Attributes:
        steps: Which of `CLEANING_STEPS` run, in that order; `halo.corpus.cleaning.pipeline` says what each does.
        case: `keep`; `lower`; or `lower_keep_acronyms`, which leaves words alone that have a capital beyond their
            first letter (PCR, mRNA, SpO2) or a capital and a digit (R0, A4).
        numbers: `keep`; `digits_to_0`, every digit; or `placeholder`, `<number>` for each number that is no part of a word
            (COVID-19 and R0 stay).
        keep_characters: What the step `special` leaves besides letters, digits and white space.
    """

    steps: list[str]
    case: str
    numbers: str
    keep_characters: str

    def __post_init__(self) -> None:
        allowed = f"choose among these, each once and in this order: {', '.join(CLEANING_STEPS)}"
        in_order = [step for step in CLEANING_STEPS if step in self.steps]
        require(self.steps == in_order, "data.cleaning.steps", self.steps, allowed)
        cases = ("keep", "lower", "lower_keep_acronyms")
        require(self.case in cases, "data.cleaning.case", self.case, f"choose one of {', '.join(cases)}")
        policies = ("keep", "digits_to_0", "placeholder")
        require(self.numbers in policies, "data.cleaning.numbers", self.numbers, f"choose one of {', '.join(policies)}")
        has_space = any(character.isspace() for character in self.keep_characters)
        require(not has_space, "data.cleaning.keep_characters", repr(self.keep_characters), "list no white space")


@dataclass
class TokenizerConfig:
    """What `halo.tokenization.tokenizer.TextTokenizer` counts as a token, and as one of the vocabulary.

    Attributes:
        kind: `word`: words, numbers and punctuation marks; `whitespace`: what white space separates, for text that was
            tokenized before, where a literal `<unk>` is the unknown word; `char`: characters; `bpe`: pieces of words
            by byte-pair encoding of the UTF-8 bytes.
        min_count: Tokens that are rarer than this in the training split become `<unk>`; with bpe, pairs that are rarer
            are not joined. With 1 no training token is unknown, and the model learns nothing about unknown words.
        max_size: Tokens of the vocabulary at most, `<unk>` and `<eos>` among them, the most frequent ones; null sets
            no limit. With bpe the number to reach.
        eos: Where `<eos>` stands: at the end of each `paragraph` or only of each `document`.
    """

    kind: str
    min_count: int
    max_size: int | None
    eos: str

    def __post_init__(self) -> None:
        kinds = ("word", "whitespace", "char", "bpe")
        require(self.kind in kinds, "data.tokenizer.kind", self.kind, f"choose one of {', '.join(kinds)}")
        require(self.min_count >= 1, "data.tokenizer.min_count", self.min_count, "a count of at least 1 is needed")
        key, size = "data.tokenizer.max_size", self.max_size
        if self.kind == "bpe":
            enough = size is not None and size >= 258
            require(enough, key, size, "with kind=bpe at least 258 is needed: 256 bytes, <unk>, <eos>; try 8000")
        else:
            require(size is None or size >= 3, key, size, "at least 3, or null for no limit, is needed")
        places = ("paragraph", "document")
        require(self.eos in places, "data.tokenizer.eos", self.eos, f"choose one of {', '.join(places)}")


@dataclass
class SplitConfig:
    """Fractions of the documents of each label that go into each split, and the seed of their order.

    Attributes:
        train: Fraction for training.
        validation: Fraction for validation.
        test: Fraction for the test.
        validation_ratio: How many times larger than training validation is. Where it is given, `test` stays, and what
            is left is shared in that ratio: `train` and `validation` are set from it. Null takes the fractions as they
            stand.
        seed: Seed of the order.
    """

    train: float
    validation: float
    test: float
    validation_ratio: float | None
    seed: int

    def __post_init__(self) -> None:
        require(0 < self.test < 1, "data.splits.test", self.test, "a fraction above 0 and below 1 is needed")
        if self.validation_ratio is not None:
            ratio = self.validation_ratio
            require(0 < ratio < math.inf, "data.splits.validation_ratio", ratio, "a number above 0, or null, is needed")
            self.train = (1 - self.test) / (1 + ratio)
            self.validation = 1 - self.test - self.train
        fractions = {"train": self.train, "validation": self.validation, "test": self.test}
        for name, fraction in fractions.items():
            require(0 < fraction < 1, f"data.splits.{name}", fraction, "a fraction above 0 and below 1 is needed")
        total = sum(fractions.values())
        require(math.isclose(total, 1, abs_tol=1e-6), "data.splits", total, "the three fractions must add up to 1")


@dataclass
class DuplicatesConfig:
    """What `halo.corpus.dedup.duplicate_finder` drops before the split.

    Attributes:
        documents: Whether documents are dropped that repeat another one.
        paragraphs: Whether paragraphs are dropped that stand in another document too.
        similarity: What counts as a near duplicate: the Jaccard similarity of the two sets of eight consecutive words
            (shared / all). 1 drops only what has the same sets.
        min_paragraph_words: Shorter paragraphs, such as headings and greetings, may stand anywhere.
    """

    documents: bool
    paragraphs: bool
    similarity: float
    min_paragraph_words: int

    def __post_init__(self) -> None:
        key, similarity = "data.duplicates.similarity", self.similarity
        require(0.5 <= similarity <= 1, key, similarity, "a similarity from 0.5 to 1 is needed")
        key, words = "data.duplicates.min_paragraph_words", self.min_paragraph_words
        require(words >= 1, key, words, "at least 1 is needed")


@dataclass
class DataConfig:
    """The text, and how it becomes batches.

    Attributes:
        name: The name of the data group.
        path: A file, folder, glob, URL of fsspec or `bundled:NAME`, or a list of these. Where the three splits are
            given one by one: the folder, its URL or a .zip that their relative paths are taken from; null takes the
            current folder.
        train_path: The same for the training split alone; null where the text is divided by `splits`.
        validation_path: The same for the validation split.
        test_path: The same for the test split.
        documents: What one document of a .txt, .tokens or .md file is: the `file`, a `paragraph`, a `line`, or
            `every_line`: blank ones too, and of what has no text there is still an `<eos>`.
        text_field: The field (.jsonl) or column (.csv, .tsv, .parquet) of the text.
        title_field: A field that goes before the text as a paragraph of its own; null for none.
        label_field: The field of the group that splits keep in proportion; null takes `register` or `label` where there
            is one.
        encoding_errors: `strict` refuses what is not UTF-8, `replace` puts U+FFFD there and counts.
        cache_dir: Where prepared ids are kept.
        batch_size: Parallel streams in training, over all devices.
        sequence_length: Tokens of each stream in one batch: as far as gradients flow back (truncated BPTT).
        variable_sequence_length: Whether windows have random lengths about `sequence_length` in training (`WindowPlan`); the
            learning rate of a step goes by the length of its window.
        eval_batch_size: Parallel streams in validation during training, and of the training text in what is reported. Each
            begins without context, so perplexity depends on it a little; it is the same on any number of devices.
        report_batch_size: Parallel streams of validation and test in what is reported at the end, and of other texts.
        report_train_tokens: How much of the training text is measured to be set against them, in stretches that are
            spread evenly over it; None for all.
    """

    name: str
    # OmegaConf knows no union of a string and a list; __post_init__ checks these four.
    path: Any
    train_path: Any
    validation_path: Any
    test_path: Any
    documents: str
    text_field: str
    title_field: str | None
    label_field: str | None
    encoding_errors: str
    cache_dir: str
    batch_size: int
    sequence_length: int
    variable_sequence_length: bool
    eval_batch_size: int
    report_batch_size: int
    report_train_tokens: int | None
    cleaning: CleaningConfig
    tokenizer: TokenizerConfig
    duplicates: DuplicatesConfig
    splits: SplitConfig

    def __post_init__(self) -> None:
        for key in ("batch_size", "sequence_length", "eval_batch_size", "report_batch_size"):
            require(getattr(self, key) >= 1, f"data.{key}", getattr(self, key), "at least 1 is needed")
        valid = self.report_train_tokens is None or self.report_train_tokens >= 1
        allowed = "at least 1, or null for all of the training text, is needed"
        require(valid, "data.report_train_tokens", self.report_train_tokens, allowed)
        valid = not self.variable_sequence_length or self.sequence_length >= 10
        require(
            valid,
            "data.sequence_length",
            self.sequence_length,
            "at least 10 is needed for data.variable_sequence_length=true",
        )
        for key, names in {
            "documents": ("file", "paragraph", "line", "every_line"),
            "encoding_errors": ("strict", "replace"),
        }.items():
            require(getattr(self, key) in names, f"data.{key}", getattr(self, key), f"choose one of {', '.join(names)}")
        for key in ("text_field", "title_field", "label_field"):
            require(getattr(self, key) != "", f"data.{key}", "", "the name of a field is needed")
        self._check_paths()

    def _check_paths(self) -> None:
        keys = ("train_path", "validation_path", "test_path")
        for key in ("path", *keys):
            value = getattr(self, key)
            paths = value if isinstance(value, list) else [value]
            valid = value is None or (paths and all(isinstance(path, str) and path.strip() for path in paths))
            require(bool(valid), f"data.{key}", value, "a path or URL, or a list of them, is needed")
        missing = [f"data.{key}" for key in keys if getattr(self, key) is None]
        if len(missing) == len(keys):
            allowed = (
                "no text given; give a file, folder, glob or URL, or data.train_path, validation_path and test_path"
            )
            require(self.path is not None, "data.path", "null", allowed)
            return
        require(not missing, ", ".join(missing), "null", "give a path for each of train, validation and test, or none")
        is_folder = isinstance(self.path, str) and not self.path.startswith("bundled:")
        allowed = (
            "with data.train_path, validation_path and test_path it is the one folder that they are in, or null; "
            "data=text has no path of its own"
        )
        require(self.path is None or is_folder, "data.path", self.path, allowed)
        if self.name in BENCHMARKS:
            files = ", ".join(path for paths in self.source_paths().values() for path in paths)
            allowed = f"give the folder of {files}; {BENCHMARKS[self.name]}"
            require(self.path is not None, "data.path", "null", allowed)

    def source_paths(self) -> dict[str, list[str]]:
        """Returns the paths given for each split; under an empty name those whose documents are still to be divided."""
        given = {"train": self.train_path, "validation": self.validation_path, "test": self.test_path}
        if self.train_path is None:
            return {"": _listed(self.path)}
        return {split: [_within(self.path, path) for path in _listed(value)] for split, value in given.items()}

    def urls(self) -> list[str]:
        """Returns those of the paths given that may lead off this machine, as they are given."""
        given = (self.path, self.train_path, self.validation_path, self.test_path)
        paths = [path for value in given if value is not None for path in _listed(value)]
        return [path for path in paths if "://" in path or "::" in path]

    @property
    def source(self) -> str:
        """The settings that name the text, for messages: `data.path=own.txt`."""
        keys = {"": "data.path", **{split: f"data.{split}_path" for split in ("train", "validation", "test")}}
        return ", ".join(f"{keys[split]}={','.join(paths)}" for split, paths in self.source_paths().items())


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def _within(folder: str | None, path: str) -> str:
    """Returns `path` as it is taken from `folder`, a local one, a URL or a .zip; an absolute path stays as it is."""
    is_absolute = "://" in path or path.startswith(("~", "bundled:")) or PurePath(path).is_absolute()
    if folder is None or is_absolute:
        return path
    if folder.endswith(".zip"):
        return f"zip://{path}::{folder}"
    return f"{folder}{'' if folder.endswith('/') else '/'}{path}"
