"""Configuration: every setting, read from the environment in one place.

Development needs none of it. Production (``XIAOPU_ENV=production``) refuses what is only good enough for
development; ``load`` raises ``ConfigError`` with a sentence that says what to set.
"""

import base64
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LANGUAGES = ("en", "zh")

_DEVELOPMENT_SECRET = "development-only-secret-key"  # noqa: S105 - refused in production


class ConfigError(Exception):
    """A setting is missing or unsafe; the message is for the operator."""


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Read the settings from ``environ`` (the process's own by default). Raises ``ConfigError``."""
    env = os.environ if environ is None else environ
    mode = env.get("XIAOPU_ENV", "development")
    if mode not in {"development", "production", "testing"}:
        raise ConfigError("XIAOPU_ENV must be development, production or testing.")
    production = mode == "production"
    instance = Path(env.get("INSTANCE") or Path(__file__).parent / "instance").resolve()
    public_url = env.get("PUBLIC_URL", "http://localhost:8000").rstrip("/")
    https = public_url.startswith("https://")

    config: dict[str, Any] = {
        "ENVIRONMENT": mode,
        "TESTING": mode == "testing",
        "INSTANCE": str(instance),
        "MEDIA_FOLDER": env.get("MEDIA_FOLDER") or str(instance / "media"),
        # Goods sold as downloads: never under the public media address.
        "FILES_FOLDER": env.get("FILES_FOLDER") or str(instance / "files"),
        # Files of goods that staff bring in: how large, and for how long they and their previews are kept.
        "IMPORTS_FOLDER": env.get("IMPORTS_FOLDER") or str(instance / "imports"),
        "IMPORT_MAX_BYTES": int(env.get("IMPORT_MAX_MB", "64")) * 1024 * 1024,
        "IMPORTS_KEPT_DAYS": int(env.get("IMPORTS_KEPT_DAYS", "30")),
        "LANGUAGES": LANGUAGES,
        # Where the shop is seen from outside: links in mails, return addresses of payments.
        "PUBLIC_URL": public_url,
        "TRUSTED_HOSTS": _list(env.get("TRUSTED_HOSTS")) or None,
        "TRUSTED_PROXIES": int(env.get("TRUSTED_PROXIES", "0")),
        "SECRET_KEY": env.get("SECRET_KEY") or _DEVELOPMENT_SECRET,
        # Data
        "SQLALCHEMY_DATABASE_URI": database_url(env.get("DATABASE_URL"), instance),
        "REDIS_URL": env.get("REDIS_URL", ""),
        "RATELIMIT_STORAGE_URI": env.get("REDIS_URL") or "memory://",
        # Cookies: under https they are Secure and bound to the host.
        "SESSION_COOKIE_NAME": "__Host-xiaopu" if https else "xiaopu",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_IDLE": timedelta(days=14),
        "SESSION_ABSOLUTE": timedelta(days=90),
        "PERMANENT_SESSION_LIFETIME": timedelta(days=90),
        "MAX_CONTENT_LENGTH": 24 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        # The token lives as long as its session: pages that a browser kept stay usable.
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).parent / "shop" / "translations"),
        # Mail: console prints, memory keeps (tests), smtp sends, file keeps them for /dev/mail only.
        "MAIL_SENDER": env.get("MAIL_SENDER") or ("smtp" if production else "console"),
        "MAIL_FROM": env.get("MAIL_FROM", "Xiaopu <shop@xiaopu.example>"),
        "MAIL_SERVER": env.get("MAIL_SERVER", "localhost"),
        "MAIL_PORT": int(env.get("MAIL_PORT", "25")),
        "MAIL_USERNAME": env.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": env.get("MAIL_PASSWORD") or None,
        "MAIL_USE_TLS": _flag(env.get("MAIL_USE_TLS")),
        "MAIL_USE_SSL": _flag(env.get("MAIL_USE_SSL")),
        "MAIL_TIMEOUT": 10,
        # Payment. Keys that seal the secrets of accounts in the database; the first seals, all open.
        "PAYMENT_SECRETS_KEY": _sealing_keys(env.get("PAYMENT_SECRETS_KEY", "")),
        "PAYMENT_FEE_RATES": _fee_rates(env.get("PAYMENT_FEE_RATES", "")),
        "ALIPAY_GATEWAY": env.get("ALIPAY_GATEWAY", ""),
        "ALIPAY_APP_ID": env.get("ALIPAY_APP_ID", ""),
        "ALIPAY_SELLER_ID": env.get("ALIPAY_SELLER_ID", ""),
        "ALIPAY_APP_PRIVATE_KEY_FILE": env.get("ALIPAY_APP_PRIVATE_KEY_FILE", ""),
        "ALIPAY_PUBLIC_KEY_FILE": env.get("ALIPAY_PUBLIC_KEY_FILE", ""),
        "ALIPAY_APP_CERT_FILE": env.get("ALIPAY_APP_CERT_FILE", ""),
        "ALIPAY_ROOT_CERT_FILE": env.get("ALIPAY_ROOT_CERT_FILE", ""),
        **{
            f"WECHATPAY_{name}": env.get(f"WECHATPAY_{name}", "")
            for name in (
                "GATEWAY",
                "APP_ID",
                "MCH_ID",
                "MCH_PRIVATE_KEY_FILE",
                "MCH_CERT_SERIAL",
                "APIV3_KEY",
                "PUBLIC_KEY_FILE",
                "PUBLIC_KEY_ID",
            )
        },
        **{
            name: env.get(name, "")
            for name in (
                "STRIPE_API_BASE",
                "STRIPE_ACCOUNT",
                "STRIPE_SECRET_KEY",
                "STRIPE_WEBHOOK_SECRET",
            )
        },
        # The platform's bank accounts that shoppers transfer to, and how long an order waits for it.
        "BANK_TRANSFER_ACCOUNTS": _bank_accounts(env),
        "BANK_TRANSFER_WAIT": timedelta(days=float(env.get("BANK_TRANSFER_DAYS", "3"))),
        "PAYMENT_NOTIFY_BASE": env.get("PAYMENT_NOTIFY_BASE", "").rstrip("/") or public_url,
        # Carriers that can be asked where a parcel is: CARRIER_<CODE>_URL and CARRIER_<CODE>_KEY.
        "CARRIER_ACCOUNTS": _carriers(env),
        # The local simulator of all the others; `make run` starts it.
        "CARRIER_SANDBOX": env.get("CARRIER_SANDBOX", "").rstrip("/"),
        "CARRIER_SANDBOX_KEY": env.get("CARRIER_SANDBOX_KEY", ""),
        # An unpaid order holds its stock this long, unless its store says otherwise.
        "ORDER_EXPIRES_AFTER": timedelta(minutes=float(env.get("ORDER_EXPIRES_MINUTES", "30"))),
        # Product pages say how much comes back once so many units were sent.
        "RETURN_RATE_SAMPLE": max(1, int(env.get("RETURN_RATE_SAMPLE", "50"))),
    }
    config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config["SQLALCHEMY_DATABASE_URI"])
    if production:
        _check_production(config, env)
    return config


def database_url(url: str | None, instance: Path) -> str:
    """``DATABASE_URL`` with our driver named, or SQLite in the instance folder."""
    if not url:
        return f"sqlite:///{instance / 'xiaopu.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def engine_options(url: str) -> dict[str, Any]:
    """How connections are made and pooled. A lock waits five seconds on PostgreSQL, then refuses."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 15}}
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 10,
        "connect_args": {
            "connect_timeout": 5,
            "options": "-c lock_timeout=5000 -c statement_timeout=30000 -c timezone=UTC",
        },
    }


def _check_production(config: Mapping[str, Any], env: Mapping[str, str]) -> None:
    secret = config["SECRET_KEY"]
    if secret == _DEVELOPMENT_SECRET or len(secret) < 32:
        raise ConfigError("SECRET_KEY must be set to at least 32 random characters in production.")
    if not config["PUBLIC_URL"].startswith("https://"):
        raise ConfigError("PUBLIC_URL must be the shop's https:// address in production.")
    if not config["TRUSTED_HOSTS"]:
        raise ConfigError(
            "TRUSTED_HOSTS must list the host names that the shop answers to in production."
        )
    if not config["REDIS_URL"]:
        raise ConfigError("REDIS_URL must be set in production.")
    if config["MAIL_SENDER"] != "smtp":
        raise ConfigError("MAIL_SENDER must be smtp in production.")
    for setting in ("ALIPAY_GATEWAY", "WECHATPAY_GATEWAY", "STRIPE_API_BASE"):
        if config[setting]:
            gateway = urlsplit(config[setting])
            if gateway.scheme != "https" or is_loopback(gateway.hostname or ""):
                raise ConfigError(f"{setting} must be a public https:// address in production.")
    if config["CARRIER_SANDBOX"]:
        raise ConfigError("CARRIER_SANDBOX must not be set in production: no carrier is simulated.")
    for code, (address, key) in config["CARRIER_ACCOUNTS"].items():
        carrier = urlsplit(address)
        if carrier.scheme != "https" or is_loopback(carrier.hostname or ""):
            raise ConfigError(
                f"CARRIER_{code}_URL must be a public https:// address in production."
            )
        if len(key) < 32:
            raise ConfigError(f"CARRIER_{code}_KEY must have at least 32 characters in production.")
    if not config["PAYMENT_NOTIFY_BASE"].startswith("https://"):
        raise ConfigError("PAYMENT_NOTIFY_BASE must be an https:// address in production.")


def _carriers(env: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Code → address and key of each carrier that both are set for."""
    found = {}
    for name, address in env.items():
        code = name.removeprefix("CARRIER_").removesuffix("_URL")
        key = env.get(f"CARRIER_{code}_KEY", "")
        if name == f"CARRIER_{code}_URL" and address and key:
            found[code] = (address.rstrip("/"), key)
    return found


def is_loopback(host: str) -> bool:
    """Whether ``host`` means this very machine."""
    return host in {"localhost", "::1", "0.0.0.0", ""} or host.startswith("127.")  # noqa: S104 - compared, not bound


def _list(value: str | None) -> list[str]:
    return [item.strip() for item in (value or "").split(",") if item.strip()]


def _sealing_keys(value: str) -> str:
    for part in _list(value):
        try:
            size = len(base64.b64decode(part, altchars=b"-_", validate=True))
        except ValueError:
            size = 0
        if size != 32:
            raise ConfigError(
                "PAYMENT_SECRETS_KEY must be a key that `flask payments new-key` made; several with "
                "commas between, the newest first."
            )
    return value


def _flag(value: str | None) -> bool:
    return (value or "").lower() in {"1", "true", "yes", "on"}


def _bank_accounts(env: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Currency → account, of ``BANK_TRANSFER_<CURRENCY>_HOLDER``, ``_BANK``, ``_ACCOUNT`` and, where there
    are any, ``_BRANCH`` and ``_SWIFT``."""
    found: dict[str, dict[str, str]] = {}
    for name, value in env.items():
        parts = name.removeprefix("BANK_TRANSFER_").split("_")
        if name.startswith("BANK_TRANSFER_") and len(parts) == 2 and value.strip():
            found.setdefault(parts[0], {})[parts[1].lower()] = value.strip()
    for currency, account in found.items():
        for part in ("holder", "bank", "account"):
            if part not in account:
                raise ConfigError(
                    f"BANK_TRANSFER_{currency}_{part.upper()} must be set, too: a bank account needs its "
                    "holder, its bank and its number."
                )
        unknown = set(account) - {"holder", "bank", "account", "branch", "swift"}
        if unknown or len(currency) != 3:
            raise ConfigError(
                f"BANK_TRANSFER_{currency}_{min(unknown or account).upper()} is no setting: use HOLDER, "
                "BANK, ACCOUNT, BRANCH and SWIFT of a currency such as CNY."
            )
    return found


def _fee_rates(text: str) -> dict[str, int]:
    """``alipay=0.6,wechatpay=0.6``: what each gateway keeps, in percent; as hundredths of a percent."""
    rates = {}
    for part in _list(text):
        name, _, percent = part.partition("=")
        try:
            points = round(float(percent) * 100)
        except ValueError:
            points = -1
        if not name.strip() or not 0 <= points <= 10_000:
            raise ConfigError(
                "PAYMENT_FEE_RATES must be names and percents such as alipay=0.6,wechatpay=0.6."
            )
        rates[name.strip()] = points
    return rates
