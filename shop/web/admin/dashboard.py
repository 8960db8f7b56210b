"""The first page: what is to be done now, then how things go."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Response, request
from flask_babel import gettext

from shop.analytics import orders as beside
from shop.analytics import sales
from shop.analytics.beginnings import set_up
from shop.analytics.periods import last_days
from shop.core import clock
from shop.core.lookups import Lookup, together
from shop.inventory import purchase_queries
from shop.inventory import queries as stock
from shop.order import lists, shorts
from shop.payment import queries as money
from shop.payment import return_desk, transfer_queries
from shop.web.admin import bank_transfers, carriers, chart
from shop.web.admin.blueprint import bp
from shop.web.admin.desk import Desk, desk
from shop.web.admin.shell import Work, work
from shop.web.ui.format import ago, day, local
from shop.web.ui.htmx import render
from shop.web.ui.locale import current_lang

RANGES = {"today": 1, "7-days": 7, "30-days": 30, "90-days": 90}


@dataclass(frozen=True, slots=True)
class Task:
    """A figure of the work queue: how many, of what, why it matters, where it is done."""

    count: int
    name: str
    why: str
    endpoint: str
    args: dict[str, str]
    urgent: bool = False


@bp.get("")
def dashboard() -> Response:
    """The work queue, the figures of a period, what to ship next; a checklist while all is new."""
    here, waits = desk(), work()
    chosen = request.args.get("range", "30-days")
    chosen = chosen if chosen in RANGES else "30-days"
    zone = ZoneInfo(here.store.timezone)
    period = last_days(RANGES[chosen], zone)
    press = Press(here)
    figures = sales.per_day.later(here.store_ids, period)
    since = beside.placed_since.later(here.store_ids, last_days(1, zone).start_of(0))
    low = stock.levels.later(here.store_ids, current_lang(), low_only=True, limit=6)
    events = beside.recent_events.later(here.store_ids)
    together(*waits.asked, *press.asked, figures, since, low, events)
    counts = waits.orders.found
    if not counts[""]:
        steps = set_up(here.store_id)
        return render("admin/dashboard/empty.html", steps=steps, done=steps.done)
    next_up = lists.of_stores(here.store_ids, current_lang(), view="to-ship", limit=200).rows[-5:]
    return render(
        "admin/dashboard/today.html",
        tasks=_tasks(waits, press),
        to_ship=counts["to-ship"],
        since_midnight=since.found,
        chosen=chosen,
        ranges=_ranges(),
        period=period,
        figures=figures.found,
        chart=chart.draw(figures.found, here.currency),
        next_up=next_up[::-1],
        late=beside.late([row.id for row in next_up]),
        carrier=carriers.remembered(),
        top=sales.top_products(here.store_ids, period, current_lang()),
        low=low.found,
        events=events.found,
    )


class Press:
    """What the tasks say besides their counts; asked together with them."""

    def __init__(self, here: Desk) -> None:
        today = local(clock.now()).date()
        self.dates = beside.urgency.later(here.store_ids)
        self.stuck = money.tasks.later(here.store_ids)
        self.proofs = transfer_queries.counts.later(bank_transfers.within())
        self.overdue = purchase_queries.overdue_count.later(here.store_ids, today)
        self.short = shorts.waiting.later(here.store_ids)

    @property
    def asked(self) -> tuple[Lookup[object], ...]:
        """All of it."""
        return (self.dates, self.stuck, self.proofs, self.overdue, self.short)  # type: ignore[return-value]  # read only


def _ranges() -> dict[str, str]:
    return {
        "today": gettext("Today"),
        "7-days": gettext("7 days"),
        "30-days": gettext("30 days"),
        "90-days": gettext("90 days"),
    }


def _tasks(waits: Work, pressing: Press) -> list[Task]:
    counts, press = waits.orders.found, pressing.dates.found
    low, waiting = waits.low_stock.found, waits.reviews.found["pending"]
    asked, stuck = waits.questions.found["waiting"], pressing.stuck.found
    oldest = (
        gettext("oldest %(hours)s h", hours=press.oldest_hours)
        if press.oldest_hours is not None
        else gettext("all shipped")
    )
    since = (
        gettext("since %(day)s", day=day(press.late_since))
        if press.late_since
        else gettext("all in time")
    )
    expiry = (
        gettext("first expires %(when)s", when=ago(press.next_expiry))
        if press.next_expiry
        else gettext("nothing waits")
    )
    tasks = [
        Task(counts["to-ship"], gettext("To ship"), oldest, "orders", {"view": "to-ship"}),
        Task(
            counts["late"], gettext("Late"), since, "orders", {"view": "late"}, counts["late"] > 0
        ),
        Task(counts["unpaid"], gettext("Unpaid"), expiry, "orders", {"view": "unpaid"}),
        Task(
            low,
            gettext("Low stock"),
            gettext("to reorder") if low else gettext("all in stock"),
            "inventory",
            {"view": "low"},
        ),
        Task(
            waiting,
            gettext("Reviews"),
            gettext("to look at") if waiting else gettext("all looked at"),
            "reviews",
            {},
        ),
        Task(
            asked,
            gettext("Questions"),
            gettext("to answer") if asked else gettext("all answered"),
            "questions",
            {},
        ),
    ]
    back = waits.returns.found
    held = [view for view in return_desk.WAITING if back[view]]
    if held:
        why = gettext("to decide or inspect")
        many, view = sum(back[each] for each in held), {"view": held[0]}
        tasks.append(Task(many, gettext("Returns"), why, "returns", view, bool(back["failed"])))
    overdue = pressing.overdue.found
    if overdue:
        why, view = gettext("should have come"), {"view": "overdue"}
        tasks.append(Task(overdue, gettext("Purchases"), why, "purchase_list", view, True))
    short, first = pressing.short.found
    if first:
        why = gettext("counted too few")
        tasks.append(Task(short, gettext("Short"), why, "order", {"number": first}, True))
    if pressing.proofs.found["proof"]:
        why, view = gettext("proofs to look at"), {"view": "proof"}
        many = pressing.proofs.found["proof"]
        tasks.append(Task(many, gettext("Transfers"), why, "bank_transfer_list", view))
    if stuck:
        why = gettext("money needs a person")
        tasks.append(Task(stuck, gettext("Refunds"), why, "stuck_refund_list", {}, True))
    if counts["problem"]:
        why = gettext("a carrier met with a problem")
        name = gettext("Parcels with a problem")
        tasks.append(Task(counts["problem"], name, why, "orders", {"view": "problem"}, True))
    if counts["cancel-asked"]:
        why = gettext("customers wait for an answer")
        name = gettext("Cancellations asked for")
        tasks.append(
            Task(counts["cancel-asked"], name, why, "orders", {"view": "cancel-asked"}, True)
        )
    return tasks
