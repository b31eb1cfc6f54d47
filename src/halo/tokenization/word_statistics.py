"""What a vocabulary keeps of the training text: how often each token occurs, and which words have capitals."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from halo.runtime.errors import InputError, reason

FILE_NAME = "word_statistics.json"


@dataclass(frozen=True)
class WordStatistics:
    """Statistics of the words of a vocabulary.

    Attributes:
        counts: Number of occurrences of each token in the training text, `<unk>` and `<eos>` included, int64, shape
            (V,).
        cased_forms: For words that were lowercased, the form with capitals that they mostly had within sentences, such
            as `Wuhan` for `wuhan`.
    """

    counts: npt.NDArray[np.int64]
    cased_forms: Mapping[str, str]

    def save(self, file: Path) -> None:
        """Writes the statistics as JSON."""
        plain = {"counts": self.counts.tolist(), "cased_forms": dict(self.cased_forms)}
        file.write_text(json.dumps(plain, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path, *, vocab_size: int) -> "WordStatistics":
        """Returns the statistics that `save` wrote.

        Args:
            file: The file, which may come from anybody.
            vocab_size: Number of tokens of the vocabulary.

        Raises:
            InputError: The file is damaged, or belongs to another vocabulary.
        """
        try:
            plain = json.loads(file.read_bytes())
            counts, cased_forms = plain["counts"], plain["cased_forms"]
            if not all(type(count) is int and 0 <= count < 2**63 for count in counts):
                raise ValueError("counts are not whole numbers from 0")
            if not all(type(form) is str and form.lower() == word for word, form in cased_forms.items()):
                raise ValueError("cased_forms differ from their words by more than capitals")
            if len(counts) != vocab_size:
                raise ValueError(f"{len(counts):,} counts for {vocab_size:,} tokens")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            message = f"{file}: not the word statistics of this model ({reason(error)}); use a folder of halo.train"
            raise InputError(message) from error
        return cls(np.array(counts, dtype=np.int64), cased_forms)
