"""Records of FASTA and FASTQ files, and what the readers of both formats need."""

from dataclasses import dataclass

from halo.config import GenomeConfig
from halo.corpus.sources.files import SourceFile
from halo.corpus.sources.lines import ReadLog


@dataclass(frozen=True)
class SequenceRecord:
    """A record as it is in its file, with line ends removed.

    Attributes:
        name: The first word of its header.
        location: The file and the line of its header, for messages.
        split: The split that its file was given for; empty if there is none.
        file_name: The file, as `SourceFile.name`.
        letters: Its letters.
        qualities: The quality of each letter in a FASTQ file, as it is written; empty in a FASTA file.
    """

    name: str
    location: str
    split: str
    file_name: str
    letters: bytes
    qualities: bytes = b""


@dataclass(frozen=True)
class SequenceReader:
    """What the readers of both formats need.

    Attributes:
        file: The file.
        config: How it is read.
        log: Counts what was skipped.
    """

    file: SourceFile
    config: GenomeConfig
    log: ReadLog

    def place(self, line: int) -> str:
        """Returns the name of the file and a line, for messages."""
        return f"{self.file.name}, line {line:,}"
