"""User-facing sentences: why Stripe couldn't be read, and what to do."""

import stripe

from stripe_pipeline.stripe_client.http.keys import WHERE
from stripe_pipeline.stripe_client.resources import Resource


def sentence(error: stripe.StripeError, host: str) -> str:
    """Return the sentence for an error of Stripe's, for the user who runs the sync."""
    if isinstance(error, stripe.AuthenticationError):
        return (
            f"Stripe refused the key ({_said(error)}); make a new one at {WHERE} and set it as "
            "STRIPE_API_KEY."
        )
    if isinstance(error, stripe.APIConnectionError):
        return (
            f"Stripe couldn't be reached ({_said(error)}); check the network and, if it is set, "
            "STRIPE_API_BASE, and run the command again: a sync goes on where it stopped."
        )
    if isinstance(error, stripe.RateLimitError):
        return (
            f"Stripe kept refusing requests as too many ({_said(error)}); lower "
            "STRIPE_PIPELINE_RATE_LIMIT and run the sync again: it goes on where it stopped."
        )
    return (
        f"Stripe couldn't be read from {host} ({_said(error)}); run the sync again: it goes on "
        "where it stopped."
    )


def missing_permission(resource: Resource, error: stripe.PermissionError) -> str:
    """Return the sentence for a resource that the key may not read."""
    return (
        f"{resource.label} were skipped, because the key lacks the permission "
        f"{resource.permission_name} ({resource.permission}, Read); add it to the key at {WHERE}. "
        f"Stripe said: {_said(error)}"
    )


def first_of(error: BaseException) -> BaseException:
    """Return the first failure of an exception group; the others are its consequences."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _said(error: stripe.StripeError) -> str:
    said = (error.user_message or type(error).__name__).rstrip(".")
    return f"{said}, request {error.request_id}" if error.request_id else said
