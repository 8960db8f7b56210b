"""A form that is posted twice takes effect once."""

import pytest
from flask import Flask

from shop.core import idempotency
from shop.core.errors import Conflict, Invalid
from shop.core.idempotency import KeyReused
from shop.core.transaction import transaction

KEY = "a-key-of-a-form"


def post(content: object, scope: str = "form", key: str = KEY) -> tuple[bool, str]:
    """Do the work unless it was done: whether it was done now, and its result."""
    with transaction():
        known = idempotency.begin(scope, key, content)
        if known is not None:
            return False, known
        result = f"result of {content}"
        idempotency.finish(scope, key, result)
        return True, result


def test_same_key_same_content_same_result(app: Flask) -> None:
    assert post({"a": 1, "b": 2}) == (True, "result of {'a': 1, 'b': 2}")
    assert post({"b": 2, "a": 1}) == (False, "result of {'a': 1, 'b': 2}")
    assert idempotency.result("form", KEY) == "result of {'a': 1, 'b': 2}"
    assert idempotency.result("form", "another-key") is None


def test_same_key_other_content_is_refused(app: Flask) -> None:
    post("茶")
    for other in ("茶 ", "", None, ["茶"]):
        with pytest.raises(KeyReused) as refused:
            post(other)
        assert refused.value.reason == "idempotency-key-reused"


def test_scopes_do_not_meet(app: Flask) -> None:
    assert post("x", scope="checkout")[0]
    assert post("y", scope="refund")[0]


def test_a_rollback_frees_the_key(app: Flask) -> None:
    def refused() -> None:
        with transaction():
            assert idempotency.begin("form", KEY, "x") is None
            raise Conflict("stock-short")

    with pytest.raises(Conflict):
        refused()
    assert post("y")[0]


@pytest.mark.parametrize("key", ("", "short", "x" * 101))
def test_a_key_that_is_none(app: Flask, key: str) -> None:
    with pytest.raises(Invalid, match="idempotency-key-missing"):
        post("x", key=key)
