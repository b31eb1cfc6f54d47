"""Kinds of files by their suffix: which are read, and what to do with the others."""

from collections import Counter

TEXT_KINDS = (".txt", ".text", ".tokens", ".md")
JSON_LINES_KINDS = (".jsonl", ".ndjson")
TABLE_KINDS = (".csv", ".tsv")
ARCHIVE = ".zip"
SEQUENCE_KINDS = (".fa", ".fasta", ".fna", ".ffn", ".frn", ".fas", ".fq", ".fastq")
"""Nucleotide sequences, which `data=genome` reads."""
RECORD_KINDS = (*JSON_LINES_KINDS, ".json", *TABLE_KINDS, ".parquet")
"""The kinds whose records have fields."""
KINDS = (*TEXT_KINDS, *RECORD_KINDS)
"""The kinds that are read from a folder or an archive."""

_PANDOC = "convert to text with `pandoc -t plain`"
_UNPACK = "unpack"
_REMEDIES = {
    ".pdf": "convert to text with `pdftotext`",
    **dict.fromkeys((".docx", ".odt", ".epub", ".rtf", ".tex", ".html", ".htm", ".xhtml", ".rst"), _PANDOC),
    **dict.fromkeys((".doc", ".ppt", ".pptx"), "convert to text with `libreoffice --headless --convert-to txt`"),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), "save as .csv"),
    ".xml": "extract the text, for example with `xmllint --xpath 'string(/)'`",
    **dict.fromkeys((".tar", ".tgz", ".7z", ".rar", ".lz4", ".zip"), _UNPACK),
    **dict.fromkeys((".arrow", ".feather", ".orc", ".avro"), "write as .parquet"),
    **dict.fromkeys((".pkl", ".pickle", ".npy", ".npz", ".pt", ".bin", ".h5"), "write the texts as .jsonl"),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3"), "export as .csv"),
    **dict.fromkeys(SEQUENCE_KINDS, "set data=genome, or score it with `halo genome`"),
    ".yaml": "convert to .json",
    ".yml": "convert to .json",
}


def remedy(kind: str) -> str:
    """Returns what to do with files of a kind that is not read, as a command; empty if nothing is known of the kind.

    >>> remedy(".pdf"), remedy(".log")
    ('convert to text with `pdftotext`', '')
    """
    return _REMEDIES.get(kind, "")


def described(counts: Counter[str]) -> str:
    """Returns the numbers of files of each kind, the commonest first, with what to do with them.

    >>> described(Counter({".pdf": 2, "": 1, "hidden": 1}))
    '2 .pdf (convert to text with `pdftotext`), 1 without suffix, 1 hidden'
    """
    parts = []
    for kind, number in counts.most_common(10):
        hint = f" ({remedy(kind)})" if remedy(kind) else ""
        parts.append(f"{number} {kind or 'without suffix'}{hint}")
    others = sum(counts.values()) - sum(number for _, number in counts.most_common(10))
    return ", ".join([*parts, f"{others} others"] if others else parts)
