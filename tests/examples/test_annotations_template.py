"""The folder to copy, and the commands of its page, run as they are written."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from linework.cli import main
from PIL import Image

# What stands beside `linework train` here, so that it takes a moment; the page has it without.
TINY = ("channels=6,6,4", "spade_levels=2", "latent=4", "embedding=4", "size=32", "depths=6,6",
        "steps=1", "batch_size=1", "sample_every=0")  # fmt: skip
ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "annotations_template"
PAGES = (ROOT / "docs" / "annotations.md", TEMPLATE / "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_works_as_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(TEMPLATE, tmp_path / "mine")
    monkeypatch.chdir(tmp_path / "mine")
    for number in range(3):
        Image.new("RGB", (60, 40)).save(f"photos/{number}.jpg")
        sky = {"label": "sky", "shape_type": "rectangle", "points": [[0, 0], [60, 20]]}
        content = {"shapes": [sky], "imagePath": f"{number}.jpg", "imageData": None}
        Path(f"photos/{number}.json").write_text(json.dumps(content))
    blocks = "\n".join(re.findall(r"```bash\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
    commands = [line for line in blocks.splitlines() if line.startswith("linework ")]
    assert len(commands) == 3
    for command in commands:
        arguments = shlex.split(command, comments=True)[1:]
        if "NAME.png" in command:
            [held_out] = Path("data/val_label").iterdir()
            arguments = [a.replace("NAME.png", held_out.name) for a in arguments]
        tiny = [f"--set={setting}" for setting in TINY] if arguments[0] == "train" else []
        result = CliRunner().invoke(main, [*arguments, *tiny])
        assert result.exit_code == 0, result.output
    assert sorted(path.name for path in Path("data").glob("*_label/*.png")) == [
        "0.png", "1.png", "2.png",
    ]  # fmt: skip
    with Image.open("picture.png") as picture:
        assert picture.size == (60, 40)
    [label_map] = Path("data").glob("*_label/0.png")
    with Image.open(label_map) as labels:
        # sky is the first label of labels.txt, the background the last.
        assert [labels.getpixel(at) for at in ((5, 5), (5, 35))] == [0, 7]
