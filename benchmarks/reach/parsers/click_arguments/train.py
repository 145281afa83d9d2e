import click

@click.command()
@click.argument("data", type=click.Path())
@click.argument("extra", nargs=-1)
@click.option("-n", default=3)
@click.option("--seed", type=int, default=None)
def main(**options):
    raise SystemExit("trained")
main()
