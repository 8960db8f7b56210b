"""``python -m shop.sandbox``: keys that stay, a server that starts and refuses with one sentence."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from shop.payment.gateways.base import PaymentStatus
from shop.payment.gateways.registry import build_gateways
from shop.sandbox.env_file import read_env_file
from tests.payment.provider import fetch

FILES = ["alipay_private.pem", "alipay_public.pem", "app_private.pem", "app_public.pem"]


def _run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "shop.sandbox", *arguments],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_keys_are_made_once_and_only_for_their_owner(tmp_path: Path):
    folder = tmp_path / "with space"
    first = _run("keys", "--dir", str(folder), "--port", "8601")
    assert first.returncode == 0, first.stderr
    path = folder / "sandbox.env"
    assert first.stdout.strip() == str(path)
    contents = {name: (folder / name).read_bytes() for name in FILES}
    for name in [*FILES, "sandbox.env"]:
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    before = read_env_file(path)
    assert before["ALIPAY_GATEWAY"] == "http://127.0.0.1:8601/alipay/gateway.do"
    assert before["ALIPAY_PUBLIC_KEY_FILE"] == str(folder / "alipay_public.pem")

    (folder / "app_public.pem").unlink()
    _run("keys", "--dir", str(folder), "--port", "8602")
    assert {name: (folder / name).read_bytes() for name in FILES} == contents
    after = read_env_file(path)
    assert after.pop("ALIPAY_GATEWAY") == "http://127.0.0.1:8602/alipay/gateway.do"
    assert after.pop("WECHATPAY_GATEWAY") == "http://127.0.0.1:8602"
    assert after.pop("STRIPE_API_BASE") == "http://127.0.0.1:8602"
    assert after.items() <= before.items()


def test_two_folders_are_two_merchants(tmp_path: Path):
    _run("keys", "--dir", str(tmp_path / "a"))
    _run("keys", "--dir", str(tmp_path / "b"), "--app-id", "9021000000000042")
    one, two = (read_env_file(tmp_path / name / "sandbox.env") for name in "ab")
    assert one["ALIPAY_APP_ID"] != two["ALIPAY_APP_ID"] == "9021000000000042"
    assert (tmp_path / "a/app_private.pem").read_bytes() != (
        tmp_path / "b/app_private.pem"
    ).read_bytes()


@pytest.mark.parametrize("command", ("keys", "serve"))
def test_never_in_production(tmp_path: Path, command: str):
    answer = _run(command, "--dir", str(tmp_path / "s"), XIAOPU_ENV="production")
    assert answer.returncode == 2
    assert "does not run in production" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "s").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    answer = _run("keys", "--dir", str(tmp_path / "file"))
    assert (answer.returncode, len(answer.stderr.splitlines())) == (2, 1)
    assert "cannot write its keys" in answer.stderr


def test_a_port_in_use_is_one_sentence(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = _run("serve", "--dir", str(tmp_path), "--port", str(port))
    assert (answer.returncode, len(answer.stderr.splitlines())) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{port}" in answer.stderr


def test_it_serves_what_the_env_file_promises(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "shop.sandbox", "serve", "--dir", tmp_path, "--port", str(port)]
    )
    try:
        health = _until_served(f"http://127.0.0.1:{port}/healthz", server)
        values = read_env_file(tmp_path / "sandbox.env")
        assert health == {"status": "ok", "app_id": values["ALIPAY_APP_ID"]}
        gateway = build_gateways(values)["alipay"]
        assert gateway.query("XPNOTHING1").status == PaymentStatus.NOT_FOUND
    finally:
        server.terminate()
        assert server.wait(20) == 0


def _until_served(url: str, server: subprocess.Popen[bytes]) -> dict[str, str]:
    pause = threading.Event()
    for _ in range(300):
        assert server.poll() is None
        with contextlib.suppress(OSError):
            answer: dict[str, str] = json.loads(fetch(url)[1])
            return answer
        pause.wait(0.1)
    raise AssertionError("the sandbox did not start")
