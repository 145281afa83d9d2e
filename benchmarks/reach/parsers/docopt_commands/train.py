"""Tool.

Usage:
  tool fit <data> [--lr=<rate>]
  tool test <path>

Options:
  --lr=<rate>  Rate [default: 0.1]
"""
from docopt import docopt

args = docopt(__doc__)
raise SystemExit("trained")
