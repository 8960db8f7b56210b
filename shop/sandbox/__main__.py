"""``python -m shop.sandbox keys|serve``: make the keys, run the sandbox."""

import argparse
import os
import socket
import sys
from pathlib import Path

from shop.sandbox.keys import make_keys
from shop.sandbox.settings import SandboxProblem, load_settings, refuse_production


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a problem is one sentence on standard error and exit code 2."""
    options = _parser().parse_args(arguments)
    folder: Path = options.dir.resolve()
    try:
        refuse_production(os.environ)
        path = make_keys(
            folder,
            host=options.host,
            port=options.port,
            app_id=options.app_id,
            seller_id=options.seller_id,
            certified=options.certificates,
        )
        if options.command == "keys":
            sys.stdout.write(f"{path}\n")
            return 0
        load_settings(folder)
        _check_address(options.host, options.port)
    except SandboxProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    _serve(folder, options.host, options.port)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m shop.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("keys", "make what is missing of the key pairs and of sandbox.env, print its path"),
        ("serve", "run the sandbox until it is stopped"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("--dir", type=Path, required=True, help="where keys and trades lie")
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=8600)
        command.add_argument("--app-id", help="instead of an invented one")
        command.add_argument("--seller-id", help="instead of an invented one")
        command.add_argument(
            "--certificates", action="store_true", help="Alipay's app works with certificates"
        )
    return parser


def _check_address(host: str, port: int) -> None:
    """Try the address first: gunicorn would repeat its attempts and end in a traceback."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SandboxProblem(
                f"The payment sandbox cannot listen on {host}:{port}: {reason}."
            ) from error


def _serve(folder: Path, host: str, port: int) -> None:
    """Become gunicorn. One worker: the sender of notifies must be alone."""
    os.environ["SANDBOX_DIR"] = str(folder)
    command = [sys.executable, "-m", "gunicorn", "shop.sandbox.app:create_app()"]
    command += ["--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    command += ["--worker-class", "gthread", "--workers", "1", "--threads", "16"]
    command += ["--no-control-socket", "--graceful-timeout", "2", "--log-level", "warning"]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, an argument list


if __name__ == "__main__":
    sys.exit(main())
