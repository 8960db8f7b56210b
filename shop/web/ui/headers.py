"""Security headers of every answer.

Nothing inline and nothing from elsewhere. ``form-action`` names the payment gateways, because browsers
apply it to where a submitted form is redirected as well (CSP 3, section 6.4.1.1).
"""

from functools import lru_cache

from flask import Flask, Response, current_app, g, request


@lru_cache(maxsize=8)
def content_security_policy(
    form_hosts: tuple[str, ...] = (), image_hosts: tuple[str, ...] = ()
) -> str:
    """The policy; ``form_hosts`` and ``image_hosts`` are origins such as ``https://pay.example``."""
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *image_hosts],
        "form-action": ["'self'", *form_hosts],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


def set_headers(response: Response) -> Response:
    """Add the headers that a view has not set itself; a page that was kept has them."""
    if "headers_set" in g:
        return response
    config = current_app.config
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        shelf = current_app.extensions.get("payments")
        hosts = (*(config.get("FORM_ACTION_HOSTS") or ()), *(shelf.hosts if shelf else ()))
        headers["Content-Security-Policy"] = content_security_policy(
            tuple(dict.fromkeys(hosts)), tuple(config.get("IMAGE_HOSTS") or ())
        )
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault(
        "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    )
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def init_headers(app: Flask) -> None:
    """Set the headers on every answer."""
    app.after_request(set_headers)
