"""Stripe's error answers: the HTTP status and the body of each.

Source of the wording: https://docs.stripe.com/api/errors and https://docs.stripe.com/keys.
"""

from typing import Any

import msgspec


class StripeError(Exception):
    """An answer that isn't a success; `fields` are those of the body's `error` object."""

    def __init__(
        self, status: int, message: str, *, headers: dict[str, str] | None = None, **fields: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.fields = {"message": message, "type": "invalid_request_error"} | fields

    def body(self, request_id: str) -> bytes:
        """Return the JSON body, which names the request as Stripe's does."""
        log = f"https://dashboard.stripe.com/test/logs/{request_id}"
        code = self.fields.get("code")
        doc = {"doc_url": f"https://stripe.com/docs/error-codes/{code}"} if code else {}
        return msgspec.json.encode({"error": self.fields | doc | {"request_log_url": log}})


def no_key() -> StripeError:
    """401: the request carries no key."""
    return StripeError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
        "https://stripe.com/docs/api#authentication for details.",
    )


def wrong_key(key: str) -> StripeError:
    """401: the key is not one of this account's; the message shows it redacted."""
    return StripeError(401, f"Invalid API Key provided: {redacted(key)}")


def expired_key(key: str) -> StripeError:
    """401: the key was rolled."""
    message = f"Expired API Key provided: {redacted(key)}"
    return StripeError(401, message, code="api_key_expired")


def publishable_key() -> StripeError:
    """401: a publishable key can't read."""
    return StripeError(
        401,
        "This API call cannot be made with a publishable API key. Please use a secret API key. "
        "You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def redacted(key: str) -> str:
    """Return a key as Stripe's messages show it: its kind and its last four characters."""
    head = "_".join(key.split("_")[:2]) if key.count("_") >= 2 else key[:3]
    return f"{head}_{'*' * 12}{key[-4:]}"


def forbidden(key: str, permission: str) -> StripeError:
    """403: a restricted key lacks a permission."""
    label = permission.removesuffix("_read").replace("_", " ").title()
    return StripeError(
        403,
        f"Permission denied. The API key provided ('{redacted(key)}') does not have the required "
        f"permissions for this endpoint on account 'acct_1DemoFernweh'. Enabling {label} Read "
        f"('{permission}') permissions would allow this request to continue.",
        code="more_permissions_required",
    )


def unknown_url(method: str, path: str) -> StripeError:
    """404: no such endpoint."""
    return StripeError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we "
        "can help at https://support.stripe.com/.",
    )


def read_only(method: str, path: str) -> StripeError:
    """405: the demo store, like the product that reads it, never writes."""
    return StripeError(405, f"Only GET is answered here ({method}: {path}).")


def missing(object_name: str, identifier: str, param: str, status: int = 404) -> StripeError:
    """404 for an object asked for by id, 400 where the id is a parameter of a list."""
    return StripeError(
        status, f"No such {object_name}: '{identifier}'", code="resource_missing", param=param
    )


def unknown_parameter(name: str) -> StripeError:
    """400: a parameter that the endpoint doesn't take."""
    return StripeError(
        400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name
    )


def invalid(name: str, message: str, code: str | None = None) -> StripeError:
    """400: a parameter whose value can't be used."""
    error = StripeError(400, message, param=name)
    if code:
        error.fields["code"] = code
    return error


def too_fast(reason: str) -> StripeError:
    """429: a rate limit; the header says which, e.g. global-rate or endpoint-rate."""
    return StripeError(
        429,
        "Request rate limit exceeded. Learn more: https://docs.stripe.com/rate-limits.",
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": reason},
    )


def locked() -> StripeError:
    """429 without that header: another request holds the object."""
    return StripeError(
        429,
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it.",
        code="lock_timeout",
    )


def broken() -> StripeError:
    """500: Stripe's own failure."""
    return StripeError(
        500,
        "An unknown error occurred",
        type="api_error",
    )
