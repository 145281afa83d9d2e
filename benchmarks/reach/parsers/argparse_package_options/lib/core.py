from .options import Options
def run():
    options = Options().parse()
    raise SystemExit("trained")
