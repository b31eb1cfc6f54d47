"""Settings that say how the files that a trained model scores are read."""

from dataclasses import fields, replace
from typing import Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from halo.config.data import DataConfig
from halo.config.domains.files import Delimiter, Documents
from halo.config.fields import OPTIONS, Encoding, NonEmpty

AsTrained = Literal["as_trained"]
"""The value of the training text, which the saved model records."""


@dataclass(config=OPTIONS)
class TableReadingConfig:
    """How the rows of .csv and .tsv files are divided into fields, where it differs from the training text."""

    delimiter: AsTrained | Delimiter = Field(
        description="What separates the fields of a row, as data.table.delimiter of halo.train."
    )
    quoting: AsTrained | Literal["auto", "minimal", "none"] = Field(
        description="What quotation marks are: minimal, none or auto, as data.table.quoting of halo.train.",
    )
    header: AsTrained | bool = Field(description="Whether the first row names the columns.")


@dataclass(config=OPTIONS)
class ReadingConfig:
    """How the files of `path` become documents, where it differs from the training text."""

    documents: AsTrained | Documents = Field(
        description="What one document of a text file is: file, paragraph, line or every_line.",
    )
    document_separator: NonEmpty | None = Field(
        description="What separates the documents within a text: auto, a line of yours, or null for nothing.",
    )
    text_field: NonEmpty = Field(description="Field or column that holds the text.")
    title_field: NonEmpty | None = Field(description="Field that is put before the text. null: none.")
    label_field: NonEmpty | None = Field(
        description="Field whose values the loss is broken down by. auto: register or label, if present. null: none.",
    )
    table: TableReadingConfig = Field(description="How .csv and .tsv files are divided into fields.")
    encoding: AsTrained | Encoding = Field(description="Encoding of the files, unless they have a byte order mark.")
    encoding_errors: AsTrained | Literal["strict", "replace"] = Field(
        description="Bytes that are not text in this encoding: strict refuses the file, replace substitutes U+FFFD.",
    )

    def applied_to(self, data: DataConfig) -> DataConfig:
        """Returns the settings of a training text, changed where these differ from `as_trained`."""
        given = given_settings(self)
        table = replace(data.table, **given_settings(given.pop("table")))
        return replace(data, table=table, **given)


def given_settings(settings: Any) -> dict[str, Any]:
    """Returns the settings that differ from `as_trained`, by name."""
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {name: value for name, value in values.items() if value != "as_trained"}
