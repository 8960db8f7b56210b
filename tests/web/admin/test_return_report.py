"""The report of returns: of what was ordered in some days, what came back, why, and for how much."""

from tests.factories.orders import received_order, request_return, shipped_order, store_with_goods
from tests.factories.returns import come_back
from tests.web.catalog.browsing import words

AT = "/en/admin/reports/returns"


def test_the_report_counts_what_came_back(merchant, goods, statements):
    assert "Nothing was sent for orders of these days." in words(merchant.get(AT).text)
    first = received_order({goods.variant: 8, goods.variants[1]: 2})
    assert "none came back" in words(merchant.get(f"{AT}?sort=nonsense&days=x").text)
    come_back(first.order, 1, "size")
    come_back(first.order, 2, "quality")
    request_return(first.order, 1, "size")  # open: it does not count
    another = received_order({goods.variants[1]: 1})
    come_back(another.order, 1, "damaged")
    foreign = store_with_goods()  # of a store that is not theirs
    come_back(received_order({foreign.variant: 1}).order, 1, "other")
    shipped_order({goods.variants[1]: 1})
    statements.clear()
    html = merchant.get(f"{AT}?days=30").text
    assert len(statements) <= 18  # ten of them for the frame
    said = words(html)
    assert "Return rate 33.3%" in said
    assert "Came back 4 of 12 units sent" in said
    assert "The quality is poor 2 50%" in said
    assert "Something else" not in said
    by_units = html.index("37.5%") < html.index(">25.0%<")
    assert by_units
    by_refund = merchant.get(f"{AT}?days=30&sort=refunded").text
    assert (
        'aria-sort="descending"><a href="/en/admin/reports/returns?days=30&amp;sort=refunded"'
        in by_refund
    )
    lines = merchant.get(f"{AT}.csv?days=30").get_data(as_text=True).splitlines()
    assert lines[0].startswith('\ufeffProduct,Units sent,Came back,"Return rate, percent"')
    assert len(lines) == 3
    assert ",8,3,37.5,0,0,0,1,0,2,0," in lines[1]
