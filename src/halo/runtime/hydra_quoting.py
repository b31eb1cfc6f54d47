"""Quoting of settings: for the shell, and for Hydra, in whose grammar many characters have a meaning of their own.

`literal_settings` quotes texts and paths for Hydra, so that users need to quote them for the shell only, and `~` is the
home folder.
"""

import os.path
import re
import shlex
from collections.abc import Collection, Sequence

TEXT_LISTS = {"stop"}
"""Settings that hold a text, or in brackets a list of texts: `stop=.`, `stop=[".", "!"]`."""
TEXTS = {
    *("good_field", "bad_field", "paradigm_field", "group_field", "order_field", "predicts"),
    *(
        "card.contact",
        "prompt",
        "sentence",
        "text",
        "hub.name",
        "study",
        "storage",
        "host",
        "token",
        "text_field",
        "label_field",
        "regions",
        "region",
        "data.cleaning.keep_characters",
        *TEXT_LISTS,
    ),
    *("data.text_field", "data.title_field", "data.label_field", "data.document_separator", "data.table.delimiter"),
    *("data.ray_address", "data.series.date_field", "data.series.date_format", "date_field"),
}
"""Settings that hold free text. Everything after the = belongs to it."""
TEXT_GROUPS = ("data.cleaning.patterns.",)
"""What the names of settings with free text begin with, whose last part is the user's own."""

COMMA_LISTS = {"models", "runs", "objectives"}
"""Settings that hold a list of paths or names, which commas separate without brackets: `models=A,B`."""
PATH_LISTS = {"data.path", "data.train_path", "data.validation_path", "data.test_path", *COMMA_LISTS}
PATHS = {
    *("run_dir", "resume", "run", "bundle", "path", "output", "pairs", "cache_dir", "data.cache_dir", *PATH_LISTS),
    *(
        "variants",
        "data.prepared",
        "data.cleaning.engine_model",
        "prompt_file",
        "sweep_dir",
        "reference",
        "page",
        "classifier",
        "language_model",
    ),
    "topics",
    *("hydra.run.dir", "hydra.sweep.dir"),
}
"""Settings that hold a path or URL. Everything after the = belongs to it, but an interpolation is resolved."""

PATH_ENDINGS = (".dirpath", ".save_dir")
"""What the names of further paths end in: those of callbacks and loggers."""

SETTING = re.compile(r"(?P<prefix>\+{0,2}|~)(?P<key>[\w./@]+)=(?P<value>.*)", re.DOTALL)
QUOTED = re.compile(r"(?P<quote>['\"])(?:(?!(?P=quote))[^\\]|\\.)*(?P=quote)", re.DOTALL)
PLAIN = re.compile(r"(?:[A-Za-z_/]|\.{1,2}/)[A-Za-z0-9_./-]*")
KEYWORDS = ("null", "true", "false", "nan", "inf")
SWEPT_FUNCTION = re.compile(r"(choice|range|interval|glob|shuffle|sort|tag)\(.*\)", re.DOTALL)
SWEPT_VALUE = re.compile(
    rf"\s*({QUOTED.pattern}(?=\s*(?:,|\Z))|\[[^\]]*\](?=\s*(?:,|\Z))|[^,]*?)\s*(?:,|\Z)", re.DOTALL
)
LIST = re.compile(r"\[([^\[\]\\]*)\]")


def quote_value(text: str) -> str:
    r"""Returns a text as a value of a Hydra override, which Hydra reads as that text; quoted where necessary.

    Hydra takes a backslash literally except before a quotation mark or the end, where each must be doubled. It
    resolves interpolations, `${...}`, in quoted values as well, unless `escape_interpolations` has escaped them.

    >>> print(quote_value("Dad's runs, 1"), quote_value("runs/1"), quote_value("2021_01"))
    'Dad\'s runs, 1' runs/1 '2021_01'
    """
    if PLAIN.fullmatch(text) and text.lower() not in KEYWORDS:
        return text
    return _in_quotation_marks(text)


def _in_quotation_marks(text: str) -> str:
    escaped = re.sub(r"(\\*)('|\Z)", lambda match: match[1] * 2 + "\\'" * bool(match[2]), text)
    return f"'{escaped}'"


def escape_interpolations(text: str) -> str:
    r"""Returns a text in which OmegaConf finds no interpolation, and which it reads as the given text.

    >>> print(escape_interpolations("for ${x} in a"))
    for \${x} in a
    """
    return re.sub(r"(\\*)\$\{", lambda match: match[1] * 2 + "\\${", text)


def shell_setting(key: str, value: str) -> str:
    r"""Returns `key=value` quoted for a shell where necessary.

    >>> print(shell_setting("run", "outputs/run-1"), shell_setting("run", "it's"), shell_setting("run", "a $b"))
    run=outputs/run-1 run="it's" run='a $b'
    """
    quoted = shlex.quote(value)
    if quoted != value and not re.search(r'[$`"\\!]', value):
        quoted = f'"{value}"'
    return f"{key}={quoted}" if value else f"{key}="


def argument(key: str, value: str) -> str:
    r"""Returns the argument, quoted for a shell, with which a command gets a text or path.

    >>> print(argument("run", "my run,1"), argument("run", "null"), argument("prompt", "don't stop"))
    run="my run,1" run="'null'" prompt="don't stop"
    """
    is_read_otherwise = QUOTED.fullmatch(value) or (value == "null" and key != "prompt")
    return shell_setting(key, _in_quotation_marks(value) if is_read_otherwise else value)


def repeated_argument(setting: str) -> str:
    r"""Returns the argument, quoted for a shell, of which `literal_settings` made a setting.

    >>> print(repeated_argument("run='it\\'s, (1)'"), repeated_argument("model.hidden=8"))
    run="it's, (1)" model.hidden=8
    """
    match = SETTING.fullmatch(setting)
    if match is None or not QUOTED.fullmatch(match["value"]) or "${" in setting:
        return shell_setting(*setting.split("=", 1)) if "=" in setting else shlex.quote(setting)
    if not is_literal(match["key"]):
        return shell_setting(*setting.split("=", 1))
    quote, inside = match["value"][0], match["value"][1:-1]
    text = re.sub(rf"(\\+)({quote}|\Z)", lambda found: found[1][: len(found[1]) // 2] + found[2], inside)
    return argument(match["prefix"] + match["key"], text)


def expand_home(path: str) -> str:
    """Returns a path with the home folder for a `~` or `~USER` at its start; a URL, and any other path, unchanged.

    >>> expand_home("runs/a~1"), expand_home("s3://bucket//~")
    ('runs/a~1', 's3://bucket//~')
    """
    return os.path.expanduser(path)  # noqa: PTH111  Path.expanduser changes URLs and refuses unknown users


def literal_settings(settings: Sequence[str], *, groups: Collection[str] = (), is_sweep: bool = False) -> list[str]:
    r"""Returns settings of which Hydra reads texts, paths and the choices of groups as they were typed.

    In texts and paths, Hydra's grammar applies only to

    - `null`, except as a prompt;
    - a value that stands in quotation marks as a whole;
    - a list of paths or texts in brackets, for a setting that takes one, unless a file has the whole name;
    - the commas between the paths of `COMMA_LISTS`, in a sweep too, again unless a file has the whole name;
    - the commas between the values of a sweep, again unless a file has the whole name;
    - an interpolation in a path, `${...}`, again unless a file has the whole name.

    At the start of a path, `~` is the home folder. Applied to its own result it changes nothing.

    Args:
        settings: As typed, KEY=VALUE.
        groups: The names of groups, whose values are names of files.
        is_sweep: Whether commas separate the values of a sweep.

    >>> literal_settings(["prompt=don't stop, go", "run=(1)", "seed=2", "run_dir=null"])
    ["prompt='don\\'t stop, go'", "run='(1)'", 'seed=2', 'run_dir=null']
    >>> literal_settings(["prompt=don't, go"], is_sweep=True)
    ["prompt='don\\'t',go"]
    >>> literal_settings(["models=runs/a,my run"])
    ["models=[runs/a,'my run']"]
    """
    return [_literal_setting(each, groups, is_sweep=is_sweep) for each in settings]


def _literal_setting(setting: str, groups: Collection[str], *, is_sweep: bool) -> str:
    match = SETTING.fullmatch(setting)
    if match is None or not (match["key"] in groups or is_literal(match["key"])):
        return setting
    key, value = match["key"], match["value"]
    if is_sweep and SWEPT_FUNCTION.fullmatch(value):
        return setting
    if key in COMMA_LISTS and value != "null" and not value.startswith("["):
        paths = [value] if _is_existing_path(key, value) else _separated(value)
        return f"{match['prefix']}{key}=[{','.join(_literal('', each) for each in paths)}]"
    is_one = not is_sweep or _is_existing_path(key, value) or not value.strip(", ")  # a comma may be meant itself
    values = [value] if is_one else _separated(value)
    literal = _literal_choice if key in groups else _literal
    return f"{match['prefix']}{key}={','.join(literal(key, each) for each in values)}"


def is_literal(key: str) -> bool:
    """Returns whether a setting holds a text or path, whose value is read as it was typed."""
    return _is_text(key) or _is_path(key)


def _is_text(key: str) -> bool:
    return key in TEXTS or key.startswith(TEXT_GROUPS)


def _is_path(key: str) -> bool:
    return key in PATHS or key.endswith(PATH_ENDINGS)


def _is_existing_path(key: str, value: str) -> bool:
    return _is_path(key) and os.path.lexists(value)


def _separated(text: str) -> list[str]:
    """Returns the parts of a text between commas, except for commas within brackets or quotation marks."""
    values, start = [], 0
    while True:
        match = SWEPT_VALUE.match(text, start)
        assert match is not None  # the last alternative matches anything
        values.append(match[1])
        if match.end() == len(text) and not match[0].endswith(","):
            return values
        start = match.end()


def _literal_choice(_: str, value: str) -> str:
    is_grammar = QUOTED.fullmatch(value) or value.startswith(("[", "{"))
    return value if is_grammar else quote_value(value)


def _literal(key: str, value: str) -> str:
    if value == "null" and key != "prompt":
        return value
    is_file = _is_existing_path(key, value)
    if QUOTED.fullmatch(value) and not is_file:
        return value[0] + expand_home(value[1:]) if _is_path(key) else value
    if key in PATH_LISTS | TEXT_LISTS and not is_file and value.startswith("[") and value.endswith("]"):
        parts, kind = LIST.fullmatch(value), "prompt" if key in TEXT_LISTS else ""
        has_parts = parts is not None and bool(parts[1].strip())
        return f"[{','.join(_literal(kind, each) for each in _separated(parts[1]))}]" if parts and has_parts else value
    if _is_text(key) or is_file:
        return quote_value(escape_interpolations(value))
    return quote_value(expand_home(value))
