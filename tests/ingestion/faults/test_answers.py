"""What comes back instead of Stripe's answer: if it passes it is waited out, if it lasts told."""

from stripe_pipeline.demo.store import Accident, Faults
from stripe_pipeline.demo.store.accidents import Kind
from tests.ingestion.faults.mirror import Mirror
from tests.variants import variants

FAULTS: dict[str, tuple[Kind, str]] = {
    "429": ("too_fast", "too many"),
    "lock_timeout": ("locked", "cannot be accessed right now"),
    "500": ("server_error", "An unknown error occurred"),
    "502 with HTML": ("bad_gateway", "status 502"),
    "a connection reset": ("reset", "couldn't be reached"),
    "half a body": ("half_body", "couldn't be reached"),
    "a body that isn't JSON": ("not_json", "isn't JSON"),
    "a page that repeats": ("repeated_page", "repeats a page"),
    "a page that is empty with has_more": ("empty_page", "empty page"),
    "a hang past the timeout": ("hang", "no answer in time"),
}


@variants("name", FAULTS, quick=("429", "half a body"))
def test_what_lasts_is_told_and_what_passes_is_waited_out(mirror: Mirror, name: str) -> None:
    kind, words = FAULTS[name]
    assert words in mirror.fails(Faults(accidents=(Accident(kind, after=2, times=None),)))
    mirror.sync(Faults(accidents=(Accident(kind, after=2, times=3),)))
    mirror.is_true()


@variants("name", FAULTS, quick=("500",))
def test_what_befalls_a_later_sync_is_made_up_for(synced: Mirror, name: str) -> None:
    kind, words = FAULTS[name]
    for customer in synced.ids("customers"):
        synced.change("customers", customer, description="changed")
    if kind == "repeated_page":  # what is new fits on one page: only a whole reading goes on
        assert words in synced.fails(Faults(accidents=(Accident(kind, times=None),)), full=True)
    elif kind == "empty_page":
        assert words in synced.fails(Faults(accidents=(Accident(kind, times=None),)))
    else:
        accident = Accident(kind, "/v1/customers/*", after=1, times=None)
        assert words in synced.fails(Faults(accidents=(accident,)))
    synced.mends()


def test_a_storm_of_everything_loses_nothing(mirror: Mirror) -> None:
    faults = Faults(
        too_fast=0.04, locked=0.04, server_error=0.04, bad_gateway=0.04, reset=0.04,
        half_body=0.04, not_json=0.04, repeated_page=0.04, empty_page=0.04, hang=0.01, seed=7,
    )  # fmt: skip
    mirror.sync(faults)
    mirror.is_true()
    assert mirror.sync().rows == 0
