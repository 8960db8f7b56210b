"""Answers that are none, whichever provider was asked: too late, a page, nothing, or an error."""

from typing import Any

from flask import Response

from shop.sandbox.alipay.desk import Desk

_PAGE = "<!doctype html><title>系统繁忙</title><p>系统繁忙，请稍后再试。</p>"


def broken_answer(desk: Desk, fault: tuple[str, dict[str, Any]] | None) -> Response | None:
    """What is sent instead of the answer; None where it goes out, held back first if the fault says so."""
    name, wish = fault or ("", {})
    if name == "answer_timeout":
        desk.hold(float(wish.get("seconds", 20)))
    if name == "answer_html":
        return Response(_PAGE, mimetype="text/html")
    if name == "answer_empty":
        return Response("", mimetype="application/json")
    if name == "answer_500":
        return Response(_PAGE, status=int(wish.get("status", 500)), mimetype="text/html")
    return None
