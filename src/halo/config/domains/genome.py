"""Settings of nucleotide sequences, for `data=genome`."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.fields import OPTIONS, Count, CountFromZero
from halo.runtime.errors import require

MAX_KMER_LENGTH = 8  # 65,536 k-mers


@dataclass(config=OPTIONS)
class GenomeConfig:
    """How FASTA and FASTQ files are read, and how their sequences are divided, see `halo.corpus.genomes`."""

    kmer_length: Annotated[int, Field(strict=True, ge=2, le=MAX_KMER_LENGTH)] = Field(
        description="Bases of a token with data.tokenizer.kind=kmer; the k-mers do not overlap.",
    )
    soft_mask: Literal["upper", "drop", "keep"] = Field(
        description="Lower-case letters, which mark repeats in soft-masked genomes. upper: read as capitals; drop: "
        "left out, and the record is divided there; keep: letters of their own.",
    )
    unknown: Literal["split", "keep"] = Field(
        description="Runs of ten N or more, which stand for gaps of unknown sequence. split: left out, and the record "
        "is divided there; keep: read as N, like shorter runs.",
    )
    ambiguous: Literal["n", "keep", "refuse"] = Field(
        description="IUPAC codes other than A, C, G, T, U and N, such as R for A or G. n: read as N; keep: letters of "
        "their own; refuse: an error.",
    )
    min_quality: Annotated[int, Field(strict=True, ge=1, le=93)] | None = Field(
        description="Bases of FASTQ files with a lower Phred quality are read as N; 20 is one error in a hundred. "
        "null: qualities are ignored.",
    )
    split_by: Literal["region", "record"] = Field(
        description="What is assigned to a split as a whole. region: stretches of a record; record: records, such as "
        "chromosomes, contigs, genes or reads.",
    )
    region_length: Count | None = Field(
        description="Bases of a region: each is a document, which ends with <eos>, and lies in a single split. "
        "null: a 250th of the sequence, at most 50,000 and at least four times data.genome.gap.",
    )
    gap: CountFromZero = Field(
        description="Bases that are left out between regions of different splits.",
    )
    reverse_complement: bool = Field(
        description="Whether the training split also holds the reverse complement of each of its regions.",
    )

    @model_validator(mode="after")
    def _check(self) -> "GenomeConfig":
        long_enough = self.region_length is None or self.region_length > 2 * self.gap
        allowed = f"must be more than twice data.genome.gap={self.gap}, which is left out on both sides"
        require(long_enough, "data.genome.region_length", self.region_length, allowed)
        return self
