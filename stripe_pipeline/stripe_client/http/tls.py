"""Explain in plain words why a TLS connection failed, and what to do."""

import ssl

import aiohttp

# OpenSSL's error numbers for a refused certificate:
# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN = 9, 10, 18, 19
_NO_ISSUER, _NO_ISSUER_OF_LEAF, _OTHER_HOST, _OTHER_ADDRESS = 20, 21, 62, 64

_OWN_AUTHORITY = (
    "a proxy or virus scanner that reads along may have made it: name the file of its authority's "
    "certificate in SSL_CERT_FILE, or go around it"
)
_NO_AUTHORITY = f"no authority that is trusted here signed its certificate; {_OWN_AUTHORITY}"
_CLOCK = "look at this machine's clock first"
_REASONS = {
    _NOT_YET_VALID: f"its certificate isn't valid yet; {_CLOCK}",
    _EXPIRED: f"its certificate has expired; {_CLOCK}",
    _SELF_SIGNED: f"its certificate is self-signed; {_OWN_AUTHORITY}",
    _SELF_SIGNED_IN_CHAIN: _NO_AUTHORITY,
    _NO_ISSUER: _NO_AUTHORITY,
    _NO_ISSUER_OF_LEAF: _NO_AUTHORITY,
    _OTHER_HOST: "its certificate is for another host; check STRIPE_API_BASE and the proxy",
    _OTHER_ADDRESS: "its certificate is for another host; check STRIPE_API_BASE and the proxy",
}


def is_about_certificate(error: BaseException) -> bool:
    """Tell whether a certificate was refused, which a retry won't change."""
    return isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError)


def tls_reason(error: BaseException) -> str:
    """Return why the TLS connection failed, in words that follow the host; "" if it didn't."""
    inner = _inner(error)
    if isinstance(inner, ssl.SSLCertVerificationError):
        said = f"its certificate can't be trusted ({inner.verify_message})"
        return _REASONS.get(inner.verify_code, f"{said}; {_OWN_AUTHORITY}")
    if isinstance(inner, ssl.SSLError):
        return (
            f"the secure connection failed ({inner.reason or 'handshake'}); something between here "
            "and there may not speak TLS: check STRIPE_API_BASE and HTTPS_PROXY"
        )
    return ""


def _inner(error: BaseException) -> BaseException:
    """Return the exception that aiohttp has wrapped, or the error itself."""
    for name in ("certificate_error", "os_error"):
        found = getattr(error, name, None)
        if isinstance(found, BaseException):
            return found
    return error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
