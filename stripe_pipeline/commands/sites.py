"""Commands that serve something to look at in a browser, on this machine only."""

from typing import Annotated

import typer

app = typer.Typer()

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1")]


@app.command(
    short_help="Serve Dagster's web UI, until Ctrl-C.",
    epilog="Example: stripe-pipeline ui --port 3001",
)
def ui(port: Port = 3000) -> None:
    """Serve Dagster's web UI on the current home folder, until Ctrl-C."""
    from stripe_pipeline.sites import serve_ui

    serve_ui(port)


@app.command(
    short_help="Build and serve the dbt docs, until Ctrl-C.",
    epilog="Example: stripe-pipeline docs --port 8081",
)
def docs(port: Port = 8080) -> None:
    """Build the dbt docs of the current home folder and serve them, until Ctrl-C."""
    from stripe_pipeline.sites import serve_docs

    serve_docs(port)
