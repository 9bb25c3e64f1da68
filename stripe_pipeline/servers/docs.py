"""The dbt docs: one static page, built from the warehouse, and its server."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from stripe_pipeline.demo.home import readers_settings
from stripe_pipeline.errors import PipelineError
from stripe_pipeline.files.disk_trouble import disk_trouble_in
from stripe_pipeline.profiles.descriptions import of_metadata
from stripe_pipeline.servers.address import Address, listen, warn_of_others
from stripe_pipeline.servers.guard import Guard
from stripe_pipeline.servers.names import OwnNames
from stripe_pipeline.servers.serving import serve
from stripe_pipeline.servers.stopping import until_stopped
from stripe_pipeline.settings import Settings
from stripe_pipeline.warehouse.dbt_folders import project_folder
from stripe_pipeline.warehouse.transform import (
    dbt_executable,
    dbt_process_environment,
    wait_for_warehouse,
)

STATIC_DOCS = "static_index.html"
_PROFILES = "model.stripe_pipeline.customer_profiles"
# dbt's page shows the first ten letters of what a column means, and the rest only after a click.
_WHOLE_MEANINGS = """<style>
column-details table { font-size: 90%; }
column-details th:nth-child(-n+2) { width: 1px; }
column-details th:nth-child(4), tr.column-row > td:nth-child(4) { display: none; }
tr.column-row > td { vertical-align: top; padding: 8px !important; }
tr.column-row > td:nth-child(3) { width: 100%; min-width: 22em; }
tr.column-row > td:nth-child(3) { white-space: normal !important; max-width: none !important; }
</style>"""


def serve_docs(address: Address) -> None:
    """Build the dbt docs as one static page and serve it.

    Raises:
        UsageError: a name to allow isn't a host name.
        PipelineError: nothing has been computed yet, the port is taken, or dbt failed.
    """
    settings = readers_settings()
    own = address.own
    with until_stopped(), listen(address) as listener:
        warn_of_others(address, "read what the tables are made of")
        folder = build_docs(settings)
        typer.echo(f"The dbt docs are at {address.url} until Ctrl-C ({folder}/index.html)")
        serve(docs_app(folder, own), listener)


def docs_app(folder: Path, own: OwnNames) -> ASGIApp:
    """Return the application: a folder's files, read-only, without listings or links out of it."""
    files = StaticFiles(directory=folder, html=True)
    return Guard(Starlette(routes=[Mount("/", files)]), own, methods={"GET", "HEAD"})


def build_docs(settings: Settings) -> Path:
    """Write the dbt docs to `<home>/docs/index.html`, everything in one page; return the folder.

    Raises:
        PipelineError: nothing has been computed yet, or dbt failed.
    """
    if not settings.warehouse.exists():
        raise PipelineError(
            f"There is no warehouse {settings.warehouse} yet; run `make demo` or "
            "`stripe-pipeline run` first."
        )
    wait_for_warehouse(settings)
    environment = dbt_process_environment(settings, settings.as_of or datetime.now(UTC))
    result = subprocess.run(
        [dbt_executable(), "--quiet", "docs", "generate", "--static"],
        env=environment, cwd=project_folder(settings), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if result.returncode:
        said = " ".join(result.stdout.split())[-1500:]
        raise PipelineError(
            disk_trouble_in(said, settings.home) or f"dbt can't build the docs: {said}"
        )
    folder = settings.home / "docs"
    folder.mkdir(exist_ok=True)
    page = describe_metadata(settings, Path(environment["DBT_TARGET_PATH"]))
    page = page.replace("</head>", f"{_WHOLE_MEANINGS}</head>", 1)
    (folder / "index.html").write_text(page, encoding="utf-8")
    return folder


def describe_metadata(settings: Settings, target: Path) -> str:
    """Return the page with descriptions of the fields that a setting adds; dbt has none."""
    page = (target / STATIC_DOCS).read_text(encoding="utf-8")
    text = (target / "manifest.json").read_text(encoding="utf-8")
    manifest = msgspec.json.decode(text)
    columns = manifest["nodes"][_PROFILES]["columns"]
    for column, key in settings.metadata_columns.items():
        columns[column] = {
            "name": column, "description": of_metadata(key), "data_type": "varchar", "meta": {},
            "tags": [],
        }  # fmt: skip
    return page.replace(text, msgspec.json.encode(manifest).decode(), 1)
