"""Lets ``python -m tunesmith`` stand for ``tunesmith``."""

import sys

from tunesmith.cli.main import main

sys.exit(main())
