"""How the shop logs: one line an event, to standard error, without the values of local variables.

(Tracebacks that show locals would write passwords and reset links into log files.)
"""

import logging
import sys

import structlog

# One list, changed in place: loggers that were used before keep to it when another application is made.
_processors: list[structlog.typing.Processor] = []


def init_logs(json: bool) -> None:
    """Set structlog up for the process; ``json`` for machines that collect, else for people that read."""
    renderer: structlog.typing.Processor
    if json:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    _processors[:] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([structlog.processors.format_exc_info] if json else []),
        renderer,
    ]
    structlog.configure(
        processors=_processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
