"""A home: its settings, clock and account, for a command as argument, for Dagster as resource.

A command or an asset reads `home.settings` once and passes these on, so that one piece of work
sees the same settings from its beginning to its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stripe_pipeline.lake import Lake
from stripe_pipeline.lake.account import MirroredAccount, mirrored_account
from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.settings.clock import AsOf, chosen_as_of, present


@dataclass(frozen=True)
class Home:
    """A home folder: its settings with its paths, its clock, and the account that it mirrors.

    `read` returns the settings. By default it reads this process's environment and `.env` at each
    call, because Dagster's code server and daemon outlive a change of them.
    """

    read: Callable[[], Settings] = load_settings

    @classmethod
    def of(cls, settings: Settings) -> "Home":
        """Return the home of settings that don't change any more."""
        return cls(lambda: settings)

    @property
    def settings(self) -> Settings:
        """The settings now.

        Raises:
            UsageError: settings don't exist or have invalid values.
        """
        return self.read()

    @property
    def account(self) -> MirroredAccount | None:
        """The account that the lake mirrors, read from its newest batches; None before a sync."""
        return mirrored_account(Lake(self.settings.lake))

    def now(self) -> datetime:
        """Return the current time in UTC, in whole seconds; in a demo's home, its fixed present."""
        return present(self.settings)

    def as_of(self, option: str | None = None) -> AsOf:
        """Return a command's as-of instant: the option --as-of, else the setting, else now.

        Raises:
            UsageError: it isn't a valid instant, or is later than now.
        """
        return chosen_as_of(self.settings, option)
