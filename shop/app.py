"""The application factory: a table of contents."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import config
import shop.models  # noqa: F401 - registers every table
from shop.cli.register import init_commands
from shop.core.db import configure_engine, db
from shop.core.logs import init_logs
from shop.jobs.queue import init_queue
from shop.payment.gateways.registry import form_action_hosts
from shop.web.account import routes as account
from shop.web.admin import routes as admin
from shop.web.campaigns import routes as campaigns
from shop.web.cart import routes as cart
from shop.web.cart import wishlist
from shop.web.catalog import routes as catalog
from shop.web.dev import routes as dev
from shop.web.extensions import init_extensions
from shop.web.order import pushes
from shop.web.order import routes as order
from shop.web.payment import routes as payment
from shop.web.site import routes as site
from shop.web.ui.kept import init_kept
from shop.web.ui.setup import init_ui
from shop.web.ui.trail import init_trail
from shop.web.ui.visitor import init_visitor

ROOT = Path(config.__file__).parent
BLUEPRINTS = (
    site.bp,
    catalog.bp,
    cart.bp,
    wishlist.bp,
    order.bp,
    pushes.bp,
    payment.bp,
    account.bp,
    campaigns.bp,
    admin.bp,
)

migrate = Migrate()


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the shop from the environment, with ``overrides`` on top (for tests)."""
    settings = config.load()
    settings.update(overrides or {})
    app = Flask(
        "shop",
        root_path=str(ROOT / "shop"),
        template_folder="../templates",
        static_folder=None,
    )
    app.config.from_mapping(settings)
    init_logs(json=app.config["ENVIRONMENT"] == "production")
    _init_database(app)
    _init_web(app)
    init_commands(app)
    init_queue(app)
    return app


def _init_database(app: Flask) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite:///"):
        Path(app.config["INSTANCE"]).mkdir(parents=True, exist_ok=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = config.engine_options(url)
    db.init_app(app)
    with app.app_context():
        configure_engine(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))


def _init_web(app: Flask) -> None:
    hops = app.config["TRUSTED_PROXIES"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # Flask's documented way
    app.config["FORM_ACTION_HOSTS"] = form_action_hosts(app.config)
    init_kept(app)
    init_extensions(app)
    init_ui(app)
    init_visitor(app)
    init_trail(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if app.config["ENVIRONMENT"] != "production":
        app.register_blueprint(dev.bp)
