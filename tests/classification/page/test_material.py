"""What a page is made of."""

from tests.support.classified_pages import page_material


def test_curve_folds_and_examples_are_optional() -> None:
    material = page_material(full=False)
    assert (material.cross_validation, material.faithfulness) == (None, None)
    assert not material.curve
    assert not material.examples
