def add_arguments(parser):
    parser.add_argument("--workers", type=int, default=4)
