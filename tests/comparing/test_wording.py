"""Sentences about differences."""

from halo.comparing.comparison import SplitDifference, Test
from halo.comparing.wording import amount, chance


def test_a_worse_run_and_bits_per_character() -> None:
    found = SplitDifference(0.0213, Test(0.01, 0.03, 0.2, 0.2, 5), Test(0, 1, 0.0001, 0.0001, 6))
    assert amount(found, "perplexity") == "worse by 2.1% (95% interval 1.0 to 3.0; p = 0.200)"
    assert amount(found, "bits_per_character").startswith("worse by 0.0213 bits per character (95% interval 0.0100 to")
    assert chance(found) == (
        "may be chance over 5 documents (few: the interval is rough); more than chance over 6 seeds (p < 0.001)"
    )


def test_a_difference_that_could_not_be_tested() -> None:
    found = SplitDifference(-0.5, None, None)
    assert amount(found, "perplexity") == "better by 50.0%"
    assert amount(SplitDifference(0.0, None, None), "perplexity") == "no better and no worse"
    assert chance(found) == "not tested over documents; another seed was not tried"
    unbounded = SplitDifference(-0.5, Test(None, None, 0.5, 0.5, 2), None)
    assert amount(unbounded, "perplexity") == "better by 50.0% (no interval over 2 documents; p = 0.500)"
