"""What the cards tell of a prepared corpus, as plain data for metrics.json."""

import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from halo.config import SPLITS
from halo.corpus.corpus import Corpus
from halo.corpus.genomes.messages import describe_genome, genome_rows
from halo.corpus.series.messages import ROWS_HEADER, describe_series, series_rows

MAX_LISTED = 20
"""Files and labels that are listed, the largest ones; of others the number is told."""

MIN_SCRIPT_SHARE = 0.001
"""Of the letters; a script below it is counted among the others."""


def data_facts(corpus: Corpus) -> dict[str, Any]:
    """Returns sources, sizes, splits, cleaning, duplicates, labels and hashes of a corpus; none of its text.

    Args:
        corpus: The prepared corpus.
    """
    manifest, statistics = corpus.manifest, corpus.statistics
    files = sorted(manifest["files"], key=lambda file: -file["size_bytes"])
    duplicates = manifest.get("duplicates", {})
    return {
        "source": manifest["source"],
        "fingerprint": corpus.folder.name,
        "versions": manifest["versions"],
        "num_files": len(files),
        "bytes": sum(file["size_bytes"] for file in files),
        "files": [
            {key: file[key] for key in ("name", "split", "size_bytes", "sha256") if key in file}
            for file in files[:MAX_LISTED]
        ],
        "vocabulary": corpus.tokenizer.vocab_size,
        "table": _table(corpus),
        "notes": _notes(manifest),
        "labels": _labels(corpus),
        "characters_read": statistics.characters_read,
        "cleaning": dict(statistics.cleaning),
        "duplicates": {"found": dict(duplicates.get("counts", {})), "documents": duplicates.get("documents")},
        "scripts": {} if "series" in manifest or "genome" in manifest else _scripts(corpus),
    }


def _table(corpus: Corpus) -> dict[str, Any]:
    """Returns the counts of each split: the columns of a table, and its rows as text."""
    if "genome" in corpus.manifest:
        header = ["split", "regions", "bases", "tokens", "GC", "N"]
        rows = [
            [split, f"{regions:,}", f"{bases:,}", f"{tokens:,}", f"{gc:.1%}", f"{unknown:.2%}"]
            for split, regions, bases, tokens, gc, unknown in genome_rows(corpus.manifest)
        ]
        return {"header": header, "rows": rows}
    if "series" in corpus.manifest:
        return {"header": [*ROWS_HEADER], "rows": series_rows(corpus.manifest)}
    header = ["split", "documents", "words", "characters", "tokens", "out of vocabulary"]
    rows = []
    for split in SPLITS:
        counts = corpus.counts[split]
        numbers = (counts.documents, counts.words, counts.characters, counts.tokens)
        rows.append([split, *(f"{number:,}" for number in numbers), f"{counts.out_of_vocabulary_rate:.2%}"])
    return {"header": header, "rows": rows}


def _notes(manifest: Mapping[str, Any]) -> list[str]:
    """Returns sentences about the sequences of a genome, or about series."""
    if "genome" in manifest:
        return [line.strip() for line in describe_genome(manifest)]
    return describe_series(manifest) if "series" in manifest else []


def _labels(corpus: Corpus) -> dict[str, Any]:
    """Returns the documents of each split, and the tokens, of the largest labels; no rows where there are none."""
    by_split = corpus.statistics.labels
    tokens: Counter[str] = Counter()
    for counts in by_split.values():
        tokens.update({label: each.tokens for label, each in counts.items()})
    if not any(tokens):
        return {"rows": [], "num_hidden": 0}
    total = max(tokens.total(), 1)
    rows = [
        {
            "label": label,
            "documents": {split: _documents(by_split, split, label) for split in SPLITS},
            "tokens": number,
            "share": number / total,
        }
        for label, number in tokens.most_common(MAX_LISTED)
    ]
    return {"rows": rows, "num_hidden": len(tokens) - len(rows)}


def _documents(by_split: Mapping[str, Mapping[str, Any]], split: str, label: str) -> int:
    counts = by_split.get(split, {}).get(label)
    return 0 if counts is None else int(counts.documents)


def _scripts(corpus: Corpus) -> dict[str, float]:
    """Returns the share of each script among the letters of the training text, the most frequent first."""
    counts_V = np.asarray(corpus.word_statistics().counts)
    letters: Counter[str] = Counter()
    for word, number in zip(corpus.tokenizer.words(), counts_V.tolist(), strict=True):
        if number and not word.startswith("<"):
            for letter in filter(str.isalpha, word):
                letters[_script(letter)] += number
    total = letters.total()
    shares = {script: number / total for script, number in letters.most_common()}
    return {script: share for script, share in shares.items() if share >= MIN_SCRIPT_SHARE}


def _script(letter: str) -> str:
    """Returns the script of a letter, by the first word of its name in Unicode.

    >>> _script("é"), _script("ж"), _script("語")
    ('Latin', 'Cyrillic', 'Cjk')
    """
    return unicodedata.name(letter, "unknown").split()[0].capitalize()
