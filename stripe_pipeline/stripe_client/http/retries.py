"""Retry policy: which failures are retried, with exponential backoff and jitter, and how often.

Stripe's own library never retries a plain 429; every request here is a GET, so a retry is
idempotent. Source: https://docs.stripe.com/error-low-level and /rate-limits.
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
    """The number of attempts and the bounds of the backoff, in seconds."""

    attempts: int = 10
    # Without any response yet, the address is wrong or there is no network; waiting won't help.
    attempts_before_first_answer: int = 4
    first_wait: float = 0.25
    longest_wait: float = 15.0
    longest_asked_for: float = 60.0

    def wait(self, attempt: int, error: BaseException | None = None) -> float:
        """Return the seconds before the next attempt: capped exponential backoff with jitter.

        The jitter is the upper half of the wait. Retry-After is honoured up to
        `longest_asked_for`: Stripe documents none, but a proxy in front of it may send one.
        """
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        asked_for = min(_retry_after(error), self.longest_asked_for)
        return max(longest * random.uniform(0.5, 1.0), asked_for)

    def retrying(
        self, has_answered: "HasAnswered", throttled: Callable[[float], None]
    ) -> AsyncRetrying:
        """Build the retry loop of one request; `throttled` gets the seconds waited after a 429."""

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
    """Whether there was any response since the client was opened."""

    yes: bool = False


def is_worth_repeating(error: BaseException) -> bool:
    """Tell whether a failed request should be retried.

    `Stripe-Should-Retry: false` ends it, except on a 429: there it advises against an immediate
    retry, and Stripe's documentation asks for backoff.
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
    """Tell whether a 429 is a lock timeout: another request holds the object, no limit was hit."""
    return error.code == "lock_timeout"


def _error_of(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _retry_after(error: BaseException | None) -> float:
    """Return the seconds of the Retry-After header, 0 without one."""
    headers = error.headers if isinstance(error, stripe.StripeError) else None
    asked_for = (headers or {}).get("retry-after", "")
    return float(asked_for) if asked_for.isdecimal() else 0.0
