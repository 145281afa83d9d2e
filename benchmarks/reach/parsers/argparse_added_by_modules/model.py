def add_arguments(parser):
    group = parser.add_argument_group("model")
    group.add_argument("--layers", type=int, default=2)
