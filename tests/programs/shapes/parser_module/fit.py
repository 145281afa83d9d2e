from parsing import get_parser

args = get_parser().parse_args()
print(f"loss: {(args.rate - 0.3) ** 2}")
