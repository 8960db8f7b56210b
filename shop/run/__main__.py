"""Start the shop, say where it is, and stop all of it on Ctrl-C."""

import contextlib
import os
import secrets
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn

from shop.run import parts, screen, settings, venv
from shop.run.instance import free_port, refuse_taken_port
from shop.run.problem import Problem, Stopped
from shop.run.settings import Settings
from shop.run.steps import Steps, announce
from shop.run.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run until stopped. 0 when it was asked to stop, 1 with one sentence for anything else."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        chosen = settings.read(ROOT, os.environ)
        chosen.instance.prepare()
        with chosen.instance.alone(chosen.public_address):
            _run(chosen)
    except Problem as problem:
        screen.progress_over()
        print(problem, file=sys.stderr)
        return 1
    except Stopped:
        screen.say("\nStopped.")
    return 0


def _run(chosen: Settings) -> None:
    began = time.monotonic()
    refuse_taken_port(chosen.host, chosen.port)
    python = venv.ensure(ROOT)
    steps = Steps(ROOT, python, chosen.instance)
    additions = {
        "SECRET_KEY": chosen.instance.secret_key(),
        "PAYMENT_SECRETS_KEY": chosen.instance.sealing_key(),
    }
    steps.translations(chosen.for_processes(**additions))

    valkey = None
    if "REDIS_URL" not in chosen.given:
        valkey = parts.Valkey(python, chosen.instance, secrets.token_urlsafe(24))
        additions["REDIS_URL"] = valkey.url
    sandbox_port = None
    if "ALIPAY_GATEWAY" not in chosen.given:
        sandbox_port = free_port("127.0.0.1", near=chosen.port)
        additions |= steps.sandbox_keys(chosen.instance.sandbox, chosen.for_processes(**additions))
        additions["ALIPAY_GATEWAY"] = f"http://127.0.0.1:{sandbox_port}/gateway.do"
        if "WECHATPAY_GATEWAY" in chosen.given:  # a real one beside the sandbox
            additions = {k: v for k, v in additions.items() if not k.startswith("WECHATPAY_")}
        else:
            additions["WECHATPAY_GATEWAY"] = f"http://127.0.0.1:{sandbox_port}"
        if any(name.startswith("STRIPE_") for name in chosen.given):
            additions = {k: v for k, v in additions.items() if not k.startswith("STRIPE_")}
        else:
            additions["STRIPE_API_BASE"] = f"http://127.0.0.1:{sandbox_port}"
        additions["CARRIER_SANDBOX"] = f"http://127.0.0.1:{sandbox_port}/carriers"
        # The sandbox is on this machine: it need not find the public address.
        additions["PAYMENT_NOTIFY_BASE"] = chosen.local_address
    env = chosen.for_processes(**additions)

    supervisor = Supervisor(ROOT, chosen.instance.logs, env)
    try:
        if valkey:
            supervisor.start(valkey.child())
            if not supervisor.watch(until=valkey.answers, seconds=30):
                raise Problem("The job queue (Valkey) did not answer within 30 seconds.")
        own_database = "DATABASE_URL" not in chosen.given
        with chosen.instance.filling() if own_database else contextlib.nullcontext():
            sign_ins = steps.shop(env)
        chosen.instance.write_environment(chosen.added(**additions))
        if sandbox_port:
            supervisor.start(parts.sandbox(python, chosen.instance, sandbox_port))
        supervisor.start(parts.web(python, chosen))
        healthy = _Health(chosen.local_address)
        if not supervisor.watch(until=healthy, seconds=90):
            raise Problem(f"The shop does not answer as it should: {healthy.last}.")
        # Only now: on a small machine they would compete with the web server's start.
        supervisor.start(parts.worker(python))
        supervisor.start(parts.cron(python))
        _welcome(chosen, sign_ins, time.monotonic() - began)
        supervisor.watch()
        raise Stopped
    finally:
        _stop_all(supervisor)
        chosen.instance.environment.unlink(missing_ok=True)


class _Health:
    """Asks /healthz, and remembers what it said last."""

    def __init__(self, address: str) -> None:
        self._url = f"{address}/healthz"
        self.last = "no answer yet"

    def __call__(self) -> bool:
        try:
            # The address is our own, made from HOST and PORT.
            with urllib.request.urlopen(self._url, timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            self.last = f"{self._url} says {error.code}"
        except OSError as error:
            self.last = f"{self._url}: {error}"
        return False


def _welcome(chosen: Settings, sign_ins: str, seconds: float) -> None:
    screen.say()
    screen.say(f"{screen.strong('小铺 Xiaopu')} is open (after {seconds:.0f} s).")
    announce(
        [
            ("Shop", screen.strong(f"{chosen.public_address}/")),
            ("Admin", f"{chosen.public_address}/en/admin"),
            ("Mails", f"{chosen.public_address}/dev/mail"),
            ("Data", str(chosen.instance.folder)),
        ]
    )
    screen.say()
    screen.say(sign_ins.rstrip())
    screen.say()
    screen.say("Ctrl-C stops all of it. Logs are in " + str(chosen.instance.logs))


def _stop_all(supervisor: Supervisor) -> None:
    """Stop in order; a second Ctrl-C kills."""
    try:
        supervisor.stop()
    except Stopped:
        _ignore_signals()
        supervisor.kill()


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
