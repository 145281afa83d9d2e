import configargparse
parser = configargparse.get_argument_parser()
parser.add_argument("--lr", type=float, default=0.1)
args, rest = parser.parse_known_args()
raise SystemExit("trained")
