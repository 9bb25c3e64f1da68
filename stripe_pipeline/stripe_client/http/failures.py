"""Convert error responses to the `stripe` package's own exceptions, redacted."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
import stripe

from stripe_pipeline.stripe_client.http.connections import Answer
from stripe_pipeline.stripe_client.http.redact import redact, redact_all
from stripe_pipeline.stripe_client.http.tls import is_about_certificate, tls_reason


def failure(answer: Answer, secret: str) -> stripe.StripeError:
    """Build the exception for a response whose status isn't 200.

    Its message names the path; `request_id` is Stripe's Request-Id, where there is one; `code` and
    `error` are Stripe's. Keys, parts of keys and account ids are redacted.
    """
    body = redact_all(_json(answer.content), secret)
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    said = error.get("message") or _unexplained(answer.status)
    details: dict[str, Any] = {
        "http_status": answer.status,
        "json_body": body if error else None,
        "headers": _headers(answer.headers),
        "code": error.get("code"),
    }
    message = f"{said} (GET {answer.path})"
    return _build(answer.status, message, error.get("param"), details)


def unreachable(
    error: aiohttp.ClientError | TimeoutError, host: str, secret: str
) -> stripe.APIConnectionError:
    """Build the exception for a request without a response, or with an incomplete one."""
    kind = "no answer in time" if isinstance(error, TimeoutError) else "no answer"
    reason = tls_reason(error) or redact(str(error), secret) or type(error).__name__
    may_pass = not is_about_certificate(error)
    return stripe.APIConnectionError(f"{kind} from {host}: {reason}", should_retry=may_pass)


def _unexplained(status: int) -> str:
    if 300 <= status < 400:
        return f"a redirect, status {status}, which is never followed with a key"
    return f"an answer with status {status}"


def _build(
    status: int, message: str, parameter: str | None, details: dict[str, Any]
) -> stripe.StripeError:
    if status == 401:
        return stripe.AuthenticationError(message, **details)
    if status == 403:
        return stripe.PermissionError(message, **details)
    if status == 429:
        return stripe.RateLimitError(message, **details)
    if status in (400, 404):
        return stripe.InvalidRequestError(message, parameter, **details)
    return stripe.APIError(message, **details)


def _json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    wanted = (
        "request-id",
        "retry-after",
        "stripe-rate-limited-reason",
        "stripe-should-retry",
    )
    return {name: headers[name] for name in wanted if name in headers}
