"""Separators of documents within a text: `<|endoftext|>` and the like, or what `data.document_separator` names."""

from dataclasses import dataclass
from functools import cached_property

from halo.config import DataConfig

COMMON = ("<|endoftext|>", "<|end_of_text|>", "<|end_of_document|>", "<|endofdocument|>", "<|startoftext|>", "<|eot|>")
COMMON_LINES = ("<s>", "</s>", "<eos>", "<EOS>", "<eod>", "<EOD>", "[SEP]", "[EOS]", "[EOD]")
FOUND = "document separator[|s] divide[s|] the text, no part of it (data.document_separator=null keeps [it|them])"


@dataclass(frozen=True)
class Separators:
    r"""The separators of documents.

    Attributes:
        anywhere: Those that count wherever they stand.
        alone: Those that count only where they are all of a line.

    >>> Separators(("<|endoftext|>",), ("====",)).split("one<|endoftext|>two\n====\nthree ====")
    ['one', 'two', 'three ====']
    """

    anywhere: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()

    @cached_property
    def first_characters(self) -> frozenset[str]:
        """The characters with which separators begin; a text without any of them, as most lines are, has none."""
        return frozenset(each[0] for each in (*self.anywhere, *self.alone))

    def split(self, text: str) -> list[str]:
        """Returns the parts of `text`, one line or several, between its separators; the text alone if it has none."""
        parts = [text]
        for each in self.anywhere:
            if each in text:
                parts = [piece for part in parts for piece in part.split(each)]
        if any(each in text for each in self.alone):
            parts = [piece for part in parts for piece in self._split_at_lines(part)]
        return parts

    def _split_at_lines(self, text: str) -> list[str]:
        parts: list[list[str]] = [[]]
        for line in text.split("\n"):
            if line.strip() in self.alone:
                parts.append([])
            else:
                parts[-1].append(line)
        return ["\n".join(part) for part in parts]


def separators(config: DataConfig) -> Separators:
    """Returns the separators that `data.document_separator` names.

    One in angle brackets or square brackets counts anywhere, any other one only alone on its line.
    """
    given = config.document_separator
    if given is None:
        return Separators()
    if given == "auto":
        return Separators(COMMON, COMMON_LINES)
    return Separators((given,)) if given[0] + given[-1] in ("<>", "[]") else Separators(alone=(given.strip(),))


RULE_MARKS = frozenset("=%#*-_~+@")


def is_rule(line: str) -> bool:
    r"""Returns whether a line is a rule such as ===== or %%%%, which may separate documents or be a heading's.

    >>> is_rule("=====\n"), is_rule("* * *"), is_rule("...")
    (True, False, False)
    """
    stripped = line.strip()
    return len(stripped) >= 4 and stripped[0] in RULE_MARKS and stripped == stripped[0] * len(stripped)
