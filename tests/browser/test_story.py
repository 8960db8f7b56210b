"""The whole story of an order, from the shelf to the refund, as people live it."""

import re

import pytest
from playwright.sync_api import expect

from shop.core import ids
from tests.browser.people import Mailbox, Merchant, Shopper, some_phone
from tests.support.arriving import arrived

pytestmark = pytest.mark.browser

GAIWAN = "White porcelain gaiwan"
HOLDER = "Stoneware incense holder"
NOTEBOOK = "Grid notebook, pine"


@pytest.mark.parametrize("scripts", (True, False), ids=("scripts", "no-scripts"))
def test_a_guest_buys_and_reviews_and_the_merchant_ships_and_refunds(shop, opened, scripts):
    street = opened(java_script_enabled=scripts)
    email = f"grace-{ids.public_id()}@guest.example"
    shopper = Shopper(street.new_page(), scripts)
    mailbox = Mailbox(street, email)
    shopper.search("gaiwan")
    shopper.open_product(GAIWAN)
    shopper.pick("Volume", "150 ml")
    shopper.add(quantity=2)
    shopper.browse("Home", "Vases & incense")
    shopper.open_product(HOLDER)
    shopper.add()
    before = shopper.to_pay()
    shopper.use_coupon("FIRST30")
    total = shopper.to_pay()
    assert amount(before) - amount(total) == 3000
    shopper.check_out()
    shopper.fill_in(email)
    expect(shopper.page.locator("#place")).to_contain_text(total)
    shopper.place()
    shopper.pay()
    number = shopper.order_number()
    mailbox.find(f"Paid: order {number}")
    expect(mailbox.follow(f"We have your order {number}").get_by_role("main")).to_contain_text(
        number
    )

    merchant = Merchant(opened(java_script_enabled=scripts).new_page(), scripts)
    merchant.sign_in("linwei", "Songjian")
    merchant.open_order(number)
    merchant.ship("SF", "SF1234567890")

    shopper.page = mailbox.follow(f"On its way: order {number}")
    expect(shopper.page.get_by_role("main")).to_contain_text("SF1234567890")
    shopper.confirm_receipt()
    words = f"Pours well ({number})."
    shopper.review(GAIWAN, words)

    merchant.publish_review(words)
    shopper.page.reload()
    shopper.page.get_by_role("link", name="Your review is published").click()
    shopper.read_reviews()
    expect(shopper.page.get_by_role("main")).to_contain_text(words)

    merchant.open_order(number)
    given_back = merchant.refund(HOLDER, 1)
    shopper.page = mailbox.follow(re.compile(f"Refunded: .*{number}"))
    refunds = shopper.page.get_by_role("region", name="Refunds")
    expect(refunds).to_contain_text(given_back)
    sound(shop)


@pytest.mark.parametrize("scripts", (True, False), ids=("scripts", "no-scripts"))
def test_two_stores_one_payment(shop, opened, scripts):
    """One checkout makes an order for each store, and one visit to the cashier pays both."""
    street = opened(java_script_enabled=scripts)
    email = f"ada-{ids.public_id()}@guest.example"
    shopper = Shopper(street.new_page(), scripts)
    mailbox = Mailbox(street, email)
    shopper.browse("Home", "Vases & incense")
    shopper.open_product(HOLDER)
    shopper.add()
    shopper.browse("Paper", "Notebooks")
    shopper.open_product(NOTEBOOK)
    shopper.pick("Ruling", "Dot grid")
    shopper.add(quantity=2)
    total = shopper.to_pay()
    shopper.check_out()
    shopper.fill_in(email)
    shopper.place()
    expect(shopper.page.get_by_role("button", name="Open Alipay")).to_have_count(1)
    shopper.pay()
    numbers = shopper.page.locator(".order-number b").all_inner_texts()
    assert len(set(numbers)) == 2
    expect(shopper.page.get_by_role("region", name="The bill")).to_contain_text(total)
    for number, store in zip(numbers, ("Songjian", "Harrow & Pine"), strict=True):
        mailbox.find(f"Paid: order {number}")
        merchant = Merchant(opened(java_script_enabled=scripts).new_page(), scripts)
        merchant.sign_in("linwei", store)
        merchant.open_order(number)
        expect(merchant.page.get_by_role("table", name="Payments and refunds")).to_contain_text(
            total
        )
    sound(shop)


def test_a_chinese_phone_and_cash_at_the_door(shop, opened):
    """On a phone, in Chinese, without an e-mail address; the courier brings the bill."""
    phone = opened(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
    )
    page = phone.new_page()
    page.goto("/")
    arrived(page, "/zh/$")
    page.get_by_role("navigation", name="底部导航").get_by_role("link", name="分类").tap()
    page.get_by_role("main").get_by_role("link", name="六味茶小样", exact=True).tap()
    page.get_by_role("button", name="立即购买").last.tap()
    page.get_by_label("收货人").fill("王小川")
    page.get_by_label("手机号", exact=True).fill(some_phone())
    for level, place in (("省或直辖市", "浙江省"), ("城市", "杭州市"), ("区或县", "西湖区")):
        choice = page.get_by_label(level, exact=True)
        expect(choice.get_by_role("option", name=place)).to_have_count(1)
        choice.select_option(place)
    page.get_by_label("详细地址").fill("文三路1号302室")
    page.get_by_role("radio", name="货到付款").tap()
    button = page.locator("#place")
    expect(button).to_contain_text("货到付")
    button.tap()
    arrived(page, "/checkout/")
    number = page.locator(".order-number b").inner_text()
    page.get_by_role("region", name="订单链接").get_by_role("link", name=number).tap()
    arrived(page, f"/orders/{number}")
    expect(page.get_by_role("main")).to_contain_text("浙江省杭州市西湖区")

    merchant = Merchant(opened().new_page(), scripts=True)
    merchant.sign_in("linwei", "Songjian")
    merchant.open_order(number)
    merchant.ship("YTO", "YT7788990011")
    merchant.take_cash()
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("YT7788990011")
    page.get_by_role("link", name="确认收货").tap()
    page.get_by_role("button", name="都收到了").tap()
    expect(page.get_by_role("link", name="确认收货")).to_have_count(0)
    sound(shop)


def amount(text: str) -> int:
    """Minor units of an amount as a page writes it."""
    return round(float(re.sub(r"[^\d.]", "", text)) * 100)


def sound(shop) -> None:
    """Every ledger equals its totals, and no log tells of an error."""
    told = shop.flask("doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert shop.troubles() == []
