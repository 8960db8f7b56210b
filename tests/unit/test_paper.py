"""Papers drawn from plain values: what stands on them, where pages end, that nothing leaves the sheet."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from shop.documents import addresses, press
from shop.documents.bill_data import Bill, BillLine, Party, TaxShare, read
from shop.documents.queries import Piece, Slip, SlipLine
from shop.documents.wrapping import wrap
from shop.order.views import ContactView

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LIN = ContactView(
    "林知远喆堃", "", "13800001234", "CN", "浙江省", "杭州市", "西湖区", "文三路 90 号", "310012"
)
ABROAD = ContactView(
    "Stanisław Żółkiewski", "", "+48 600", "PL", "", "Łódź", "", "ul. Świętokrzyska 12", "00-916"
)
WORDY = (
    "布伦口乡恰克拉克村第三生产小组一百二十八号附二号楼十二单元三千四百零二室门口左手边的蓝色木门"
)


@pytest.mark.parametrize(
    ("country", "parts", "written"),
    (
        ("CN", ("浙江省", "杭州市", "西湖区", "文三路 90 号 B 座", "310012"),
         ("浙江省 杭州市 西湖区", "文三路 90 号 B 座", "310012")),
        ("CN", ("北京市", "北京市", "西城区", "永安路 27 号", ""), ("北京市 西城区", "永安路 27 号")),
        ("CN", ("Zhejiang", "Hangzhou", "Xihu District", "90 Wensan Road, Room 502", "310012"),
         ("90 Wensan Road, Room 502", "Xihu District", "310012 Hangzhou", "Zhejiang", "CHINA")),
        ("CN", ("Shanghai", "Shanghai", "", "12 Long Lane", "200050"),
         ("12 Long Lane", "200050 Shanghai", "CHINA")),
        ("HK", ("", "Kowloon", "", "8 Nathan Road", ""),
         ("8 Nathan Road", "Kowloon", "HONG KONG SAR CHINA")),
        ("DE", ("", "Berlin", "", "Lange Straße 5", "10243"),
         ("Lange Straße 5", "10243 Berlin", "GERMANY")),
        ("US", ("IL", "Springfield", "", "12 Elm Street", "62701"),
         ("12 Elm Street", "Springfield IL 62701", "UNITED STATES")),
        ("GB", ("", "London", "", "1 Old Street", "EC1V 9BD"),
         ("1 Old Street", "London", "EC1V 9BD", "UNITED KINGDOM")),
        ("JP", ("東京都", "新宿区", "", "西新宿2-8-1", "160-0023"),
         ("東京都 新宿区", "西新宿2-8-1", "160-0023", "JAPAN")),
    ),
)  # fmt: skip
def test_letters_decide_how_an_address_is_written(country, parts, written):
    contact = ContactView("Lin Wan", "", "", country, *parts)
    assert addresses.lines(contact) == written


def slip(number="261122-7K4Q3", locale="zh", contact=LIN, lines=None, due=0) -> Slip:
    piece = Piece("青瓷茶壶", "天青", "SJ-1", 2, ("A3-12",))
    return Slip(
        number, locale, "Asia/Shanghai", NOON, "松间", ("莫干山路 18 号",), "help@example.com",
        contact, tuple(lines or [SlipLine(piece)]), False, "cod", "CNY", due,
    )  # fmt: skip


def bill(lines: int, locale="en", **more) -> Bill:
    goods = tuple(
        BillLine(f"Teapot {i}", "Sky", f"SJ-{i}", 1, 12800, 12300, (("Member price", -500),))
        for i in range(lines)
    )
    values = {
        "series": "invoice", "label": "INV-2026-000012", "locale": locale,
        "timezone": "Asia/Shanghai", "currency": "CNY", "issued_at": NOON,
        "seller": Party("Songjian Ltd", ("1 Road",), "T-1"), "buyer": Party("Emma"),
        "order_number": "261122-7K4Q3", "placed_at": NOON, "method": "alipay", "lines": goods,
        "delivery_minor": 800, "total_minor": 12300 * lines + 800,
    }  # fmt: skip
    return Bill(**values | more)


def pages(data: bytes) -> list[str]:
    """The text of every page; on the way, that all of it lies on the paper."""
    found = []
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            text = page.get_textpage()
            wide, high = page.get_size()
            for i in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(i)
                assert left >= 8, text.get_text_range(i, 10)
                assert right <= wide - 8, text.get_text_range(i, 10)
                assert bottom >= 8, text.get_text_range(i, 10)
                assert top <= high - 8, text.get_text_range(i, 10)
            found.append(text.get_text_bounded().replace("\r\n", "\n"))
            page.close()
    return found


def test_a_slip_says_what_goes_where_in_the_language_of_the_order():
    chinese, english = pages(
        press.parcels("slip", [slip(due=9900), slip("261122-ABCDE", "en", ABROAD)], "en")
    )
    for said in (
        "装箱单",
        "林知远喆堃",
        "浙江省 杭州市 西湖区",
        "SJ-1",
        "A3-12",
        "代收货款：¥99.00",
    ):
        assert said in chinese
    for said in ("Packing slip", "Stanisław Żółkiewski", "Łódź", "POLAND", "261122-ABCDE"):
        assert said in english


def test_sixty_lines_take_several_pages_each_with_the_head_of_the_table():
    lines = [
        SlipLine(Piece(f"Teapot {i} " + "with a long name " * (i % 5), "", f"SJ-{i}", 1, ()))
        for i in range(60)
    ]
    found = pages(press.parcels("slip", [slip(locale="en", lines=lines)], "en"))
    assert len(found) >= 2
    assert all("Pieces" in page and f"of {len(found)}" in page for page in found)
    assert "SJ-59" in found[-1]


def test_a_long_bill_carries_its_sum_over_and_ends_with_the_total():
    found = pages(press.bills([bill(60, taxes=(TaxShare(13_000, "VAT", 653982, 85018),))]))
    assert len(found) > 1
    assert all("Amount" in page for page in found)
    assert "Carried forward" in found[0]
    assert "Brought forward" in found[1]
    carried = found[0].split("Carried forward")[1].split()[0]
    assert carried == found[1].split("Brought forward")[1].split()[0]
    for said in ("of it VAT 13% on ¥6,539.82", "¥7,388.00", "Total (CNY)", "Paid by Alipay"):
        assert said in found[-1]


def test_a_credit_note_names_the_invoice_and_what_belongs_to_no_line():
    (page,) = pages(
        press.bills(
            [bill(1, "zh", series="credit", corrects="INV-1", other_minor=300, total_minor=13400)]
        )
    )
    for said in ("红字发票", "INV-1", "无商品退款", "¥134.00"):
        assert said in page


def test_the_pick_list_gathers_by_place_and_takes_bundles_apart():
    cup = Piece("Cup", "", "CUP", 4, ("B1",))
    sets = SlipLine(Piece("Tea set", "", "SET", 2, ()), (cup,))
    found = pages(
        press.parcels("pick", [slip("A-1", lines=[sets]), slip("A-2", lines=[SlipLine(cup)])], "en")
    )
    assert "A-1 × 4, A-2 × 4" in found[0]
    assert "Tea set" not in found[0]
    assert found[0].index("B1") < found[0].index("CUP")


@pytest.mark.parametrize("kind", ("label", "label-a4"))
def test_labels_hold_the_longest_address(kind):
    long = ContactView(
        "买买提·阿不都热合曼·艾山江" * 3, "", "13800001234", "CN", "新疆维吾尔自治区",
        "克孜勒苏柯尔克孜自治州", "阿克陶县", WORDY * 4, "845550",
    )  # fmt: skip
    found = pages(press.parcels(kind, [slip(contact=long, due=100), slip("B-2")] * 3, "zh"))
    assert len(found) == (6 if kind == "label" else 2)
    assert "845550" in found[0]
    assert "13800001234" in found[0]


def test_what_no_font_has_is_a_box_and_never_a_crash():
    odd = ContactView("😀𠮷 \u202eevil\x00\ud800 عربي", street="\u0301" * 30 + "x" * 300)
    (page,) = pages(press.parcels("slip", [slip(contact=odd)], "zh"))
    assert "□" in page


def test_a_full_stop_never_begins_a_line_and_long_words_are_broken():
    for room in range(30, 120, 7):
        lines = wrap("茶壶很好用，真的。" * 5, room, 10)
        assert not any(line.startswith(("，", "。")) for line in lines)
    assert len(wrap("x" * 200, 100, 10)) > 5


def test_a_kept_bill_comes_back_as_it_was():
    whole = bill(2, taxes=(TaxShare(6_000, "VAT", 100, 6),), delivery_discounts=(("Free", -800),))
    assert read(*whole.kept()) == whole
