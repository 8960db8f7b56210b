"""`make run` says in one sentence why it cannot start, before it has changed anything."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop.run import settings as run_settings
from shop.run.instance import Instance, free_port
from shop.run.problem import Problem
from shop.run.processes import kill_session, start
from shop.run.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parents[2]
FIND_PYTHON = ROOT / "scripts" / "find-python"


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XIAOPU")}
    return subprocess.run(
        [sys.executable, "-m", "shop.run"],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr.strip()


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port(taken, tmp_path):
    said = one_sentence(run(PORT=str(taken), INSTANCE=str(tmp_path)))
    assert f"Port {taken}" in said
    assert "make run PORT=" in said


@pytest.mark.parametrize("port", ("abc", "0", "65536", "-1", "８０８０"))
def test_a_port_that_is_none(port, tmp_path):
    assert "is not a port" in one_sentence(run(PORT=port, INSTANCE=str(tmp_path)))


def test_a_folder_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("in the way")
    said = one_sentence(run(PORT=str(free_port("127.0.0.1")), INSTANCE=str(tmp_path / "file")))
    assert str(tmp_path / "file") in said
    assert "INSTANCE=" in said


def test_a_folder_where_a_shop_is_running(tmp_path):
    instance = Instance(tmp_path)
    instance.prepare()
    with instance.alone("http://127.0.0.1:8000"):
        said = one_sentence(run(PORT=str(free_port("127.0.0.1")), INSTANCE=str(tmp_path)))
    assert "already running (http://127.0.0.1:8000" in said


def test_production(tmp_path):
    assert "production" in one_sentence(run(XIAOPU_ENV="production", INSTANCE=str(tmp_path)))


@pytest.mark.parametrize(
    ("stand_in", "words"),
    (
        ("echo 3.9; exit 3", "needs Python 3.11 or newer, and only Python 3.9 is here"),
        ("echo 3.12; exit 4", "python3.12-venv"),
        ("exit 127", "none is here"),
    ),
)
def test_an_unfit_python(stand_in, words, tmp_path):
    """A stand-in answers the script's own question, as an old Python would."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    (tools / "python3").write_text(f"#!/bin/sh\n{stand_in}\n")
    (tools / "python3").chmod(0o755)
    copy = tmp_path / "shop" / "scripts" / "find-python"
    copy.parent.mkdir(parents=True)
    shutil.copy(FIND_PYTHON, copy)
    done = subprocess.run(
        [copy], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert words in one_sentence(done)


def test_the_environment_that_was_given_wins(tmp_path):
    chosen = run_settings.read(
        ROOT,
        {"PORT": "8123", "INSTANCE": str(tmp_path / "a b"), "SECRET_KEY": "mine", "REDIS_URL": ""},
    )
    env = chosen.for_processes(SECRET_KEY="ours", REDIS_URL="redis://ours")
    assert env["SECRET_KEY"] == "mine"
    assert env["REDIS_URL"] == "redis://ours"  # an empty one is none
    assert env["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert env["INSTANCE"] == str(tmp_path / "a b")


def test_the_signing_key_is_made_once_and_kept_from_others(tmp_path):
    instance = Instance(tmp_path)
    key = instance.secret_key()
    assert len(key) >= 32
    assert instance.secret_key() == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.fixture
def supervisor(tmp_path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, tmp_path, os.environ)
    yield made
    made.kill()


def test_a_child_that_dies_is_named_with_its_last_words(supervisor, tmp_path):
    supervisor.start(Child("sad", "sad part", ["sh", "-c", "echo so it ends; exit 3"]))
    with pytest.raises(Problem, match=r"(?s)sad part has stopped \(exit status 3\).*so it ends"):
        supervisor.watch(until=lambda: False, seconds=20)
    assert (tmp_path / "sad.log").read_text() == "so it ends\n"


def test_a_worker_that_is_killed_starts_again_until_it_is_ill(supervisor, tmp_path, capsys):
    dies = 'echo x >> lives; test "$(wc -l < lives)" -ge 3 && exec sleep 60; kill -9 $$'
    supervisor.start(Child("worker", "job worker", ["sh", "-c", dies], again=True))
    lives = tmp_path / "lives"
    assert supervisor.watch(
        until=lambda: lives.exists() and lives.read_text().count("x") == 3, seconds=20
    )
    assert capsys.readouterr().out.count("it starts again") == 2
    supervisor.start(Child("ill", "ill part", ["sh", "-c", "kill -9 $$"], again=True))
    with pytest.raises(Problem, match=r"ill part has stopped \(signal 9\)"):
        supervisor.watch(until=lambda: False, seconds=20)


def test_stopping_leaves_nothing_of_a_child_that_ignores_it(supervisor, tmp_path):
    """Not the child that is deaf to SIGTERM, nor its own child in another process group."""
    stubborn = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0: os.setpgrp()\n"
        "open(f'pid-{os.getpid()}', 'w').close()\n"
        "while True: time.sleep(60)\n"
    )
    argv = [sys.executable, "-c", stubborn]
    supervisor.start(Child("deaf", "deaf part", argv, grace=0.2))
    assert supervisor.watch(until=lambda: len(list(tmp_path.glob("pid-*"))) == 2, seconds=20)
    supervisor.stop()
    pids = [int(path.name.removeprefix("pid-")) for path in tmp_path.glob("pid-*")]
    assert [pid for pid in pids if alive(pid)] == []


def test_errors_reach_the_screen_and_the_rest_only_the_log(supervisor, tmp_path, capsys):
    lines = "GET / 200\\nERROR: no disk\\nTraceback (most recent call last):\\n  File x\\nOops: 1\\nfine"
    supervisor.start(
        Child("web", "web server", ["sh", "-c", f"printf '{lines}\\n'; exec sleep 60"])
    )
    log = tmp_path / "web.log"
    assert supervisor.watch(until=lambda: log.exists() and "fine" in log.read_text(), seconds=20)
    shown = [line.split("| ")[1] for line in capsys.readouterr().out.splitlines()]
    expected = ["ERROR: no disk", "Traceback (most recent call last):", "  File x", "Oops: 1"]
    assert shown == expected


@pytest.mark.skipif(sys.platform != "linux", reason="not on this machine: prctl (Linux only)")
def test_children_end_even_when_we_are_killed(tmp_path):
    code = (
        "import os, pathlib, time\n"
        "from shop.run.processes import start\n"
        "child = start(['sleep', '300'], cwd=pathlib.Path('.'), env=os.environ)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(300)\n"
    )
    parent = start([sys.executable, "-c", code], cwd=ROOT, env=os.environ, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    kill_session(parent.pid)
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        if not alive(child):
            break
        os.sched_yield()
        subprocess.run(["true"], check=True)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
