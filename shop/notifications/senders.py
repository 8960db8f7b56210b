"""How a mail leaves the house."""

import smtplib
import ssl
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol

from flask import Flask, current_app

from shop.core import clock
from shop.notifications.models import Message
from shop.notifications.render import one_line

_EXTENSION = "mail_sender"


class Refused(Exception):
    """The mail server will never take this message: trying again is of no use."""


Line = Callable[[EmailMessage], None]
"""Takes a message or raises: ``Refused`` for good, anything else for now."""


class Sender(Protocol):
    """Knows where messages go."""

    def line(self) -> AbstractContextManager[Line]:
        """A way for several messages, one after the other."""


class _Plain(ABC):
    """A sender to whom one message is as any other."""

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Nothing needs to be opened."""
        yield self.send

    @abstractmethod
    def send(self, message: EmailMessage) -> None:
        """Take one message."""


class ConsoleSender(_Plain):
    """Prints the text part: for development."""

    def send(self, message: EmailMessage) -> None:
        """Print it."""
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        sys.stdout.write(f"--- mail to {message['To']}: {message['Subject']}\n{text}---\n")
        sys.stdout.flush()


class FileSender(_Plain):
    """Sends nothing: the record of messages, which /dev/mail shows, is all there is."""

    def send(self, message: EmailMessage) -> None:
        """Keep it where it is recorded already."""


class MemorySender(_Plain):
    """Keeps messages in a list: for tests."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        """Keep it."""
        self.messages.append(message)


class SmtpSender:
    """Hands messages to a mail server (RFC 5321)."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config

    @contextmanager
    def line(self) -> Iterator[Line]:
        """One connection, made when the first message needs it, and again after one that went wrong."""
        server: smtplib.SMTP | None = None

        def send(message: EmailMessage) -> None:
            nonlocal server
            if server is None:
                server = self._greeted()
            try:
                _hand_over(server, message)
            except Refused:
                raise
            except Exception:
                server.close()
                server = None
                raise

        try:
            yield send
        finally:
            if server is not None:
                with suppress(smtplib.SMTPException, OSError):  # what was taken stays taken
                    server.quit()

    def _greeted(self) -> smtplib.SMTP:
        config = self._config
        server = self._connect()
        try:
            if config["MAIL_USE_TLS"]:
                server.starttls(context=ssl.create_default_context())
            if config["MAIL_USERNAME"]:
                server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"] or "")
        except Exception:
            server.close()
            raise
        return server

    def _connect(self) -> smtplib.SMTP:
        config = self._config
        place = (config["MAIL_SERVER"], config["MAIL_PORT"])
        if config["MAIL_USE_SSL"]:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*place, timeout=config["MAIL_TIMEOUT"], context=context)
        return smtplib.SMTP(*place, timeout=config["MAIL_TIMEOUT"])


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Send over an open connection; a 5yz answer to the message or its recipient is for good."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        if all(500 <= code < 600 for code, _ in error.recipients.values()):
            raise Refused(str(error.recipients)) from error
        raise
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        if 500 <= error.smtp_code < 600:
            raise Refused(str(error)) from error
        raise


def sender() -> Sender:
    """The sender that MAIL_SENDER names, one per application. Raises ``ValueError`` for no such one."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # behind the proxy
    known = app.extensions.get(_EXTENSION)
    name = app.config["MAIL_SENDER"]
    if known is None or known[0] != name:
        known = app.extensions[_EXTENSION] = (name, _make(name, app.config))
    made: Sender = known[1]
    return made


def memory() -> list[EmailMessage]:
    """The messages that the memory sender of the current application keeps."""
    present = sender()
    if not isinstance(present, MemorySender):
        raise RuntimeError("MAIL_SENDER is not memory")
    return present.messages


def as_mail(message: Message) -> EmailMessage:
    """A recorded message in the form of RFC 5322.

    Its Message-ID follows from the record: a mail sent twice (a worker killed between sending and
    writing it down) is one mail to a reader's program.
    """
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    domain = address.partition("@")[2] or "localhost"
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(one_line(name), addr_spec=address)
    mail["To"] = Address(addr_spec=message.recipient)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message.public_id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe_url:  # RFC 8058: the reader's program ends such mails by one POST
        mail["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    mail["Content-Language"] = message.locale  # last: the body takes Content-* headers with it
    return mail


def _make(name: str, config: Mapping[str, Any]) -> Sender:
    if name == "smtp":
        return SmtpSender(config)
    made: dict[str, Sender] = {
        "console": ConsoleSender(),
        "file": FileSender(),
        "memory": MemorySender(),
    }
    if name not in made:
        raise ValueError(f"MAIL_SENDER is {name!r}: choose smtp, console, file or memory")
    return made[name]
