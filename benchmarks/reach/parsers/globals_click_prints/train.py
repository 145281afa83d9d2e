import click
learning_rate = 0.1
click.echo(learning_rate)
raise SystemExit("trained")
