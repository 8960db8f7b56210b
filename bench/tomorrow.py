"""``python -m bench.tomorrow COMMAND``: a ``flask`` command on a clock that is a day ahead.

A bill can be read once its day is over, and the sandbox has it at once.
"""

from datetime import timedelta

from flask.cli import main

from shop.core import clock

if __name__ == "__main__":
    with clock.at(clock.now() + timedelta(days=1)):
        main()
