"""Flask extensions of the web layer, made once and bound to an app by ``init_extensions``."""

from flask import Flask
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx

from shop.web.ui.guards import to_sign_in
from shop.web.ui.locale import current_lang, current_zone
from shop.web.ui.sessions import Sessions

login_manager = LoginManager()
login_manager.user_loader(lambda _session_id: None)  # until shop.web.account brings its own
csrf = CSRFProtect()
babel = Babel()
htmx = Htmx()
# Limits count in Redis, so that several workers share them. Without Redis each worker counts for itself:
# weaker, but sign-in stays open and the shop stays up.
limiter = Limiter(
    key_func=get_remote_address,
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    strategy="fixed-window",
)


def init_extensions(app: Flask) -> None:
    """Bind every extension to ``app``."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    uri = app.config["RATELIMIT_STORAGE_URI"]
    if uri.startswith("unix://"):
        app.config["RATELIMIT_STORAGE_URI"] = f"redis+{uri}"
    if app.config["RATELIMIT_STORAGE_URI"].startswith(("redis", "rediss")):
        app.config.setdefault(
            "RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
        )
    app.session_interface = Sessions()
    login_manager.init_app(app)
    login_manager.unauthorized_handler(to_sign_in)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=current_lang, timezone_selector=lambda: current_zone().key)
    limiter.init_app(app)
    htmx.init_app(app)
