"""Staff see who waits for what is sold out."""

from shop.core.transaction import transaction
from shop.inventory import waiting
from tests.factories.orders import store_with_goods
from tests.web.admin.conftest import staff_of
from tests.web.catalog.browsing import code_of, page, words


def test_who_waits_is_counted_and_named(app, sign_in):
    goods, other = store_with_goods(stock=0, products=2), store_with_goods(stock=0)
    with transaction():
        for name in ("ann", "ben"):
            waiting.ask(goods.variant, f"{name}@example.com", locale="zh")
        waiting.ask(other.variant, "cai@example.com", locale="en")
    merchant = sign_in(staff_of(goods.store_id))
    variant, product = code_of(goods.variant), goods.products[0].public_id
    assert f"/inventory/waiting?product={product}" in page(merchant, "/en/admin/products")
    assert "2 wait" in words(page(merchant, "/en/admin/products"))
    html = page(merchant, "/en/admin/inventory/waiting")
    assert f"?variant={variant}" in html
    assert code_of(other.variant) not in html
    assert "ann@example.com" not in html
    shown = words(page(merchant, f"/en/admin/inventory/waiting?variant={variant}"))
    assert shown.index("ann@example.com") < shown.index("ben@example.com")
    assert "cai@" not in shown
    foreign = f"/en/admin/inventory/waiting?variant={code_of(other.variant)}"
    page(merchant, foreign, status=404)
    quiet = goods.products[1].public_id
    assert "Nobody waits" in words(page(merchant, f"/en/admin/inventory/waiting?product={quiet}"))
