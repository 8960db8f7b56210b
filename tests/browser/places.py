"""Every page of the story, with the people who see it and the things that its address names."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from tests.browser.people import Mailbox, Merchant, Shopper

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Place:
    """A page: who sees it, where it is (English; `{name}` stands for a thing), what is done there first."""

    name: str
    who: str
    path: str
    act: Act | None = None
    statuses: tuple[int, ...] = ()
    """Answers that are meant to come."""


@dataclass
class Things:
    """What the demo has, or what was made for the pages: cookies of people, parts of addresses."""

    cookies: dict[str, StorageState] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)

    def path(self, place: Place, lang: str) -> str:
        """The address of a place in a language."""
        found = place.path.format_map(self.parts)
        return found.replace("/en/", f"/{lang}/", 1) if found.startswith("/en/") else found


def _press(selector: str, until: str) -> Act:
    def act(page: Page) -> None:
        page.locator(selector).first.click()
        expect(page.locator(until).first).to_be_visible()

    return act


def _edit_together(page: Page) -> None:
    page.locator(".pick").first.check()
    page.get_by_role("button", name=re.compile("Edit together|批量修改")).click()
    page.locator("#by").fill("10")
    page.locator("#bulk-form button.btn").last.click()
    expect(page.locator("#pv-h")).to_be_visible()


_REFUSED = "[data-form-errors]"
SOLD_OUT = "/en/p/teapot-celadon?sku=SJ-TP-0300-CE"
BACK_SOON = "/en/p/teapot-celadon?sku=SJ-TP-0300-TD"
SHOP = (
    Place("home", "nobody", "/en/"),
    Place("category", "nobody", "/en/c/teaware"),
    Place("category-narrowed", "nobody", "/en/c/all?stock=1&rating=4&price-max=500"),
    Place("category-refused", "nobody", "/en/c/teaware?price-min=much", statuses=(422,)),
    Place("store", "nobody", "/en/s/harrow-pine"),
    Place("search", "nobody", "/en/search?q=tea"),
    Place("search-nothing", "nobody", "/en/search?q=zzzz"),
    Place("product", "nobody", "/en/p/gaiwan-white"),
    Place("product-variants", "nobody", "/en/p/teapot-celadon"),
    Place("product-service", "nobody", "/en/p/class-tea-tasting"),
    Place("product-sold-out", "nobody", SOLD_OUT),
    Place("product-waited-for", "shopper", SOLD_OUT),
    Place("product-added", "nobody", "/en/p/incense-holder", _press("#add", "#cart-drawer")),
    Place("preview", "nobody", "/en{preview}"),
    Place("reviews", "nobody", "/en/p/gaiwan-white/reviews"),
    Place("reviews-photos", "nobody", "/en/p/teapot-celadon/reviews?photos=1"),
    Place("photo", "nobody", "/en{photo}"),
    Place("questions", "nobody", "/en/p/teapot-celadon/questions"),
    Place("questions-asking", "shopper", "/en/p/teapot-celadon/questions"),
    Place("related", "nobody", "/en/p/teapot-celadon/related"),
    Place("together", "nobody", "/en/p/teapot-celadon/together"),
    Place("recent", "nobody", "/en/recent"),
    Place("compare", "nobody", "/en/compare?p=teapot-celadon&p=teapot-yixing&p=gaiwan-white"),
    Place("compare-empty", "nobody", "/en/compare"),
    Place("coupons", "nobody", "/en/coupons"),
    Place("wishlist-empty", "nobody", "/en/wishlist"),
    Place("wishlist", "shopper", "/en/wishlist"),
    Place("unsubscribe", "nobody", "{unsubscribe}"),
    Place("help", "nobody", "/en/help/delivery"),
    Place("not-found", "nobody", "/en/c/nowhere", statuses=(404,)),
    Place("cart-empty", "nobody", "/en/cart"),
    Place("cart", "guest", "/en/cart"),
    Place("checkout", "guest", "/en/checkout"),
    Place("checkout-refused", "guest", "/en/checkout", _press("#place", _REFUSED), (422,)),
    Place("waiting", "guest", "{waiting}"),
    Place("confirmation", "guest", "{confirmation}"),
    Place("order-unpaid", "nobody", "{order_unpaid}"),
    Place("find-order", "nobody", "/en/find-order", _press("#find-form .btn", _REFUSED), (422,)),
    Place("sign-in", "nobody", "/en/sign-in", _press(".door .btn--primary", _REFUSED), (422,)),
    Place("register", "nobody", "/en/register", _press(".door .btn--primary", _REFUSED), (422,)),
    Place("forgot-password", "nobody", "/en/forgot-password"),
    Place("account", "shopper", "/en/account"),
    Place("account-orders", "shopper", "/en/account/orders"),
    Place("account-profile", "shopper", "/en/account/profile"),
    Place("account-addresses", "shopper", "/en/account/addresses"),
    Place("account-devices", "shopper", "/en/account/sessions"),
    Place("account-coupons", "shopper", "/en/coupons"),
    Place("checkout-signed-in", "shopper", "/en/checkout"),
    Place("order-shipped", "shopper", "/en/orders/{shipped}"),
    Place("order-received", "shopper", "/en/orders/{received}"),
    Place("order-ask", "shopper", "/en/orders/{shipped}?ask=receipt"),
    Place("review", "shopper", "{review}", _press("#review-form .btn--primary", _REFUSED), (422,)),
    Place("mails", "nobody", "/dev/mail"),
    Place("mail", "nobody", "{mail}"),
)
ADMIN = (
    Place("dashboard", "merchant", "/en/admin"),
    Place("orders", "merchant", "/en/admin/orders"),
    Place("order", "merchant", "/en/admin/orders/{to_ship}"),
    Place("refund", "merchant", "/en/admin/orders/{shipped_here}/refund?all=1"),
    Place("products", "merchant", "/en/admin/products"),
    Place("product-edit", "merchant", "/en/admin/products/{product}"),
    Place("bundle", "merchant", "/en/admin/variants/{variant}/parts?q=tea"),
    Place("products-together", "merchant", "/en/admin/products", _edit_together),
    Place("product-new", "merchant", "/en/admin/products/new"),
    Place("products-export", "merchant", "/en/admin/products/export"),
    Place("products-imports", "merchant", "/en/admin/products/imports"),
    Place("inventory", "merchant", "/en/admin/inventory"),
    Place("ledger", "merchant", "/en/admin/inventory/ledger"),
    Place("waited-for", "merchant", "/en/admin/inventory/waiting"),
    Place("waited-for-by", "merchant", "/en/admin/inventory/waiting?variant={waited_for}"),
    Place("coupon-list", "merchant", "/en/admin/coupons"),
    Place("coupon-edit", "merchant", "/en/admin/coupons/{coupon}"),
    Place("coupon-new", "merchant", "/en/admin/coupons/new"),
    Place("campaigns", "merchant", "/en/admin/campaigns"),
    Place("campaign-edit", "merchant", "/en/admin/campaigns/{campaign}"),
    Place("members", "merchant", "/en/admin/members"),
    Place("member", "merchant", "/en/admin/members/{member}"),
    Place("level", "merchant", "/en/admin/members/levels/{level}"),
    Place("review-queue", "merchant", "/en/admin/reviews?view=all"),
    Place("question-queue", "merchant", "/en/admin/questions?view=all"),
    Place("product-related", "merchant", "/en/admin/products/{product}/related"),
    Place("redeem", "merchant", "/en/admin/redeem"),
    Place("settings", "merchant", "/en/admin/settings"),
    Place("staff", "merchant", "/en/admin/staff"),
    Place("searches", "merchant", "/en/admin/search"),
    Place("attributes", "operator", "/en/admin/attributes"),
    Place("attribute", "operator", "/en/admin/attributes/{attribute}"),
    Place("attribute-removal", "operator", "/en/admin/attributes/{attribute}/removal"),
    Place(
        "attribute-new",
        "operator",
        "/en/admin/attributes/new",
        _press(".save .primary", _REFUSED),
        (422,),
    ),
)


def prepare(browser: Browser, address: str) -> Things:
    """Let a guest buy and others sign in, and note what the addresses need."""
    things = Things()

    def window() -> BrowserContext:
        opened = browser.new_context(base_url=address, java_script_enabled=False)
        opened.set_default_timeout(20_000)
        return opened

    with window() as guest:
        _buy(guest, things)
        _wait(guest)
    with window() as operator:
        _sign_in(operator, "operator", "/en/admin")
        _define(operator, things)
        things.cookies["operator"] = operator.storage_state()
    with window() as shopper:
        _sign_in(shopper, "amelia", "/en/account")
        _fill_cart(shopper)
        _orders(shopper, things)
        _wish(shopper)
        things.cookies["shopper"] = shopper.storage_state()
    with window() as merchant:
        Merchant(merchant.new_page(), scripts=False).sign_in("linwei", "Songjian")
        _bring_back(merchant, things)
        _desk(merchant, things)
        things.cookies["merchant"] = merchant.storage_state()
    return things


def _fill_cart(context: BrowserContext) -> Shopper:
    shopper = Shopper(context.new_page(), scripts=False)
    for slug in ("gaiwan-white", "notebook-grid-pine"):
        shopper.page.goto(f"/en/p/{slug}")
        shopper.add(2)
    return shopper


def _buy(context: BrowserContext, things: Things) -> None:
    shopper = _fill_cart(context)
    shopper.check_out()
    shopper.fill_in("pages@guest.example")
    shopper.place()
    things.parts["waiting"] = _path(shopper.page.url)
    things.parts["order_unpaid"] = _link(shopper.page, "/en/orders/")
    shopper = _fill_cart(context)
    shopper.check_out()
    shopper.fill_in("pages@guest.example")
    shopper.page.get_by_role("radio", name="Cash on delivery").check()
    shopper.page.locator("#place").click()
    shopper.page.wait_for_url("**/checkout/**")
    things.parts["confirmation"] = _path(shopper.page.url)
    Mailbox(context, "pages@guest.example").find("We have your order")
    things.parts["mail"] = _path(context.pages[-1].url)
    _fill_cart(context).use_coupon("RAINYDAY10")
    things.cookies["guest"] = context.storage_state()


def _wait(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(BACK_SOON)
    page.get_by_label("Tell me when it is back").fill("pages@guest.example")
    page.get_by_role("button", name="Write to me").click()
    expect(page.get_by_text("We write to pages@guest.example")).to_be_visible()


def _wish(context: BrowserContext) -> None:
    page = context.pages[0]
    page.goto("/en/c/teaware")
    for place in range(8):
        page.locator(".card__wish").nth(place).click()
        expect(page.locator(".card__wish").nth(place)).to_have_attribute("aria-pressed", "true")
    page.goto(SOLD_OUT)
    page.locator("#wait-ask").click()
    expect(page.locator(".wait__said")).to_be_visible()


def _bring_back(context: BrowserContext, things: Things) -> None:
    page = context.pages[0]
    page.goto("/en/admin/inventory?q=SJ-TP-0300-TD")
    page.locator(".cellbtn").first.click()
    page.get_by_label(re.compile("^Quantity")).fill("1")
    page.get_by_role("button", name="Book it").click()
    mail = Mailbox(context, "pages@guest.example").find("Back in stock")
    leave = mail.get_by_role("link", name="/unsubscribe/").first.get_attribute("href")
    assert leave
    things.parts["unsubscribe"] = _path(leave)


def _orders(context: BrowserContext, things: Things) -> None:
    page = context.pages[0]
    for name, tab in (("shipped", "to-receive"), ("received", "to-review")):
        page.goto(f"/en/account/orders?tab={tab}")
        things.parts[name] = _link(page, "/en/orders/").rpartition("/")[2].partition("?")[0]
    page.goto(f"/en/orders/{things.parts['received']}")
    things.parts["review"] = _link(page, "/review")
    page.goto("/en/p/teapot-celadon/reviews?photos=1")
    things.parts["photo"] = _link(page, "/photos/").partition("/en")[2]


def _desk(context: BrowserContext, things: Things) -> None:
    page = context.pages[0]
    for name, path, pattern in (
        ("to_ship", "orders?view=to-ship", r"/admin/orders/(\d[\w-]+)"),
        ("shipped_here", "orders?view=shipped", r"/admin/orders/(\d[\w-]+)"),
        ("product", "products?q=celadon", r"/admin/products/(?!new|status|export|imports)(\w+)"),
        ("coupon", "coupons", r"/admin/coupons/(?!new)(\w+)"),
        ("campaign", "campaigns", r"/admin/campaigns/(?!new)(\w+)"),
        ("member", "members", r"/admin/members/(?!levels)(\w+)"),
        ("waited_for", "inventory/waiting", r"/admin/inventory/waiting\?variant=(\w+)"),
        ("level", "members", r"/admin/members/levels/(?!new)(\w+)"),
    ):
        page.goto(f"/en/admin/{path}")
        found = re.search(f'href="[^"]*{pattern}', page.content())
        assert found, f"no {name} at /en/admin/{path}"
        things.parts[name] = found[1]
    page.goto(f"/en/admin/products/{things.parts['product']}")
    things.parts["variant"] = _link(page, "/parts").split("/")[-2]
    things.parts["preview"] = _link(page, "/en/preview/").partition("/en")[2]


def _define(context: BrowserContext, things: Things) -> None:
    """An attribute of the first category."""
    page = context.pages[0]
    page.goto("/en/admin/attributes/new")
    for name, text in (("name-en", "Made of"), ("value-0-en", "Stoneware"), ("value-1-zh", "橡木")):
        page.locator(f"#{name}").fill(text)
    page.locator("[name=category]").first.check()
    page.locator(".save .primary").click()
    found = re.search(r"/admin/attributes/(?!new)(\w+)", page.content())
    assert found, f"no attribute at {page.url}"
    things.parts["attribute"] = found[1]


def _sign_in(context: BrowserContext, username: str, path: str) -> None:
    Merchant(context.new_page(), scripts=False).enter(username, path)


def _link(page: Page, part: str) -> str:
    found = page.get_by_role("main").locator(f'a[href*="{part}"]').first.get_attribute("href")
    assert found, f"no link to {part} at {page.url}"
    return found


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
