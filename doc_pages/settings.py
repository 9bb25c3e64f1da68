"""The reference page of the settings, from the comments in `.env.example`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SETTING = re.compile(r"^(?P<name>[A-Z_]+)=(?P<value>.*)$")
_DEFAULT = re.compile(r" *Default: (?P<words>.+?)\.(?= |$)")

_INTRODUCTION = """\
# Settings

Every setting, from `.env.example` with `make pages`. A setting is read from the environment, or
else from the file `.env` of the project; relative paths in that file start from its folder. A name
that doesn't exist, and a value that can't be used, stop a command before anything is read; the
error names all of them at once. Variables that begin with `DBT_`, `DAGSTER_` or `PYTHON` don't
reach the pipeline.

`STRIPE_PIPELINE_ENV_FILE`, in the environment alone, names another file than `.env`.
"""


class Setting(NamedTuple):
    """One setting; `default` is Markdown."""

    name: str
    default: str
    meaning: str


def settings(example: str) -> Iterator[Setting]:
    """Yield the settings of `.env.example`, each described by the comment above it."""
    comment: list[str] = []
    for line in example.splitlines():
        if found := _SETTING.match(line):
            yield _described(found["name"], found["value"], " ".join(comment))
        if line.startswith("#"):
            comment.append(line.removeprefix("#").strip())
        else:
            comment = []


def _described(name: str, value: str, comment: str) -> Setting:
    said = _DEFAULT.search(comment)
    default = said["words"] if said else f"`{value}`" if value else "none"
    return Setting(name, default, _DEFAULT.sub("", comment).strip())


def page(example: str) -> str:
    """Return the page as Markdown."""
    rows = "".join(map(_row, settings(example)))
    return f"{_INTRODUCTION}\n| setting | default | meaning |\n|---|---|---|\n{rows}"


def _row(setting: Setting) -> str:
    meaning = setting.meaning.replace("|", "\\|")
    return f"| `{setting.name}` | {setting.default} | {meaning} |\n"
