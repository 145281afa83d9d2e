import click

DEFAULT = 2 + 1
@click.command()
@click.option("--size", type=(int, float), default=(1, 0.5))
@click.option("--layer", multiple=True, type=int, default=[8, DEFAULT])
@click.option("-v", "--verbose", count=True)
@click.option("--ratio", type=click.FloatRange(0, 1), default=0.5)
@click.option("--upper", "case", flag_value="upper", default=True)
@click.option("--lower", "case", flag_value="lower")
def main(**options):
    raise SystemExit("trained")
main()
