"""The sections of the page in its order, and those about settings and the way to repeat the run."""

from collections.abc import Callable
from typing import NamedTuple

from halo.config import plain
from halo.config.introspection.changed_settings import flat, repeating_arguments
from halo.config.messages import shown
from halo.reports.console import number
from halo.reports.run_page.card_sections import memorisation_context, swaps_context
from halo.reports.run_page.figure_sections import (
    calibration_context,
    curves_context,
    figures_context,
    loss_context,
    verdict_context,
)
from halo.reports.run_page.material import Context, Material
from halo.reports.run_page.reported_run import ReportedRun
from halo.reports.run_page.text_sections import data_context, passages_context, samples_context, words_context


def settings_context(material: Material) -> Context:
    """Returns the settings that differ from the defaults, and all settings."""
    run = material.run
    if run.settings is None:
        every = flat(plain(run.config))
        return {"changes": None, "settings": [(key, shown(value)) for key, value in every.items()]}
    changes = [
        (each.key, shown(each.value), "–" if each.default is None and each.is_new else shown(each.default))
        for each in material.changes
    ]
    return {"changes": changes, "settings": [(key, shown(value)) for key, value in flat(run.settings).items()]}


def reproduce_context(material: Material) -> Context:
    """Returns versions, hardware and time, and the command that repeats the run."""
    run, metrics = material.run, material.run.metrics
    facts = dict(metrics.environment) if metrics is not None else {}
    if metrics is not None and metrics.minutes is not None:
        facts["duration"] = f"{number(metrics.minutes, digits=1)} minutes"
    if metrics is not None and metrics.train_tokens_per_second is not None:
        facts["throughput"] = f"{metrics.train_tokens_per_second:,.0f} tokens/s in training"
    if metrics is not None and metrics.energy:
        facts["energy"] = metrics.energy
    if metrics is not None and metrics.weights_sha256:
        facts["SHA-256 of the weights"] = metrics.weights_sha256
    command, own_classes = None, []
    if run.settings is not None:
        arguments = repeating_arguments(material.changes)
        own_classes = [str(each.value) for each in material.changes if each.is_choice and "." in str(each.value)]
        command = None if arguments is None else " ".join(["python -m halo.train", *arguments])
    return {"facts": facts, "command": command, "own_classes": own_classes, "is_bundle": run.settings is None}


class Section(NamedTuple):
    """A section of the page.

    Attributes:
        title: Its heading.
        context: Returns the variables of its template.
    """

    title: str
    context: Callable[[Material], Context]


SECTIONS = {
    "verdict": Section("Verdict", verdict_context),
    "curves": Section("Learning curves", curves_context),
    "figures": Section("How well it predicts", figures_context),
    "calibration": Section("Calibration", calibration_context),
    "loss": Section("Where the loss comes from", loss_context),
    "passages": Section("Most and least surprising passages", passages_context),
    "samples": Section("Generated text beside real text", samples_context),
    "words": Section("Words", words_context),
    "swaps": Section("Swapped words", swaps_context),
    "memorisation": Section("What the model remembers", memorisation_context),
    "data": Section("Data", data_context),
    "settings": Section("Settings", settings_context),
    "reproduce": Section("How to reproduce it", reproduce_context),
}
"""The sections by name; the template of each is `templates/NAME.html.jinja`."""


def sections_of(run: ReportedRun) -> dict[str, Section]:
    """Returns the sections of the page about a run; a genome has no words, and a private run shows no text."""
    without = {"words"} if run.config.data.genome is not None else set()
    if run.config.data.genome is not None or run.config.data.series is not None:
        without |= {"swaps", "memorisation"}
    if run.is_private:
        without |= {"passages", "samples", "words"}
    return {name: section for name, section in SECTIONS.items() if name not in without}
