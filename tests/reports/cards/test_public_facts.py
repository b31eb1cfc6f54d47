"""Figures without what may be private; tests/exporting/test_hub.py has those of a whole export."""

import json
from dataclasses import replace

from halo.reports.cards.public_facts import NOT_INCLUDED, public_metrics
from tests.conftest import data_config
from tests.support.card_facts import data_entry, reproduction_entry


def test_names_places_and_quotations_are_left_out_and_numbers_stay() -> None:
    own = replace(data_config(), name="text", path="mine.txt")
    metrics = {"data": data_entry(notes=["Series: Anna"]), "reproduction": reproduction_entry(), "verdict": "fine"}
    public = public_metrics(metrics, own)
    assert not any(word in json.dumps(public) for word in ("secret", "Anna", "Smith"))
    assert public["data"]["source"] == NOT_INCLUDED
    assert public["data"]["labels"] == {"rows": [], "num_hidden": 2}
    assert public["data"]["files"][0]["sha256"] == data_entry()["files"][0]["sha256"]
    assert public["verdict"] == "fine"
    own_class = {"reproduction": reproduction_entry(arguments=None)}
    assert public_metrics(own_class, own) == own_class
