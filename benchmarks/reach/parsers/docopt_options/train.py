"""Train a model.

Usage: train.py [options]

Options:
  -h --help             Show this.
  --lr=<rate>           The rate [default: 0.01].
  -e N, --epochs=N      Epochs [default: 3].
  --name=<name>         Name [default: run].
  --fast                Fewer steps.
"""
from docopt import docopt

if __name__ == "__main__":
    args = docopt(__doc__)
    raise SystemExit("trained")
