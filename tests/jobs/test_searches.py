"""What was searched for, from the page through Redis to the table."""

from shop.catalog.search import tallies
from shop.core import clock
from shop.jobs import searches
from tests.factories.catalog import make_product
from tests.factories.stores import make_store


def test_searches_are_counted_with_what_they_found(queued, client):
    make_product(make_store(), "Celadon teapot")
    for q in ("Celadon", "celadon ", "xyzzy", "", "!!"):
        assert client.get("/en/search", query_string={"q": q}).status_code == 200
    client.get("/en/search?q=celadon&after=x")  # reading on is no search
    assert searches.write_searches() == 3
    assert searches.write_searches() == 0
    today = clock.now().date()
    rows = [(row.query, row.times, row.found) for row in tallies.top(today)]
    assert rows == [("celadon", 2, 1), ("!!", 1, 0), ("xyzzy", 1, 0)]
    assert [row.query for row in tallies.top(today, nothing_found=True)] == ["!!", "xyzzy"]
    client.get("/en/search?q=xyzzy")
    assert searches.write_searches() == 1
    assert next(row.times for row in tallies.top(today) if row.query == "xyzzy") == 2


def test_without_redis_a_search_goes_on(queued, client, redis_server):
    redis_server.kill()
    try:
        assert client.get("/en/search?q=tea").status_code == 200
    finally:
        redis_server.start()
