"""Saved models made to do harm, or broken: one line, exit code 2, and nothing run, fetched, written or filled."""

import json
import os
import re
import resource
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from halo.bundle.loading import open_model
from halo.bundle.validation import BUNDLE_FORMAT, MAX_CONFIG_BYTES, MAX_METRICS_BYTES
from halo.cli.error_messages import exit_on_error
from halo.tokenization.tokenizer import MAX_BYTES, TextTokenizer
from tests.conftest import EXHAUSTIVE, Outcome, Run

Command = Callable[..., Outcome]
Change = Callable[[dict[str, Any]], object]
IsRefused = Callable[[str, str], None]


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Path:
    """A run folder that a test may spoil."""
    return Path(shutil.copytree(trained.folder, tmp_path / "run"))


@pytest.fixture
def bundle(run: Path) -> Path:
    return run / "bundle"


@pytest.fixture(autouse=True)
def little_memory() -> Iterator[None]:
    """Four GiB of addresses beyond what is in use: who takes a bundle at its word about sizes gets none."""
    pages = Path("/proc/self/statm")
    before = resource.getrlimit(resource.RLIMIT_AS)
    if pages.exists():
        in_use = int(pages.read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (in_use + 2**32, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def refused(outcome: Outcome, message: str) -> None:
    """Asserts exit code 2 and one line that matches and can be printed."""
    assert outcome.code == 2, outcome
    (line,) = outcome.err.strip().splitlines()
    assert line.startswith("error: ")
    assert line.isprintable()
    assert re.search(message, line), line


@pytest.fixture
def is_refused(capsys: pytest.CaptureFixture[str]) -> IsRefused:
    """Asserts that a run or bundle is not opened, as commands open it; which costs a tenth of a whole command."""

    def check(folder: str, message: str) -> None:
        kind, _, path = folder.partition("=")
        capsys.readouterr()
        with pytest.raises(SystemExit) as end, exit_on_error("generate", has_started=lambda: False):
            open_model(**{"run": None, "bundle": None, kind: path}, device="cpu")
        refused(Outcome(int(end.value.code or 0), *capsys.readouterr()), message)

    return check


def both_refuse(command: Command, folder: str, message: str) -> None:
    refused(command("generate", folder, "prompt=the", "device=cpu"), message)
    refused(command("evaluate", folder, "text=the people", "device=cpu"), message)


def change_config(folder: Path, change: Change) -> None:
    config = yaml.safe_load((folder / "config.yaml").read_text())
    change(config)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def change_tokenizer(folder: Path, change: Change) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    change(tokenizer)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# The format


def test_a_bundle_without_a_format_number_has_the_first_format(command: Command, bundle: Path) -> None:
    assert yaml.safe_load((bundle / "config.yaml").read_text())["format"] == BUNDLE_FORMAT == 5
    change_config(bundle, lambda config: config.pop("format"))
    message = r"config\.yaml: format 1; this version reads format 5; train the model again"
    both_refuse(command, f"bundle={bundle}", message)


@pytest.mark.parametrize("number", [6, 10**3000])
def test_a_newer_format_is_refused(command: Command, run: Path, bundle: Path, number: int) -> None:
    for folder in (run, bundle):
        change_config(folder, lambda config: config.update(format=number))
    message = r"config\.yaml: format 1?[06]+; this version reads format 5; update halo"
    both_refuse(command, f"bundle={bundle}", message)
    both_refuse(command, f"run={run}", message)


@pytest.mark.parametrize("written", ["0", "-1", "true", "1.0", "'1'", "null", "[1]"])
def test_a_format_that_is_none(is_refused: IsRefused, bundle: Path, written: str) -> None:
    text = (bundle / "config.yaml").read_text()
    (bundle / "config.yaml").write_text(re.sub("^format: 5$", f"format: {written}", text, flags=re.MULTILINE))
    is_refused(f"bundle={bundle}", r"config\.yaml: not the configuration of a halo run \(format")


# What would be executed or resolved


class _Payload:
    """Writes a file where a pickle that holds it is loaded."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("executed",)


@pytest.mark.parametrize("content", [[_Payload()], {"state_dict": {}, "global_step": 1, "loops": _Payload()}])
def test_nothing_in_a_pickle_is_called(command: Command, run: Path, tmp_path: Path, content: object) -> None:
    for name in ("best.ckpt", "last.ckpt"):
        torch.save([torch.zeros(10_000), content], run / "checkpoints" / name)  # as large as it is said to be
    both_refuse(command, f"run={run}", r"best\.ckpt: broken, or not of this model \(Weights only load failed")
    torch.save(content, run / "bundle" / "model.safetensors")
    both_refuse(command, f"bundle={run / 'bundle'}", r"model\.safetensors: broken, or not of this model")
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda config: config["model"].update(_target_="os.system"), r"model.*_target_"),
        (lambda config: config["data"].update(_target_="os.system", _args_=["touch executed"]), r"data\._args_"),
        (lambda config: config["model"].update(name={"_target_": "os.getcwd"}), r"model\.name"),
        (lambda config: config["data"].update(path="${oc.env:HOME}"), r"holds a reference"),
        (lambda config: config["data"].update({"${oc.env:HOME}": 1}), r"holds a reference"),
        (lambda config: config["data"]["cleaning"].update(steps=["${oc.env:HOME}"]), r"holds a reference"),
        (lambda config: config["model"].update(hidden="${oc.decode:16}"), r"holds a reference"),
        (lambda config: config["model"].update(name="???"), r"model\.name"),
        (lambda config: config["data"].update(path="\x1b[2J.txt"), r"a control character"),
    ],
)
def test_nothing_in_a_configuration_is_resolved(
    is_refused: IsRefused, bundle: Path, tmp_path: Path, change: Change, message: str
) -> None:
    change_config(bundle, change)
    is_refused(f"bundle={bundle}", rf"config\.yaml: .*{message}")
    assert not (tmp_path / "executed").exists()


BOMB = (
    "a0: &a0 [x, x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    + "data: *a39\nmodel: 1\n"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, r"tags, anchors and references are not allowed"),
        ("format: 5\ndata: !!python/object/apply:os.mkdir [executed]\nmodel: {}\n", r"tags, anchors and references"),
        ("format: 5\ndata: !!timestamp x\nmodel: {}\n", r"tags, anchors and references"),
        ("[" * 300_000, r"more than 20 levels deep"),
        ("- " * 300_000, r"more than 20 levels deep"),
        ("format: 5\ndata: " + "{a: " * 100_000, r"more than 20 levels deep"),
        ("format: 5\ndata: " + "1:" * 200_000 + "1\nmodel: {}\n", r"a value of more than 16,384 characters"),
        ("format: 5\ndata: " + "9" * 10_000 + "\nmodel: {}\n", r"not the configuration of a halo run"),
        ("? [a, b]\n: 1\n", r"not the configuration of a halo run"),
        ("format: 5\ndata: {[a]: 1}\nmodel: {}\n", r"not the configuration of a halo run"),
        ("format: 5\ndata: {1: 1}\nmodel: {}\n", r"the key '1' is not a string"),
        ("format: 5\ndata: 2001-01-01\nmodel: {}\n", r"a value of type date"),
        ("format: 5\ndata: 2001-99-99\nmodel: {}\n", r"not the configuration of a halo run"),
        ("format: 5\ndata: {}\n---\nmodel: {}\n", r"not the configuration of a halo run"),
        ("\x00", r"not the configuration of a halo run"),
        ("format: 5\ndata:\nmodel: [1]\n", r"config\.yaml: .*model=\[1\]"),
    ],
)
def test_yaml_that_would_take_its_reader_down(is_refused: IsRefused, bundle: Path, text: str, message: str) -> None:
    (bundle / "config.yaml").write_text(text)
    is_refused(f"bundle={bundle}", message)


# What would be read, fetched or written elsewhere


@pytest.mark.parametrize(
    "change",
    [
        {"path": "http://127.0.0.1:9/text.txt"},
        {"path": ["own.txt", "s3://bucket/text.txt"]},
        {"path": "zip://text.txt::http://127.0.0.1:9/text.zip"},
        {"path": "file:///etc"},
        {"path": "x.zip", "train_path": "a.txt::http://127.0.0.1:9/a.zip", "validation_path": "b", "test_path": "c"},
        {"path": None, "train_path": "a.txt", "validation_path": "b.txt", "test_path": ["c.txt", "memory://c.txt"]},
    ],
)
@pytest.mark.parametrize("way", ["split=test", pytest.param("cache=true", marks=EXHAUSTIVE)])
def test_nothing_is_fetched_on_the_word_of_a_bundle(
    command: Command, bundle: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], way: str
) -> None:
    fetched: list[object] = []
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda *given: fetched.append(given))
    change_config(bundle, lambda config: config["data"].update(change))
    message = r"config\.yaml: data\..* is a URL, and the URL of a bundle is never fetched; use path=URL"
    refused(command("evaluate", f"bundle={bundle}", way, "device=cpu"), message)
    assert not fetched
    assert command("evaluate", f"bundle={bundle}", "text=the people", "device=cpu").code == 0


def test_the_cache_is_where_the_user_has_it(command: Command, bundle: Path, tmp_path: Path) -> None:
    change_config(bundle, lambda config: config["data"].update(cache_dir=str(tmp_path / "elsewhere")))
    assert command("evaluate", f"bundle={bundle}", "split=test", "device=cpu").code == 0
    assert not (tmp_path / "elsewhere").exists()
    assert list((tmp_path / "outputs" / "cache").iterdir())
    assert command("evaluate", f"bundle={bundle}", "split=test", "cache_dir=mine", "device=cpu").code == 0
    assert list((tmp_path / "mine").iterdir())


@pytest.mark.parametrize(
    "path", ["../../../../../../etc", "/dev/zero", "/etc/passwd", "~nobody-at-all/x.txt", "bundled:../x"]
)
def test_a_path_that_is_no_text(command: Command, bundle: Path, path: str) -> None:
    change_config(bundle, lambda config: config["data"].update(path=path))
    refused(command("evaluate", f"bundle={bundle}", "device=cpu"), r"data\.path=")


FILES = ["config.yaml", "tokenizer.json", "model.safetensors"]


@pytest.mark.parametrize("name", [*FILES, "metrics.json"])
def test_a_link_out_of_the_folder_is_not_followed(command: Command, bundle: Path, tmp_path: Path, name: str) -> None:
    (bundle / name).rename(tmp_path / name)
    (bundle / name).symlink_to(Path("..") / ".." / name)
    message = rf"{name}: a link to a file outside the folder; copy the file into the folder"
    if name == "metrics.json":
        refused(command("evaluate", f"bundle={bundle}", "device=cpu"), message)
    else:
        both_refuse(command, f"bundle={bundle}", message)


def test_a_checkpoint_behind_a_link_out_of_the_folder(is_refused: IsRefused, run: Path, tmp_path: Path) -> None:
    (run / "checkpoints").rename(tmp_path / "checkpoints")
    (run / "checkpoints").symlink_to(tmp_path / "checkpoints")
    is_refused(f"run={run}", r"best\.ckpt: a link to a file outside the folder")


def test_links_to_the_folder_and_within_it_are_followed(command: Command, bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bundle)
    (bundle / "model.safetensors").rename(bundle / "weights")
    (bundle / "model.safetensors").symlink_to("weights")
    assert command("generate", "bundle=link", "prompt=the", "device=cpu").code == 0


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "circle", "dangling", "missing"])
def test_what_is_no_plain_file(is_refused: IsRefused, bundle: Path, name: str, kind: str) -> None:
    file = bundle / name
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind != "missing":
        file.symlink_to({"device": "/dev/zero", "circle": name, "dangling": "nowhere"}[kind])
    is_refused(f"bundle={bundle}", name)


@pytest.mark.parametrize("argument", ["bundle=" + "x" * 5000, "run=" + "x" * 5000, "bundle=/dev/null", "run=/dev/null"])
def test_a_folder_that_is_none(command: Command, tmp_path: Path, argument: str) -> None:
    both_refuse(command, argument, r"^error: (run|bundle)=")
    assert not list(tmp_path.rglob("*.*"))


# What would fill the memory or take forever


def test_files_larger_than_they_get_are_not_read(command: Command, is_refused: IsRefused, bundle: Path) -> None:
    """The files have holes and take no room on the disk."""
    spoiled = {"tokenizer.json": 2**31, "config.yaml": MAX_CONFIG_BYTES + 1, "model.safetensors": 2**40}
    for name, size in spoiled.items():
        before = (bundle / name).read_bytes()
        os.truncate(bundle / name, size)
        is_refused(f"bundle={bundle}", name)
        (bundle / name).write_bytes(before)
    os.truncate(bundle / "metrics.json", MAX_METRICS_BYTES + 1)
    refused(command("evaluate", f"bundle={bundle}", "device=cpu"), r"metrics\.json: 16,777,217 bytes, at most")
    assert spoiled["tokenizer.json"] > MAX_BYTES


@pytest.mark.parametrize(
    "sizes",
    [
        *({"hidden": 10**9}, {"hidden": 2**20}, {"embedding": 2**20}, {"layers": 10**9}, {"layers": 100}),
        *({"members": 10**9}, {"members": 1000}, {"mogrifier_rounds": 10**9}, {"mogrifier_rounds": 100}),
        *({"pointer_tokens": 10**18}, {"last_hidden": 2**20}, {"hidden": 10**400}, {"dropout_input": 10**400}),
        *({"subword_lengths": [1, 10**9]}, {"adaptive_cutoffs": list(range(1, 400)), "tied": False}),
        {"adaptive_cutoffs": [10**9], "tied": False},
    ],
)
def test_sizes_without_measure_in_the_configuration(
    is_refused: IsRefused, run: Path, bundle: Path, sizes: dict[str, Any]
) -> None:
    for folder in (run, bundle):
        change_config(folder, lambda config: config["model"].update(sizes))
    message = (
        r"config\.yaml: (model|a number)|config\.yaml asks for [\d,]+ weights|broken, or not of this model \(Error"
    )
    is_refused(f"bundle={bundle}", message)
    is_refused(f"run={run}", message)


def write_weights(file: Path, header: object, data: bytes = b"", *, claimed: int | None = None) -> None:
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    file.write_bytes(struct.pack("<Q", len(text) if claimed is None else claimed) + text + data)


def tensor(shape: list[int], offsets: list[int], dtype: str = "F32") -> dict[str, dict[str, object]]:
    return {"embedding.weight": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


@pytest.mark.parametrize(
    ("header", "claimed"),
    [
        (tensor([10**9, 10**9], [0, 4 * 10**18]), None),
        (tensor([2**40, 2**40], [0, 4]), None),
        (tensor([-1, 4], [0, 4]), None),
        (tensor([0, 10**18], [0, 0]), None),
        (tensor([1], [2**63, 2**63 + 4]), None),
        (tensor([8192], [0, 32768], "F99"), None),
        (b'{"a":' * 100_000, None),
        (b"{}", 2**63),
        (b"{}", 2**32),
        (b"{}", 3),
        (b"", 0),
    ],
)
def test_a_weights_file_that_lies_about_its_shapes(
    is_refused: IsRefused, bundle: Path, header: object, claimed: int | None
) -> None:
    write_weights(bundle / "model.safetensors", header, bytes(2**15), claimed=claimed)
    is_refused(f"bundle={bundle}", r"model\.safetensors: broken, or not of this model")


def test_weights_that_are_no_numbers(command: Command, run: Path, bundle: Path) -> None:
    weights = load_file(bundle / "model.safetensors")
    name = next(name for name in weights if weights[name].is_floating_point())
    weights[name].view(-1)[0] = torch.nan
    save_file(weights, bundle / "model.safetensors")
    both_refuse(command, f"bundle={bundle}", r"model\.safetensors: some weights are not finite numbers")
    saved = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    saved["state_dict"]["model.output.bias"][3] = torch.inf
    torch.save(saved, run / "checkpoints" / "best.ckpt")
    both_refuse(command, f"run={run}", r"best\.ckpt: some weights are not finite numbers")


def test_predictions_that_are_no_numbers_are_told_and_unlikely_words_have_short_bars(
    command: Command, bundle: Path
) -> None:
    weights = load_file(bundle / "model.safetensors")
    for name in weights:
        if name.endswith("output.bias"):
            weights[name][3] = 3e38
            weights[name][5] = -3e38
    save_file(weights, bundle / "model.safetensors")
    outcome = command("evaluate", f"bundle={bundle}", "text=the people", "device=cpu")
    assert outcome.code in (0, 2)
    assert max(map(len, outcome.out.splitlines()), default=0) <= 160
    if outcome.code == 2:
        refused(outcome, r"the model.s predictions are not finite numbers")


def rezip(file: Path, change: Callable[[bytes], bytes], method: int = zipfile.ZIP_STORED) -> None:
    """Writes a checkpoint anew, with another description of its tensors."""
    with zipfile.ZipFile(file) as archive:
        parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name.endswith("/data.pkl") else content)


@pytest.mark.parametrize(
    ("change", "method"),
    [
        (lambda content: content, zipfile.ZIP_DEFLATED),
        (lambda content: content + bytes(2**25), zipfile.ZIP_DEFLATED),
        (lambda content: b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.", zipfile.ZIP_STORED),
        (lambda content: b"\x80\x02ctorch\nFloatTensor\nJ\xff\xff\xff\x7f\x85R.", zipfile.ZIP_STORED),
    ],
)
def test_a_checkpoint_that_unpacks_into_more(
    is_refused: IsRefused, run: Path, change: Callable[[bytes], bytes], method: int
) -> None:
    rezip(run / "checkpoints" / "best.ckpt", change, method)
    is_refused(f"run={run}", r"best\.ckpt: not a checkpoint in the format of torch")


@pytest.mark.parametrize("content", [b"\x80\x02" + b"]" * 100_000, b"\x80\x02" + b"(" * 10, b"\x80\x02}r", b""])
def test_a_checkpoint_with_a_broken_pickle(is_refused: IsRefused, run: Path, content: bytes) -> None:
    rezip(run / "checkpoints" / "best.ckpt", lambda _: content)
    is_refused(f"run={run}", r"best\.ckpt: broken, or not of this model|not a checkpoint of halo")


def test_a_checkpoint_of_the_old_kind_is_refused(is_refused: IsRefused, run: Path) -> None:
    saved = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    torch.save(saved, run / "checkpoints" / "best.ckpt", _use_new_zipfile_serialization=False)
    is_refused(f"run={run}", r"best\.ckpt: broken, or not of this model")


# Tokenizers


@pytest.mark.parametrize(
    "change",
    [
        lambda saved: saved["pre_tokenizer"]["pattern"].update(Regex="(a+)+$"),
        lambda saved: saved.update(
            pre_tokenizer={"type": "Sequence", "pretokenizers": [saved["pre_tokenizer"]] * 1000}
        ),
        lambda saved: saved.update(
            normalizer={"type": "Replace", "pattern": {"Regex": "(x+x+)+y"}, "content": "x" * 9}
        ),
        lambda saved: saved.update(padding={"strategy": {"Fixed": 10**12}, "direction": "Right"}),
        lambda saved: saved.update(truncation={"max_length": 0}),
        lambda saved: saved.update(post_processor={"type": "ByteLevel"}),
        lambda saved: saved.update(decoder={"type": "Fuse"}),
        lambda saved: saved.pop("pre_tokenizer"),
        lambda saved: saved["model"].update(type="Unigram"),
        lambda saved: saved["model"].update(unk_token="the"),
        lambda saved: saved["model"]["vocab"].pop("<unk>"),
        lambda saved: saved["model"]["vocab"].update(new=10**9),
        lambda saved: saved["model"]["vocab"].update(new=-1),
        lambda saved: saved["model"]["vocab"].update(new=10**400),
        lambda saved: saved["model"]["vocab"].update(new=1.5),
        lambda saved: saved["model"]["vocab"].update({"\ud800": len(saved["model"]["vocab"])}),
        lambda saved: saved["model"].update(vocab=[["a", 0.5]]),
        lambda saved: saved.update(model=None),
    ],
)
def test_a_tokenizer_of_another_make(is_refused: IsRefused, bundle: Path, change: Change) -> None:
    change_tokenizer(bundle, change)
    is_refused(f"bundle={bundle}", r"tokenizer\.json: not a tokenizer\.json of halo \(.+\); use a file")


@pytest.mark.parametrize("text", ["[" * 10**6, '{"model": {"vocab": ' + '{"a": ' * 10**5, "1" * 10**5, "[{}]", "null"])
def test_json_that_would_take_its_reader_down(command: Command, is_refused: IsRefused, bundle: Path, text: str) -> None:
    (bundle / "tokenizer.json").write_text(text)
    is_refused(f"bundle={bundle}", r"tokenizer\.json: not a tokenizer\.json of halo")
    (bundle / "metrics.json").write_text(text)
    shutil.copy(bundle.parent / "tokenizer.json", bundle)
    refused(command("evaluate", f"bundle={bundle}", "device=cpu"), r"metrics\.json: not the metrics of a halo run")


def test_a_vocabulary_of_another_size(is_refused: IsRefused, bundle: Path) -> None:
    change_tokenizer(bundle, lambda saved: saved["model"]["vocab"].update(new=len(saved["model"]["vocab"])))
    is_refused(f"bundle={bundle}", r"word_statistics\.json: not the word statistics of this model")


def test_words_without_end_have_no_ngrams(is_refused: IsRefused, bundle: Path) -> None:
    def lengthen(saved: dict[str, Any]) -> None:
        vocab = saved["model"]["vocab"]
        last = next(word for word, number in vocab.items() if number == len(vocab) - 1)
        vocab["long" * 2**22] = vocab.pop(last)

    change_tokenizer(bundle, lengthen)
    is_refused(f"bundle={bundle}", r"config\.yaml: model\.subword_lengths=.*at most 33,554,432 are counted")


def test_added_tokens_and_what_later_libraries_write_down_do_not_matter(bundle: Path) -> None:
    before = TextTokenizer.load(bundle / "tokenizer.json")
    added = {"id": 0, "content": "<unk>", "special": True, "normalized": False}

    def change(saved: dict[str, Any]) -> None:
        saved.update(added_tokens=[added], later={"a": 1})
        saved["model"].update(later=True)

    change_tokenizer(bundle, change)
    after = TextTokenizer.load(bundle / "tokenizer.json")
    assert after.encode("the <unk> people") == before.encode("the <unk> people")
    assert after.words() == before.words()


def test_what_a_terminal_takes_for_a_command_is_not_printed(command: Command, bundle: Path) -> None:
    """The words of a vocabulary, and what training is said to have found."""

    def change(saved: dict[str, Any]) -> None:
        vocab = saved["model"]["vocab"]
        for word in [word for word, number in vocab.items() if number > 1 and word != "the"]:
            vocab[f"\x1b]0;{word}\x07"] = vocab.pop(word)

    change_config(bundle, lambda config: config["model"].update(subword_lengths=None))
    weights = load_file(bundle / "model.safetensors")
    plain = {
        name.replace("parametrizations.weight.original", "weight"): value
        for name, value in weights.items()
        if not name.endswith("weight.0.vectors")
    }
    save_file(plain, bundle / "model.safetensors")
    change_tokenizer(bundle, change)
    outcome = command("generate", f"bundle={bundle}", "prompt=the", "device=cpu")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    assert "\ufffd]0;" in outcome.out
    metrics = json.loads((bundle / "metrics.json").read_text())
    (bundle / "metrics.json").write_text(json.dumps({**metrics, "verdict": "\x1b[2J" * 1000}))
    shutil.copy(bundle.parent / "tokenizer.json", bundle)
    outcome = command("evaluate", f"bundle={bundle}", "device=cpu")
    assert outcome.code == 0
    assert "Verdict on training: \ufffd[2J" in outcome.out
    assert "\x1b" not in outcome.out
    assert len(outcome.out) < 20_000


# Whatever was refused, the model itself stays as it was


def test_a_model_is_only_read(command: Command, run: Path) -> None:
    before = contents(run)
    assert command("generate", f"bundle={run / 'bundle'}", "prompt=the", "device=cpu").code == 0
    assert command("evaluate", f"run={run}", "text=the people", "device=cpu").code == 0
    (run / "checkpoints" / "best.ckpt").write_bytes(b"")
    both_refuse(command, f"run={run}", r"best\.ckpt")
    assert contents(run) == {**before, "checkpoints/best.ckpt": b""}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        *(("manifest.json", text) for text in ("[" * 100_000, '{"splits": []}')),
        *(pytest.param("manifest.json", text, marks=EXHAUSTIVE) for text in ("", '{"splits": 1}')),
        *(("statistics.json", text) for text in ("[" * 100_000, '{"\x1b[2J": 1}')),
        *(pytest.param("statistics.json", text, marks=EXHAUSTIVE) for text in ("", "[]")),
        *(("train.npy", text) for text in ("", "no array")),
        ("tokenizer.json", ""),
    ],
)
def test_a_damaged_prepared_text(command: Command, run: Path, tmp_path: Path, name: str, content: str) -> None:
    settings = [f"run={run}", "split=test", "device=cpu"]
    assert command("evaluate", *settings).code == 0
    (file,) = (tmp_path / "outputs" / "cache").glob(f"*/{name}")
    file.write_text(content)
    refused(command("evaluate", *settings), r"damaged|not a tokenizer\.json of halo")
