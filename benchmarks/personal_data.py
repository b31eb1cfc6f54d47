"""Precision and recall of the cleaning steps that mask personal data, on sentences written for it (docs/privacy.md).

`personal_data.txt` has sentences of clinic notes, letters, forum posts, logs and e-mails, with German, British and
American forms, with what should be found marked, and sentences full of numbers in which there is nothing to find. The
first part was looked at while the steps were written; the part below the heading is held out. Sentences and steps have
the same author: a text of yours has forms that neither knows.

Recall is the share of the marked places of a kind that are masked from the first to the last character, by whatever
step; precision the share of what a step found that overlaps a mark of its kind. Intervals of 95 % are Wilson's.

    python benchmarks/personal_data.py
    python benchmarks/personal_data.py --half development --mistakes
"""

import argparse
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from statsmodels.stats.proportion import proportion_confint

from halo.corpus.cleaning.personal_data import PersonalData, find_personal_data

SENTENCES = Path(__file__).with_suffix(".txt")
HALVES = ("development", "held-out")
_MARK = re.compile(r"\[\[(\w+)\|(.*?)\]\]")


class Sentence(NamedTuple):
    """A sentence with what should be found in it.

    Attributes:
        source: The kind of text: clinic, letter, forum, log, email, negative.
        text: The sentence without marks.
        marks: What should be found.
    """

    source: str
    text: str
    marks: list[PersonalData]


def read_sentences(half: str) -> list[Sentence]:
    """Returns the sentences above or below the heading of those held out."""
    parts = SENTENCES.read_text(encoding="utf-8").split("# Held out")
    lines = parts[HALVES.index(half)].splitlines()
    return [_parse(line) for line in lines if "\t" in line]


def _parse(line: str) -> Sentence:
    source, marked = line.split("\t")
    marks, text, copied = [], "", 0
    for match in _MARK.finditer(marked):
        text += marked[copied : match.start()]
        marks.append(PersonalData(match[1], len(text), len(text) + len(match[2])))
        text += match[2]
        copied = match.end()
    return Sentence(source, text + marked[copied:], marks)


def is_masked(mark: PersonalData, found: list[PersonalData]) -> bool:
    """Returns whether every character of a mark is within something that was found."""
    covered = {place for each in found for place in range(each.start, each.end)}
    return all(place in covered for place in range(mark.start, mark.end))


def is_right(each: PersonalData, marks: list[PersonalData]) -> bool:
    """Returns whether what was found overlaps a mark of its kind."""
    return any(mark.kind == each.kind and mark.start < each.end and each.start < mark.end for mark in marks)


def share(hits: list[bool]) -> str:
    """Returns a share with its interval, in per cent: `92 % (75 to 98), 24 of 26`."""
    if not hits:
        return "–"
    low, high = proportion_confint(sum(hits), len(hits), method="wilson")
    return f"{sum(hits) / len(hits):.0%} ({low:.0%} to {high:.0%}), {sum(hits)} of {len(hits)}"


def main() -> None:
    """Prints the table of a half, by kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="held-out")
    parser.add_argument("--mistakes", action="store_true", help="print what was missed and what was wrong as well")
    arguments = parser.parse_args()
    masked: dict[str, list[bool]] = defaultdict(list)
    right: dict[str, list[bool]] = defaultdict(list)
    wrong_of_source: dict[str, int] = defaultdict(int)
    sentences = read_sentences(arguments.half)
    for sentence in sentences:
        found = find_personal_data(sentence.text)
        for mark in sentence.marks:
            masked[mark.kind].append(is_masked(mark, found))
            if arguments.mistakes and not masked[mark.kind][-1] and mark.kind not in ("person", "location"):
                print(f"missed {mark.kind}: {sentence.text[mark.start : mark.end]}   in: {sentence.text}")
        for each in found:
            right[each.kind].append(is_right(each, sentence.marks))
            wrong_of_source[sentence.source] += not right[each.kind][-1]
            if arguments.mistakes and not right[each.kind][-1]:
                print(f"wrong {each.kind}: {sentence.text[each.start : each.end]}   in: {sentence.text}")
    print(f"{len(sentences)} sentences, {arguments.half}\n")
    print("| kind | masked of what is there (recall) | right of what is masked (precision) |\n|---|---|---|")
    for kind in sorted({*masked, *right}):
        print(f"| `<{kind}>` | {share(masked[kind])} | {share(right[kind])} |")
    print("\nWrongly masked, by kind of text:", ", ".join(f"{key} {number}" for key, number in wrong_of_source.items()))


if __name__ == "__main__":
    main()
