"""A small app that has every endpoint the layouts name, and one page that shows every macro."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, make_response, request
from jinja2 import ChoiceLoader, FileSystemLoader
from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField

from shop.core.db import db
from shop.core.errors import Busy, Conflict, Forbidden, Invalid, NotFound, RateLimited
from shop.web.extensions import init_extensions
from shop.web.site import routes as site
from shop.web.ui import caching, guards, htmx
from shop.web.ui.forms import Form, IdempotencyField, MoneyField, PhoneField, Required
from shop.web.ui.locale import LANG_PREFIX
from shop.web.ui.setup import init_ui

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

ENDPOINTS = {
    "catalog": {
        "home": "/",
        "category": "/c/<slug>",
        "product": "/p/<slug>",
        "search": "/search",
        "store": "/s/<slug>",
        "new_arrivals": "/new",
        "best_sellers": "/best-sellers",
        "page": "/help/<slug>",
    },
    "cart": {"page": "/cart", "add": "/cart/lines"},
    "order": {"find": "/find-order"},
    "account": {
        "home": "/account",
        "orders": "/account/orders",
        "addresses": "/account/addresses",
        "profile": "/account/profile",
        "sessions": "/account/sessions",
        "sign_in": "/sign-in",
        "sign_out": "/sign-out",
    },
    "campaigns": {"coupons": "/coupons"},
}


@dataclass
class Picture:
    """What ``picture()`` asks of an image."""

    stem: str
    alt: str = ""
    width: int = 960
    height: int = 1200
    widths: tuple[int, ...] = (160, 320, 480, 720, 960)

    def url(self, width: int, fmt: str) -> str:
        return f"/media/{self.stem}-{width}.{fmt}"


@dataclass
class Item:
    """What ``card()`` asks of a listing."""

    title: str
    price_minor: int
    image: Picture | None = None
    slug: str = "thing"
    currency: str = "CNY"
    available: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["extra"][name]
        except KeyError:
            raise AttributeError(name) from None


class Sample(Form):
    email = StringField("Email", [Required()])
    name = StringField("Full name", [Required()])
    postcode = StringField("Postcode")
    city = StringField("City")
    country = SelectField("Country or region", choices=["CN", "SG"])
    phone = PhoneField("Mobile")
    amount = MoneyField("Amount", least=1)
    password = PasswordField("Password")
    note = TextAreaField("Note")
    agree = BooleanField("Send me news")
    key = IdempotencyField()


def items() -> list[Item]:
    zh = request.path.startswith("/zh")
    titles = (
        ["龙泉青瓷壶", "棉浆信笺套装", "2027 日程本", "一件没有图片的东西"]
        if zh
        else [
            "Longquan celadon teapot",
            "Cotton letter set",
            "Planner 2027",
            "A thing without a picture",
        ]
    )
    stems = ["teapot-celadon", "letter-set-cotton", "planner-2027", None]
    cards = [
        Item(title, price, Picture(stem) if stem else None)
        for title, stem, price in zip(titles, stems, (46800, 7850, 12800, 4200), strict=True)
    ]
    cards[0].extra = {
        "compare_at_minor": 52000,
        "rating": 4.8,
        "rating_count": 126,
        "fact": "220 ml",
        "badge": "10% off",
        "badge_kind": "promo",
        "variant_id": "v1",
        "hover_image": Picture("teapot-celadon-2"),
    }
    cards[1].extra = {"rating": 4.9, "rating_count": 67, "badge": "New", "price_max_minor": 9800}
    cards[3].available = False
    return cards


def build(**config: Any) -> Flask:
    """The app; ``config`` is laid over what a test needs."""
    app = Flask(
        "ui_tests",
        root_path=str(REPOSITORY / "shop"),
        template_folder="../templates",
        static_folder=None,
    )
    app.config.from_mapping(
        TESTING=True,
        SECRET_KEY="s" * 40,
        SQLALCHEMY_DATABASE_URI="sqlite://",
        WTF_CSRF_ENABLED=True,
        RATELIMIT_ENABLED=True,
    )
    app.config.from_mapping(config)
    app.jinja_loader = ChoiceLoader(  # type: ignore[assignment]
        [FileSystemLoader(REPOSITORY / "templates"), FileSystemLoader(HERE / "ui_pages")]
    )
    db.init_app(app)
    init_extensions(app)
    init_ui(app)
    app.add_template_global(frozenset, "saved_slugs")  # nobody has saved anything
    app.register_blueprint(site.bp)
    for name, pages in ENDPOINTS.items():
        blueprint = Blueprint(name, __name__, url_prefix=LANG_PREFIX)
        for endpoint, rule in pages.items():
            blueprint.add_url_rule(rule, endpoint, _page, methods=["GET", "POST"])
        app.register_blueprint(blueprint)
    app.register_blueprint(_sample())

    @app.context_processor
    def navigation() -> dict[str, Any]:
        names = {"en": "Tea Teaware Paper Ink Home Gifts", "zh": "茶 茶器 纸品 笔墨 家居 礼物"}
        lang = "zh" if request.path.startswith("/zh") else "en"
        return {
            "nav_categories": [
                {"slug": f"c{n}", "name": name, "count": n + 8}
                for n, name in enumerate(names[lang].split())
            ],
            "nav_stores": [{"slug": "songjian", "name": "Songjian"}],
            "cart_count": 5,
        }

    return app


def _page(**_values: Any) -> str:
    return "ok"


def _sample() -> Blueprint:
    bp = Blueprint("sample", __name__, url_prefix=LANG_PREFIX + "/sample")

    @bp.route("/gallery", methods=["GET", "POST"])
    def gallery() -> Any:
        form = Sample()
        bad = request.method == "POST" and not form.validate()
        return htmx.render(
            "gallery.html",
            "main",
            422 if bad else 200,
            form=form,
            items=items(),
            moment=datetime(2026, 11, 22, 2, 2, tzinfo=UTC),
        )

    @bp.get("/account")
    def account() -> Any:
        return htmx.render("sample_account.html")

    @bp.get("/checkout")
    @caching.private
    def checkout() -> Any:
        return htmx.render("sample_checkout.html")

    @bp.post("/done")
    def done() -> Any:
        response = htmx.redirect_after_post("/en/cart")
        return htmx.toast(
            response, "Removed from cart", htmx.Undo("/en/cart/lines", {"variant": "v1"})
        )

    @bp.post("/part")
    def part() -> Any:
        response = make_response("<p>part</p>")
        return htmx.toast(response, "已移除", htmx.Undo("/zh/cart/lines"))

    @bp.get("/members")
    @guards.login_required
    def members() -> str:
        return "members"

    @bp.get("/operators")
    @guards.require_operator
    def operators() -> str:
        return "operators"

    @bp.route("/refused/<kind>", methods=["GET", "POST"])
    def refused(kind: str) -> str:
        raise {
            "not-found": NotFound("order-not-found"),
            "forbidden": Forbidden(),
            "invalid": Invalid("sample-too-many", left=3),
            "conflict": Conflict(),
            "rate": RateLimited(retry_after=30),
            "busy": Busy(),
            "crash": ZeroDivisionError(),
        }[kind]

    return bp
