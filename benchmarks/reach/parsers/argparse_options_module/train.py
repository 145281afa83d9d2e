from options import get_parser
args = get_parser().parse_args()
raise SystemExit("trained")
