"""The demo's past: orders in every state and what buyers said of them, through the real services.

The clock is held at each moment of the past, so that every date is true to its cause; nobody is
mailed about it. What happens is planned in ``plan``.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from shop.account import queries as accounts
from shop.cart import queries as carts
from shop.cart import services as cart
from shop.cart.owner import Owner
from shop.catalog.models import Variant
from shop.core import clock
from shop.core.db import db
from shop.core.transaction import transaction
from shop.demo import photos, returning
from shop.demo.plan import Purchase
from shop.documents import services as documents
from shop.order import cancellation, checkout, queries, shipping, tracking, tracking_queries
from shop.payment import attempts, intake, offline, refund_answers, refunds, settlement
from shop.payment import queries as payments
from shop.payment.states import RefundState
from shop.review import followups, votes
from shop.review import services as reviews
from shop.store import delivery_queries

Step = Callable[[], None]
FAR = timedelta(days=3)
# How each provider writes the numbers of its payments.
_TRADES = {"alipay": "{:%Y%m%d}22001{:09d}", "wechatpay": "42000{:%Y%m%d}{:09d}"}


def live(
    planned: list[Purchase], users: Mapping[str, int], taken: photos.Photos, step: Step
) -> None:
    """Let every planned purchase happen; ``taken`` are the photos of the reviews."""
    variants = {sku: vid for vid, sku in db.session.execute(select(Variant.id, Variant.sku))}
    contacts = {username: _contact(user_id) for username, user_id in users.items()}
    troubled = next((at for at, one in enumerate(planned) if one.ending == "shipped"), None)
    for number, purchase in enumerate(planned):
        user_id, contact = users[purchase.username], contacts[purchase.username]
        for order_id, order in _live_one(
            purchase, user_id, contact, variants, number, troubled == number
        ):
            if purchase.review is not None:
                _say(purchase, order_id, order, contact.name, user_id, taken, users.values())
        step()


def _contact(user_id: int) -> checkout.Contact:
    profile = accounts.profile(user_id)
    address = accounts.addresses(user_id)[0]
    return checkout.Contact(
        name=address.name,
        email=profile.email if profile else "",
        phone=address.phone,
        country=address.country,
        province=address.province,
        city=address.city,
        district=address.district,
        street=address.street,
        postcode=address.postcode,
    )


def _live_one(
    purchase: Purchase,
    user_id: int,
    contact: checkout.Contact,
    variants: Mapping[str, int],
    number: int,
    troubled: bool,
) -> Iterator[tuple[int, str]]:
    """Its orders, by id and number, once they have come to their end."""
    owner = Owner(user_id=user_id)
    with clock.at(purchase.at), transaction():
        for sku, units in purchase.skus.items():
            cart.add(owner, variants[sku], units)
    profile = accounts.profile(user_id)
    locale = profile.locale if profile else "en"
    with clock.at(purchase.at), transaction():
        form = checkout.Submission(
            contact, purchase.method, "CNY", locale, 0, methods=_fetched(purchase, number)
        )
        part = carts.view(owner, locale, clock.now(), wish=form.wish).part()
        if part is None:
            raise RuntimeError("the demo's cart is empty")
        token = checkout.place(
            owner,
            replace(form, expected_total_minor=part.quote.total_minor),
            key=f"demo-purchase-{number:05d}",
            expires_after=FAR if purchase.ending == "unpaid" else timedelta(minutes=30),
        )
    for order_number in queries.of_checkout(token):
        order_id = queries.id_of(order_number)
        if order_id is not None:
            _finish(
                purchase, order_id, order_number, contact.name, user_id, locale, number, troubled
            )
            yield order_id, order_number


def _fetched(purchase: Purchase, number: int) -> dict[str, str]:
    """One in three of those who are still waiting fetches it at the counter."""
    if purchase.ending != "paid" or number % 3:
        return {}
    found = [one for plan in delivery_queries.plans().values() for one in plan.pickups]
    return {"songjian": found[0].public_id}


def _finish(
    purchase: Purchase,
    order_id: int,
    number: str,
    name: str,
    user_id: int,
    locale: str,
    serial: int,
    troubled: bool,
) -> None:
    paid_at = purchase.at + timedelta(minutes=3 + serial % 7)
    shipped_at = purchase.at + timedelta(hours=20 + serial % 9)
    received_at = shipped_at + timedelta(days=2, hours=serial % 11)
    # The simulated carriers let a number that ends in 999 come to a stop on its way.
    parcel_number = 7300000000 + serial * 7919
    parcel_number = parcel_number // 1000 * 1000 + 999 if troubled else parcel_number
    ending = purchase.ending
    if ending == "expired":
        with clock.at(purchase.at + timedelta(minutes=31)), transaction():
            cancellation.expire(order_id)
        return
    if ending in {"unpaid", "cod"}:
        return
    view = queries.order_page(number, locale)
    if ending != "cod-received" and view is not None and view.can_pay:
        pay(
            order_id, paid_at, purchase.method
        )  # and with it the other store's order of the same checkout
    if ending != "cod-received":
        _bill(order_id, paid_at)
    if ending == "cancelled":
        with clock.at(paid_at + timedelta(hours=2)), transaction():
            settlement.cancel_order(order_id, reason="by-customer", actor=f"u:{user_id}")
            settle_refunds(order_id)
        return
    view = queries.order_page(number, locale)
    if ending == "paid" or view is None:
        return
    if view.can_ship:
        with clock.at(shipped_at), transaction():
            shipping.ship(
                order_id,
                carrier=("SF", "YTO", "ZTO")[serial % 3],
                tracking_number=f"{('SF', 'YT', 'ZT')[serial % 3]}{parcel_number}",
                actor="Lin Wei",
            )
    if ending == "shipped":
        _travel(order_id, shipped_at, troubled)
        return
    with clock.at(received_at), transaction():
        shipping.receive(order_id, actor=f"u:{user_id}")
        if ending == "cod-received":
            offline.confirm(
                order_id,
                amount_minor=view.total_minor,
                reference="Courier receipt",
                actor="Lin Wei",
                key=f"demo-cash-{order_id:05d}",
            )
            documents.issue(order_id, actor="system")
    if ending in returning.ENDINGS:
        line = view.lines[0].public_id
        returning.live(order_id, line, ending, received_at, actor=f"u:{user_id}")
        with clock.at(received_at + timedelta(days=5)), transaction():
            settle_refunds(order_id)
    if ending == "refunded":
        _refund_one(order_id, view.lines[0].public_id, received_at + timedelta(days=1))


def _travel(order_id: int, shipped_at: datetime, troubled: bool) -> None:
    """What the carrier told of a parcel that is still on its way."""
    way = [("picked_up", 2, "杭州"), ("in_transit", 9, "上海"), ("in_transit", 26, "南京")]
    if troubled:
        way.append(("exception", 31, "南京"))
    for parcel in tracking_queries.of_order(order_id).parcels:
        for shipment_id, carrier, _number in tracking_queries.numbered(parcel.tracking_number):
            with clock.at(shipped_at + timedelta(hours=way[-1][1])), transaction():
                told = [
                    tracking.Event(f"{at}", shipped_at + timedelta(hours=hours), kind, place)
                    for at, (kind, hours, place) in enumerate(way)
                ]
                tracking.record(shipment_id, told, actor=f"carrier:{carrier}")


def pay(order_id: int, at: datetime, gateway: str) -> None:
    """Pay the order's checkout as the provider's notify would say it."""
    with clock.at(at), transaction():
        checkout_id = queries.checkout_of(order_id)
        attempt = attempts.begin(checkout_id, gateway)
        attempts.opened(attempt.payment_id, None)
        intake.paid(
            intake.Paid(
                gateway,
                attempt.attempt_no,
                attempt.amount_minor,
                _TRADES[gateway].format(at, attempt.payment_id),
                f"paid:{attempt.attempt_no}",
                at,
            ),
            actor=f"provider:{gateway}",
        )


def _bill(order_id: int, at: datetime) -> None:
    """The invoice and whatever it corrects, as the jobs of a running shop issue them."""
    with clock.at(at), transaction():
        documents.issue(order_id, actor="system")


def _refund_one(order_id: int, line: str, at: datetime) -> None:
    with clock.at(at), transaction():
        refunds.request(
            order_id,
            {line: 1},
            include_delivery=False,
            restock={line},
            reason="changed-mind",
            note="",
            actor="Lin Wei",
            key=f"demo-refund-{order_id:05d}",
        )
        settle_refunds(order_id)


def settle_refunds(order_id: int) -> None:
    """The provider has paid out what is asked for."""
    for row in payments.of_order(order_id).refunds:
        refund_id = payments.refund_id(row.refund_no)
        if refund_id is not None and row.state == RefundState.CREATED:
            refund_answers.claim(refund_id)
            refund_answers.answered(refund_id, RefundState.DONE)
            documents.issue(order_id, actor="system")


def _say(
    purchase: Purchase,
    order_id: int,
    number: str,
    name: str,
    user_id: int,
    taken: photos.Photos,
    users: Collection[int],
) -> None:
    row, sku = purchase.review or {}, purchase.reviewed_sku
    said = clock.now() - timedelta(days=row["days_ago"])
    view = queries.order_page(number, row["locale"])
    line = next((line for line in view.lines if line.sku == sku), None) if view else None
    if line is None or view is None:
        return
    with clock.at(said), transaction():
        review = reviews.post(
            order_id,
            line.public_id,
            stars=row["stars"],
            title=row["title"],
            text=row["text"],
            locale=row["locale"],
            author=name,
            user_id=user_id,
            pictures=photos.of(taken, row),
        )
        if row["days_ago"] > 2:
            reviews.set_state(review, "published", store_ids=[view.store_id])
    added = row.get("followup")
    if added:
        with clock.at(clock.now() - timedelta(days=added["days_ago"])), transaction():
            text, locale = added["text"], row["locale"]
            shown = photos.of(taken, row, later=True)
            followups.post(order_id, line.public_id, text=text, locale=locale, pictures=shown)
            followups.set_state(review, "published", store_ids=[view.store_id])
    others = [other for other in users if other != user_id][: row.get("helpful", 0)]
    with transaction():
        for other in others:
            votes.vote(review, user_id=other, helpful=True)
    reply = row.get("reply")
    if reply:
        with clock.at(clock.now() - timedelta(days=reply["days_ago"])), transaction():
            reviews.reply(review, reply["text"], user_id=user_id, store_ids=[view.store_id])
