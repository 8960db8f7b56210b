"""A shop with something of everything, and a value for every placeholder that an address has."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from shop.account import addresses, sessions, tokens
from shop.account.addresses import AddressData
from shop.account.models import OneTimeToken
from shop.campaigns.models import Coupon, Promotion
from shop.cart.models import CartLine
from shop.catalog import previews
from shop.catalog.collection_models import Collection
from shop.catalog.facets import attributes
from shop.catalog.facets.attributes import ValueData
from shop.catalog.models import Brand, Variant
from shop.catalog.photos import Photo
from shop.catalog.runs import services as runs
from shop.catalog.search import synonyms
from shop.core.db import db
from shop.core.transaction import transaction
from shop.documents import services as documents
from shop.membership import services as membership
from shop.notifications import leaving
from shop.notifications import services as notifications
from shop.notifications.models import Message
from shop.notifications.render import Draft
from shop.order import links, return_photos, returns
from shop.review import questions
from shop.review import services as reviews
from shop.review.photo_models import ReviewPhoto
from shop.store import queries as store_queries
from shop.store import services as stores
from shop.store.models import StaffMember
from shop.web.ui import photo_choice
from tests.factories import orders as made
from tests.factories.accounts import KEY, make_account
from tests.factories.campaigns import make_coupon, make_promotion
from tests.factories.cards import make_card
from tests.factories.catalog import gathered_of, make_category, make_image
from tests.factories.delivery import make_method, make_zone
from tests.factories.money import money_of
from tests.factories.replies import reply_of
from tests.factories.stock import stock_of
from tests.factories.taxes import taxes_of
from tests.factories.transfers import make_proof, transfer_order
from tests.factories.uploads import goods_file, make_upload, stored_photo
from tests.factories.users import Person, make_user


@dataclass(frozen=True)
class Furnished:
    """The people of the shop and what their addresses name."""

    shopper: Person
    merchant: Person
    values: dict[str, str]
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    """Where a placeholder means another thing at some endpoints: endpoint → name → value."""

    def of(self, rule: Rule) -> dict[str, str]:
        """A value for every placeholder of a rule; a new placeholder is to be added in `furnish`."""
        known = self.values | self.own.get(rule.endpoint, {})
        unknown = rule.arguments - set(known)
        assert not unknown, f"{rule.rule}: say in {__name__}.furnish what {unknown} may be"
        return {name: known[name] for name in rule.arguments}

    def who(self, rule: Rule) -> Person | None:
        """Who uses this address: a merchant, a shopper with an account, or whoever comes along."""
        part = rule.endpoint.partition(".")[0]
        if part == "admin":
            return self.merchant
        return None if part in {"catalog", "site", "media", "assets", "dev"} else self.shopper


def secret_of(app: Flask) -> str:
    """What links are signed with."""
    return str(app.config["SECRET_KEY"])


def furnish(app: Flask) -> Furnished:
    """Two stores, a shopper with a past and a full cart, a merchant with work."""
    goods = made.store_with_goods(products=3, flat_delivery_minor=800)
    made.store_with_goods()
    shopper, merchant = make_user(), make_user(is_operator=True)
    make_category("things", "Things")
    owner = made.Owner(user_id=shopper.id)
    received = made.received_order(goods.variants[0], owner=owner)
    reviewed = made.lines_of(received.order)[0]
    paper = made.store_with_goods(kind="digital", stock=None, product={"digital_name": "paper.pdf"})
    Path(app.config["FILES_FOLDER"]).mkdir(parents=True, exist_ok=True)
    (Path(app.config["FILES_FOLDER"]) / "paper.pdf").write_bytes(b"%PDF-1.7")
    downloaded = made.paid_order(paper.variant, owner=owner)
    unpaid = made.place_order(goods.variants[1], owner=owner)
    transferred, _reference = transfer_order(goods.variants[1], owner=owner)
    of_transfer = {"number": transferred.number, "proof": make_proof(transferred.order)}
    with transaction():
        stores.add_staff(goods.store_id, merchant.id, "owner")
        documents.issue(received.order, actor="system")
        review = reviews.post(
            received.order,
            reviewed.public_id,
            stars=4,
            title="Good",
            text="Holds water.",
            locale="en",
            author="Lin",
            user_id=shopper.id,
            pictures=[Photo("reviews/ab/abc", 400, 500, (160, 320, 400))],
        )
        reviews.set_state(review, "published", store_ids=[goods.store_id])
        question = questions.ask(
            reviewed.product_id, "Does it pour?", user_id=shopper.id, author="Lin", locale="en"
        )
        questions.set_state(question, "published", store_ids=[goods.store_id])
        answer = questions.answer_as_buyer(
            question, "It does.", user_id=shopper.id, author="Lin", locale="en"
        )
        membership.join(goods.store_id, shopper.id)
        level = membership.create_level(
            goods.store_id, {"en": "Regular"}, rank=1, spend_from_minor=0, discount_bp=300
        ).public_id
        address = addresses.add(shopper.id, AddressData("Lin", "Road 1", phone="13800001234"))
        device = sessions.create(shopper.id).public_id
        synonyms_id = synonyms.add(goods.store_id, ["mug", "beaker"])
        attribute_id = attributes.create({"en": "Material"}, [ValueData({"en": "Oak"})], [])
        run = runs.begin(goods.store_id, "goods.csv", actor="command line").public_id
        secret = app.config["SECRET_KEY"]
        tokens.request_confirmation(shopper.id, secret=secret)
        tokens.request_reset(shopper.username, secret=secret)
        notifications.record(
            {None: [Draft("lin@example.com", "order_paid", "en", "Paid", "Text", "<p>Text</p>")]}
        )
    made.fill_cart(owner, goods.variants[2])
    product = goods.products[0]
    coupon = db.session.get_one(Coupon, make_coupon(goods.store_id, listed=True)).public_id
    mailed = [
        tokens.for_mail(number, secret=secret)
        for number in db.session.scalars(select(OneTimeToken.id))
    ]
    tokens_by_purpose = {one.purpose: one.token for one in mailed if one is not None}
    gathered = gathered_of(goods.store_id)
    money = money_of(goods.variants[1])  # before the zone, which covers not every address
    zone = make_zone(goods.store_id, "World", rest=True)
    photo = stored_photo()
    return_id = made.request_return(received.order, pictures=[photo])
    with transaction():
        returns.approve(return_id, instructions="Returns desk\nRoad 1", actor="store")
    app.config["PAYMENT_SECRETS_KEY"] = KEY
    values = {
        "account": make_account(),
        "lang": "en",
        "return_id": return_id,
        "slug": product.slug,
        "number": received.number,
        "line": reviewed.public_id,
        "token": unpaid.token,
        "word": photo_choice.sign(f"return-photo:{received.number}", photo),
        "coupon": coupon,
        "card": make_card(goods.store_id),
        "address_id": address.public_id,
        "session_id": device,
        "public_id": db.session.scalars(select(Message.public_id)).one(),
        "gateway": "alipay",
        "carrier": "SF",
        "name": "nothing.webp",
        "path": "nothing.css",
        "product": product.public_id,
        "variant": db.session.get_one(Variant, goods.variant).public_id,
        "image": make_image(product.id),
        "campaign": db.session.get_one(Promotion, make_promotion(goods.store_id)).public_id,
        "user": shopper.public_id,
        "level": level,
        **gathered,
        **stock_of(goods.store_id, goods.variants[1]),
        "review": review,
        "photo": db.session.scalars(select(ReviewPhoto.public_id)).one(),
        "question": question,
        "answer": answer,
        "reply": reply_of(goods.store_id),
        **money,
        "synonyms_id": synonyms_id,
        **taxes_of(goods.store_id),
        "attribute_id": attribute_id,
        "run": run,
        "upload": make_upload(goods.store_id, goods_file("cup,,Maker,8.00,,,active")).public_id,
        "zone": zone,
        "method": make_method(goods.store_id, zone, price_minor=800),
        "member": str(db.session.scalar(select(StaffMember.public_id))),
    }
    own = {
        "admin.return_photo": {
            "photo": next(iter(return_photos.of_returns([return_id])[return_id]))
        },
        "order.transfer": of_transfer,
        "order.transfer_send": of_transfer,
        "order.transfer_proof": of_transfer,
        "catalog.category": {"slug": "things"},
        "catalog.preview": {"token": previews.sign(product.public_id, secret_of(app))},
        "site.sitemap": {"kind": "products", "number": "0"},
        "site.feed": {"store": store_queries.get(goods.store_id).slug},
        "catalog.collection": {
            "slug": db.session.scalars(
                select(Collection.slug).where(Collection.public_id == gathered["collection"])
            ).one()
        },
        "catalog.brand": {
            "slug": db.session.scalars(
                select(Brand.slug).where(Brand.public_id == gathered["brand"])
            ).one()
        },
        "catalog.page": {"slug": "delivery"},
        "catalog.store": {"slug": store_queries.get(goods.store_id).slug},
        "order.fetch": {
            "token": links.sign_download(
                made.lines_of(downloaded.order)[0].public_id, "main", secret_of(app)
            )
        },
        "account.unsubscribe": {
            "token": leaving.sign(leaving.WISHLIST, shopper.public_id, secret_of(app))
        },
        "account.confirm": {"token": tokens_by_purpose["confirm"]},
        "account.reset": {"token": tokens_by_purpose["reset"]},
    }
    cart_line = str(db.session.scalar(select(CartLine.public_id)))
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("cart.") and "line" in rule.arguments:
            own[rule.endpoint] = {"line": cart_line}
    return Furnished(shopper, merchant, values, own)


def browser_of(app: Flask, person: Person | None) -> FlaskClient:
    """A browser in which somebody has signed in, or nobody."""
    browser = app.test_client()
    if person is not None:
        with transaction():
            begun = sessions.create(person.id, user_agent="tests", lasts=timedelta(days=1))
        with browser.session_transaction() as session:
            session["_user_id"] = begun.token
            session["_fresh"] = True
    return browser


def address(app: Flask, rule: Rule, values: dict[str, str]) -> str:
    """The path of a rule. Values go in as they are, so hostile ones must be quoted already."""
    if any(re.search(r"[^\w.~-]", value) for value in values.values()):
        path = rule.rule.replace("<any(en, zh):lang>", "en")
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], path)
    with app.test_request_context():
        return url_for(rule.endpoint, **values)
