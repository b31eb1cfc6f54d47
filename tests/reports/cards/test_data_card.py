"""The data card: read by a hub, complete for its owner, and without anything private for everybody else."""

from dataclasses import replace
from pathlib import Path

import pytest

from halo.config import SPLITS, DataConfig
from halo.corpus.corpus import Corpus
from halo.reports.cards.data_card import data_card, write_data_card
from halo.runtime.errors import InputError
from tests.conftest import data_config
from tests.support.card_facts import card_settings, data_entry
from tests.support.series import series_data


def own_text() -> DataConfig:
    return replace(data_config(), name="text", path="/home/me/secret.txt")


def test_a_hub_reads_its_metadata(tmp_path: Path) -> None:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    card = data_card(own_text(), data_entry(), card_settings(data_license="cc-by-4.0", language=["no", "en"]))
    (tmp_path / "README.md").write_text(card, encoding="utf-8")
    data = huggingface_hub.DatasetCard.load(tmp_path / "README.md").data
    assert (data.license, data.language) == ("cc-by-4.0", ["no", "en"])
    assert data.size_categories == ["1K<n<10K"]  # 3 x 1,200 documents


def test_it_says_what_is_known_and_what_is_not() -> None:
    card = data_card(own_text(), data_entry(), card_settings(contact="me@example.org"))
    for shown in ("Licence: not stated", "Language: not stated", "Latin 75.0%", "me@example.org", "`emails`: 3 occ"):
        assert shown in card
    assert "| Dr Smith | 8 | 1 | 0 | 900 | 90.0% |" in card
    assert "Without a document, so that nothing is known about them there: Dr Smith (test)." in card
    assert "n\\|ws" in card
    assert "2 exact documents removed" in card
    assert "`" + "ab" * 32 + "`" in card
    assert "There are 3 files of 900 bytes" in card
    unlabelled = data_card(own_text(), data_entry(labels={"rows": [], "num_hidden": 0}), card_settings())
    assert "have no labels" in unlabelled


def test_a_public_card_has_neither_paths_nor_labels() -> None:
    card = data_card(own_text(), data_entry(), card_settings(), is_public=True)
    assert not any(word in card for word in ("secret", "/home/me", "Smith"))
    assert "2 labels, which are left out" in card
    assert "| file 1 | 700 |" in card


def test_personal_data_is_counted_and_what_nobody_looked_for_is_named() -> None:
    card = data_card(own_text(), data_entry(), card_settings())
    for shown in ("- emails: 3\n", "- urls: 0\n", "Names of people are not looked for."):
        assert shown in card
    assert "as they were written: ibans, ids, ips, dates, streets, postcodes." in card
    assert "Not counted." in data_card(own_text(), None, card_settings())
    raw = replace(own_text(), cleaning=replace(own_text().cleaning, steps=[]))
    assert "No cleaning step looks for it." in data_card(raw, data_entry(), card_settings())


def test_series_have_no_documents_and_no_registers() -> None:
    rows = [[split, "2020-01-02", "2021-01-02", "1", "719"] for split in SPLITS]
    table = {"header": ["split", "first date", "last date", "series", "values"], "rows": rows}
    card = data_card(series_data(Path("a.csv")), data_entry(table=table, scripts={}), card_settings())
    assert "size_categories" not in card
    assert "Groups and registers" not in card
    assert "The splits follow one another in time" in card


def test_a_card_that_cannot_be_written_is_an_error(corpus: Corpus, tmp_path: Path) -> None:
    assert "# Data card" in write_data_card(corpus, own_text(), card_settings(), tmp_path).read_text()
    with pytest.raises(InputError, match="the card cannot be written"):
        write_data_card(corpus, own_text(), card_settings(), tmp_path / "data_card.md")
