"""Files of variants: VCF, or tables with the columns chrom, pos, ref and alt."""

import csv
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from halo.corpus.sources.discovery import find_files
from halo.corpus.sources.files import SourceFile, read_chunks
from halo.runtime.errors import InputError, printable

KINDS = (".vcf", ".tsv", ".csv", ".txt")
NAMES: Mapping[str, tuple[str, ...]] = {
    "chrom": ("chrom", "#chrom", "chr", "chromosome", "record", "contig"),
    "pos": ("pos", "position"),
    "ref": ("ref", "reference", "reference_allele"),
    "alt": ("alt", "alternate", "alternative", "alternative_allele"),
}
"""The names of each needed column, in small letters."""

NO_ALTERNATIVE = "no alternative allele"
SYMBOLIC = "symbolic allele"
_SYMBOLIC = re.compile(r"\*|<.*>|.*[\[\]].*|\.[ACGTNacgtn]+|[ACGTNacgtn]+\.")
"""Alleles of VCF without a sequence: deleted elsewhere, structural, breakends."""


class Variant(NamedTuple):
    """An alternative allele at a place.

    Attributes:
        location: The file and the row, for messages.
        record: The name of the sequence.
        position: Index of the first base of `ref` in it, from 0.
        ref: The bases of the reference, capitals.
        alt: The bases of the alternative, capitals; empty if `note` says why there are none.
        note: Why it has no scores; empty if it has.
        columns: All columns of its row, as they are there.
    """

    location: str
    record: str
    position: int
    ref: str
    alt: str
    note: str
    columns: Mapping[str, str]


class VariantFile(NamedTuple):
    """The variants of a file.

    Attributes:
        names: The columns of the file, in order.
        variants: The variants; a row with several alternative alleles is several of them.
    """

    names: Sequence[str]
    variants: Sequence[Variant]


def read_variants(path: str) -> VariantFile:
    """Returns the variants of a file.

    Args:
        path: A VCF file, or a table separated by tabs or commas whose first row names its columns; also compressed.

    Raises:
        InputError: The file cannot be read, lacks a column, or a row is no variant.
    """
    files = find_files([path], key="variants", kinds=KINDS).files
    if len(files) > 1:
        raise InputError(f"variants={path}: names {len(files)} files; give one of them")
    lines = _lines(files[0])
    header_number, names, separator = _header(lines, files[0])
    columns = _needed_columns(names, f"variants={path}")
    variants: list[Variant] = []
    for number, line in lines[header_number + 1 :]:
        fields = _fields(line, separator)
        location = f"{files[0].name}, line {number:,}"
        if len(fields) != len(names):
            raise InputError(f"{location}: {len(fields)} fields, and the header names {len(names)}; correct the row")
        row = dict(zip(names, fields, strict=True))
        variants += _variants_of_row(row, columns, location)
    if not variants:
        raise InputError(f"variants={path}: has no variants; give a VCF file, or a table with chrom, pos, ref, alt")
    return VariantFile(names, variants)


def _lines(file: SourceFile) -> list[tuple[int, str]]:
    """Returns the number and the text of each line that is neither empty nor a comment of VCF."""
    content = b"".join(read_chunks(file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file.setting}: is not text in UTF-8; give a VCF file, or a table") from error
    lines = enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
    return [(number, line) for number, line in lines if line.strip() and not line.startswith("##")]


def _header(lines: Sequence[tuple[int, str]], file: SourceFile) -> tuple[int, list[str], str]:
    """Returns the index of the header among the lines, the names in it, and what separates them."""
    if not lines:
        raise InputError(f"{file.setting}: is empty; give a VCF file, or a table with chrom, pos, ref, alt")
    number = next((index for index, (_, line) in enumerate(lines) if line.startswith("#CHROM")), 0)
    header = lines[number][1]
    separator = "\t" if "\t" in header else ","
    names = _fields(header, separator)
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise InputError(f"{file.name}, line {lines[number][0]}: two columns {repeated!r}; give each a name of its own")
    return number, names, separator


def _fields(line: str, separator: str) -> list[str]:
    """Returns the fields of a line; between tabs, as in VCF, a quotation mark is a character like any other."""
    return line.split("\t") if separator == "\t" else next(csv.reader([line]))


def _needed_columns(names: Sequence[str], place: str) -> dict[str, str]:
    """Returns the name in the file of each needed column."""
    found: dict[str, str] = {}
    for needed, allowed in NAMES.items():
        named = [name for name in names if name.strip().lower() in allowed]
        if len(named) != 1:
            listed = printable(", ".join(names))[:100]
            problem = f"no column {needed}" if not named else f"{len(named)} columns for {needed}"
            raise InputError(
                f"{place}: {problem} (columns: {listed}); the first row must name chrom, pos, ref and alt, or give a "
                "VCF file with its #CHROM line"
            )
        found[needed] = named[0]
    return found


def _variants_of_row(row: Mapping[str, str], columns: Mapping[str, str], location: str) -> list[Variant]:
    """Returns a variant for each alternative allele of a row."""
    record, position, ref, alts = (row[columns[needed]].strip() for needed in NAMES)
    if not re.fullmatch(r"[0-9]+", position) or int(position) < 1:
        raise InputError(f"{location}: pos={printable(position)}: must be a whole number from 1")
    if not ref or set(ref.upper()) - set("ACGT"):
        raise InputError(f"{location}: ref={printable(ref)[:40]}: must consist of A, C, G and T")
    variants = []
    for alt in alts.split(","):
        note = NO_ALTERNATIVE if alt in (".", "") else SYMBOLIC if _SYMBOLIC.fullmatch(alt) else ""
        if not note and set(alt.upper()) - set("ACGT"):
            raise InputError(f"{location}: alt={printable(alt)[:40]}: must consist of A, C, G and T")
        own = "" if note else alt.upper()
        variants.append(Variant(location, record, int(position) - 1, ref.upper(), own, note, row))
    return variants
