"""How the files that are scored are read."""

from dataclasses import replace

from halo.config import EvaluateConfig, parse
from tests.conftest import compose_config, data_config


def test_reading_is_as_in_training_unless_settings_say_otherwise() -> None:
    trained = replace(data_config(), text_field="body", label_field="kind", encoding="cp1252", title_field="head")
    config = parse(compose_config("evaluate", ["run=x", "path=a.csv"]), EvaluateConfig)
    assert config.data.applied_to(trained) == replace(trained, label_field="auto")
    changes = ["data.text_field=t", "data.title_field=null", "data.table.delimiter=tab", "data.encoding=utf8"]
    config = parse(compose_config("evaluate", ["run=x", "path=a.csv", *changes]), EvaluateConfig)
    applied = config.data.applied_to(trained)
    assert (applied.text_field, applied.title_field, applied.encoding) == ("t", None, "utf-8")
    assert applied.table == replace(trained.table, delimiter="tab")
