"""What the pages need before they can be looked at: people signed in, a cart filled, an order placed."""

import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.people import Mailbox, Merchant, Shopper
from tests.browser.places import BACK_SOON, SOLD_OUT, Things
from tests.factories.accounts import pem_pair
from tests.support.arriving import PATIENCE, arrived


def prepare(browser: Browser, address: str) -> Things:
    """Let a guest buy and others sign in, and note what the addresses need."""
    things = Things()

    def window() -> BrowserContext:
        opened = browser.new_context(base_url=address, java_script_enabled=False)
        opened.set_default_timeout(PATIENCE)
        return opened

    with window() as guest:
        _buy(guest, things)
        _wait(guest)
    with window() as operator:
        _sign_in(operator, "operator", "/en/admin")
        _define(operator, things)
        _keep_account(operator, things)
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
        _bring_in(merchant, things)
        things.cookies["merchant"] = merchant.storage_state()
    return things


def _keep_account(context: BrowserContext, things: Things) -> None:
    page = context.pages[0]
    page.goto("/en/admin/payment-accounts/new?gateway=alipay")
    private, public = pem_pair()
    page.locator("[name=alipay_app_id]").fill("2021000000000001")
    page.locator("[name=alipay_seller_id]").fill("2088000000000001")
    page.locator("[name=alipay_app_private_key_file]").fill(private)
    page.locator("[name=alipay_public_key_file]").fill(public)
    page.locator(".save .primary").click()
    expect(page.get_by_role("button", name="Test the account")).to_be_visible()
    things.parts["account"] = page.url.rpartition("/")[2]


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
    things.parts["order_address"] = things.parts["order_unpaid"].replace("?", "/address?", 1)
    shopper = _fill_cart(context)
    shopper.check_out()
    shopper.fill_in("pages@guest.example")
    shopper.page.get_by_role("radio", name="Cash on delivery").check()
    shopper.page.locator("#place").click()
    arrived(shopper.page, "/checkout/")
    things.parts["confirmation"] = _path(shopper.page.url)
    shopper = _fill_cart(context)
    shopper.check_out()
    shopper.fill_in("pages@guest.example")
    shopper.show_code()
    things.parts["waiting_code"] = _path(shopper.page.url)
    _transfer(context, things)
    Mailbox(context, "pages@guest.example").find("We have your order")
    things.parts["mail"] = _path(context.pages[-1].url)
    _fill_cart(context).use_coupon("RAINYDAY10")
    things.cookies["guest"] = context.storage_state()


def _transfer(context: BrowserContext, things: Things) -> None:
    """A guest who will transfer the money."""
    shopper = _fill_cart(context)
    shopper.check_out()
    shopper.fill_in("pages@guest.example")
    shopper.page.get_by_role("radio", name="Bank transfer").check()
    shopper.page.locator("#place").click()
    arrived(shopper.page, "/pay/")
    things.parts["waiting_transfer"] = _path(shopper.page.url)
    things.parts["order_transfer"] = _link(shopper.page, "/transfer?")
    things.parts["bank_transfer"] = shopper.page.locator(".wire__ref b").inner_text()


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
    things.parts["followup"] = _reviewed(page)
    page.goto("/en/p/teapot-celadon/reviews?photos=1")
    things.parts["photo"] = _link(page, "/photos/").partition("/en")[2]


def _desk(context: BrowserContext, things: Things) -> None:
    page = context.pages[0]
    for name, path, pattern in (
        ("to_ship", "orders?view=to-ship", r"/admin/orders/(\d[\w-]+)"),
        ("shipped_here", "orders?view=shipped", r"/admin/orders/(\d[\w-]+)"),
        ("product", "products?q=celadon", r"/admin/products/(?!new|status|export|imports)(\w+)"),
        ("collection", "collections", r"/admin/collections/(?!new)(\w+)"),
        ("brand", "brands", r"/admin/brands/(\w+)"),
        ("coupon", "coupons", r"/admin/coupons/(?!new)(\w+)"),
        ("gift_card", "gift-cards", r"/admin/gift-cards/(?!new)(\w+)"),
        ("location", "inventory/locations", r"/admin/inventory/locations/(?!new)(\w+)"),
        ("transfer", "inventory/transfers", r"/admin/inventory/transfers/(?!new)(\w+)"),
        ("count", "inventory/counts", r"/admin/inventory/counts/(\w+)"),
        ("purchase", "inventory/purchases", r"/admin/inventory/purchases/(?!new)(\w+)"),
        ("campaign", "campaigns", r"/admin/campaigns/(?!new)(\w+)"),
        ("member", "members", r"/admin/members/(?!levels)(\w+)"),
        ("return_here", "returns?view=in_transit", r"/admin/returns/(\w+)"),
        ("waited_for", "inventory/waiting", r"/admin/inventory/waiting\?variant=(\w+)"),
        ("zone", "settings/delivery", r"/settings/delivery/zones/(?!new)(\w+)"),
        ("method", "settings/delivery", r"/settings/delivery/methods/(\w+)"),
        ("level", "members", r"/admin/members/levels/(?!new)(\w+)"),
    ):
        page.goto(f"/en/admin/{path}")
        found = re.search(f'href="[^"]*{pattern}', page.content())
        assert found, f"no {name} at /en/admin/{path}"
        things.parts[name] = found[1]
    page.goto(f"/en/admin/products/{things.parts['product']}")
    things.parts["variant"] = _link(page, "/parts").split("/")[-2]
    things.parts["preview"] = _link(page, "/en/preview/").partition("/en")[2]


def _bring_in(context: BrowserContext, things: Things) -> None:
    """A file that would add one product and refuse one."""
    page = context.pages[0]
    content = "Handle,Title,Variant Price,Status\nbowl,Bowl,20.00,draft\ncup,,8.00,draft\n"
    page.goto("/en/admin/products/imports/new")
    page.locator("#file").set_input_files(
        {"name": "goods.csv", "mimeType": "text/csv", "buffer": content.encode()}
    )
    page.get_by_role("button", name="See what it would change").click()
    expect(page.locator("#ready")).to_be_visible(timeout=60_000)
    things.parts["upload"] = page.url.rpartition("/")[2]


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


def _reviewed(page: Page) -> str:
    """Where something can be added to a review of before."""
    page.goto("/en/account/orders")
    orders = page.get_by_role("main").locator('a[href*="/en/orders/"]')
    for address in dict.fromkeys(link.get_attribute("href") for link in orders.all()):
        page.goto(str(address))
        found = page.locator('a[href*="/review/addition"]')
        if found.count():
            return str(found.first.get_attribute("href"))
    raise AssertionError("none of the orders has a review")


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
