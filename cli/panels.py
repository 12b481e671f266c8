"""`linework data panels`: comic and storyboard pages to panels."""

from __future__ import annotations

from typing import Any

import click

from . import options

# As pipeline.panels has them, which --help must not import; a test compares.
LETTERINGS = ("keep", "erase")


@click.command()
@click.argument("pages", metavar="PAGES...", nargs=-1, required=True, type=click.Path())
@click.option(
    "-o", "--output", "out", metavar="DIR", required=True, type=click.Path(),
    help="A new or empty folder.",
)  # fmt: skip
@click.option("--right-to-left", is_flag=True, help="Rows begin on the right, as in manga.")
@click.option(
    "--lettering",
    type=click.Choice(LETTERINGS),
    default=LETTERINGS[0],
    show_default=True,
    help="Erase paints letters over with what surrounds them. The masks are written either way.",
)
@click.option("--keep-duplicates", is_flag=True, help="Name them in the report only.")
@options.max_pixels("Refuse larger pages.")
@options.jobs("Pages at a time, each in a process of its own.")
def panels(pages: tuple[str, ...], out: str, jobs: int, **choices: Any) -> None:
    """Cut comic or storyboard pages into panels.

    PAGES are pictures and folders of them. Writes DIR/panels in reading order, DIR/lettering
    with a mask for each, DIR/duplicates, report.json, and contact sheets to look at before
    anything is trained on. If stopped, the same command goes on.

    \b
    linework data panels scans -o strip
    linework data panels manga -o strip --right-to-left --lettering erase
    """
    from ..pipeline.panels import PanelOptions, cut_pages
    from .show import count_bar

    with count_bar("page") as progress:
        report = cut_pages(
            pages,
            out,
            PanelOptions(**choices),
            jobs=jobs,
            note=lambda text: click.echo(text, err=True),
            progress=progress,
        )
    click.echo(report, err=True)
    if report.failed:
        click.get_current_context().exit(1)
