"""Gathers a general English text for BLiMP from public corpora: a sentence a line, a document a record.

    python benchmarks/blimp_text.py FOLDER blimp_text.jsonl

FOLDER holds clones, or parts of them, of these repositories of GitHub:

    aochildes/       UIUCLearningLanguageLab/AOCHILDES: speech to children (the speech of the children is left out)
    novels/          computationalstylistics/100_english_novels: those from 1900 on
    nltk_data/       nltk/nltk_data: Brown, ABC, movie reviews, sentence polarity, subjectivity
    examples/        pytorch/examples: validation and test text of WikiText-2

BLiMP's sentences stand alone, so the model should know how a sentence begins and ends: every sentence is a line here,
and `data.tokenizer.eos=line` puts `<eos>` after each. docs/scoring.md has the command of the training.
"""

import argparse
import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

FIRST_YEAR = 1900  # older novels have words and constructions that BLiMP does not
SENTENCE_END = re.compile(r"(?<=[.!?])([\"'”’)]*)\s+(?=[\"'“‘(]*[A-Z])")
UNCLEAR = {"xxx", "yyy", "www"}  # what transcribers could not understand
PARAGRAPHS_A_DOCUMENT = 200


def sentences(paragraph: str) -> list[str]:
    """Divides a paragraph into sentences.

    >>> sentences('He came. "Why?" she asked. No.')
    ['He came.', '"Why?" she asked.', 'No.']
    """
    return SENTENCE_END.sub(r"\1\n", " ".join(paragraph.split())).split("\n")


def speech(folder: Path) -> Iterator[str]:
    """Yields the transcripts of speech to children, an utterance a line."""
    for file in sorted((folder / "aochildes" / "original_transcripts").glob("*.csv")):
        transcripts: dict[str, list[str]] = defaultdict(list)
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                words = row["gloss"].replace("_", " ").split()
                if row["speaker_role"] not in ("Target_Child", "Child") and words and not UNCLEAR & set(words):
                    end = "?" if "question" in row["type"] else "."
                    transcripts[row["transcript_id"]].append(" ".join(words) + " " + end)
        yield from ("\n".join(lines) for lines in transcripts.values())


def novels(folder: Path) -> Iterator[str]:
    """Yields the novels from FIRST_YEAR on, a sentence a line."""
    for file in sorted((folder / "corpus").glob("*_*_*.txt")):
        if int(file.stem.rpartition("_")[2]) >= FIRST_YEAR:
            text = file.read_text(encoding="utf-8-sig", errors="replace").replace("_", "")
            yield "\n".join(line for paragraph in re.split(r"\n\s*\n", text) for line in sentences(paragraph))


def archive(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """Yields the name and the text of each file of one of NLTK's corpora, without its documentation."""
    with ZipFile(folder / "packages" / "corpora" / f"{name}.zip") as file:
        for member in sorted(file.namelist()):
            stem = Path(member).name
            if stem and not re.match("readme|contents|cats|license", stem, re.IGNORECASE):
                yield stem, file.read(member).decode("utf-8", errors="replace")


def brown(folder: Path) -> Iterator[str]:
    """Yields the documents of the Brown corpus, whose words carry tags: The/at jury/nn."""
    for _, text in archive(folder, "brown"):
        lines = [" ".join(word.rpartition("/")[0] for word in line.split()) for line in text.splitlines()]
        yield "\n".join(line.replace("``", '"').replace("''", '"') for line in lines if line)


def pieces(lines: list[str]) -> Iterator[str]:
    """Yields documents of PARAGRAPHS_A_DOCUMENT lines each."""
    for start in range(0, len(lines), PARAGRAPHS_A_DOCUMENT):
        yield "\n".join(lines[start : start + PARAGRAPHS_A_DOCUMENT])


def news(folder: Path) -> Iterator[str]:
    """Yields pieces of the ABC corpus of radio news, a sentence a line."""
    for _, text in archive(folder, "abc"):
        yield from pieces([sentence for line in text.splitlines() if line.strip() for sentence in sentences(line)])


def reviews(folder: Path) -> Iterator[str]:
    """Yields reviews and plots of films, tokenized and a sentence a line already."""
    for _, text in archive(folder, "movie_reviews"):
        yield text.strip()
    for name in ("sentence_polarity", "subjectivity"):
        for _, text in archive(folder, name):
            yield from pieces([line.strip() for line in text.splitlines() if line.strip()])


def encyclopedia(folder: Path) -> Iterator[str]:
    """Yields the articles of WikiText-2's two small splits, without sentences that have an unknown word."""
    for name in ("valid", "test"):
        file = folder / "word_language_model" / "data" / "wikitext-2" / f"{name}.txt"
        for article in re.split(r"\n = [^=]+ = \n", file.read_text(encoding="utf-8")):
            text = article.replace(" @-@ ", "-").replace(" @,@ ", ",").replace(" @.@ ", ".")
            lines = [
                sentence
                for line in text.splitlines()
                if line.strip() and not line.startswith(" =")
                for sentence in sentences(line)
                if "<unk>" not in sentence
            ]
            if lines:
                yield "\n".join(lines)


SOURCES = {
    "speech to children": ("aochildes", speech),
    "fiction": ("novels", novels),
    "general": ("nltk_data", brown),
    "news": ("nltk_data", news),
    "films": ("nltk_data", reviews),
    "encyclopedia": ("examples", encyclopedia),
}


def main() -> None:
    """Writes the text as JSON Lines and prints the number of words of each source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the four repositories")
    parser.add_argument("output", type=Path, help="file to write, .jsonl")
    arguments = parser.parse_args()
    with arguments.output.open("w", encoding="utf-8") as output:
        for label, (name, read) in SOURCES.items():
            documents = words = 0
            for text in filter(str.strip, read(arguments.folder / name)):
                output.write(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n")
                documents, words = documents + 1, words + len(text.split())
            print(f"{label:20}{documents:6,} documents{words:12,} words")


if __name__ == "__main__":
    main()
