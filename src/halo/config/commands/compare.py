"""Settings of `halo.compare`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, NonEmpty, PathList, PathText
from halo.runtime.errors import require

FORMATS = {".csv": "csv", ".md": "markdown", ".json": "json", ".txt": "table"}
"""The format of a file by its ending."""


@dataclass(config=OPTIONS)
class CompareConfig:
    """All settings of `python -m halo.compare`."""

    runs: PathList | None = Field(
        description="What is compared: run folders, bundles, patterns, and folders that hold runs, such as those of "
        "sweeps. They may be given alone: halo compare RUN RUN.",
    )
    split: Literal["validation", "test"] = Field(
        description="Split whose figures order the runs. Settings are chosen on validation; differences are reported "
        "on test text.",
    )
    reference: PathText | None = Field(
        description="The run that the others are compared with: its folder, or its name in the table. null: the best.",
    )
    format: Literal["auto", "table", "csv", "markdown", "json"] = Field(
        description="What is written. auto: what the ending of output says, and a table in the terminal.",
    )
    output: PathText | None = Field(description="File to write: .csv, .md, .json or .txt. null: standard output.")
    page: PathText | bool = Field(
        description="Whether to write a page with charts; a file to write it to. true: comparison.html in the one "
        "folder that was given, or in outputs/compare/DATE/TIME.",
    )
    cache_dir: PathText = Field(
        description="Folder of the runs' own corpus as token ids, for runs of older versions, whose documents are "
        "scored first.",
    )
    device: NonEmpty = Field(description="Device for that: auto (an accelerator if there is one), cpu, cuda, mps.")

    @model_validator(mode="after")
    def _check(self) -> "CompareConfig":
        require(
            self.runs is not None, "runs", "null", "give at least two runs: halo compare RUN RUN, or a sweep's folder"
        )
        if self.output is None:
            return self
        ending = Path(self.output).suffix.lower()
        allowed = f"must end in {', '.join(FORMATS)}, unless format is given"
        require(self.format != "auto" or ending in FORMATS, "output", self.output, allowed)
        fits = self.format == "auto" or FORMATS.get(ending, self.format) == self.format
        require(
            fits, "output", self.output, f"does not fit format={self.format}; give another ending, or leave one out"
        )
        return self

    @property
    def wants_page(self) -> bool:
        """Whether a page is written."""
        return self.page not in (False, "false")

    @property
    def page_file(self) -> str | None:
        """The file of the page, if one is named."""
        return None if isinstance(self.page, bool) or self.page in ("true", "false") else self.page

    @property
    def written_format(self) -> str:
        """The format of what is written."""
        if self.format != "auto":
            return self.format
        return "table" if self.output is None else FORMATS[Path(self.output).suffix.lower()]
