"""What the tests of repeated syncs share: time that passes, and a path that a key may not read."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.fake_stripe.server import Answer, Request, error
from tests.fake_stripe.shop import HOUR

DAY = 24 * HOUR
# Each of these lists its newest objects in every sync; one more request lists the events.
COMPANIONS = 6


@contextmanager
def later(seconds: int) -> Iterator[None]:
    """Move this machine's clock, and only it."""
    with pytest.MonkeyPatch.context() as patch:
        real = time.time
        patch.setattr(time, "time", lambda: real() + seconds)
        yield


def forbid(path: str) -> Callable[[Request], Answer | None]:
    def fault(request: Request) -> Answer | None:
        if not request.path.startswith(path):
            return None
        return error(
            403,
            "Permission denied. The provided key 'rk_test_*********1234' does not have the "
            "required permissions for this endpoint on account 'acct_1Abc'.",
            code="more_permissions_required",
        )

    return fault
