"""Every page of the story, with the people who see it and the things that its address names."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page, StorageState, expect

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


def _look_at_many(page: Page) -> None:
    page.locator("textarea").fill("260101-ABCDEF\tSF1234567890\nnonsense 12")
    page.locator(".save .primary").click()
    expect(page.get_by_role("region")).to_be_visible()


_REFUSED = "[data-form-errors]"
SOLD_OUT = "/en/p/teapot-celadon?sku=SJ-TP-0300-CE"
BACK_SOON = "/en/p/teapot-celadon?sku=SJ-TP-0300-TD"
SHOP = (
    Place("home", "nobody", "/en/"),
    Place("category", "nobody", "/en/c/teaware"),
    Place("category-narrowed", "nobody", "/en/c/all?stock=1&rating=4&price-max=500"),
    Place("category-refused", "nobody", "/en/c/teaware?price-min=much", statuses=(422,)),
    Place("store", "nobody", "/en/s/harrow-pine"),
    Place("collections", "nobody", "/en/collections"),
    Place("collection", "nobody", "/en/collections/winter-tea-table"),
    Place("brands", "nobody", "/en/brands"),
    Place("brand", "nobody", "/en/b/tarn-inks"),
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
    Place("region", "guest", "/en/delivery-region"),
    Place("checkout", "guest", "/en/checkout"),
    Place("checkout-refused", "guest", "/en/checkout", _press("#place", _REFUSED), (422,)),
    Place("waiting", "guest", "{waiting}"),
    Place("waiting-code", "guest", "{waiting_code}"),
    Place("order-transfer", "guest", "{order_transfer}"),
    Place("waiting-transfer", "guest", "{waiting_transfer}"),
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
    Place("account-balance", "shopper", "/en/account/balance"),
    Place("checkout-signed-in", "shopper", "/en/checkout"),
    Place("order-shipped", "shopper", "/en/orders/{shipped}"),
    Place("order-received", "shopper", "/en/orders/{received}"),
    Place("order-returns", "shopper", "/en/orders/{shipped}/returns"),
    Place("order-ask", "shopper", "/en/orders/{shipped}?ask=receipt"),
    Place("order-address", "nobody", "{order_address}"),
    Place("review", "shopper", "{review}", _press("#review-form .btn--primary", _REFUSED), (422,)),
    Place(
        "followup",
        "shopper",
        "{followup}",
        _press("#followup-form .btn--primary", _REFUSED),
        (422,),
    ),
    Place("mails", "nobody", "/dev/mail"),
    Place("mail", "nobody", "{mail}"),
)
ADMIN = (
    Place("dashboard", "merchant", "/en/admin"),
    Place("orders", "merchant", "/en/admin/orders"),
    Place("order", "merchant", "/en/admin/orders/{to_ship}"),
    Place("ship-many", "merchant", "/en/admin/orders/ship-many?with=to-ship"),
    Place("ship-many-look", "merchant", "/en/admin/orders/ship-many", _look_at_many),
    Place("refund", "merchant", "/en/admin/orders/{shipped_here}/refund?all=1"),
    Place("documents", "merchant", "/en/admin/settings/documents"),
    Place("products", "merchant", "/en/admin/products"),
    Place("product-edit", "merchant", "/en/admin/products/{product}"),
    Place("bundle", "merchant", "/en/admin/variants/{variant}/parts?q=tea"),
    Place("products-together", "merchant", "/en/admin/products", _edit_together),
    Place("product-new", "merchant", "/en/admin/products/new"),
    Place("products-export", "merchant", "/en/admin/products/export"),
    Place("collection-list", "merchant", "/en/admin/collections"),
    Place("collection-edit", "merchant", "/en/admin/collections/{collection}?find=cup"),
    Place("collection-new", "merchant", "/en/admin/collections/new"),
    Place("brand-list", "merchant", "/en/admin/brands"),
    Place("brand-edit", "merchant", "/en/admin/brands/{brand}"),
    Place("products-imports", "merchant", "/en/admin/products/imports"),
    Place("import-new", "merchant", "/en/admin/products/imports/new"),
    Place(
        "import-refused",
        "merchant",
        "/en/admin/products/imports/new",
        _press("#upload .save .primary", _REFUSED),
        (422,),
    ),
    Place("import", "merchant", "/en/admin/products/imports/files/{upload}"),
    Place("inventory", "merchant", "/en/admin/inventory"),
    Place("inventory-file", "merchant", "/en/admin/inventory/file"),
    Place("ledger", "merchant", "/en/admin/inventory/ledger"),
    Place("waited-for", "merchant", "/en/admin/inventory/waiting"),
    Place("waited-for-by", "merchant", "/en/admin/inventory/waiting?variant={waited_for}"),
    Place("locations", "merchant", "/en/admin/inventory/locations"),
    Place("location", "merchant", "/en/admin/inventory/locations/{location}"),
    Place("location-new", "merchant", "/en/admin/inventory/locations/new"),
    Place("transfers", "merchant", "/en/admin/inventory/transfers"),
    Place("transfer", "merchant", "/en/admin/inventory/transfers/{transfer}"),
    Place("transfer-new", "merchant", "/en/admin/inventory/transfers/new"),
    Place("counts", "merchant", "/en/admin/inventory/counts"),
    Place("count", "merchant", "/en/admin/inventory/counts/{count}"),
    Place("count-look", "merchant", "/en/admin/inventory/counts/{count}?look=1"),
    Place("purchases", "merchant", "/en/admin/inventory/purchases"),
    Place("purchase", "merchant", "/en/admin/inventory/purchases/{purchase}"),
    Place("purchase-new", "merchant", "/en/admin/inventory/purchases/new"),
    Place("suppliers", "merchant", "/en/admin/inventory/suppliers"),
    Place("selling", "merchant", "/en/admin/variants/{variant}/selling"),
    Place("stock-report", "merchant", "/en/admin/reports/stock"),
    Place("coupon-list", "merchant", "/en/admin/coupons"),
    Place("coupon-edit", "merchant", "/en/admin/coupons/{coupon}"),
    Place("coupon-new", "merchant", "/en/admin/coupons/new"),
    Place("campaigns", "merchant", "/en/admin/campaigns"),
    Place("campaign-edit", "merchant", "/en/admin/campaigns/{campaign}"),
    Place("gift-cards", "merchant", "/en/admin/gift-cards"),
    Place("gift-card", "merchant", "/en/admin/gift-cards/{gift_card}"),
    Place("gift-card-new", "merchant", "/en/admin/gift-cards/new"),
    Place("members", "merchant", "/en/admin/members"),
    Place("member", "merchant", "/en/admin/members/{member}"),
    Place("member-balance", "merchant", "/en/admin/members/{member}/balance"),
    Place("level", "merchant", "/en/admin/members/levels/{level}"),
    Place("review-queue", "merchant", "/en/admin/reviews?view=all"),
    Place("return-queue", "merchant", "/en/admin/returns"),
    Place("return-received", "merchant", "/en/admin/returns/{return_here}"),
    Place("question-queue", "merchant", "/en/admin/questions?view=all"),
    Place("product-related", "merchant", "/en/admin/products/{product}/related"),
    Place("redeem", "merchant", "/en/admin/redeem"),
    Place("settings", "merchant", "/en/admin/settings"),
    Place("delivery", "merchant", "/en/admin/settings/delivery"),
    Place("delivery-zone", "merchant", "/en/admin/settings/delivery/zones/{zone}"),
    Place("delivery-zone-new", "merchant", "/en/admin/settings/delivery/zones/new"),
    Place("delivery-method", "merchant", "/en/admin/settings/delivery/methods/{method}"),
    Place(
        "delivery-slots",
        "merchant",
        "/en/admin/settings/delivery/zones/{zone}/methods/new?kind=local",
    ),
    Place("delivery-pickup", "merchant", "/en/admin/settings/delivery/pickups/new"),
    Place("parcel-settings", "merchant", "/en/admin/settings/parcels"),
    Place("saved-replies", "merchant", "/en/admin/settings/replies"),
    Place("return-report", "merchant", "/en/admin/reports/returns?days=365"),
    Place("return-inspect", "merchant", "/en/admin/returns?view=in_transit"),
    Place("return-settings", "merchant", "/en/admin/settings/returns"),
    Place("staff", "merchant", "/en/admin/staff"),
    Place("taxes", "merchant", "/en/admin/settings/taxes"),
    Place("settlement", "merchant", "/en/admin/reports/settlement"),
    Place("stuck-refunds", "merchant", "/en/admin/refunds"),
    Place("bank-transfers", "merchant", "/en/admin/bank-transfers"),
    Place("bank-transfer", "operator", "/en/admin/bank-transfers/{bank_transfer}"),
    Place("differences", "operator", "/en/admin/reconciliation"),
    Place("refused-notices", "operator", "/en/admin/security"),
    Place("payment-accounts", "operator", "/en/admin/payment-accounts"),
    Place("payment-account", "operator", "/en/admin/payment-accounts/{account}"),
    Place(
        "payment-account-new",
        "operator",
        "/en/admin/payment-accounts/new?gateway=wechatpay",
        _press(".save .primary", _REFUSED),
        (422,),
    ),
    Place("tax-report", "merchant", "/en/admin/reports/tax"),
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
