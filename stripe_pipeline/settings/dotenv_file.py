"""The project's `.env`, and misspelt names of settings there and in the environment.

A misspelt setting would be ignored silently, so each is reported with the name that was probably
meant.
"""

import difflib
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dotenv.parser import Binding, parse_stream
from dotenv.variables import Variable, parse_variables

from stripe_pipeline.errors import UsageError
from stripe_pipeline.values.near_miss import did_you_mean

PREFIX = "STRIPE_PIPELINE_"
# STRIPEPIPELINE_HOME and STRIPE_PIPELINE-HOME are taken for misspelt settings too.
_LETTERS = "STRIPEPIPELINE"
# Similarity from 0 to 1: "stripe_api_kye" is near "stripe_api_key", other tools'
# STRIPE_SECRET_KEY isn't.
_NEAR = 0.9


def settings_in(path: Path, environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the settings of a `.env` file by name, and what is wrong with its lines.

    `${NAME}` in a value stands for a variable of the environment or of an earlier line.

    Raises:
        UsageError: it can't be read.
    """
    bindings = _bindings(path)
    mistakes = [*_unreadable(bindings), *_contradictions(bindings), *_unset(bindings, environment)]
    said = [f"the file {path} can't be used: {'; '.join(mistakes)}"] if mistakes else []
    return _resolved(bindings, environment), said


def _bindings(path: Path) -> list[Binding]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return list(parse_stream(file))
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise UsageError(f"The file {path} isn't UTF-8; save it as UTF-8.") from None
    except OSError as error:
        raise UsageError(
            f"The file {path} can't be read ({error.strerror}); correct that, or remove it."
        ) from None


def _resolved(bindings: Iterable[Binding], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the values by name, each variable in them replaced by its value."""
    values: dict[str, str] = {}
    for each in bindings:
        if each.key is not None and each.value is not None:
            known = {**environment, **values}
            values[each.key] = "".join(part.resolve(known) for part in parse_variables(each.value))
    return values


def _unreadable(bindings: Iterable[Binding]) -> Iterator[str]:
    for each in bindings:
        if each.error or (each.key is not None and each.value is None):
            # The line itself isn't quoted: it may hold a key.
            yield f"line {each.original.line} isn't NAME=value"


def _contradictions(bindings: Iterable[Binding]) -> Iterator[str]:
    first: dict[str, Binding] = {}
    for each in bindings:
        if each.key is None:
            continue
        earlier = first.setdefault(each.key.upper(), each)
        if earlier.value != each.value:
            lines = f"lines {earlier.original.line} and {each.original.line}"
            yield f"{each.key} has two values, on {lines}"


def _unset(bindings: Sequence[Binding], environment: Mapping[str, str]) -> Iterator[str]:
    """Name the variables in values that aren't set anywhere: they would expand to nothing."""
    known = {*environment, *(each.key for each in bindings if each.key)}
    for each in bindings:
        for part in parse_variables(each.value or ""):
            if isinstance(part, Variable) and part.default is None and part.name not in known:
                yield f"line {each.original.line} asks for ${{{part.name}}}, which isn't set"


def unknown_names(
    known: Iterable[str], environment: Mapping[str, str], in_file: Mapping[str, str]
) -> list[str]:
    """Return a message for each unknown name that was probably meant as a setting.

    Other tools' variables that begin with STRIPE_ are no settings of this product.
    """
    names = sorted(known)
    given = {name.upper() for name in (*environment, *in_file)}
    return [
        _unknown(name, names)
        for name in sorted({*environment, *in_file})
        if not _is_known(name, names) and _is_meant(name.upper(), names, given)
    ]


def _is_known(name: str, names: list[str]) -> bool:
    """Compare names without case, except the product's own: two could mean one setting."""
    return name in names or (name.upper() in names and not name.upper().startswith(PREFIX))


def _is_meant(name: str, names: list[str], given: set[str]) -> bool:
    letters = re.sub("[^A-Z0-9]", "", name)
    near = difflib.get_close_matches(name, names, n=1, cutoff=_NEAR)
    return letters.startswith(_LETTERS) or bool(near and near[0] not in given)


def _unknown(name: str, names: list[str]) -> str:
    return f"there is no setting {name}{did_you_mean(name, names)}"


def in_one_sentence(mistakes: Sequence[str]) -> str:
    """Return all mistakes in one sentence, with where to correct them."""
    one = mistakes[0][0].upper() + mistakes[0][1:]
    return (
        f"{'; '.join([one, *mistakes[1:]])}. Correct it in the "
        "environment or in .env; .env.example lists what each setting takes."
    )


def stray_names(folder: Path, used: Path) -> list[str]:
    """Return the names of settings in a folder's own `.env` that isn't the one in use."""
    path = folder / ".env"
    try:
        if not path.is_file() or path.resolve() == used.resolve():
            return []
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            names = {each.key for each in parse_stream(file) if each.key}
    except OSError:
        return []
    return sorted(name for name in names if name.upper().startswith("STRIPE_"))


def remarks(used: Path) -> Iterator[str]:
    """Yield warnings: an unread `.env` that has settings, or a used one that others can open."""
    if names := stray_names(Path.cwd(), used):
        yield (
            f"{Path.cwd() / '.env'} isn't read ({', '.join(names)}): the settings stand in {used} "
            "and in the environment."
        )
    if used.is_file() and used.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"Others on this machine can open {used}; close it with `chmod 600 {used}`."
