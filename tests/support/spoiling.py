"""Random changes to valid arguments and files of the commands; `tests/support/fuzzing.py` tries them."""

import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf

from tests.conftest import TINY, compose_config
from tests.integration.test_fuzz_text import at_random, cut, flip, insert, repeat, take_out

Mutation = Callable[[bytes, random.Random], bytes]

NUMBERS: list[Any] = [0, -1, 1, 2, 1.5, -0.0, 1e308, float("nan"), float("inf"), 2**31, 2**63, 2**64, 10**30, 10**400]
_PLAIN_WORDS = """
null ??? nan 1e999 0x1F 1_000 1:30:00 2001-01-01 yes ~ . .. / * é 日本 İ <unk> <eos> lstm cpu a::b
${oc.env:HOME} ${data} ${ $ _target_ os.system bundled: bundled:../x nowhere.txt **/*.nothing
"""
WORDS: list[Any] = [
    *_PLAIN_WORDS.split(),
    *("", " ", "e\u0301" * 9, "x" * 5000, "../" * 30 + "etc", "http://127.0.0.1:9/x.txt"),
    *("\u202e", "\u2028", "\ufeff", "\x00", "\x1b[31m", "\x7f", "\x85", "\U0010ffff"),
]
TREES: list[Any] = [None, True, [], {}, [[]], [None], {"a": 1}, [1, "a"], {"_target_": "os.getcwd"}, [[[[[[[[1]]]]]]]]]
VALUES = [*NUMBERS, *WORDS, *TREES]
_GRAMMAR = "' \" [ ] { } ( \\ = @ # % ! a:b {a:1} [1,2] [1 a,b a=b choice(1,2) range(3) glob(*) int(x) str([1])"
UNPARSED = [*_GRAMMAR.split(), "a b", "\n", "\t", "\udcff", "[" * 200 + "]" * 200, "{a:" * 100]
_JUNK = """
= == a a=1 +a=1 ++a=1 ~a ~device ~data +data=x data=nothing data@x=text @a=b é=1 .=1 a.b.c=1 model.=1 .model=1
data..path=x model=gpt optim=none experiment=x trainer=none callbacks=none samples.prompts=[a,[b]] hydra.job.name=
-x --nothing -- -h --version --cfg=job --info=all -cn=x --config-dir=no
hydra.verbose=perhaps hydra.mode=5 hydra/output=none
"""
JUNK = ["", *_JUNK.split()]
WRITING = {"run_dir", "cache_dir", "data.cache_dir"}  # settings that name a place to write to
LONG = {"num_words", "num_samples"}  # settings whose value is an amount of work


def keys_of(name: str) -> list[str]:
    """Returns the dotted keys of all settings of a command."""
    found: list[str] = []

    def collect(node: Any, path: str) -> None:
        for key in node:
            found.append(f"{path}{key}")
            if isinstance(node, dict) and isinstance(node[key], dict):
                collect(node[key], f"{path}{key}.")

    overrides = ["prompt=x"] if name == "generate" else []
    collect(OmegaConf.to_container(compose_config(name, overrides), resolve=False), "")
    return found


def valid_arguments(name: str, text: Path, dice: random.Random) -> list[str]:
    if name in {"train", "prepare"}:
        return [each for each in TINY if name == "train" or each.startswith("data")] + [f"data.path={text}"]
    model = dice.choice(["run=run", "bundle=run/bundle"])
    if name == "generate":
        return [model, "prompt=the people", "num_words=3", "device=cpu"]
    return [model, "text=the people of the town", "device=cpu"]


def random_arguments(name: str, keys: list[str], text: Path, dice: random.Random) -> list[str]:
    arguments = valid_arguments(name, text, dice)
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        at = dice.randrange(len(arguments) + 1)
        kind = dice.randrange(10)
        if kind < 5 or not arguments:
            arguments.insert(at, _random_setting(dice.choice(keys), dice))
        elif kind == 5:
            arguments.insert(at, dice.choice(JUNK))
        elif kind == 6:
            del arguments[at % len(arguments)]
        elif kind == 7:
            arguments.append(dice.choice(arguments))
        else:
            arguments[at % len(arguments)] = _with_other_character(arguments[at % len(arguments)], dice)
    return [
        each for each in arguments if not each.startswith(("-m", "--m", "-sc", "--sh", "--e", "hydra.run", "hydra.sw"))
    ]


def _random_setting(key: str, dice: random.Random) -> str:
    value = dice.choice([*VALUES, *UNPARSED])
    if key in LONG and not isinstance(value, str):
        value = dice.choice([0, -1, 2, 1.5, 10**30, 10**400, None, True])
    if key in WRITING:
        value = f"outputs/{str(value).replace('..', '').replace('/', '')}"
    if "path" in key and "://" in str(value):
        value = "nowhere"
    return f"{dice.choice(['', '', '', '+', '++', '~'])}{key}={'null' if value is None else value}"


def _with_other_character(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    put: str = dice.choice(["", *"'\"[]{}(),:=\\$~@ é\n\t/.0-+"])
    return text[:at] + put + text[at + dice.randrange(2) :]


FILES = [
    *("run/config.yaml", "run/tokenizer.json", "run/metrics.json", "run/checkpoints/best.ckpt"),
    *(f"run/bundle/{name}" for name in ("config.yaml", "tokenizer.json", "model.safetensors", "metrics.json")),
    *(f"cache/{name}" for name in ("manifest.json", "statistics.json", "tokenizer.json")),
]
BYTES: list[Mutation] = [flip, flip, cut, insert, take_out, repeat, at_random, lambda content, dice: b""]


def random_content(name: str, content: bytes, others: list[bytes], dice: random.Random) -> bytes:
    """Returns the content of a file with a random change."""
    chance, other = dice.random(), dice.choice(others)
    if chance < 0.05:
        return other
    if chance < 0.1:  # spliced
        return content[: dice.randrange(len(content))] + other[dice.randrange(len(other)) :]
    if chance < 0.4:
        return dice.choice(BYTES)(content, dice)
    return STRUCTURED[Path(name).suffix](content, dice)


def _change_yaml(content: bytes, dice: random.Random) -> bytes:
    return yaml.safe_dump(change_tree(yaml.safe_load(content), dice), allow_unicode=True, sort_keys=False).encode()


def _change_json(content: bytes, dice: random.Random) -> bytes:
    return json.dumps(change_tree(json.loads(content), dice)).encode()


def _change_header(content: bytes, dice: random.Random) -> bytes:
    size = struct.unpack("<Q", content[:8])[0]
    header = _change_json(content[8 : 8 + size], dice)
    return struct.pack("<Q", len(header)) + header + content[8 + size :]


def change_tree(tree: Any, dice: random.Random) -> Any:
    """Changes, removes or renames some nodes of a tree of lists and mappings, and returns it."""
    for _ in range(dice.choice([1, 1, 2, 5])):
        node = tree
        path: list[tuple[Any, Any]] = []
        while isinstance(node, dict | list) and node and (not path or dice.random() < 0.8):
            key = dice.choice(list(node)) if isinstance(node, dict) else dice.randrange(len(node))
            path.append((node, key))
            node = node[key]
        if not path:
            return dice.choice(VALUES)
        parent, key = path[-1]
        kind = dice.randrange(6)
        if kind == 0:
            del parent[key]
        elif kind == 1 and isinstance(parent, dict):
            parent[dice.choice(WORDS)] = parent.pop(key)
        elif kind == 2 and isinstance(parent, dict):
            parent[dice.choice([*WORDS, 1, None, True])] = dice.choice(VALUES)
        else:
            parent[key] = dice.choice(VALUES)
    return tree


def _change_checkpoint(content: bytes, dice: random.Random) -> bytes:
    """Returns a checkpoint in which one member is corrupted, as a valid zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(packed, "w") as changed:
        names = archive.namelist()
        corrupted = dice.choice([next(name for name in names if name.endswith("data.pkl")), dice.choice(names)])
        for name in names:
            part = archive.read(name)
            changed.writestr(name, dice.choice(BYTES)(part, dice) if name == corrupted else part)
    return packed.getvalue()


STRUCTURED: dict[str, Mutation] = {
    ".yaml": _change_yaml,
    ".json": _change_json,
    ".safetensors": _change_header,
    ".ckpt": _change_checkpoint,
}
