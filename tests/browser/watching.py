"""A browser window that keeps what went wrong in it: errors, refusals of the policy, broken requests."""

from collections.abc import Iterable

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Said besides the answer itself, which is heard of in `_answered`.
_ECHOES = ("Failed to load resource", "htmx:response:error", "htmx:error")


class Watch:
    """Listens to every page of a context."""

    def __init__(self, context: BrowserContext, statuses: Iterable[int] = ()) -> None:
        self.complaints: list[str] = []
        self._meant = frozenset(statuses)
        context.on("console", self._said)
        context.on("weberror", self._thrown)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_ECHOES):
            self.complaints.append(f"console: {message.text} ({message.location['url']})")

    def _thrown(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _failed(self, request: Request) -> None:
        # A page that is left takes its unfinished requests along.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"request: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._meant:
            asked = f"{response.request.method} {response.url}"
            self.complaints.append(f"answer: {response.status} to {asked}")
