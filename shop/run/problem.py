"""What goes wrong before or while the shop runs, said in one sentence."""


class Problem(Exception):
    """One clear sentence for the person at the keyboard; never shown with a traceback."""


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal: stop everything and leave quietly.

    A BaseException, as KeyboardInterrupt is: no `except Exception` may swallow it.
    """
