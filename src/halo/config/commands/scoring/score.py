"""Settings of `halo.score`."""

from typing import Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from halo.config.commands.model_source import ModelSourceConfig
from halo.config.commands.scoring.score_tasks import ScoreTasksConfig
from halo.config.commands.scoring.text_files import TextFilesConfig, output_ending, require_ending
from halo.config.fields import OPTIONS, NonEmpty, PathText
from halo.runtime.errors import require


@dataclass(config=OPTIONS)
class ScoreConfig(ScoreTasksConfig, TextFilesConfig, ModelSourceConfig):
    """All settings of `python -m halo.score`; exactly one of `run` and `bundle` is given."""

    context: Literal["reset", "running"] = Field(
        description="What a text is read after. reset: <eos>, each text by itself; running: all texts before it.",
    )
    oov: Literal["unk", "spell", "na"] = Field(
        description="Surprisal of a word outside the vocabulary. unk: that of <unk>; spell: with the cost of its "
        "spelling; na: none.",
    )
    ngrams: Literal["auto"] | bool = Field(
        description="Surprisal under a Kneser-Ney 5-gram model of the training text. auto: if that text is prepared "
        "in cache_dir and not large; true: prepare it if need be; false: never.",
    )
    regions: NonEmpty | None = Field(
        description="Regions of the texts, as a column with word spans such as 2-4,7, or brackets: marked by [ ] in "
        "the text. null: none.",
    )
    unit: Literal["word", "region", "text"] = Field(
        description="What a row is: a word, or the sum over a region or text."
    )
    format: Literal["halo", "neural-complexity", "lm-zoo"] = Field(
        description="Columns: halo's own, or those of neural-complexity (a word a row) or lm-zoo (a token a row).",
    )
    cache_dir: PathText = Field(
        description="Folder of the model's own corpus as token ids, as data.cache_dir of its run.",
    )

    @model_validator(mode="after")
    def _check(self) -> "ScoreConfig":
        allowed = "give path=FILE with texts to score, path=- for standard input, text=SENTENCE, or pairs=FILE"
        require(any(each is not None for each in (self.path, self.text, self.pairs)), "path", "null", allowed)
        self._check_combinations()
        needs_path = self.regions in (None, "brackets") or self.path is not None
        require(needs_path, "regions", self.regions, "names a column of path; give a path, or regions=brackets")
        has_regions = self.unit != "region" or self.regions is not None
        require(has_regions, "unit", self.unit, "needs regions: a column with word spans such as 2-4,7, or brackets")
        if self.format != "halo":
            is_plain = self.unit == "word" and self.regions is None
            require(is_plain, "format", self.format, "has neither regions nor other units; use format=halo")
        self._check_output()
        return self

    def _check_combinations(self) -> None:
        """Raises `InputError` for settings of surprisal that a task of `ScoreTasksConfig` has no use for."""
        if self.group_field is not None:
            allowed = "is for tables with a word a row; give path=FILE"
            require(self.path is not None, "group_field", self.group_field, allowed)
        if self.pairs is None and self.models is None and self.group_field is None:
            return
        task = "pairs" if self.pairs is not None else "models" if self.models is not None else "group_field"
        others = {"format": "halo", "unit": "word", "regions": None}
        if self.pairs is not None:
            others |= {"path": None, "text": None, "group_field": None, "text_field": "auto"}
        elif self.models is not None:
            others |= {"output": None}
        if task != "models":
            others |= {"context": "reset"}
        for key, usual in others.items():
            value = getattr(self, key)
            require(value == usual, key, value, f"cannot be combined with {task}; leave one of them out")

    def _check_output(self) -> None:
        if self.output in (None, "-"):
            return
        if self.format == "halo":
            require_ending(str(self.output))
        else:
            allowed = f"format={self.format} is a text file; give another ending, such as .txt or .tsv"
            require(output_ending(str(self.output)) not in (".jsonl", ".parquet"), "output", self.output, allowed)
