"""What a row of the catalog says of a kind of Stripe object."""

from dataclasses import dataclass

HOUR = 3_600
DAY = 24 * HOUR

Filters = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NestedList:
    """A list inside an object, of which Stripe embeds about ten entries and pages the rest."""

    field: str
    path: str  # with {id} for the parent's id
    parameter: str | None = None  # query parameter that takes the parent's id, if the path doesn't
    expand: tuple[str, ...] = ()  # what is expanded in each entry


@dataclass(frozen=True)
class Unannounced:
    """New objects for which no event can be relied on, so the newest are listed by `created`.

    A sync that a user starts always lists them. A poll does when there is an event of this
    resource or of one of `along_with`, without which no such object is created, and every
    `every` seconds whatever the events say.
    """

    reason: str
    along_with: tuple[str, ...]
    every: int = DAY


@dataclass(frozen=True)
class Sweep:
    """Objects that are re-read periodically without an event, and the reason.

    Read are those of the `lists`, those created within the last `recent` seconds, and by id
    those that no list showed and that have one of the `statuses` in the lake (None: all).
    `every` is the interval in seconds; where it is None, only a key that can't read events
    sweeps, in each sync.
    """

    reason: str
    every: int | None = DAY
    lists: tuple[Filters, ...] = ((),)
    recent: int | None = None
    statuses: frozenset[str] | None = None

    @property
    def is_of_everything(self) -> bool:
        """Whether every object is re-read, and not just those in an open status."""
        return self.statuses is None


@dataclass(frozen=True)
class Resource:
    """One kind of Stripe object.

    `permission` is the restricted key's Read permission that the list needs, and `permission_name`
    the row of the dashboard where it is given.
    """

    name: str
    path: str
    object: str
    permission: str
    permission_name: str
    expand: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    nested: tuple[NestedList, ...] = ()
    unannounced: Unannounced | None = None
    sweep: Sweep | None = None

    @property
    def label(self) -> str:
        """The resource's name as Stripe's dashboard words it: "Checkout Sessions"."""
        return self.name.replace("_", " ").title()

    @property
    def one(self) -> str:
        """The endpoint of a single object."""
        return f"{self.path}/{{id}}"

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every endpoint that reading the resource uses."""
        return (self.path, self.one, *(nested.path for nested in self.nested))
