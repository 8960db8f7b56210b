"""The application factory: a table of contents."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config
import shop.models  # noqa: F401 - registers every table
from shop.core.db import configure_engine, db
from shop.core.logs import init_logs
from shop.payment.gateways.registry import form_action_hosts
from shop.web.extensions import init_extensions
from shop.web.ui.setup import init_ui
from shop.web.ui.visitor import init_visitor

BLUEPRINTS = (
    "shop.web.site.routes",
    "shop.web.catalog.routes",
    "shop.web.cart.routes",
    "shop.web.order.routes",
    "shop.web.payment.routes",
    "shop.web.account.routes",
    "shop.web.campaigns.routes",
    "shop.web.admin.routes",
)

migrate = Migrate()


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the shop from the environment, with ``overrides`` on top (for tests)."""
    settings = config.load()
    settings.update(overrides or {})
    app = Flask(
        "shop",
        root_path=str(Path(config.__file__).parent / "shop"),
        template_folder="../templates",
        static_folder=None,
    )
    app.config.from_mapping(settings)
    init_logs(json=settings["ENVIRONMENT"] == "production")
    _init_database(app)
    _init_web(app)
    _init_commands(app)
    _init_events(app)
    return app


def _init_database(app: Flask) -> None:
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///"):
        Path(app.config["INSTANCE"]).mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = config.engine_options(
        app.config["SQLALCHEMY_DATABASE_URI"]
    )
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
    migrate.init_app(app, db, directory=str(Path(config.__file__).parent / "migrations"))


def _init_web(app: Flask) -> None:
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    app.config["FORM_ACTION_HOSTS"] = form_action_hosts(app.config)
    init_extensions(app)
    init_ui(app)
    init_visitor(app)
    for name in BLUEPRINTS:
        module = _module(name)
        if module:
            app.register_blueprint(module.bp)
    if app.config["ENVIRONMENT"] != "production":
        module = _module("shop.web.dev.routes")
        if module:
            app.register_blueprint(module.bp)


def _init_commands(app: Flask) -> None:
    _call("shop.cli", "init_commands", app) if _module("shop.cli.register") is None else _call(
        "shop.cli.register", "init_commands", app
    )


def _init_events(app: Flask) -> None:
    _call("shop.jobs.queue", "init_queue", app)


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        import sys
        print("NOT IMPORTED (building):", name, error, file=sys.stderr)
        return None


def _call(name: str, function: str, app: Flask) -> None:
    module = _module(name)
    if module and hasattr(module, function):
        getattr(module, function)(app)
