"""The simulator of carriers over real HTTP, asked and telling through the protocol of docs/carriers.md."""

from pathlib import Path

import pytest
from werkzeug.wrappers import Request, Response

import config
from shop.order.carriers.base import BadSignature, CarrierError
from shop.order.carriers.registry import build_carriers
from shop.order.carriers.signed_json import SignedJson
from shop.sandbox.carriers.desk import CarrierDesk
from shop.sandbox.carriers.journeys import journey
from shop.sandbox.store import Store
from tests.payment.provider import Provider, Served

KEY = "k" * 40


def gateway(provider: Provider, key: str = "", callback: str = "") -> SignedJson:
    key = key or provider.values["CARRIER_SANDBOX_KEY"]
    return SignedJson(f"{provider.url}/carriers/SF", key, callback=callback)


def test_any_number_is_known_and_answers_are_signed(provider: Provider):
    assert gateway(provider).track("SF-NEW-1") == []  # it was not even picked up
    with pytest.raises(CarrierError):
        gateway(provider, key="wrong" * 8).track("SF-NEW-1")
    with pytest.raises(CarrierError):
        SignedJson("http://127.0.0.1:9", KEY, timeout=0.5).track("1")


def test_what_happens_is_told_once_in_its_order(tmp_path: Path):
    heard: list[tuple[dict[str, str], bytes]] = []
    answers = [500]

    @Request.application
    def shop(request: Request) -> Response:
        heard.append((dict(request.headers), request.get_data()))
        return Response("x", answers.pop() if answers else 200)

    served = Served(shop)
    try:
        desk = CarrierDesk(Store(tmp_path / "s.sqlite3"), KEY, factor=1e9)
        desk.asked("SF", "N-99", f"{served.url}/carriers/SF/events")
        assert desk.push_due() == 1  # refused: it is due again in two seconds, not now
        assert desk.push_due() == 0
        desk.asked("SF", "N-1", f"{served.url}/carriers/SF/events")
        assert desk.push_due() == 1
        assert desk.push_due() == 0  # everything is told
    finally:
        served.stop()
    told = [SignedJson("https://sf.example", KEY).parse_push(*one) for one in heard]
    assert [one.number for one in told] == ["N-99", "N-1"]
    kinds = [event.kind for event in told[0].events]
    assert (kinds.count("exception"), kinds[-1]) == (1, "delivered")
    assert len({event.event_id for event in told[1].events}) == len(told[1].events) == 6
    with pytest.raises(BadSignature):
        SignedJson("https://sf.example", KEY).parse_push(heard[0][0], heard[1][1])


def test_a_journey_is_the_same_for_the_same_number():
    assert journey("A", 1200) == journey("A", 1200) != journey("B", 1200)


def test_never_simulated_in_production():
    safe = {
        "XIAOPU_ENV": "production", "SECRET_KEY": "s" * 40, "PUBLIC_URL": "https://shop.example",
        "TRUSTED_HOSTS": "shop.example", "REDIS_URL": "redis://r",
    }  # fmt: skip
    account = {"CARRIER_SF_URL": "https://sf.example/v1/", "CARRIER_SF_KEY": KEY}
    built = build_carriers(config.load(safe | account))
    assert list(built) == ["SF"]
    for unsafe in (
        {"CARRIER_SANDBOX": "http://127.0.0.1:8600/carriers"},
        account | {"CARRIER_SF_URL": "http://sf.example"},
        account | {"CARRIER_SF_URL": "https://localhost"},
        account | {"CARRIER_SF_KEY": "short"},
    ):
        with pytest.raises(config.ConfigError):
            config.load(safe | unsafe)
