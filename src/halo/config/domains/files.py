"""Settings of how files are read: which ones, and how the rows of tables are divided."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Allowed, NonEmpty

Documents = Literal["file", "paragraph", "line", "every_line"]
"""What one document of a text file is."""

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
"""Names of delimiters, which need no quotation marks on a command line."""

Delimiter = Annotated[
    str,
    Field(pattern=rf"^(auto|{'|'.join(DELIMITERS)}|[^\"\r\n])$"),
    Allowed(f"auto, {', '.join(DELIMITERS)} or a single character"),
]
"""What separates the fields of a row."""

Reader = Literal["text", "jsonl", "json", "csv", "tsv", "parquet", "fasta", "fastq"]
"""The formats that a file may be read as."""


def _without_dots(extensions: dict[str, Reader]) -> dict[str, Reader]:
    """Returns file endings as they stand in names, in lower case and without the leading point."""
    return {extension.lower().lstrip("."): reader for extension, reader in extensions.items()}


Extensions = Annotated[
    dict[NonEmpty, Reader],
    AfterValidator(_without_dots),
    Allowed(
        f"endings of files and what each is read as: {{log: text, dat: csv}}; one of {', '.join(get_args(Reader))}"
    ),
]


@dataclass(config=OPTIONS)
class TableConfig:
    """How the rows of .csv and .tsv files are divided into fields, see `halo.corpus.sources.tables`."""

    delimiter: Delimiter = Field(
        description="What separates the fields of a row. auto: a comma in .csv and a tab in .tsv, or the one that "
        "divides the first line into columns of which one is data.text_field.",
    )
    quoting: Literal["auto", "minimal", "none"] = Field(
        description="What quotation marks are. minimal: they enclose fields that contain delimiters, line ends or "
        "quotation marks; none: part of the text; auto: minimal with commas and semicolons, else they enclose a field "
        "only where the row would not be complete otherwise.",
    )
    header: bool = Field(
        description="Whether the first row names the columns. false: they are named by their number, 1 for the first.",
    )
