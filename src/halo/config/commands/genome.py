"""Settings of `halo.genome`."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.fields import OPTIONS, Count, CountFromZero, NonEmpty, PathText
from halo.runtime.errors import require

BEDGRAPH_ENDINGS = (".bedgraph", ".bg")
TABLE_ENDINGS = (".tsv", ".csv", ".jsonl", ".parquet")
MAX_MARKOV_ORDER = 12


@dataclass(config=OPTIONS)
class GenomeCommandConfig(ModelSourceConfig):
    """All settings of `python -m halo.genome`; exactly one of `run` and `bundle` is given."""

    path: PathText | None = Field(
        description="Sequences to measure or score: FASTA or FASTQ, also compressed. null: the test regions.",
    )
    region: NonEmpty | None = Field(
        description="Part of path as samtools writes it, chr:start-end, from 1, both ends included. null: all of it.",
    )
    output: PathText | None = Field(
        description="File of a score for each base: .bedgraph or .bg, or .tsv, .csv, .jsonl or .parquet with all "
        "columns; with variants, the table of their effects. null: none.",
    )
    window: Count = Field(description="Bases whose mean a line of bedGraph has; 1 writes each base.")
    variants: PathText | None = Field(
        description="Variants of path whose effect is scored: VCF, or a table with chrom, pos, ref and alt.",
    )
    context: CountFromZero = Field(
        description="Bases before and behind a variant, or a stretch of path, that are read with it.",
    )
    both_strands: bool = Field(
        description="Whether the model also reads the reverse complement; its scores are then the means of both.",
    )
    max_order: Annotated[int, Field(strict=True, ge=0, le=MAX_MARKOV_ORDER)] = Field(
        description="Longest context of the Markov models beside the model, in bases.",
    )
    cache_dir: PathText = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )

    @model_validator(mode="after")
    def _check(self) -> "GenomeCommandConfig":
        require(self.region is None or self.path is not None, "region", self.region, "is a part of path; give a path")
        allowed = "needs the sequences that it refers to; give path=FILE.fa"
        require(self.variants is None or self.path is not None, "variants", self.variants, allowed)
        both = self.variants is not None and self.region is not None
        require(not both, "region", self.region, "cannot be combined with variants; leave one of them out")
        self._check_output()
        return self

    def _check_output(self) -> None:
        endings = TABLE_ENDINGS if self.variants is not None else (*BEDGRAPH_ENDINGS, *TABLE_ENDINGS)
        known = self.output is None or self.output.lower().endswith(endings)
        require(known, "output", self.output, f"must end in {', '.join(endings[:-1])} or {endings[-1]}")
        is_track = self.output is not None and self.output.lower().endswith(BEDGRAPH_ENDINGS)
        allowed = "is for bedGraph; give output=FILE.bedgraph, or leave window out"
        require(self.window == 1 or is_track, "window", self.window, allowed)
