"""A small account behind a real HTTP server, and a home that reads it."""

from tests.fake_stripe.fixtures import (
    account,
    base,
    impatient,
    lake,
    make_settings,
    settings,
    synced,
)

__all__ = ["account", "base", "impatient", "lake", "make_settings", "settings", "synced"]
