"""docs/commands.md, written from the commands' own help so that it cannot fall behind.

python -m linework.cli.reference > docs/commands.md
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from . import main

# Columns of the help as printed here, whatever terminal writes it.
WIDTH = 96

HEAD = """# Commands

Every command's help, as `linework COMMAND --help` prints it. Written by
`python -m linework.cli.reference > docs/commands.md`; a test compares.
"""


def reference() -> str:
    """The whole document."""
    parts = [HEAD, *(_entry(ctx) for ctx in _contexts(main, None))]
    return "\n".join(parts)


def _contexts(command: click.Command, parent: click.Context | None) -> Iterator[click.Context]:
    """The command and all below it, in the order in which help lists them."""
    ctx = click.Context(
        command,
        info_name=command.name if parent else "linework",
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
    )
    yield ctx
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from _contexts(found, ctx)


def _entry(ctx: click.Context) -> str:
    depth = "##" if ctx.parent is None or ctx.parent.parent is None else "###"
    return f"{depth} {ctx.command_path}\n\n```\n{ctx.get_help()}\n```\n"


if __name__ == "__main__":
    click.echo(reference(), nl=False)
