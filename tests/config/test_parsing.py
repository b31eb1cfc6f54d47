"""Every file of conf/ composes and parses; a wrong setting is one line with key, value and what is allowed."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from halo.config import (
    CustomConfig,
    CustomModelConfig,
    EvaluateConfig,
    GenerateConfig,
    PrepareConfig,
    TrainConfig,
    conf_dir,
    parse,
    plain,
)
from halo.config.parsing import MISSING, command_defaults
from halo.runtime.errors import InputError
from tests.conftest import compose_config

GROUPS = ("data", "model", "optim", "schedule", "averaging", "trainer", "callbacks", "logger", "experiment", "debug")
SWEEP_GROUPS = ("search_space", "sampler", "pruner", "launcher")
CHOICES = [(group, file.stem) for group in GROUPS for file in sorted((conf_dir() / group).glob("*.yaml"))]


def test_every_group_of_conf_is_known_here() -> None:
    folders = {path.name for path in conf_dir().iterdir() if path.is_dir()}
    assert folders == {*GROUPS, *SWEEP_GROUPS, "hydra"}
    assert len(CHOICES) >= 15


WITHOUT_TEXT = {
    *(("data", name) for group, name in CHOICES if group == "data" and name not in ("covid", "default")),
    *(("experiment", name) for name in ("ptb_small_cpu", "ptb_awd", "series")),
}
"""The choices that need a path."""


@pytest.mark.parametrize(("group", "choice"), CHOICES)
def test_every_choice_of_every_group_parses(group: str, choice: str) -> None:
    overrides = [f"{group}={choice}", "run_dir=somewhere"]
    if (group, choice) in WITHOUT_TEXT:
        overrides.append("data.path=some.txt")
    if (group, choice) == ("data", "default"):
        overrides += ["+data.name=own", "data.path=some.txt"]
    config = parse(compose_config("train", overrides), TrainConfig)
    assert config.run_dir == "somewhere"


def test_the_other_commands_parse() -> None:
    parse(compose_config("prepare", []), PrepareConfig)
    parse(compose_config("evaluate", ["run=x"]), EvaluateConfig)
    parse(compose_config("generate", ["run=x", "prompt=hello"]), GenerateConfig)


def test_a_parsed_configuration_is_plain_data_again() -> None:
    config = parse(compose_config("train", ["run_dir=x"]), TrainConfig)
    again = parse(OmegaConf.create(plain(config)), TrainConfig)
    assert again == config


def test_the_original_experiment_validates_on_three_times_its_training_text() -> None:
    config = parse(compose_config("train", ["experiment=semblance_halo", "run_dir=x"]), TrainConfig)
    assert config.data.splits.validation == pytest.approx(3 * config.data.splits.train)
    assert (config.data.splits.train, config.data.splits.test) == pytest.approx((0.2, 0.2))


def test_every_file_of_conf_begins_with_what_it_is() -> None:
    for file in conf_dir().rglob("*.yaml"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# "), f"{file} does not say what it is"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.hidden=0"], "model.hidden=0: must be a whole number from 1 to 1,048,576"),
        (["model.hidden=many"], "model.hidden=many: must be a whole number from 1 to 1,048,576"),
        (["model.hidden='8'"], "model.hidden=8: must be a whole number from 1 to 1,048,576"),
        (["model.hidden=true"], "model.hidden=true: must be a whole number from 1 to 1,048,576"),
        (["model.hidden=8.0"], "model.hidden=8.0: must be a whole number from 1 to 1,048,576"),
        (["model.layers=1.5"], "model.layers=1.5: must be a whole number from 1 to 100"),
        (["model.tied=2"], "model.tied=2: must be true or false"),
        (["model.dropout_input=1.0"], "model.dropout_input=1.0: must be a number from 0 to below 1"),
        (["model.dropout_input=true"], "model.dropout_input=true: must be a number from 0 to below 1"),
        (["model.cell=rnn"], "model.cell=rnn: must be lstm or gru"),
        (["model.last_hidden=0"], "model.last_hidden=0: must be a whole number from 1 to 1,048,576, or null"),
        (["model.activation_regularisation=-1"], "model.activation_regularisation=-1: must be a number of at least 0"),
        (["+model.heads=2"], "model.heads: unknown setting; `--help` lists all settings"),
        (["+model.layer=2"], "model.layer: unknown setting; did you mean model.layers?"),
        (["+hidden=2"], "hidden: unknown setting; did you mean model.hidden?"),
        (
            ["model=transformer", "model.embedding=12"],
            "model.embedding=12: must be a multiple of 2 x model.heads, with model.heads=4",
        ),
        (["model=transformer", "model.context=0"], "model.context=0: must be a whole number from 1 to 1,048,576"),
        (["model.adaptive_cutoffs=[5,5]"], "model.adaptive_cutoffs=[5, 5]: must be increasing ids above 0, or null"),
        (["model.adaptive_cutoffs=[]"], "model.adaptive_cutoffs=[]: must be up to 10 increasing ids above 0, or null"),
        (
            ["model.adaptive_cutoffs=[5]"],
            "model.tied=true: must be false with model.adaptive_cutoffs: clusters have own weights",
        ),
        (["model.name=gpt"], "model.name=gpt: must be lstm, awd_lstm, gru or transformer"),
        (["model.mogrifier_rounds=-1"], "model.mogrifier_rounds=-1: must be a whole number from 0 to 100"),
        (
            ["model=gru", "model.mogrifier_rounds=2"],
            "model.mogrifier_rounds=2: must be 0 unless model.cell=lstm",
        ),
        (
            ["model.subword_lengths=[3]"],
            "model.subword_lengths=[3]: must be the shortest and the longest n-gram, from 1 to 20 characters, or null",
        ),
        (["model.subword_lengths=[4,3]"], "model.subword_lengths=[4, 3]: the first length must not exceed the second"),
        (["model.pointer_tokens=0"], "model.pointer_tokens=0: must be a whole number from 1 to 1,048,576, or null"),
        (["optim.lr=-1"], "optim.lr=-1: must be a number above 0"),
        (["optim.lr=nan"], "optim.lr=nan: must be a number above 0"),
        (["optim.lr=inf"], "optim.lr=inf: must be a number above 0"),
        (["optim=adamw", "optim.betas=[0.9]"], "optim.betas=[0.9]: must be two numbers from 0 to below 1"),
        (["optim=sgd", "optim.momentum=1"], "optim.momentum=1: must be a number from 0 to below 1"),
        (["schedule.warmup_fraction=0"], "schedule.warmup_fraction=0: must be a number above 0 and below 1"),
        (
            ["schedule=cosine", "schedule.warmup_fraction=1"],
            "schedule.warmup_fraction=1: must be a number from 0 to below 1",
        ),
        (["schedule=cosine", "schedule.end_divisor=0.5"], "schedule.end_divisor=0.5: must be a number of at least 1"),
        (["schedule=plateau", "schedule.factor=2"], "schedule.factor=2: must be a number above 0 and below 1"),
        (["averaging=ema", "averaging.decay=1"], "averaging.decay=1: must be a number above 0 and below 1"),
        (["averaging=nt_asgd", "averaging.patience=-1"], "averaging.patience=-1: must be a whole number of at least 0"),
        (["averaging.name=swa"], "averaging.name=swa: must be none, ema or nt_asgd"),
        (["gradient_clip.algorithm=sum"], "gradient_clip.algorithm=sum: must be norm or value"),
        (["gradient_clip.value=0"], "gradient_clip.value=0: must be a number above 0, or null"),
        (
            ["sampled_softmax.num_frequent=0"],
            "sampled_softmax.num_frequent=0: must be a whole number of at least 1, or null",
        ),
        (["data.batch_size=0"], "data.batch_size=0: must be a whole number of at least 1"),
        (
            ["data.variable_sequence_length=true", "data.sequence_length=9"],
            "data.sequence_length=9: must be at least 10 with data.variable_sequence_length=true",
        ),
        (["data.splits.train=0.9"], "data.splits (sum)=1.1: train, validation and test must add up to 1"),
        (["data.splits.test=0"], "data.splits.test=0: must be a number above 0 and below 1"),
        (["data.splits.validation_ratio=0"], "data.splits.validation_ratio=0: must be a number above 0, or null"),
        (
            ["data.splits.validation_ratio=3", "data.splits.test=1"],
            "data.splits.test=1: must be a number above 0 and below 1",
        ),
        (["data.duplicates.similarity=0.4"], "data.duplicates.similarity=0.4: must be a number from 0.5 to 1"),
        (["data.duplicates.similarity=1.1"], "data.duplicates.similarity=1.1: must be a number from 0.5 to 1"),
        (
            ["data.duplicates.min_paragraph_words=0"],
            "data.duplicates.min_paragraph_words=0: must be a whole number of at least 1",
        ),
        (["data.cleaning.case=title"], "data.cleaning.case=title: must be keep, lower, upper or lower_keep_acronyms"),
        (
            ["data.cleaning.steps=[html,url]"],
            "data.cleaning.steps=[html, url]: must be a selection of these, each once and in this order: control, "
            "unicode, html, hyphenation, typography, urls, emails, ibans, ids, ips, dates, streets, postcodes, phones, "
            "handles, special",
        ),
        (
            ["data.cleaning.keep_characters='. ,'"],
            "data.cleaning.keep_characters=. ,: must be characters other than white space, or null",
        ),
        (["data.cleaning.numbers=drop"], "data.cleaning.numbers=drop: must be keep, digits_to_0 or placeholder"),
        (["data.tokenizer.kind=words"], "data.tokenizer.kind=words: must be word, whitespace, char, bpe or kmer"),
        (
            ["data.tokenizer.kind=bpe"],
            "data.tokenizer.max_size=null: must be at least 258 with data.tokenizer.kind=bpe (256 bytes, <unk>, <eos>);"
            " try 8000",
        ),
        (["data.tokenizer.max_size=2"], "data.tokenizer.max_size=2: must be a whole number of at least 3, or null"),
        (["data.tokenizer.eos=word"], "data.tokenizer.eos=word: must be paragraph, line or document"),
        (["data.tokenizer.min_count=0"], "data.tokenizer.min_count=0: must be a whole number of at least 1"),
        (
            ["data=text"],
            "data.path=null: no text given; give a path or URL, or data.train_path, data.validation_path and "
            "data.test_path",
        ),
        (["data=text", "data.path=[]"], "data.path=[]: must be a path or URL, or a list of them"),
        (["data=text", "data.path=['a.txt',3]"], "data.path=[a.txt, 3]: must be a path or URL, or a list of them"),
        (["data=text", "data.path={a: b}"], "data.path={a: b}: must be a path or URL, or a list of them"),
        (["data=text", "data.path=''"], "data.path=: must be a path or URL, or a list of them"),
        (
            ["data=text", "data.train_path=a.txt"],
            "data.validation_path, data.test_path=null: give a path for each of train, validation and test, or for "
            "none",
        ),
        (
            ["data.train_path=a.txt", "data.validation_path=b.txt", "data.test_path=c.txt"],
            "data.path=bundled:covid_discussions.jsonl: must be the one folder of data.train_path, data.validation_path"
            " and data.test_path, or null; data=text has no path of its own",
        ),
        (
            ["data=ptb", "data.path=[a,b]"],
            "data.path=[a, b]: must be the one folder of data.train_path, data.validation_path and data.test_path, or "
            "null; data=text has no path of its own",
        ),
        (
            ["data=ptb", "data.path=a", "data.test_path=null"],
            "data.test_path=null: give a path for each of train, validation and test, or for none",
        ),
        (
            ["data=ptb"],
            "data.path=null: give the folder of ptb.train.txt, ptb.valid.txt, ptb.test.txt; they are in the folder data"
            " of simple-examples.tgz, which Mikolov published with his RNNLM toolkit",
        ),
        (
            ["data=wikitext2"],
            "data.path=null: give the folder of wiki.train.tokens, wiki.valid.tokens, wiki.test.tokens; they are in "
            "wikitext-2-v1.zip, which Merity et al. published with their paper of 2016",
        ),
        (["data.documents=page"], "data.documents=page: must be file, paragraph, line or every_line"),
        (["data.encoding_errors=ignore"], "data.encoding_errors=ignore: must be strict or replace"),
        (
            ["data.encoding=rot13"],
            "data.encoding=rot13: must be a text encoding that Python knows, such as utf-8, cp1252, utf-16 or gb18030",
        ),
        (
            ["data.table.delimiter=semi"],
            "data.table.delimiter=semi: must be auto, comma, semicolon, tab, pipe or a single character",
        ),
        (["data.text_field=''"], "data.text_field=: must be text that is not empty"),
        (["seed=-1"], "seed=-1: must be a whole number from 0 to below 4,294,967,296"),
        (["seeds=4294967296"], "seeds=4294967296: must be at most 4,294,967,295 with seed=1: seeds are below 2^32"),
        (["find_lr=true", "seeds=2"], "seeds=2: must be 1 with find_lr=true"),
        (["find_lr=true", "resume=x"], "resume=x: cannot be combined with find_lr=true"),
        (["samples.top_p=0"], "samples.top_p=0: must be a number above 0, up to 1"),
        (["samples.prompts=[a,[b]]"], "samples.prompts=[a, [b]]: must be a list, each item text, or null"),
        (["~model"], "model: no value given; must be lstm, awd_lstm, gru or transformer"),
        (["~optim.lr"], "optim.lr: no value given; must be a number above 0"),
        (["~trainer"], "trainer: no value given; must be a mapping of settings"),
    ],
)
def test_a_wrong_setting_is_reported_in_one_line(overrides: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(compose_config("train", ["run_dir=x", *overrides]), TrainConfig)
    assert str(caught.value) == message


def test_all_wrong_settings_are_reported_at_once() -> None:
    wrong = ["seed=-1", "model.layers=0", "+model.hiden=5", "optim.lr=0", "data.tokenizer.kind=bpe", "~trainer"]
    with pytest.raises(InputError) as caught:
        parse(compose_config("train", ["run_dir=x", *wrong]), TrainConfig)
    assert str(caught.value).splitlines() == [
        "seed=-1: must be a whole number from 0 to below 4,294,967,296",
        "data.tokenizer.max_size=null: must be at least 258 with data.tokenizer.kind=bpe (256 bytes, <unk>, <eos>); "
        "try 8000",
        "model.layers=0: must be a whole number from 1 to 100",
        "model.hiden: unknown setting; did you mean model.hidden?",
        "optim.lr=0: must be a number above 0",
        "trainer: no value given; must be a mapping of settings",
    ]


def test_a_missing_value_is_reported_with_what_is_wrong_besides() -> None:
    with pytest.raises(InputError) as caught:
        parse({**command_defaults("generate"), "top_k": -1, "device": MISSING}, GenerateConfig)
    assert str(caught.value).splitlines() == [
        "device: no value given; must be text that is not empty",
        "top_k=-1: must be a whole number of at least 0",
    ]


def test_only_settings_of_the_command_are_suggested() -> None:
    with pytest.raises(InputError, match=r"^model: unknown setting; `--help` lists all settings$"):
        parse(compose_config("prepare", ["+model=lstm"]), PrepareConfig)


def test_an_integer_is_a_number_and_a_number_is_a_name() -> None:
    config = parse(compose_config("generate", ["run=2026", "prompt=1", "temperature=1"]), GenerateConfig)
    assert (config.run, config.prompt) == ("2026", "1")
    assert isinstance(config.temperature, float)


def test_a_changed_copy_is_checked_too() -> None:
    config = parse(compose_config("train", ["run_dir=x"]), TrainConfig)
    assert replace(config, seed=2).seed == 2
    with pytest.raises(ValueError, match="seed"):
        replace(config, seed=-1)


@pytest.mark.parametrize("group", ["model", "optim", "schedule"])
def test_a_class_of_the_users_own_is_parsed_with_its_arguments(group: str) -> None:
    own = {"_target_": "my_package.Own", "size": 3, "nested": {"name": "x"}}
    tree = {**plain(parse(compose_config("train", ["run_dir=x"]), TrainConfig)), group: own}
    config = parse(tree, TrainConfig)
    settings = getattr(config, group)
    assert isinstance(settings, CustomConfig)
    assert (settings.target, settings.name) == ("my_package.Own", "Own")
    assert settings.arguments == {"size": 3, "nested": {"name": "x"}}
    assert parse(plain(config), TrainConfig) == config
    assert plain(config)[group].items() >= own.items()


def test_a_model_of_the_users_own_keeps_the_settings_of_every_architecture() -> None:
    tree = plain(parse(compose_config("train", ["run_dir=x"]), TrainConfig))
    tree["model"] = {"_target_": "my_package.Own", "ensemble_size": 2, "init_bias_from_unigram": True, "size": 3}
    model = parse(tree, TrainConfig).model
    assert model == CustomModelConfig("my_package.Own", {"size": 3}, ensemble_size=2, init_bias_from_unigram=True)
    tree["model"]["ensemble_size"] = 0
    tree["optim"] = {"_target_": "os"}
    with pytest.raises(InputError) as caught:
        parse(tree, TrainConfig)
    assert str(caught.value).splitlines() == [
        "model.ensemble_size=0: must be a whole number from 1 to 1,000",
        "optim._target_=os: must be the path of a class: package.module.Class",
    ]


@pytest.mark.parametrize("module", ["torch", "lightning", "hydra", "omegaconf"])
def test_settings_are_checked_without(module: str) -> None:
    settings = "{'data': 5, 'card': 5, 'private': False}"
    code = f"import sys; sys.modules[sys.argv[1]] = None; import halo.config as c; c.parse({settings}, c.PrepareConfig)"
    outcome = subprocess.run([sys.executable, "-c", code, module], capture_output=True, text=True, check=False)
    assert outcome.stderr.splitlines()[-2:] == [
        "halo.runtime.errors.InputError: data=5: must be a mapping of settings",
        "card=5: must be a mapping of settings",
    ]


def test_conf_is_found_beside_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import halo.config.parsing

    (tmp_path / "halo" / "conf").mkdir(parents=True)
    monkeypatch.setattr(halo.config.parsing, "__file__", str(tmp_path / "halo" / "config" / "parsing.py"))
    assert conf_dir() == tmp_path / "halo" / "conf"
