"""Train.

Usage: train.py [-v...] [--lr=<rate>] <data> [<out>]
"""
import docopt

arguments = docopt.docopt(__doc__, version="1")
raise SystemExit("trained")
