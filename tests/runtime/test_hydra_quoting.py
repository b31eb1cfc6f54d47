"""Hydra reads a quoted value as the text that was quoted, and texts and paths as they were typed."""

import shlex
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from halo.runtime.hydra_quoting import (
    argument,
    escape_interpolations,
    expand_home,
    literal_settings,
    quote_value,
    repeated_argument,
    shell_setting,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" '\"\\,=${}[]()"))


@given(TEXT)
@example("C:\\runs\\")
@example("it's \\'quoted\\' and ends in \\")
@example("for ${x} in a \\${b} \\\\${ \\")
@example("two\nlines")
def test_a_quoted_value_is_read_as_it_was(text: str) -> None:
    override = OverridesParser.create().parse_override(f"key={quote_value(escape_interpolations(text))}")
    if text != "???":  # OmegaConf's sign for a missing value
        assert OmegaConf.to_container(OmegaConf.create({"key": override.value()}), resolve=True) == {"key": text}


@pytest.mark.parametrize(
    "text", ["null", "True", "1e3", "a,b", ".5", "inf", "1_000", "-1", "a/1_0", "a.00", "../1", "_"]
)
def test_what_hydra_would_take_for_another_type_stays_text(text: str) -> None:
    assert OverridesParser.create().parse_override(f"key={quote_value(text)}").value() == text


@given(TEXT.filter(lambda text: "\x00" not in text))
def test_a_setting_is_one_word_of_a_shell(text: str) -> None:
    assert shlex.split(shell_setting("run", text)) == [f"run={text}"]


ONE_VALUE = [
    ("prompt=a, b", "prompt='a, b'"),
    ("prompt='a, b'", "prompt='a, b'"),
    ('prompt="a, b"', 'prompt="a, b"'),
    ("prompt='a' or 'b'", "prompt='\\'a\\' or \\'b\\''"),
    ("prompt=null", "prompt='null'"),
    ("text=null", "text=null"),
    ("stop=.", "stop='.'"),
    ("stop=[., it's]", "stop=['.','it\\'s']"),
    ("stop=null", "stop=null"),
    ("prompt_file=-", "prompt_file='-'"),
    ("run=null", "run=null"),
    ("run=", "run=''"),
    ("++run_dir=a b", "++run_dir='a b'"),
    ("run=~/a b", "run='/home/me/a b'"),
    ("run='~/a b'", "run='/home/me/a b'"),
    ("run=~", "run=/home/me"),
    ("prompt=~/x", "prompt='~/x'"),
    ("data.path=[a.txt,b.txt]", "data.path=[a.txt,b.txt]"),
    ("data.path=[ö.txt, (1).txt]", "data.path=['ö.txt','(1).txt']"),
    ("data.path=[it's.txt,~/b]", "data.path=['it\\'s.txt',/home/me/b]"),
    ("data.path=['a,b.txt',c]", "data.path=['a,b.txt',c]"),
    ("data.path=[2021_01,1]", "data.path=['2021_01','1']"),
    ("data.path=[]", "data.path=[]"),
    ("data.path=[ab]*.txt", "data.path='[ab]*.txt'"),
    ("path=[ab].txt", "path='[ab].txt'"),
    ("run_dir=${oc.env:HOME}/a b", "run_dir='${oc.env:HOME}/a b'"),
    ("callbacks.mine.dirpath=a b", "callbacks.mine.dirpath='a b'"),
    ("data.cleaning.keep_characters=.,'()", "data.cleaning.keep_characters='.,\\'()'"),
    ("data.text_field=Abstract (en)", "data.text_field='Abstract (en)'"),
    ("samples.prompts=[a,b]", "samples.prompts=[a,b]"),
    ("seed=1,2", "seed=1,2"),
    ("~data.path", "~data.path"),
    ("models=a,b c", "models=[a,'b c']"),
    ("models=~/a,s3://b", "models=[/home/me/a,'s3://b']"),
    ("models='a,b',c", "models=['a,b',c]"),
    ("models=[a, b]", "models=[a,b]"),
    ("models=a", "models=[a]"),
    ("models=null", "models=null"),
]
SWEEPS = [
    ("prompt=a,b c", "prompt=a,'b c'"),
    ("prompt=don't,stop", "prompt='don\\'t',stop"),
    ("prompt='a, b',c", "prompt='a, b',c"),
    ("run=1,2021_01,null", "run='1','2021_01',null"),
    ("data.path=[a,b],[c]", "data.path=[a,b],[c]"),
    ("data.path=~/a,b", "data.path=/home/me/a,b"),
    ("seed=choice(1,2)", "seed=choice(1,2)"),
    ("prompt=choice(a,b)", "prompt=choice(a,b)"),
    ("prompt=a,", "prompt=a,''"),
    ("models=a,b", "models=[a,b]"),
    ("models=[a],[b,c]", "models=[a],[b,c]"),
]


@pytest.mark.parametrize(
    ("typed", "read", "is_sweep"), [*((*each, False) for each in ONE_VALUE), *((*each, True) for each in SWEEPS)]
)
def test_texts_and_paths_are_quoted(typed: str, read: str, is_sweep: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert literal_settings([typed], is_sweep=is_sweep) == [read]
    assert literal_settings([read], is_sweep=is_sweep) == [read]


def test_a_folder_with_a_comma_in_its_name_is_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a,b").mkdir()
    assert literal_settings(["models=a,b"]) == ["models=['a,b']"]


@pytest.mark.parametrize(
    ("path", "expanded"),
    [
        ("~", "/home/me"),
        ("~/my runs/1", "/home/me/my runs/1"),
        ("a/~/b", "a/~/b"),
        ("./~", "./~"),
        ("~nobody-of-that-name/x", "~nobody-of-that-name/x"),
        ("https://host//~me/a.txt", "https://host//~me/a.txt"),
    ],
)
def test_home_is_expanded_once(path: str, expanded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path("/home/me")))
    assert expand_home(path) == expanded
    assert expand_home(expanded) == expanded


@given(TEXT.filter(lambda text: "\x00" not in text and "${" not in text))
@example("'a'")
@example("null")
@example("~/x")
def test_a_printed_argument_is_read_as_it_was(text: str) -> None:
    for key in ("prompt", "run"):
        typed = shlex.split(argument(key, text))
        if key == "run" and text.startswith("~"):
            continue
        (read,) = literal_settings(typed)
        assert OverridesParser.create().parse_override(read).value() == text
        assert literal_settings(shlex.split(repeated_argument(read))) == [read]
