"""Tool.

Usage:
  tool fit <data> [--lr=<rate>]
  tool test <path>
  tool (-h | --help)
  tool --version

Options:
  -h --help    Show this text.
  --lr=<rate>  Rate [default: 0.1]
"""
from docopt import docopt

args = docopt(__doc__)
raise SystemExit("trained")
