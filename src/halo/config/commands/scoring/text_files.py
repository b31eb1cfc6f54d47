"""Settings of commands that read a file of texts and write a file with a row for each of them."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.domains.files import Delimiter
from halo.config.fields import OPTIONS, Encoding, NonEmpty, PathText
from halo.runtime.errors import require

ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
"""The endings of output files, which say their format."""


@dataclass(config=OPTIONS)
class TextTableConfig:
    """How the rows of .csv and .tsv files are divided into columns."""

    delimiter: Delimiter = Field(description="What separates the fields of a row, as data.table.delimiter of training.")
    quoting: Literal["auto", "minimal", "none"] = Field(
        description="What quotation marks are: minimal, none or auto, as data.table.quoting of training.",
    )
    header: bool = Field(description="Whether the first row names the columns; false: their names are 1, 2, 3, ...")


@dataclass(config=OPTIONS)
class TextReadingConfig:
    """How the file of `path` is read."""

    table: TextTableConfig = Field(description="How .csv and .tsv files are divided into columns.")
    encoding: Encoding = Field(description="Encoding of the file, unless it has a byte order mark.")
    encoding_errors: Literal["strict", "replace"] = Field(
        description="Bytes that are not text in this encoding: strict refuses the file, replace substitutes U+FFFD.",
    )


@dataclass(config=OPTIONS)
class TextFilesConfig:
    """The texts that a command reads, and the file that it writes."""

    path: PathText | None = Field(
        description="Texts to read: .txt, a text a line; .csv, .tsv, .jsonl, .json or .parquet, a text a row; also "
        "compressed; - for standard input.",
    )
    text: str | None = Field(description="A single text instead.")
    data: TextReadingConfig = Field(description="How the file of path is read.")
    text_field: NonEmpty = Field(
        description="Column or field of the text; all others are kept. auto: the one that holds sentences.",
    )
    output: PathText | None = Field(
        description="File of the rows, .csv, .tsv, .jsonl or .parquet. null or -: standard output, TSV in a pipe.",
    )

    @model_validator(mode="after")
    def _check_texts(self) -> "TextFilesConfig":
        both = self.path is not None and self.text is not None
        require(not both, "path", self.path, "cannot be combined with text; give one of them")
        fits = self.path is not None or self.text_field == "auto"
        require(fits, "text_field", self.text_field, "names a column of path; give a path")
        return self


def output_ending(output: str) -> str:
    """Returns the ending of an output file, one of `ENDINGS`; empty if it has another.

    >>> output_ending("a.CSV"), output_ending("a.txt")
    ('.csv', '')
    """
    return next((each for each in ENDINGS if output.lower().endswith(each)), "")


def require_ending(output: str) -> None:
    """Raises `InputError` unless the ending of an output file says its format."""
    allowed = f"must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
    require(bool(output_ending(output)), "output", output, allowed)
