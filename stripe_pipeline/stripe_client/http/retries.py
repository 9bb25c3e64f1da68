"""When a request is worth repeating, how long to wait before it, and when to give up.

Stripe's own library never repeats a plain 429; every request here is a GET, so repeating one is
always harmless. Source: https://docs.stripe.com/error-low-level and /rate-limits.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import stripe
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

_NEVER = {400, 401, 402, 403, 404}


class BadAnswerError(Exception):
    """An answer with status 200 that can't be what Stripe meant to say; the message says why."""


@dataclass(frozen=True)
class RetryPolicy:
    """How patient to be; waits are seconds."""

    attempts: int = 10
    # Nothing has ever answered: a wrong address or no network, which waiting won't mend.
    attempts_before_first_answer: int = 4
    first_wait: float = 0.25
    longest_wait: float = 15.0
    longest_asked_for: float = 60.0

    def wait(self, attempt: int, error: BaseException | None = None) -> float:
        """Seconds before the next attempt: doubling, capped, the last half of it by chance.

        Stripe documents no Retry-After, but what stands before it may send one.
        """
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        asked_for = min(_retry_after(error), self.longest_asked_for)
        return max(longest * random.uniform(0.5, 1.0), asked_for)

    def retrying(
        self, has_answered: "HasAnswered", throttled: Callable[[float], None]
    ) -> AsyncRetrying:
        """Build the loop around one request; `throttled` hears of each wait for a rate limit."""

        def exhausted(state: RetryCallState) -> bool:
            limit = self.attempts if has_answered.yes else self.attempts_before_first_answer
            return state.attempt_number >= limit

        def note_wait(state: RetryCallState) -> None:
            error = _error_of(state)
            if isinstance(error, stripe.RateLimitError) and not is_locked(error):
                throttled(state.upcoming_sleep)

        return AsyncRetrying(
            retry=retry_if_exception(is_worth_repeating),
            stop=exhausted,
            wait=lambda state: self.wait(state.attempt_number, _error_of(state)),
            before_sleep=note_wait,
            reraise=True,
        )


PATIENCE = RetryPolicy()


@dataclass
class HasAnswered:
    """Whether anything has answered since the client was opened."""

    yes: bool = False


def is_worth_repeating(error: BaseException) -> bool:
    """Tell whether the same request may well succeed a little later.

    `Stripe-Should-Retry: false` ends it, except on a 429: there it advises against retrying at
    once, and waiting at a lower pace is what Stripe's documentation asks for.
    """
    if isinstance(error, stripe.APIConnectionError):
        return bool(error.should_retry)
    if isinstance(error, BadAnswerError | stripe.RateLimitError):
        return True
    if not isinstance(error, stripe.StripeError) or error.http_status is None:
        return False
    if error.http_status in _NEVER:
        return False
    advice = (error.headers or {}).get("stripe-should-retry")
    if advice in ("true", "false"):
        return advice == "true"
    return error.http_status == 409 or error.http_status >= 500


def is_locked(error: stripe.StripeError) -> bool:
    """Tell whether somebody else is at work on the object: a 429 that is about no limit."""
    return error.code == "lock_timeout"


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _retry_after(error: BaseException | None) -> float:
    """Return the seconds that an answer asks to wait, 0 where it doesn't say."""
    headers = error.headers if isinstance(error, stripe.StripeError) else None
    asked_for = (headers or {}).get("retry-after", "")
    return float(asked_for) if asked_for.isdecimal() else 0.0
