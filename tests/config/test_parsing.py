"""Every file of conf/ composes and parses; what is wrong is told in one line with key, value and what is allowed."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from halo.config import (
    EvaluateConfig,
    GenerateConfig,
    PrepareConfig,
    TrainConfig,
    conf_dir,
    parse,
    plain,
)
from halo.runtime.errors import InputError
from tests.conftest import compose_config

GROUPS = ("data", "model", "optim", "schedule", "averaging", "trainer", "callbacks", "logger", "experiment", "debug")
CHOICES = [(group, file.stem) for group in GROUPS for file in sorted((conf_dir() / group).glob("*.yaml"))]


def test_every_group_of_conf_is_known_here() -> None:
    folders = {path.name for path in conf_dir().iterdir() if path.is_dir()}
    assert folders == {*GROUPS, "hydra"}
    assert len(CHOICES) >= 15


@pytest.mark.parametrize(("group", "choice"), CHOICES)
def test_every_choice_of_every_group_parses(group: str, choice: str) -> None:
    overrides = [f"{group}={choice}", "run_dir=somewhere"]
    if choice in ("text", "ptb", "wikitext2", "ptb_small_cpu", "ptb_awd"):
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
        assert first.startswith("# "), f"{file} says not what it is"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.hidden=0"], r"^model\.hidden=0: at least 1"),
        (["model.hidden=many"], r"^model\.hidden: Value 'many'"),
        (["model.dropout_input=1.0"], r"^model\.dropout_input=1\.0: a probability"),
        (["model.cell=rnn"], r"^model\.cell=rnn: choose one of lstm, gru"),
        (["model.last_hidden=0"], r"^model\.last_hidden=0: at least 1, or null"),
        (["model.activation_regularisation=-1"], r"^model\.activation_regularisation=-1"),
        (["+model.heads=2"], r"^model\.heads: Key 'heads' not in 'RecurrentConfig'"),
        (["model=transformer", "model.embedding=12"], r"^model\.embedding=12: a multiple of 2 x model\.heads \(4\)"),
        (
            ["model.adaptive_cutoffs=[5,5]"],
            r"^model\.adaptive_cutoffs=\[5, 5\]: ids above 0, each above the one before",
        ),
        (["model.adaptive_cutoffs=[]"], r"^model\.adaptive_cutoffs=\[\]"),
        (["model.adaptive_cutoffs=[5]"], r"^model\.tied=True: an adaptive softmax has weights of its own"),
        (["model=transformer", "model.context=0"], r"^model\.context=0: at least 1"),
        (["model.name=gpt"], r"^model\.name=gpt: choose one of lstm"),
        (["optim.lr=-1"], r"^optim\.lr=-1"),
        (["optim.lr=nan"], r"^optim\.lr=nan"),
        (["optim=adamw", "optim.betas=[0.9]"], r"^optim\.betas=\[0\.9\]: two numbers"),
        (["optim=sgd", "optim.momentum=1"], r"^optim\.momentum=1"),
        (["schedule.warmup_fraction=0"], r"^schedule\.warmup_fraction=0"),
        (["schedule=cosine", "schedule.warmup_fraction=1"], r"^schedule\.warmup_fraction=1"),
        (["schedule=cosine", "schedule.end_divisor=0.5"], r"^schedule\.end_divisor=0\.5"),
        (["schedule=plateau", "schedule.factor=2"], r"^schedule\.factor=2"),
        (["averaging=ema", "averaging.decay=1"], r"^averaging\.decay=1"),
        (["averaging=nt_asgd", "averaging.patience=-1"], r"^averaging\.patience=-1"),
        (["gradient_clip.algorithm=sum"], r"^gradient_clip\.algorithm=sum: choose one of norm, value"),
        (["gradient_clip.value=0"], r"^gradient_clip\.value=0"),
        (["model.mogrifier_rounds=-1"], r"^model\.mogrifier_rounds=-1: 0, or with model\.cell=lstm more, is needed"),
        (["model=gru", "model.mogrifier_rounds=2"], r"^model\.mogrifier_rounds=2: 0, or with model\.cell=lstm more"),
        (
            ["sampled_softmax.num_frequent=0"],
            r"^sampled_softmax\.num_frequent=0: at least 1, or null for the whole vocabulary",
        ),
        (["model.subword_lengths=[4,3]"], r"^model\.subword_lengths=\[4, 3\]: the shortest and the longest n-gram"),
        (["model.pointer_tokens=0"], r"^model\.pointer_tokens=0: at least 1, or null for no pointer, is needed"),
        (["model.subword_lengths=[3]"], r"^model\.subword_lengths=\[3\]: the shortest and the longest n-gram"),
        (["data.batch_size=0"], r"^data\.batch_size=0"),
        (
            ["data.variable_sequence_length=true", "data.sequence_length=9"],
            r"^data\.sequence_length=9: at least 10 is needed for",
        ),
        (["data.splits.train=0.9"], r"^data\.splits=1\.1: the three fractions must add up to 1"),
        (["data.splits.test=0"], r"^data\.splits\.test=0"),
        (["data.splits.validation_ratio=0"], r"^data\.splits\.validation_ratio=0.*: a number above 0, or null"),
        (["data.splits.validation_ratio=3", "data.splits.test=1"], r"^data\.splits\.test=1"),
        (["data.duplicates.similarity=0.4"], r"^data\.duplicates\.similarity=0\.4: a similarity from 0\.5 to 1"),
        (["data.duplicates.similarity=1.1"], r"^data\.duplicates\.similarity=1\.1"),
        (["data.duplicates.min_paragraph_words=0"], r"^data\.duplicates\.min_paragraph_words=0"),
        (["data.cleaning.case=upper"], r"^data\.cleaning\.case=upper: choose one of"),
        (["data.cleaning.steps=[html,url]"], r"^data\.cleaning\.steps=.*control, unicode, html, typography, urls"),
        (
            ["data.cleaning.numbers=drop"],
            r"^data\.cleaning\.numbers=drop: choose one of keep, digits_to_0, placeholder",
        ),
        (["data.tokenizer.kind=words"], r"^data\.tokenizer\.kind=words: choose one of word, whitespace, char, bpe"),
        (["data.tokenizer.kind=bpe"], r"^data\.tokenizer\.max_size=None: with kind=bpe at least 258"),
        (["data.tokenizer.max_size=2"], r"^data\.tokenizer\.max_size=2: at least 3"),
        (["data.tokenizer.eos=line"], r"^data\.tokenizer\.eos=line"),
        (["data.tokenizer.min_count=0"], r"^data\.tokenizer\.min_count=0"),
        (["data=text"], r"^data\.path=null: no text given"),
        (["data=text", "data.path=[]"], r"^data\.path=\[\]: a path or URL, or a list of them"),
        (["data=text", "data.path=['a.txt',3]"], r"^data\.path=\['a\.txt', 3\]: a path or URL"),
        (["data=text", "data.path={a: b}"], r"^data\.path=\{'a': 'b'\}: a path or URL"),
        (["data=text", "data.path=''"], r"^data\.path=: a path or URL"),
        (["data=text", "data.train_path=a.txt"], r"^data\.validation_path, data\.test_path=null: give a path for each"),
        (
            ["data.train_path=a.txt", "data.validation_path=b.txt", "data.test_path=c.txt"],
            r"^data\.path=bundled:.*: with data\.train_path, .* the one folder .*; data=text has no path of its own",
        ),
        (["data=ptb", "data.path=[a,b]"], r"^data\.path=\['a', 'b'\]: with data\.train_path, .* it is the one folder"),
        (["data=ptb", "data.path=a", "data.test_path=null"], r"^data\.test_path=null: give a path for each of train"),
        (
            ["data=ptb"],
            r"^data\.path=null: give the folder of ptb\.train\.txt, ptb\.valid\.txt, .*simple-examples\.tgz",
        ),
        (["data=wikitext2"], r"^data\.path=null: give the folder of wiki\.train\.tokens, .*wikitext-2-v1\.zip"),
        (["data.documents=page"], r"^data\.documents=page: choose one of file, paragraph, line, every_line"),
        (["data.encoding_errors=ignore"], r"^data\.encoding_errors=ignore: choose one of strict, replace"),
        (["data.text_field=''"], r"^data\.text_field=: the name of a field"),
        (["seed=-1"], r"^seed=-1"),
        (["find_lr=true", "seeds=2"], r"^seeds=2: find_lr=true takes one seed"),
        (["samples.top_p=0"], r"^top_p=0"),
        (["model.layers=1.5"], r"^model\.layers: Value '1\.5'"),
        (["~model"], r"^model\.name=None"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(overrides: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse(compose_config("train", ["run_dir=x", *overrides]), TrainConfig)
    assert "\n" not in str(caught.value)


def test_conf_is_found_beside_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import halo.config.parsing

    (tmp_path / "halo" / "conf").mkdir(parents=True)
    monkeypatch.setattr(halo.config.parsing, "__file__", str(tmp_path / "halo" / "config" / "parsing.py"))
    assert conf_dir() == tmp_path / "halo" / "conf"
