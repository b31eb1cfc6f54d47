"""Settings and the command that repeats a run."""

from dataclasses import replace

from halo.reports.run_page.material import Material
from halo.reports.run_page.sections import SECTIONS, reproduce_context, settings_context


def test_settings_that_differ_come_first_and_all_are_there(material: Material) -> None:
    context = settings_context(material)
    assert context["changes"][:2] == [("data", "text", "covid"), ("seed", "2", "1")]
    assert ("trainer.max_epochs", "11") in context["settings"]


def test_the_command_repeats_the_settings(material: Material) -> None:
    context = reproduce_context(material)
    assert context["command"].startswith("python -m halo.train data=text seed=2 data.path=x.txt model.embedding=8")
    assert context["facts"]["Python"] == "3.11.7"


def test_a_bundle_and_a_class_of_the_users_own_have_no_command(material: Material) -> None:
    bundle = replace(material.run, settings=None, metrics=None)
    assert reproduce_context(Material(bundle))["command"] is None
    assert settings_context(Material(bundle))["changes"] is None
    own = replace(material.run, settings={**(material.run.settings or {}), "optim": {"_target_": "my.Sign"}})
    assert reproduce_context(Material(own))["own_classes"] == ["my.Sign"]


def test_every_section_has_a_context(material: Material) -> None:
    for section in SECTIONS.values():
        assert "missing" not in section.context(material)
