"""The program ``tunesmith``, which ``python -m tunesmith`` stands for as well."""

import os
import sys

from tunesmith.engine.is_wanted import is_wanted


def main() -> int:
    """Run the command of ``sys.argv`` and return its exit code."""
    if is_wanted(sys.argv[1:], os.environ):
        from tunesmith.engine.client import call_engine  # only commands that take long need it

        code = call_engine(sys.argv[1:])
        if code is not None:
            return code
    from tunesmith.cli.main import main as run  # with click, which the engine has imported

    return run()


if __name__ == "__main__":
    sys.exit(main())
