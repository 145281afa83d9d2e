"""Fit.

Usage: fit.py [--lr=<rate>] [--rounds=<n>]

Options:
  --lr=<rate>    Of a step [default: 0.02]
  --rounds=<n>   How many [default: 2]
"""

from docopt import docopt

args = docopt(__doc__)
rate = float(args["--lr"])
print(f"loss: {(rate - 0.3) ** 2}")
print(f"round_count: {int(args['--rounds'])}")
