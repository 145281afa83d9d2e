import click

@click.command()
@click.option("--lr", default=0.1, help="rate")
@click.option("--epochs", "-e", type=int, default=3)
@click.option("--opt", type=click.Choice(["adam", "sgd"]), default="adam")
@click.option("--shuffle/--no-shuffle", default=True)
@click.option("--amp", is_flag=True)
def main(**options):
    raise SystemExit("trained")
if __name__ == "__main__":
    main()
