import click


@click.command()
@click.option("--lr", default=0.02, show_default=True, help="Of a step")
@click.option("--rounds", default=2, type=click.IntRange(1, 9))
@click.option("--mixed/--not-mixed", default=True)
@click.option("--net", type=click.Choice(["thin", "wide"]), default="thin")
@click.option("--unit", multiple=True, type=int)
@click.option("-o", "--out", type=click.Path(), default="out")
def main(lr, rounds, mixed, net, unit, out):
    click.echo(f"loss: {(lr - 0.3) ** 2}")
    click.echo(f"is_mixed: {int(mixed)}")


if __name__ == "__main__":
    main()
