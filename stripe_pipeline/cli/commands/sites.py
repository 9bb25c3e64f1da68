"""Commands that serve something to look at in a browser, on this machine unless told otherwise."""

from typing import Annotated

import typer

app = typer.Typer()

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on")]
Host = Annotated[
    str, typer.Option(help="Address to listen at; 0.0.0.0 for every network, without a login")
]
AllowedHosts = Annotated[
    list[str],
    typer.Option(
        "--allow-host",
        metavar="NAME",
        help="Another name to be asked under, such as that of a proxy in front; repeatable",
    ),
]


@app.command(
    short_help="Serve Dagster's web UI, until Ctrl-C.",
    epilog="Example: stripe-pipeline ui --port 3001",
)
def ui(port: Port = 3000, host: Host = "127.0.0.1", allow_host: AllowedHosts = []) -> None:  # noqa: B006
    """Serve Dagster's web UI on the current home folder, until Ctrl-C."""
    from stripe_pipeline.servers.address import Address
    from stripe_pipeline.servers.ui import serve_ui

    serve_ui(Address(host, port, allow_host))


@app.command(
    short_help="Build and serve the dbt docs, until Ctrl-C.",
    epilog="Example: stripe-pipeline docs --port 8081",
)
def docs(port: Port = 8080, host: Host = "127.0.0.1", allow_host: AllowedHosts = []) -> None:  # noqa: B006
    """Build the dbt docs of the current home folder and serve them, until Ctrl-C."""
    from stripe_pipeline.servers.address import Address
    from stripe_pipeline.servers.docs import serve_docs

    serve_docs(Address(host, port, allow_host))
