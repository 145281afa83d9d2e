"""A command that the toy engine runs, or says ``by itself``: ``python toy_client.py run WHAT``."""

import json
import os
import sys
from pathlib import Path

from tunesmith.engine.client import call_engine

if __name__ == "__main__":
    if sys.argv[1:] == ["run", "facts", "here"]:
        sys.path.insert(0, str(Path(__file__).parents[2]))
        from tests.engine.toy_engine import facts

        del sys.path[0]
        print(json.dumps(facts()))
        sys.exit()
    code = call_engine(sys.argv[1:])
    if code is None:
        print("by itself", os.environ.get("UNFIT", ""))
        code = 99
    sys.exit(code)
