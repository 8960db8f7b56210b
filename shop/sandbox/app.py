"""The sandbox's own small Flask application; gunicorn serves it as its own process."""

import os
from pathlib import Path

from flask import Flask, Response, jsonify

from shop.sandbox import control
from shop.sandbox.alipay import bills, cashier, gateway
from shop.sandbox.alipay.desk import open_desk
from shop.sandbox.carriers import routes as carrier_routes
from shop.sandbox.carriers.desk import CarrierDesk
from shop.sandbox.settings import SandboxProblem, Settings, load_settings
from shop.sandbox.stripe import joining as stripe
from shop.sandbox.wechat import joining as wechat


def create_app(settings: Settings | None = None) -> Flask:
    """Open the folder (``SANDBOX_DIR`` when no settings are given) and begin to deliver notifies.

    Raises ``SandboxProblem`` in production or without keys.
    """
    if settings is None:
        folder = os.environ.get("SANDBOX_DIR")
        if not folder:
            raise SandboxProblem("SANDBOX_DIR does not say where the sandbox keeps its keys.")
        settings = load_settings(Path(folder))
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    desk = open_desk(settings)
    app.extensions["alipay_desk"] = desk
    app.register_blueprint(gateway.bp)
    app.register_blueprint(cashier.bp)
    app.register_blueprint(bills.bp)
    app.register_blueprint(control.bp)
    wechat.join(app, desk)
    stripe.join(app, desk)

    if settings.carrier_key:
        carriers = CarrierDesk(desk.store, settings.carrier_key, settings.carrier_factor)
        app.extensions["carrier_desk"] = carriers
        app.register_blueprint(carrier_routes.bp)
        carriers.start()

    # The real gateway's own path; /alipay/gateway.do leaves room for a second provider.
    app.add_url_rule("/gateway.do", view_func=gateway.gateway, methods=["GET", "POST"])

    @app.get("/healthz")
    def healthz() -> Response:
        with desk.store.reading() as db:
            db.execute("SELECT 1 FROM trade LIMIT 1")
        return jsonify(status="ok", app_id=settings.app_id)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    desk.sender.start()
    return app
