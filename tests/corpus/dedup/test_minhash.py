"""MinHash: signatures estimate similarity, and bands miss few similar pairs."""

import numpy as np
import pytest

from halo.corpus.dedup.minhash import BAND_ROWS, band_keys, minhash, num_bands


def shingles(begin: int, end: int) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Returns distinct shingles; two ranges share those of their intersection."""
    return np.random.default_rng(0).integers(0, 2**64, 10_000, dtype=np.uint64)[begin:end]


def test_signatures_agree_with_the_probability_of_the_similarity() -> None:
    one, other = (minhash(shingles(*ends), np.array([1007]), bands=200)[0] for ends in ((0, 1000), (200, 1200)))
    assert (one == other).mean() == pytest.approx(800 / 1200, abs=0.08)


def test_the_signature_of_a_text_in_two_pieces_is_the_minimum_of_theirs() -> None:
    whole = minhash(shingles(0, 100), np.array([107]), bands=5)
    pieces = [minhash(shingles(*ends), np.array([57]), bands=5) for ends in ((0, 50), (50, 100))]
    assert (whole == np.minimum(*pieces)).all()


def test_band_keys_differ_only_in_bands_whose_values_differ() -> None:
    signatures = np.arange(4 * BAND_ROWS, dtype=np.uint32).reshape(1, -1)
    changed = signatures.copy()
    changed[0, BAND_ROWS] += 1
    assert (band_keys(signatures) == band_keys(changed)).tolist() == [[True, False, True, True]]


@pytest.mark.parametrize("similarity", [0.5, 0.8, 0.9, 1.0])
def test_the_bands_miss_no_more_than_they_should(similarity: float) -> None:
    bands = num_bands(similarity)
    assert (1 - similarity**3) ** bands <= 1e-4
    assert bands == 1 or (1 - similarity**3) ** (bands - 1) > 1e-4
