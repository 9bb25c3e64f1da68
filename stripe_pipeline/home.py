"""A home: what everything that works in one is passed, as argument or as a Dagster resource."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stripe_pipeline.settings import Settings, load_settings
from stripe_pipeline.settings.clock import AsOf, chosen_as_of, present


@dataclass(frozen=True)
class Home:
    """A home folder: its settings with its paths, and its clock.

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

    def now(self) -> datetime:
        """Return the current time in UTC, in whole seconds; in a demo's home, its fixed present."""
        return present(self.settings)

    def as_of(self, option: str | None = None) -> AsOf:
        """Return a command's as-of instant: the option --as-of, else the setting, else now.

        Raises:
            UsageError: it isn't a valid instant, or is later than now.
        """
        return chosen_as_of(self.settings, option)
