"""The command line of the shop under test."""

import pytest


@pytest.fixture
def flask(app):
    """Run ``flask catalog …``: what it says. ``fails``: whether it is to end with an error."""
    runner = app.test_cli_runner()

    def run(*args, fails=False):
        result = runner.invoke(args=["catalog", *(str(arg) for arg in args)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (result.exit_code != 0) is fails, result.output
        return result.output

    return run
