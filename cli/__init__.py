"""The linework command."""

import click


@click.group()
def main() -> None:
    """linework"""
