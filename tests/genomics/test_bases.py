"""Bases as codes, and the other strand."""

import numpy as np

from halo.genomics.bases import UNKNOWN, codes_of, reverse_complement


def test_every_letter_but_the_four_bases_is_unknown() -> None:
    letters = "".join(map(chr, range(32, 127)))
    known = {letter for letter, code in zip(letters, codes_of(letters).tolist(), strict=True) if code != UNKNOWN}
    assert known == set("ACGTacgt")
    assert len(codes_of("")) == 0


def test_the_reverse_complement_of_codes_is_three_minus_them() -> None:
    sequence = "ACGTTGCANNAC"
    other = codes_of(reverse_complement(sequence))[::-1]
    codes = codes_of(sequence)
    is_base = codes != UNKNOWN
    np.testing.assert_array_equal(other[is_base], 3 - codes[is_base])
    assert reverse_complement(reverse_complement("ACGTRYKMBDHVN")) == "ACGTRYKMBDHVN"
