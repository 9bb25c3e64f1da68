"""What both components have in common: a `defs.yaml` that names a file of the project."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import dagster as dg

from stripe_pipeline.errors import UsageError
from stripe_pipeline.process.environment import PROJECT_ROOT
from stripe_pipeline.settings import Settings, load_settings

logger = logging.getLogger(__name__)


def scaffold(request: dg.ScaffoldRequest[Any], write: Callable[[Settings, str], Path]) -> None:
    """Write the file with `write`, and the `defs.yaml` that names it; both, or neither.

    Raises:
        click.ClickException: the name can't be used, or is taken.
    """
    if request.scaffold_format != "yaml":
        _refuse(request, "Segments and campaigns are files in YAML; leave --format out.")
    try:
        path = write(load_settings(), request.target_path.name)
    except UsageError as error:
        _refuse(request, str(error))
    dg.scaffold_component(request, {"file": _named(path)})
    click.echo(f"Written: {path}, which is the file to change.")


def _refuse(request: dg.ScaffoldRequest[Any], said: str) -> None:
    """Remove the empty folder that Dagster has made, and end with a sentence."""
    request.target_path.rmdir()
    raise click.ClickException(said)


def _named(path: Path) -> str:
    """Return how a `defs.yaml` names a file: from the project's folder on, where it is in it."""
    return str(path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path)


def named_file(file: str, context: dg.ComponentLoadContext, folder: Path) -> Path:
    """Return the file that a `defs.yaml` names; say so where no run reads it, as in another folder.

    Raises:
        UsageError: there is no such file.
    """
    path = PROJECT_ROOT / file
    if not path.is_file():
        raise UsageError(
            f"{context.path / 'defs.yaml'} names {path}, which isn't there; restore that file, or "
            f"remove {context.path}."
        )
    if not path.is_relative_to(folder):
        logger.warning("%s isn't in %s, so no run reads it; move it there.", path, folder)
    return path
