"""`halo.load` of a classifier classifies; what only a language model can do says where that is."""

import threading
from pathlib import Path

import numpy as np
import pytest

import halo
from tests.support.opened_classifiers import saved_classifier, tiny_classifier, word_classifier

TEXTS = ["The virus spreads.", "so fast", "why"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with a classifier of three labels, and the folder of its language model."""
    folder = tmp_path_factory.mktemp("classify") / "run"
    (folder / "language_model").mkdir(parents=True)
    saved_classifier(folder / "bundle", tiny_classifier(labels=("a", "b c", "ü")))
    return folder


@pytest.fixture(scope="module")
def classifier(run: Path) -> halo.Classifier:
    return halo.load(run, device="cpu", kind="classifier")


def test_each_text_has_a_label_with_its_probability(classifier: halo.Classifier) -> None:
    assert classifier.labels == ("a", "b c", "ü")
    found = classifier.classify(TEXTS)
    probabilities = classifier.probabilities(TEXTS)
    assert probabilities.shape == (3, 3)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    for each, row in zip(found, probabilities, strict=True):
        assert each.label == classifier.labels[int(row.argmax())]
        assert each.probability == row.max()
    alone = classifier.classify(TEXTS[0])
    assert alone.label == found[0].label
    assert alone.probability == pytest.approx(found[0].probability, abs=1e-6)
    assert classifier.probabilities([]).shape == (0, 3)
    assert classifier.classify([]) == []


def test_a_notebook_shows_a_table(classifier: halo.Classifier) -> None:
    found = classifier.classify(["so <b>fast</b>", "why " * 100, *["virus"] * 60])
    shown = found._repr_html_()
    assert "so &lt;b&gt;fast&lt;/b&gt;" in shown
    assert shown.count("<tr>") == 51
    assert "and 12 more texts" in shown
    rows = found.rows()
    assert [*rows[0]] == ["text", "label", "probability", "probability_a", "probability_b c", "probability_ü"]
    assert rows[0]["label"] == found[0].label
    assert repr(found) == "<halo.ClassifiedTexts: 62 texts>"
    pandas = pytest.importorskip("pandas")
    assert isinstance(found.to_pandas(), pandas.DataFrame)
    assert len(found.to_pandas()) == 62


def test_the_words_of_a_decision_are_found() -> None:
    words = halo.Classifier(word_classifier({"virus": 3.0})).explain("See: the Virus.")
    assert max(words, key=lambda word: word.weight)._asdict().keys() == {"text", "start", "end", "weight"}
    assert max(words, key=lambda word: word.weight).text == "Virus."


@pytest.mark.parametrize("wrong", ["", "😀", ["the virus", ""], [None], 3, b"text"])
def test_what_cannot_be_classified_is_refused_in_one_line(classifier: halo.Classifier, wrong: object) -> None:
    with pytest.raises(halo.InputError) as caught:
        classifier.classify(wrong)  # type: ignore[call-overload]
    assert "\n" not in str(caught.value)


def test_using_one_kind_as_the_other_says_what_to_use(classifier: halo.Classifier, run: Path) -> None:
    with pytest.raises(
        AttributeError, match=f"is a classifier, which has no generate: use classify; .*{run.name}/lang"
    ):
        classifier.generate("the virus")  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="no attribute 'clasify'"):
        classifier.clasify("the virus")  # type: ignore[attr-defined]
    assert not hasattr(classifier, "perplexity")
    assert not hasattr(halo.Model, "classify")
    with pytest.raises(halo.InputError, match="is a classifier; load it with kind='classifier'"):
        halo.load(run, kind="language_model")
    with pytest.raises(halo.InputError, match="kind='x': must be one of language_model, classifier"):
        halo.load(run, kind="x")  # type: ignore[call-overload]


def test_several_threads_get_what_one_gets(classifier: halo.Classifier) -> None:
    expected = classifier.probabilities(TEXTS)
    found: list[bool] = []

    def work() -> None:
        found.extend(bool(np.array_equal(classifier.probabilities(TEXTS), expected)) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 9


def test_it_says_what_it_is(classifier: halo.Classifier, run: Path) -> None:
    assert repr(classifier).startswith("<halo.Classifier lstm: 3 labels, ")
    assert classifier.folder == run / "bundle"
    assert classifier.num_parameters > classifier.vocab_size > 2
