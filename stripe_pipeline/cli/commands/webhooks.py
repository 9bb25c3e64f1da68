"""The command that receives Stripe's webhooks."""

import logging
from typing import Annotated

import typer

from stripe_pipeline.home import Home
from stripe_pipeline.settings import load_settings

app = typer.Typer()


@app.command(
    short_help="Receive what Stripe says has changed, until Ctrl-C.",
    epilog="Example: STRIPE_WEBHOOK_SECRET=whsec_... stripe-pipeline webhooks --port 8788",
)
def webhooks(
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for every network")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port")] = 8788,
) -> None:
    """Receive what Stripe says has changed, until Ctrl-C; the next sync reads it."""
    from stripe_pipeline.ingestion.webhooks.endpoint import expected_livemode, require_secrets
    from stripe_pipeline.ingestion.webhooks.receiver import PATH, Receiver
    from stripe_pipeline.ingestion.webhooks.server import serve

    home = Home.of(load_settings())
    settings = home.settings
    secrets = require_secrets(settings)
    receiver = Receiver(settings.webhooks, secrets, expected_livemode(home))

    def started(address: str) -> None:
        typer.echo(
            f"Receiving at {address}{PATH} into {settings.webhooks}. Stripe needs https: enter the "
            f"address at which your proxy passes {PATH} on to this one, in the dashboard under "
            "Webhooks, with the payload style Snapshot."
        )

    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    serve(receiver.application(), host, port, started, receiver.refusals.add)
