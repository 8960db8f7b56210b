"""A sandbox, a merchant, and an attempt opened between them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from shop.core import clock
from shop.payment.gateways.alipay import AlipayGateway
from shop.payment.gateways.base import Scene
from tests.payment.provider import Merchant, Provider

Opener = Callable[..., str]
_numbers = count(1)


@pytest.fixture(scope="session")
def _provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    provider = Provider(tmp_path_factory.mktemp("sandbox"))
    yield provider
    provider.stop()


@pytest.fixture
def provider(_provider: Provider) -> Iterator[Provider]:
    yield _provider
    _provider.control("DELETE", "/faults")
    _provider.control("POST", "/release")


@pytest.fixture
def gateway(provider: Provider) -> AlipayGateway:
    return provider.gateway()


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    receiver = Merchant()
    yield receiver
    receiver.stop()


@pytest.fixture
def number() -> Callable[[], str]:
    """A payment number that no other test uses."""
    return lambda: f"XPTEST{next(_numbers):010d}"


@pytest.fixture
def address(gateway: AlipayGateway, merchant: Merchant, number: Callable[[], str]) -> Opener:
    """Sign a cashier address: number and address."""

    def sign(amount: int = 8880, **changes: Any) -> tuple[str, str]:
        values: dict[str, Any] = {
            "attempt_no": number(),
            "amount": amount,
            "subject": "Longquan celadon teapot 龙泉青瓷壶",
            "expires_at": clock.now() + timedelta(minutes=30),
            "notify_url": merchant.notify_url,
            "return_url": merchant.return_url,
            "client_ip": "203.0.113.7",
            "scene": Scene.PAGE,
        } | changes
        action = gateway.create(**values)
        return values["attempt_no"], action.redirect_url or action.qr_text or ""

    return sign


@pytest.fixture
def opened(address: Opener, provider: Provider) -> Opener:
    """A trade at which the buyer has signed in but not paid."""

    def open_one(amount: int = 8880, **changes: Any) -> str:
        no, url = address(amount, **changes)
        provider.control("POST", f"/scan/{no}", url=url)
        return no

    return open_one


@pytest.fixture
def paid(address: Opener, provider: Provider) -> Opener:
    """A paid trade, its notify delivered."""

    def pay_one(amount: int = 8880, **changes: Any) -> str:
        no, url = address(amount, **changes)
        provider.pay(no, url=url)
        return no

    return pay_one


@pytest.fixture
def other_provider(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Provider]:
    """Another provider with other keys, app and seller; by a parameter with certificates."""
    provider = Provider(tmp_path / "other", certified=getattr(request, "param", False))
    yield provider
    provider.stop()
