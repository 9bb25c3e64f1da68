"""The account, home and lake of the sync's tests."""

from ..stripe_api.conftest import account, base, impatient, lake, make_settings, settings, synced

__all__ = ["account", "base", "impatient", "lake", "make_settings", "settings", "synced"]
