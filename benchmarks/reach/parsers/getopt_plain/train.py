import getopt
import sys

lr, layers = 0.1, 2
options, rest = getopt.getopt(sys.argv[1:], "hn:v", ["lr=", "verbose"])
raise SystemExit("trained")
