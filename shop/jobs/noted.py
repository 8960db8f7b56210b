"""What pages note in a hash of Redis, since they write nothing to the database, and a job writes down."""

from collections.abc import Callable, Mapping

from redis.exceptions import ResponseError

from shop.jobs import queue

Write = Callable[[Mapping[str, str]], int]


def write_down(name: str, write: Write) -> int:
    """Take what was noted under ``name`` and give it to ``write``; returns the sum of what that returns.

    Taking is one rename, so that what is noted meanwhile waits for the next time. Killed in the middle, a
    run leaves what it had taken, and the next one begins with it.
    """
    waiting = queue.present()
    if waiting is None:
        return 0
    taken = f"{name}:taken"

    def of_taken() -> int:
        fields = waiting.redis.hgetall(taken)
        if not fields:
            return 0
        done = write({_text(key): _text(value) for key, value in fields.items()})
        waiting.redis.delete(taken)
        return done

    done = of_taken()  # what a killed run had left
    try:
        waiting.redis.rename(name, taken)
    except ResponseError:  # nothing was noted
        return done
    return done + of_taken()


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
