"""Files of variants: VCF and tables, and what is wrong with them."""

import gzip
from pathlib import Path

import pytest

from halo.genomics.variants.variant_files import NO_ALTERNATIVE, SYMBOLIC, VariantFile, read_variants
from halo.runtime.errors import InputError

VCF = "##fileformat=VCFv4.2\n##x\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def read(tmp_path: Path, text: str, name: str = "v.vcf") -> VariantFile:
    (tmp_path / name).write_bytes(text.encode())
    return read_variants(str(tmp_path / name))


def test_vcf_has_a_variant_for_each_alternative_and_notes_for_those_without_sequence(tmp_path: Path) -> None:
    rows = "1\t7\trs1\tg\tA,tt\t.\tPASS\tAC=1\n1\t9\t.\tGG\tG\t.\t.\t.\n"
    rows += "1\t9\t.\tG\t<DEL>\t.\t.\t.\n1\t9\t.\tG\t.\t.\t.\t.\n"
    rows += "1\t9\t.\tG\tG]2:5],*\t.\t.\t.\n"
    found = read(tmp_path, VCF + rows)
    shown = [(each.position, each.ref, each.alt, each.note) for each in found.variants]
    assert shown == [
        (6, "G", "A", ""),
        (6, "G", "TT", ""),
        (8, "GG", "G", ""),
        (8, "G", "", SYMBOLIC),
        (8, "G", "", NO_ALTERNATIVE),
        (8, "G", "", SYMBOLIC),
        (8, "G", "", SYMBOLIC),
    ]
    assert found.names[:5] == ["#CHROM", "POS", "ID", "REF", "ALT"]
    assert found.variants[0].columns["ALT"] == "A,tt"


@pytest.mark.parametrize("name", ["v.tsv", "v.csv", "v.csv.gz"])
def test_tables_have_the_columns_by_name_in_any_order(tmp_path: Path, name: str) -> None:
    separator = "\t" if name == "v.tsv" else ","
    lines = [["alt", "Position", "note", "REF", "chr"], ["A", "3", "keep", "C", "x"]]
    content = ("\ufeff" + "\r\n".join(separator.join(line) for line in lines)).encode()
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    (variant,) = read_variants(str(tmp_path / name)).variants
    assert (variant.record, variant.position, variant.ref, variant.alt) == ("x", 2, "C", "A")
    assert variant.columns["note"] == "keep"
    assert variant.location.endswith(f"{name}, line 2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (VCF, "has no variants"),
        ("chrom,pos,ref\n1,2,A\n", "no column alt .columns: chrom, pos, ref"),
        ("chrom,pos,ref,alt,chr\n1,2,A,C,1\n", "2 columns for chrom"),
        ("chrom,chrom,pos,ref,alt\n1,1,2,A,C\n", "two columns 'chrom'"),
        (VCF + "1\t7\n", "v.vcf, line 4: 2 fields, and the header names 8"),
        (VCF + "1\t0\t.\tA\tC\t.\t.\t.\n", "line 4: pos=0: must be a whole number from 1"),
        (VCF + "1\tx\t.\tA\tC\t.\t.\t.\n", "pos=x: must be a whole number from 1"),
        (VCF + "1\t7\t.\tN\tC\t.\t.\t.\n", "ref=N: must consist of A, C, G and T"),
        (VCF + "1\t7\t.\tA\tCR\t.\t.\t.\n", "alt=CR: must consist of A, C, G and T"),
        ("chrom\tpos\tref\talt\n1\t2\tA\t-\n", "alt=-: must consist"),
    ],
)
def test_what_is_wrong_is_said_with_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "v.vcf").write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(InputError, match=r"variants=.*v\.vcf: is not text in UTF-8"):
        read_variants(str(tmp_path / "v.vcf"))
