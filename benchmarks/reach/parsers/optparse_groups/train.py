from optparse import OptionGroup, OptionParser

parser = OptionParser(usage="%prog [options]")
parser.add_option("-l", "--learning-rate", dest="lr", type="float", default=0.1)
parser.add_option("--epochs", type=int, default=3)
parser.add_option("--solver", type="choice", choices=["sgd", "adam"], default="sgd")
parser.add_option("-q", "--quiet", action="store_false", dest="verbose", default=True)
more = OptionGroup(parser, "More")
more.add_option("--nesterov", action="store_true")
more.add_option("-n", type="int", default=8)
parser.add_option_group(more)
options, rest = parser.parse_args()
raise SystemExit("trained")
