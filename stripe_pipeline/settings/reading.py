"""Read the settings from the environment and the project's `.env` file, and name what is wrong."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stripe_pipeline.errors import UsageError
from stripe_pipeline.settings.dotenv_file import in_one_sentence, settings_in, unknown_names
from stripe_pipeline.settings.model import ENV_FILE, ENV_FILE_SETTING, Settings


def load_settings(environment: Mapping[str, str] | None = None, /, **overrides: Any) -> Settings:
    """Read the settings: from the overrides, the environment, then the project's `.env`.

    `environment` replaces this process's own environment variables. The override `_env_file` names
    another `.env` to read, or None for none at all.

    Raises:
        UsageError: settings don't exist or have invalid values; the message names all of them.
    """
    given = os.environ if environment is None else environment
    file = overrides.pop("_env_file", env_file(given))
    in_file, mistakes = settings_in(file, given) if file else ({}, [])
    mistakes += unknown_names(_names(), given, in_file)
    if ENV_FILE_SETTING in map(str.upper, in_file):
        mistakes.append(f"{ENV_FILE_SETTING} counts in the environment only, not in {file}")
    settings = None
    try:
        settings = Settings(**_values(_in_file(file, in_file), _set_in(given), overrides))
    except ValidationError as error:
        mistakes += list(_wrong_values(error))
    if settings is None or mistakes:
        raise UsageError(in_one_sentence(mistakes))
    return settings


def env_file(environment: Mapping[str, str] | None = None) -> Path:
    """Return the `.env` file in use: the project's, unless the environment names another.

    Raises:
        UsageError: the one that is named doesn't exist.
    """
    named = (os.environ if environment is None else environment).get(ENV_FILE_SETTING)
    if named and not Path(named).exists():
        raise UsageError(
            f"The file {named}, which {ENV_FILE_SETTING} names, isn't there; correct the name, or "
            "take the setting away."
        )
    return Path(named).absolute() if named else ENV_FILE


def _values(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of Settings from sources of which later ones win."""
    values = {name.upper(): value for source in sources for name, value in source.items()}
    # A field without an alias is passed under its own name.
    own = {name.upper(): name for name in Settings.model_fields}
    return {own.get(name, name): value for name, value in values.items()}


def _in_file(file: Path | None, values: Mapping[str, str]) -> dict[str, str | Path]:
    """Return what a `.env` sets; a relative path is relative to that file's folder."""
    return {
        name: file.parent / value
        if file and name.upper() in _path_settings() and not value.startswith(("~", " "))
        else value
        for name, value in _set_in(values).items()
    }


def _set_in(values: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that set something: an empty one doesn't."""
    return {name: value for name, value in values.items() if value}


def _path_settings() -> set[str]:
    """Return the names of the settings that are files or folders."""
    fields = Settings.model_fields.values()
    return {str(field.validation_alias) for field in fields if "Path" in str(field.annotation)}


def _names() -> list[str]:
    """Return the settings' environment variables, in capitals."""
    fields = Settings.model_fields.items()
    return [str(field.validation_alias or name).upper() for name, field in fields]


def _wrong_values(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_input=False, include_url=False):
        name = str(each["loc"][0]).upper()
        reason = _reason(name, each["msg"])
        yield reason if reason.startswith(name) else f"the setting {name} can't be used: {reason}"


def _reason(name: str, said: str) -> str:
    """Return what is wrong in plain words: pydantic's messages are for programmers."""
    takes = {field.validation_alias: field.description for field in Settings.model_fields.values()}
    own = said.removeprefix("Value error, ")
    return own if own != said or not takes.get(name) else f"it takes {takes[name]}"
