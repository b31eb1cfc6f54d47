"""The regions of a genome that are the documents of a split: where each of them lies, for coordinates of scores."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from halo.runtime.errors import InputError, reason


@dataclass(frozen=True)
class Regions:
    """The place of each document of a split; all sequences have one entry for each document, in its order.

    Attributes:
        record: Name of the record that it is from.
        start: Index of its first base in the record, from 0.
        end: Index behind its last base.
        strand: `+` for the strand in the file, `-` for its reverse complement.
    """

    record: Sequence[str]
    start: Sequence[int]
    end: Sequence[int]
    strand: Sequence[str]

    def __len__(self) -> int:
        """Returns the number of documents."""
        return len(self.record)

    def name(self, document: int) -> str:
        """Returns the place of a document as samtools writes it, 1-based and with both ends included.

        >>> Regions(["chr1"], [0], [200], ["-"]).name(0)
        'chr1:1-200 (-)'
        """
        strand = " (-)" if self.strand[document] == "-" else ""
        return f"{self.record[document]}:{self.start[document] + 1}-{self.end[document]}{strand}"

    def save(self, folder: Path, split: str) -> None:
        """Writes SPLIT.regions.json into `folder`."""
        columns = {"record": self.record, "start": self.start, "end": self.end, "strand": self.strand}
        plain = {name: list(column) for name, column in columns.items()}
        _file(folder, split).write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, split: str) -> "Regions":
        """Returns the regions of a split of a prepared genome.

        Raises:
            InputError: The folder holds no genome, or the file is damaged.
        """
        file = _file(folder, split)
        try:
            plain = json.loads(file.read_text(encoding="utf-8"))
            regions = cls(plain["record"], plain["start"], plain["end"], plain["strand"])
            if len({len(column) for column in (regions.record, regions.start, regions.end, regions.strand)}) != 1:
                raise ValueError("columns of different lengths")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            message = f"{file}: not the regions of a genome ({reason(error)}); prepare it with data=genome"
            raise InputError(message) from error
        return regions


def _file(folder: Path, split: str) -> Path:
    return folder / f"{split}.regions.json"
