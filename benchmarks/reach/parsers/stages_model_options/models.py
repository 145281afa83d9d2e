def setter(name):
    return {"pix": pix}[name]
def pix(parser):
    parser.add_argument("--lambda", type=float, default=100.0)
    return parser
