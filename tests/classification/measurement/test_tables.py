"""Tables fit into 80 columns, whatever the labels are."""

import numpy as np

from halo.classification.measurement.calibration import fit_temperature
from halo.classification.measurement.measure import measure
from halo.classification.measurement.tables import confusion_text, measurement_text, most_confused
from tests.support.labelled_texts import labelled_split, noisy_logits


def test_a_measurement_fits_into_80_columns_and_has_every_part() -> None:
    splits = {split: labelled_split(30, seed=seed) for seed, split in enumerate(("train", "validation", "test"))}
    logits = {split: noisy_logits(splits[split].targets_N, strength=3, seed=1) for split in ("validation", "test")}
    temperature = fit_temperature(logits["validation"], splits["validation"].targets_N)
    labels = ("negative", "a label that is longer than anybody would like", "")
    text = measurement_text(
        measure(splits, labels, logits, temperature=temperature, interpolate_ngrams=True, hint="folds=5 helps")
    )
    assert max(map(len, text.splitlines())) <= 80
    for part in ("30 test documents", "NBSVM", "macro-F1", "majority class", "a label that is longer", "(none)"):
        assert part in text
    assert text.endswith("folds=5 helps.")


def test_of_many_classes_the_most_frequent_confusions_are_shown() -> None:
    confusion_CC = np.diag([9] * 12)
    assert confusion_text(confusion_CC, tuple("abcdefghijkl")) == ""
    confusion_CC[3, 5] = 2
    confusion_CC[4, 0] = 7
    assert most_confused(confusion_CC) == [(4, 0, 7), (3, 5, 2)]
    shown = confusion_text(confusion_CC, tuple("abcdefghijkl"))
    assert shown.index(" e ") < shown.index(" d ")
