"""Help is quick, complete and written down; the shell completes from the same commands."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from conftest import invoke
from linework.cli import main
from linework.cli.data import FORMS
from linework.cli.options import quickdraw_words, shipped
from linework.cli.reference import reference
from linework.datasets import fetch, words

ROOT = Path(__file__).parents[2]
# What the help may cost, CPU-seconds.
HELP_SECONDS = 0.4
# What nobody waits for who only asks for help.
HEAVY = ("torch", "numpy", "scipy", "pyarrow", "cv2", "linework.strokes")


def commands(
    command: click.Command = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))


ALL = list(commands())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_option_says_what_it_does(path: tuple[str, ...]) -> None:
    result = invoke(*path, "--help")
    assert result.exit_code == 0
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help or option.metavar or isinstance(option.type, click.Choice)


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_the_list_of_commands_shows_whole_sentences(path: tuple[str, ...]) -> None:
    text = invoke(*path, "--help").stdout
    listed = text.partition("\nCommands:\n")[2]
    assert "..." not in listed


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_option_is_in_the_docs(path: tuple[str, ...]) -> None:
    docs = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert f"# {' '.join(('linework', *path))}\n" in docs
    entry = docs.split(f"# {' '.join(('linework', *path))}\n")[1].partition("\n#")[0]
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    for option in command.params:
        if isinstance(option, click.Option):
            assert all(name in entry for name in option.opts)


def test_the_docs_are_as_written_by_the_commands() -> None:
    docs = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert docs == reference(), "python -m linework.cli.reference > docs/commands.md"


def test_help_costs_little() -> None:
    costs = []
    for _ in range(3):  # the least of three is the code's own; the rest is the machine's
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, "-m", "linework.cli", "--help"], check=True, capture_output=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(costs) <= HELP_SECONDS


@pytest.mark.parametrize(
    "arguments", [["--help"], ["train", "--help"], ["data", "fetch", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom linework.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["sam"], {"sample"}),
        (["data", ""], {"fetch", "pack", "info", "doodles"}),
        (["sample", "hot"], {"hot air balloon", "hot dog", "hot tub"}),
        (["data", "fetch", "cat", "--form", "b"], {"binary", "bitmap"}),
        (["train", "sketchrnn", "--recipe", "pub"], {"published"}),
        (["evaluate", ""], {"sketchrnn"}),
    ],
)
def test_the_shell_completes(typed: list[str], offered: set[str]) -> None:
    # As bash's script asks, but in an interpreter that then shows what it imported.
    script = "import runpy, sys\ntry:\n    runpy.run_module('linework.cli', run_name='__main__')\n"
    script += f"finally:\n    print([n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr)"
    environment = {
        "_LINEWORK_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["linework", *typed]),
        "COMP_CWORD": str(len(typed)),
    }
    result = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environment,
    )
    assert {line.partition(",")[2] for line in result.stdout.splitlines()} >= offered
    assert result.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    result = invoke("completion", shell)
    assert result.exit_code == 0
    assert "_LINEWORK_COMPLETE" in result.stdout


def test_lists_that_are_written_twice_agree() -> None:
    assert tuple(fetch.FORMS) == FORMS
    assert tuple(quickdraw_words()) == words.quickdraw_words()
    assert {"default", "published"} <= set(shipped("linework.models", "recipes", ".toml"))


def test_version() -> None:
    assert "version" in invoke("--version").stdout
