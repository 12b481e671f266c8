"""What each command does when it is called rightly; bad input has a file of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import TINY, Run, succeed, tiny
from linework.models.checkpoint import read_header
from linework.models.sketchrnn_task import SketchRNNTask
from linework.strokes import Drawing, DrawingTable, read_ndjson
from linework.strokes.files import read_drawings
from PIL import Image

SHORT = ("--max-points", 8)


def drawings(path: Path | str) -> list[Drawing]:
    return list(read_drawings(path))


# ------------------------------------------------------------------ drawing


def test_sample_is_the_same_for_a_seed_and_says_it(run: Run, pets: Path) -> None:
    first = run("sample", "cat", "dog", "-n", 2, "--seed", 7, "--model", pets, *SHORT)
    again = run("sample", "cat", "dog", "-n", 2, "--seed", 7, "--model", pets, *SHORT)
    assert first.exit_code == 0
    assert first.stdout == again.stdout
    assert first.stderr == "seed 7\n"
    words = [json.loads(line)["word"] for line in first.stdout.splitlines()]
    assert words == ["cat", "cat", "dog", "dog"]


def test_a_seed_is_chosen_and_printed(run: Run, pets: Path) -> None:
    first = run("sample", "cat", "-n", 1, "--model", pets, *SHORT)
    seed = first.stderr.removeprefix("seed ").strip()
    again = run("sample", "cat", "-n", 1, "--model", pets, *SHORT, "--seed", seed)
    assert first.stdout == again.stdout


def test_temperatures_reach_the_sampler(run: Run, pets: Path) -> None:
    def drawn(*options: object) -> str:
        return run("sample", "cat", "--seed", 1, "--model", pets, *SHORT, *options).stdout

    assert drawn() == drawn("--temperature", "0.4") == drawn("--temperature", "0.9,cat=0.4")
    assert len({drawn(), drawn("--temperature", "1"), drawn("--pen-temperature", "0.2")}) == 3


@pytest.mark.parametrize("wrong", ["cold", "-1", "nan", "cat=", "0.4,dog"])
def test_a_temperature_that_is_none(wrong: str, run: Run, pets: Path) -> None:
    result = run("sample", "cat", "--model", pets, f"--temperature={wrong}")
    assert result.exit_code == 2
    assert "wanted a number from 0 up" in result.stderr


def test_complete_keeps_every_stroke_to_the_last_bit(run: Run, pets: Path, half_cat: Path) -> None:
    begun = drawings(half_cat)[0]
    ending = ("complete", half_cat, "-n", 3, "--model", pets, "--seed", 1, *SHORT)
    assert run(*ending, "-o", "end.ndjson").exit_code == 0
    endings = drawings("end.ndjson")
    assert len(endings) == 3
    for drawing in endings:
        assert drawing.label == "cat"
        assert len(drawing.strokes) > len(begun.strokes)
        for own, kept in zip(begun.strokes, drawing.strokes, strict=False):
            np.testing.assert_array_equal(own.points, kept.points)


def test_complete_draws_what_is_new_in_a_colour(run: Run, pets: Path, half_cat: Path) -> None:
    succeed("complete", half_cat, "-n", 1, "--model", pets, *SHORT, "--color", "red", "-o", "x.svg")
    colors = [stroke.color for stroke in drawings("x.svg")[0].strokes]
    begun = len(drawings(half_cat)[0].strokes)
    assert colors[:begun] == [None] * begun
    assert set(colors[begun:]) == {"#ff0000"}


def test_complete_a_stream_of_several(run: Run, pets: Path, workshop: Path) -> None:
    lines = (workshop / "doodles.ndjson").read_text().splitlines(keepends=True)[:3]
    result = run(
        "complete", "-", "-n", 2, "--first", 2, "--model", pets, *SHORT, input="".join(lines)
    )
    assert [json.loads(line)["word"] for line in result.stdout.splitlines()] == ["cat"] * 2 + [
        "dog"
    ] * 2


def test_a_model_of_one_word_needs_none(run: Run, workshop: Path, half_cat: Path) -> None:
    model = ("--model", workshop / "cat", *SHORT)
    assert '"word":"cat"' in run("sample", "-n", 1, *model).stdout
    for command in ("complete", "reconstruct"):
        assert run(command, half_cat, *model).exit_code == 0


def test_words_in_any_spelling(run: Run, pets: Path) -> None:
    assert '"word":"cat"' in run("sample", "CAT", "-n", 1, "--model", pets, *SHORT).stdout


def test_reconstruct_stands_where_the_drawing_stood(run: Run, pets: Path, half_cat: Path) -> None:
    succeed("reconstruct", half_cat, "--model", pets, *SHORT, "-o", "again.ndjson")
    middle = np.reshape(drawings(half_cat)[0].bounds, (2, 2)).mean(axis=0)
    again = np.reshape(drawings("again.ndjson")[0].bounds, (2, 2)).mean(axis=0)
    np.testing.assert_allclose(again, middle, atol=1)


def test_mimic_is_of_the_other_word(run: Run, pets: Path, half_cat: Path) -> None:
    result = run("mimic", half_cat, "--word", "dog", "-n", 2, "--model", pets, *SHORT)
    assert [json.loads(line)["word"] for line in result.stdout.splitlines()] == ["dog", "dog"]


@pytest.mark.parametrize(("corners", "count"), [(2, 3), (4, 9)])
def test_interpolate(corners: int, count: int, run: Run, pets: Path, workshop: Path) -> None:
    lines = (workshop / "doodles.ndjson").read_text().splitlines(keepends=True)
    Path("ends.ndjson").write_text("".join(lines[:corners]))
    between = ("interpolate", "ends.ndjson", "--steps", 3, "--model", pets, *SHORT)
    result = run(*between, "--seed", 1)
    assert len(result.stdout.splitlines()) == count
    succeed(*between, "-o", "morph.gif", "--size", 64)
    with Image.open("morph.gif") as film:
        assert (film.format, max(film.size)) == ("GIF", 64)


# ------------------------------------------------------------------ formats


@pytest.mark.parametrize(
    "suffix", ["svg", "png", "gif", "ndjson", "ndjson.gz", "npz", "arrow", "bin"]
)
def test_convert_to_every_format(suffix: str, run: Run, workshop: Path) -> None:
    result = run("convert", workshop / "doodles.ndjson", "--first", 4, "-o", f"x.{suffix}")
    assert result.exit_code == 0, result.stderr
    if suffix not in ("png", "gif", "svg"):
        back = run("convert", f"x.{suffix}")
        assert len(back.stdout.splitlines()) == 4


def test_convert_svg_to_a_table_by_simplifying(run: Run, half_cat: Path) -> None:
    succeed("convert", half_cat, "--simplify", "-o", "x.arrow")
    points = np.concatenate([s.points for s in drawings("x.arrow")[0].strokes])
    assert (points.min(), points.max()) == (0, 255)


def test_convert_to_a_file_each(run: Run, workshop: Path) -> None:
    succeed("convert", workshop / "doodles.ndjson", "--first", 3, "-o", "cat-{}.svg")
    assert sorted(path.name for path in Path().iterdir()) == ["cat-1.svg", "cat-2.svg", "cat-3.svg"]


def test_width_and_captions_of_a_sheet(run: Run, workshop: Path) -> None:
    sheet = ("--first", 4, "--columns", 4, "--width", "150mm", "--captions", "-o", "x.svg")
    succeed("convert", workshop / "doodles.ndjson", *sheet)
    page = ElementTree.parse("x.svg").getroot()
    assert page.get("width") == "150mm"
    assert (
        sum(text.text in ("cat", "dog") for text in page.iter() if text.tag.endswith("text")) == 4
    )


# ------------------------------------------------------------------ data


def test_pack_counts_and_splits(run: Run, workshop: Path) -> None:
    result = run("data", "pack", workshop / "doodles.ndjson", "-o", "x.arrow", "--split", "1,0,0")
    assert "80 drawings of 2 words (80 train, 0 valid, 0 test)" in result.stderr
    assert len(DrawingTable.open("x.arrow")) == 80


def test_pack_from_stdin(run: Run, workshop: Path) -> None:
    text = (workshop / "doodles.ndjson").read_text()
    assert run("data", "pack", "-", "-o", "x.arrow", input=text).exit_code == 0
    assert len(DrawingTable.open("x.arrow")) == 80


def test_info_as_text_as_json_and_as_a_sheet(run: Run, workshop: Path) -> None:
    table = workshop / "pets.arrow"
    assert "80 drawings, 2 words" in run("data", "info", table).stdout
    facts = json.loads(run("data", "info", table, "--json", "--sheet", "x.png").stdout)
    assert [word["word"] for word in facts["words"]] == ["cat", "dog"]
    with Image.open("x.png") as sheet:
        assert sheet.size[0] > 100
    # Anything that packs can be asked about; what is said is about the file itself.
    assert str(workshop / "cats.ndjson") in run("data", "info", workshop / "cats.ndjson").stdout


def test_doodles_are_the_same_for_a_seed(run: Run) -> None:
    first, again = (run("data", "doodles", "star", "-n", 3, "--seed", 5) for _ in range(2))
    assert first.stdout == again.stdout
    assert {json.loads(line)["word"] for line in first.stdout.splitlines()} == {"star"}


def test_pairs_are_checked(run: Run) -> None:
    for part in ("rough", "clean"):
        Path(part).mkdir()
        picture = Image.new("L", (60, 40), 255)
        picture.paste(0, (10, 10, 50, 13))
        picture.save(f"{part}/a.png")
    Path("clean/b.png").write_bytes(Path("clean/a.png").read_bytes())
    text = run("data", "pairs", ".").stdout
    assert ".: 1 pair" in text
    assert "only in clean/ (1): b.png" in text
    facts = json.loads(run("data", "pairs", ".", "--json").stdout)
    assert facts["pairs"][0]["fit"]["near_before"] == 1
    assert "holds no folder rough/" in run("data", "pairs", "rough").stderr


# ------------------------------------------------------------------ training


def test_train_says_where_the_weights_are_and_what_to_try(run: Run, workshop: Path) -> None:
    data = ("--data", workshop / "pets.arrow", "--out", "run")
    result = run("train", "sketchrnn", *data, *tiny())
    assert "run/best.safetensors" in result.stderr
    command = next(line for line in result.stderr.splitlines() if "linework sample" in line)
    assert run(*command.replace('"', "").split()[1:], *SHORT).exit_code == 0


def test_settings_come_from_recipe_then_file_then_set(run: Run, workshop: Path) -> None:
    Path("mine.toml").write_text("[data]\nrotate = 7.0\nmirror = 0.5\n[loss]\nkl_weight = 0.125\n")
    where = ("--data", workshop / "cat.arrow", "--out", "run", "--config", "mine.toml")
    succeed("train", "sketchrnn", *where, *tiny(**{"data.rotate": 9}))
    header = read_header("run/best.safetensors")
    assert header["data"]["rotate"] == 9
    assert header["data"]["mirror"] == 0.5
    assert header["loss"]["kl_weight"] == 0.125
    assert header["config"]["latent_dropout"] == 0.5  # of the recipe `default`
    assert header["config"]["decoder_size"] == TINY["decoder_size"]


def test_resume_keeps_the_run_s_settings(run: Run, workshop: Path) -> None:
    where = ("train", "sketchrnn", "--data", workshop / "cat.arrow", "--out", "run")
    succeed(*where, *tiny(**{"data.rotate": 4}))
    succeed(*where, "--resume", "--set", "steps=3")
    header = read_header("run/last.safetensors")
    assert (header["step"], header["train"]["steps"]) == (3, 3)
    assert header["data"]["rotate"] == 4


def test_ctrl_c_ends_training_with_a_checkpoint(
    run: Run, workshop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate = SketchRNNTask.evaluate

    def interrupted(task: SketchRNNTask) -> dict[str, float]:
        monkeypatch.setattr(SketchRNNTask, "evaluate", evaluate)
        os.kill(os.getpid(), signal.SIGINT)
        return evaluate(task)

    monkeypatch.setattr(SketchRNNTask, "evaluate", interrupted)
    where = ("train", "sketchrnn", "--data", workshop / "cat.arrow", "--out", "run")
    result = run(*where, *tiny(steps=500, evaluate_every=1))
    assert result.exit_code == 130
    assert "stopped at step" in result.stderr
    assert "--resume" in result.stderr
    assert read_header("run/last.safetensors")["step"] < 5


def test_ctrl_c_anywhere_else(run: Run, workshop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linework.strokes.files.write_drawings", interrupted)
    result = run("convert", workshop / "cats.ndjson", "-o", "x.svg")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


# ------------------------------------------------------------------ evaluating


def test_evaluate_names_every_figure(run: Run, pets: Path, workshop: Path) -> None:
    where = ("evaluate", "sketchrnn", "--model", pets, "--data", workshop / "pets.arrow")
    text = run(*where, "--samples", 4, "--by-word").stdout
    for words in ("cell mass", "with KL", "density", "N_max of", "by themselves", "without", "dog"):
        assert words in text
    found = json.loads(run(*where, "--samples", 4, "--by-word", "--json").stdout)
    assert set(found["by_word"]) == {"cat", "dog"}
    assert found["figures"]["cell_with_kl"] > found["figures"]["cell"]
    assert "kl" not in found["without_latent"]
    assert 0 <= found["ended"] <= 1


def test_evaluate_reads_what_packs_into_a_table(run: Run, pets: Path, workshop: Path) -> None:
    where = ("--model", pets, "--data", workshop / "doodles.ndjson", "--split", "train")
    result = run("evaluate", "sketchrnn", *where, "--samples", 0, "--json")
    assert json.loads(result.stdout)["data"].endswith("doodles.ndjson")


def test_a_model_of_one_word_is_measured_on_its_own(run: Run, workshop: Path) -> None:
    where = ("--model", workshop / "cat", "--data", workshop / "pets.arrow", "--split", "train")
    found = json.loads(run("evaluate", "sketchrnn", *where, "--samples", 0, "--json").stdout)
    names, of_row = DrawingTable.open(workshop / "pets.arrow").words()
    rows = DrawingTable.open(workshop / "pets.arrow").rows_of("train")
    assert found["drawings"] == int((of_row[rows] == names.index("cat")).sum())


# ------------------------------------------------------------------ others' weights


def test_export_import_export_gives_the_same(run: Run, workshop: Path) -> None:
    to_js = ("--to", "sketchrnn-js", "-o")
    succeed("export", workshop / "plain", *to_js, "first.json")
    succeed("import", "sketchrnn-js", "first.json", "-o", "x.safetensors")
    succeed("export", "x.safetensors", *to_js, "second.json")
    first, second = (json.loads(Path(f"{name}.json").read_text()) for name in ("first", "second"))
    assert first == second
    for model in ("first.json", "x.safetensors"):
        assert run("sample", "-n", 1, "--model", model, *SHORT).exit_code == 0


def test_published_weights_come_in(run: Run, real_data: Path) -> None:
    published = real_data / "sketchrnn_weights" / "monkey.gen.json"
    succeed("import", "sketchrnn-js", published, "-o", "monkey.safetensors")
    drawn = ("sample", "monkey", "-n", 3, "--seed", 1, *SHORT, "--model")
    assert run(*drawn, "monkey.safetensors").stdout == run(*drawn, published).stdout


def test_models_lists_what_ships(run: Run) -> None:
    result = run("models")
    assert result.exit_code == 0
    assert result.stdout or "no weights ship" in result.stderr


# ------------------------------------------------------------------ the tour


def test_demo_ends_with_a_page_that_holds_every_picture(run: Run, pets: Path) -> None:
    result = run("demo", "--model", pets, "-o", "tour")
    assert result.stdout == "tour/index.html\n"
    page = Path("tour/index.html").read_text("utf-8")
    assert page.count("<section>") == 7  # no grid: this model has no four words for its corners
    assert "http" not in page.replace("http-equiv", "")
    for kind in ("gif", "jpeg", "png"):
        assert f"data:image/{kind};base64," in page
    made = {path.name for path in Path("tour").iterdir()}
    assert {"half_cat.svg", "endings_cat.svg", "samples.svg", "between.svg", "cat.gif"} <= made
    assert {"photo.jpg", "clean.png", "drawing.svg"} <= made


def test_demo_s_commands_draw_the_same_again(run: Run, pets: Path) -> None:
    succeed("demo", "--model", pets, "-o", "tour")
    page = Path("tour/index.html").read_text("utf-8")
    line = next(text for text in page.splitlines() if "linework complete half_cat" in text)
    os.chdir("tour")
    first = Path("endings_cat.svg").read_bytes()
    succeed(*line.removeprefix("<pre>").removesuffix("</pre>").split()[1:])
    assert Path("endings_cat.svg").read_bytes() == first


# ------------------------------------------------------------------ as a program


def program(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "linework.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def test_commands_pipe(tmp_path: Path, pets: Path) -> None:
    drawn = program("sample", "cat", "-n", 2, "--seed", 7, "--model", pets, *SHORT)
    out = tmp_path / "cats.svg"
    shown = program("convert", "-", "-o", out, input=drawn.stdout)
    assert (drawn.returncode, shown.returncode) == (0, 0)
    assert len(drawings(out)[0].strokes) >= 2


def test_a_reader_that_has_enough_is_no_failure(workshop: Path) -> None:
    many = f"{sys.executable} -m linework.cli convert {workshop / 'doodles.ndjson'}"
    shell = f"set -o pipefail; {many} | head -c 10"
    result = subprocess.run(["bash", "-c", shell], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert len(result.stdout) == 10


def test_a_full_stdout_is_one_sentence(workshop: Path) -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "linework.cli", "convert", str(workshop / "cats.ndjson")],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr == b"error: No space left on device\n"


def test_words_and_names_are_utf8_in_any_locale(tmp_path: Path) -> None:
    path = tmp_path / "кошка.ndjson"
    path.write_text('{"word":"кошка","drawing":[[[0,9],[0,9]]]}\n', encoding="utf-8")
    result = program("data", "info", path, env={"LC_ALL": "POSIX", "PYTHONIOENCODING": "ascii"})
    assert "кошка" in result.stdout.decode("utf-8")


def test_stdout_is_only_the_result(run: Run, pets: Path) -> None:
    result = run("sample", "dog", "-n", 1, "--model", pets, *SHORT)
    Path("stdout.ndjson").write_text(result.stdout)
    assert len(list(read_ndjson("stdout.ndjson"))) == 1
