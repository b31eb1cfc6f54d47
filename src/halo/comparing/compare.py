"""Compares runs: reads them, sorts them into sets that can be ranked, ranks these, and tests the differences."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from halo.comparing.comparable_sets import (
    MeasuredRun,
    comparable_sets,
    text_differences,
    token_differences,
    vocabulary_hash,
)
from halo.comparing.comparison import ComparedRun, Comparison, Measure, RunGroup, Spread
from halo.comparing.differences import group_differences
from halo.comparing.groups import label_of, same_seed_copies, settings_key, short_setting_names, varied_keys
from halo.comparing.run_folders import find_run_folders, is_run, names_of
from halo.comparing.run_reader import read_run
from halo.comparing.wording import obstacle_lines, summary_lines
from halo.config import SPLITS
from halo.evaluation.document_scores import HELD_OUT, DocumentScores, is_of, read_document_scores
from halo.runtime.errors import InputError, counted

ScoreRuns = Callable[[Sequence[ComparedRun]], Mapping[str, dict[str, DocumentScores] | str]]
"""Computes the scores of the documents of runs that lack them, by their folders; why it cannot, where it cannot."""


def compare_runs(
    paths: Sequence[str],
    *,
    split: str = "validation",
    reference: str | None = None,
    score_runs: ScoreRuns | None = None,
) -> Comparison:
    """Returns a comparison of runs.

    Args:
        paths: Run folders, bundles, patterns, and folders that hold runs: those of multiruns, seeds and studies.
        split: The split whose figures order the runs.
        reference: The folder of the run with which the others are compared; None for the best one.
        score_runs: Computes the scores of documents that runs have not left; None to do without.

    Raises:
        InputError: A path does not exist, none holds a run, or the reference is not among the finished runs.
    """
    found = find_run_folders(paths)
    notes = list(found.notes)
    runs = [read_run(folder, name) for folder, name in zip(found.folders, names_of(found.folders), strict=True)]
    runs = [_without_value(run, split) for run in runs]
    finished, others = (
        [run for run in runs if run.status == "finished"],
        [run for run in runs if run.status != "finished"],
    )
    measured = _measured(finished, score_runs, notes)
    sets, measure, obstacles = _sets(measured)
    notes += _note_streams(measured)
    varied = short_setting_names(varied_keys(run.settings for run in runs if not run.is_bundle))
    ordered: list[MeasuredRun] = []
    groups: list[RunGroup] = []
    for number, indexes in enumerate(sets):
        members = [measured[index] for index in indexes]
        for group, of_group in _groups(members, number, varied=varied, split=split, measure=measure, notes=notes):
            groups.append(replace(group, runs=list(range(len(ordered), len(ordered) + len(of_group)))))
            ordered += of_group
    reference_key = None if reference is None else _reference_key(reference, groups, ordered)
    differences = group_differences(groups, ordered, measure=measure, reference=reference_key)
    comparison = Comparison(
        runs=[*(each.run for each in ordered), *others],
        groups=groups,
        differences=differences,
        varied=varied,
        split=split,
        measure=measure,
        summary=[],
        obstacles=obstacles,
        notes=notes,
    )
    return replace(comparison, summary=summary_lines(comparison))


def _without_value(run: ComparedRun, split: str) -> ComparedRun:
    """Returns a run as a failed one where its figure is not a finite number: it cannot be ranked."""
    if run.status != "finished" or run.value(split) is not None:
        return run
    return replace(run, status="failed", reason=f"its {split} perplexity is not a finite number")


def _measured(runs: Sequence[ComparedRun], score_runs: ScoreRuns | None, notes: list[str]) -> list[MeasuredRun]:
    """Returns runs with the scores of their documents, and notes which have none, and why."""
    scores: dict[str, dict[str, DocumentScores] | None] = {}
    for run in runs:
        try:
            scores[run.folder] = read_document_scores(Path(run.folder))
        except InputError as error:
            scores[run.folder] = None
            notes.append(str(error))
        found = scores[run.folder]
        if found is not None and not _belongs(found, run):
            scores[run.folder] = None
            notes.append(f"{run.name}: its document_scores.npz is of another model than its metrics.json")
    missing = [run for run in runs if scores[run.folder] is None]
    if missing and score_runs is not None:
        for folder, result in score_runs(missing).items():
            if isinstance(result, str):
                notes.append(result)
            else:
                scores[folder] = result
    elif missing:
        notes.append(f"{counted(len(missing), 'run')} without document_scores.npz: ranked, but not tested")
    return [MeasuredRun(run, vocabulary_hash(Path(run.folder)), scores[run.folder]) for run in runs]


def _note_streams(measured: Sequence[MeasuredRun]) -> list[str]:
    sizes = sorted({each.figures.splits[split].batch_size for each in measured for split in HELD_OUT})
    if len(sizes) < 2:
        return []
    read = " and ".join(map(str, sizes))
    return [f"texts were read in {read} streams (data.report_batch_size): fewer give slightly lower perplexities"]


def _belongs(scores: Mapping[str, DocumentScores], run: ComparedRun) -> bool:
    assert run.figures is not None
    for split in HELD_OUT:
        result = run.figures.splits[split]
        if result.nll is not None and not is_of(scores[split], nll=result.nll, tokens=result.tokens):
            return False
    return True


def _sets(measured: Sequence[MeasuredRun]) -> tuple[list[list[int]], Measure, list[str]]:
    """Returns the sets of runs that can be ranked, by what, and what keeps the sets apart, a line each."""
    by_tokens = comparable_sets(measured, token_differences)
    if len(by_tokens) < 2:
        return by_tokens, "perplexity", []
    with_bits = all(each.run.value(split, "bits_per_character") is not None for each in measured for split in HELD_OUT)
    by_text = comparable_sets(measured, text_differences) if with_bits else by_tokens
    is_by_text = len(by_text) < len(by_tokens)
    sets = by_text if is_by_text else by_tokens
    return sets, "bits_per_character" if is_by_text else "perplexity", obstacle_lines(measured, by_tokens, by_text)


def _groups(
    members: Sequence[MeasuredRun],
    number: int,
    *,
    varied: Mapping[str, str],
    split: str,
    measure: Measure,
    notes: list[str],
) -> list[tuple[RunGroup, list[MeasuredRun]]]:
    """Returns the groups over seeds of comparable runs, with their runs, best first."""
    by_key: dict[str, list[MeasuredRun]] = {}
    for each in members:
        run = each.run
        same = {"folder": run.folder} if run.seed is None else run.settings
        key = settings_key({"set": number, "settings": same})
        by_key.setdefault(key, []).append(
            MeasuredRun(replace(run, group=key, comparable=number), each.vocabulary, each.scores)
        )
    found = []
    for key, of_group in by_key.items():
        of_group.sort(key=lambda each: (each.run.value(split, measure) or 0.0, each.run.name))
        kept = _without_copies(of_group, notes)
        found.append((_group(key, kept, number, varied, measure), kept))
    return sorted(found, key=lambda pair: (pair[0].spread[split].mean or 0.0, pair[0].label))


def _without_copies(of_group: list[MeasuredRun], notes: list[str]) -> list[MeasuredRun]:
    figures = [(each.run.value("validation"), each.run.value("test")) for each in of_group]
    copies = same_seed_copies([each.run.seed for each in of_group], figures) if of_group[0].run.seed is not None else []
    for index in copies:
        name = of_group[index].run.name
        notes.append(f"{name}: left out: settings, seed and figures are those of another run")
    return [each for index, each in enumerate(of_group) if index not in copies]


def _group(
    key: str, of_group: Sequence[MeasuredRun], number: int, varied: Mapping[str, str], measure: Measure
) -> RunGroup:
    first = of_group[0].run
    label = label_of(first.settings, varied) if first.seed is not None else ""
    minutes = [each.figures.minutes for each in of_group]
    known_minutes = [each for each in minutes if each is not None]
    return RunGroup(
        key=key,
        label=label or first.name,
        settings={key: first.settings[key] for key in varied if key in first.settings},
        runs=[],
        comparable=number,
        spread={split: _spread([each.run.value(split, measure) for each in of_group]) for split in SPLITS},
        num_parameters=of_group[0].figures.num_parameters,
        minutes=statistics.fmean(known_minutes) if known_minutes else None,
    )


def _spread(values: Sequence[float | None]) -> Spread:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return Spread(None, None)
    return Spread(statistics.fmean(known), statistics.stdev(known) if len(known) > 1 else None)


def _reference_key(reference: str, groups: Sequence[RunGroup], ordered: Sequence[MeasuredRun]) -> str:
    """Returns the group of the run that is named: by its folder, or by the name that the tables give it."""
    folders = find_run_folders([reference]).folders if is_run(Path(reference)) else []
    wanted = {str(folder.resolve()) for folder in folders}
    for each in ordered:
        if str(Path(each.run.folder).resolve()) in wanted or each.run.name == reference:
            return each.run.group
    names = ", ".join(each.run.name for each in ordered[:5])
    raise InputError(f"reference={reference}: not among the finished runs; give one of them, such as {names}")
