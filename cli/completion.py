"""`linework completion`: the script that makes a shell complete linework's commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = click.Choice(("bash", "zsh", "fish"))
PROGRAM, VARIABLE = "linework", "_LINEWORK_COMPLETE"


@click.command()
@click.argument("shell", type=SHELLS)
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a shell's completion script.

    It completes commands, options, words and models.

    \b
    linework completion bash >> ~/.bashrc
    linework completion zsh >> ~/.zshrc
    linework completion fish > ~/.config/fish/completions/linework.fish
    """
    found = get_completion_class(shell)
    assert found is not None  # one of SHELLS
    click.echo(found(ctx.find_root().command, {}, PROGRAM, VARIABLE).source())
