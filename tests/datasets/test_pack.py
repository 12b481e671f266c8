"""`pack`: any mix of forms into one table, bad input, and nothing left behind."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from linework.datasets.pack import MAX_MESSAGES, PackReport, pack
from linework.datasets.splits import split_indices
from linework.strokes import (
    Drawing,
    DrawingTable,
    FormatError,
    LineworkError,
    decode_line,
    simplify_raw,
    write_bin,
    write_ndjson,
    write_npz,
)

SVG_NAME = b'xmlns="http://www.w3.org/2000/svg"'
SVG = b'<svg %s width="100" height="50"><path d="M0 0L100 50"/></svg>' % SVG_NAME


def drawings(count: int, first_key: int = 1, word: str | None = "cat") -> list[Drawing]:
    rng = np.random.default_rng(first_key)
    return [
        Drawing.from_arrays(
            [rng.integers(0, 256, (rng.integers(1, 9), 2)) for _ in range(rng.integers(1, 5))],
            label=word,
            key=first_key + i,
            country="DE",
            recognized=bool(i % 3),
        )
        for i in range(count)
    ]


def packed(source: Any, folder: Path, **options: Any) -> tuple[DrawingTable, PackReport]:
    out = folder / "out.arrow"
    report = pack(source, out, **options)
    return DrawingTable.open(out), report


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A folder with a drawing or more in every form."""
    folder = tmp_path / "mixed"
    (folder / "sketches").mkdir(parents=True)
    write_ndjson(folder / "a.ndjson", drawings(30))
    write_ndjson(folder / "b.ndjson.gz", drawings(30, 100, "dog"))
    write_bin(folder / "c.bin", drawings(20, 200))
    write_npz(
        folder / "d.full.npz",
        {"train": [np.ones((5, 3), int)], "test": [np.arange(12).reshape(4, 3) % 2]},
    )
    pack(drawings(10, 300, "owl"), folder / "e.arrow", shares=(0, 0, 1))
    raw = {"key_id": "77", "drawing": [[[0, 500.5, 900], [3, 800, 4], [0, 10, 20]]]}
    (folder / "f.jsonl").write_text(json.dumps(raw))
    (folder / "sketches" / "one.svg").write_bytes(SVG)
    (folder / "README.md").write_text("not a drawing")
    (folder / ".hidden.ndjson").write_text("not a drawing")
    return folder


def test_every_form_in_one_table(mixed: Path, tmp_path: Path) -> None:
    table, report = packed([mixed], tmp_path)
    assert report.drawings == len(table) == 30 + 30 + 20 + 2 + 10 + 1 + 1
    words = {"a": 0, "cat": 30, "dog": 30, "c": 20, "d": 2, "owl": 10, "f": 1, "sketches": 1}
    assert report.words == {word: n for word, n in sorted(words.items()) if n}
    assert list(table)[:60] == drawings(30) + drawings(30, 100, "dog")
    assert sum(report.splits.values()) == report.drawings
    assert report.bad == report.duplicates == 0
    # Raw and SVG went through the recipe; both fill the box.
    by_word = {row.label: row for row in table}
    assert by_word["f"].strokes[0].points.max() == 255
    assert by_word["f"].key == 77
    assert by_word["sketches"].strokes[0].points.tolist() == [[0, 0], [255, 128]]
    # Tables and .npz keep their splits, the others have theirs by key.
    splits = table.column("split").to_pylist()
    assert [s for s, row in zip(splits, table, strict=True) if row.label == "owl"] == ["test"] * 10
    assert [s for s, row in zip(splits, table, strict=True) if row.label == "d"] == [
        "train",
        "test",
    ]
    keys = np.array([d.key for d in drawings(30)], np.uint64)
    names = np.array(["train", "valid", "test"])[split_indices(keys)]
    assert splits[:30] == names.tolist()


def test_the_table_does_not_depend_on_the_number_of_processes(mixed: Path, tmp_path: Path) -> None:
    one = tmp_path / "one.arrow"
    two = tmp_path / "two.arrow"
    sources = [mixed, drawings(5, 900), mixed / "a.ndjson"]
    first = pack(sources, one, jobs=1, recognized_only=True, max_points=12)
    second = pack(sources, two, jobs=2, recognized_only=True, max_points=12)
    assert one.read_bytes() == two.read_bytes()
    for name in ("drawings", "splits", "words", "duplicates", "unrecognized", "too_long", "bad"):
        assert getattr(first, name) == getattr(second, name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mixed", "one.arrow", "two.arrow"]


def test_stroke3_begins_at_the_implicit_origin(tmp_path: Path) -> None:
    write_npz(tmp_path / "a.npz", {"train": [np.array([[1, 2, 0], [3, 4, 1], [5, 6, 1]])]})
    table, _ = packed(tmp_path / "a.npz", tmp_path)
    assert [s.points.tolist() for s in table[0].strokes] == [[[0, 0], [1, 2], [4, 6]], [[9, 12]]]


def test_options(tmp_path: Path) -> None:
    items = drawings(60)
    _, report = packed(items, tmp_path, recognized_only=True)
    assert report.unrecognized == sum(not d.recognized for d in items) == 20
    _, report = packed(items, tmp_path, max_points=8)
    assert report.too_long == sum(d.n_points > 8 for d in items)
    assert report.drawings == 60 - report.too_long
    _, report = packed([items, items[:7]], tmp_path)
    assert (report.drawings, report.duplicates) == (60, 7)
    assert "7 with a key seen before" in str(report)
    plain = [d.replace(label=None, key=None, recognized=None) for d in items[:5]]
    write_ndjson(tmp_path / "plain.ndjson", [*plain, *plain])
    _, report = packed(tmp_path / "plain.ndjson", tmp_path, recognized_only=True, word="thing")
    assert (report.words, report.duplicates) == ({"thing": 5}, 5)


def test_a_drawing_never_stands_on_two_sides(tmp_path: Path) -> None:
    first = [d.replace(country=None) for d in drawings(200)]
    for name in ("a", "b"):
        write_ndjson(tmp_path / f"{name}.ndjson", first)
        first = first[::-1]
    sides = []
    for name in ("a", "b"):
        table, _ = packed(tmp_path / f"{name}.ndjson", tmp_path)
        keys = table.column("key").to_pylist()
        sides.append(dict(zip(keys, table.column("split").to_pylist(), strict=True)))
    assert sides[0] == sides[1]
    assert set(sides[0].values()) == {"train", "valid", "test"}


def test_drawings_by_hand_become_what_the_recipe_says(tmp_path: Path) -> None:
    points = [[0.5, 0.5], [10.25, 20], [99, 5]]
    table, _ = packed([Drawing.from_arrays([points])], tmp_path)
    (wanted,) = simplify_raw([(np.float32(points)[:, 0], np.float32(points)[:, 1])])
    assert table[0].strokes[0].points.tolist() == wanted.tolist()


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_reaches_the_end(mixed: Path, tmp_path: Path, jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    pack(mixed, tmp_path / "o.arrow", jobs=jobs, progress=lambda *now: seen.append(now))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] > 0


# ------------------------------------------------------------------ bad input

GOOD = b'{"word":"cat","key_id":"1","drawing":[[[1,2],[3,4]]]}\n'
BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "empty file": ("a.ndjson", b"", "a.ndjson: an empty file"),
    "blank lines": ("a.ndjson", b"\n\n  \n", "a.ndjson: holds no drawings"),
    "no strokes": ("a.ndjson", GOOD + b'{"drawing":[]}', "a.ndjson:2: a drawing without strokes"),
    "not JSON": ("a.ndjson", GOOD + b"cat\n" + GOOD, "a.ndjson:2: not JSON"),
    "half a line": ("a.ndjson", GOOD + GOOD[:30], "a.ndjson:2: a line cut short after 30 bytes"),
    "unequal": ("a.ndjson", b'{"drawing":[[[1],[2,3]]]}', "a.ndjson:1: stroke 0 has 1 x and 2 y"),
    "NaN": ("a.ndjson", b'\n{"drawing":[[[NaN],[2]]]}', "a.ndjson:2: not JSON"),
    "1e30": ("a.ndjson", b'{"drawing":[[[1e30],[2]]]}', "a.ndjson:1: stroke 0 reaches"),
    "gzip cut short": ("a.ndjson.gz", gzip.compress(GOOD * 99)[:-9], "a.ndjson.gz:"),
    "not gzip": ("a.ndjson.gz", b"\x1f\x8bxxxxxxxxxxx", "a.ndjson.gz:1: gzip data"),
    "binary in text": ("a.ndjson", bytes(range(256)).replace(b"\n", b""), "a.ndjson:1: not JSON"),
    "bin cut short": ("a.bin", b"\0" * 10, "a.bin: byte 0: the file ends"),
    "no zip": ("a.npz", b"hello", "a.npz: not a complete .npz"),
    "no table": ("a.arrow", b"hello", "a.arrow: not a complete Arrow"),
    "no SVG": ("a.svg", b"hello", "a.svg"),
    "SVG without lines": ("a.svg", b"<svg %s/>" % SVG_NAME, "a.svg"),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES.values(), ids=BAD_FILES.keys())
@pytest.mark.parametrize("skip_bad", [False, True])
def test_bad_files(tmp_path: Path, name: str, content: bytes, message: str, skip_bad: bool) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    out = tmp_path / "out.arrow"
    if skip_bad:
        report = pack([source, drawings(3, 50)], out, skip_bad=True)
        assert report.bad == len(report.messages) == 1
        assert message in report.messages[0]
        assert report.drawings >= 3
        assert "1 bad" in str(report)
    else:
        with pytest.raises(FormatError) as caught:
            pack([drawings(3, 50), source], out)
        assert str(caught.value).startswith(str(tmp_path))
        assert message in str(caught.value)
        assert "--skip-bad" in str(caught.value)
        assert list(tmp_path.iterdir()) == [source]


def test_bad_rows_are_counted_and_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    lines = [GOOD.replace(b'"1"', b'"%d"' % i) if i % 3 else b"?\n" for i in range(900)]
    path.write_bytes(b"".join(lines))
    _, report = packed(path, tmp_path, skip_bad=True)
    assert (report.drawings, report.bad) == (600, 300)
    assert len(report.messages) == MAX_MESSAGES
    assert report.messages[1].startswith(f"{path}:4: not JSON")


def test_bad_npz_rows_are_named(tmp_path: Path) -> None:
    rows = [np.ones((2, 3), int), np.zeros((0, 3), int), np.full((4, 3), 30_000)]
    write_npz(tmp_path / "a.npz", {"valid": rows})
    with pytest.raises(FormatError, match=r"a\.npz: valid\[1\]: a drawing without strokes"):
        pack(tmp_path / "a.npz", tmp_path / "out.arrow")
    _, report = packed(tmp_path / "a.npz", tmp_path, skip_bad=True)
    assert (report.drawings, report.bad) == (1, 2)
    assert report.messages[1].endswith(
        "valid[2]: reaches (60000, 60000); a table holds coordinates within ±32767"
    )


def test_an_npz_has_one_scale(tmp_path: Path) -> None:
    """Of drawings that are not whole, one that happens to be is brought to the box as well."""
    held = np.empty(2, object)
    held[:] = [np.array([[0.5, 1, 1.0]]), np.array([[3.0, 4, 1]])]
    np.savez(tmp_path / "a.npz", train=held)
    table, _ = packed(tmp_path / "a.npz", tmp_path)
    assert [row.strokes[0].points.max() for row in table] == [255, 255]
    held[:] = [np.array([[2.0, 1, 1]]), np.array([[3.0, 4, 1]])]
    np.savez(tmp_path / "a.npz", train=held)
    table, _ = packed(tmp_path / "a.npz", tmp_path)
    assert [row.strokes[0].points.max() for row in table] == [2, 4]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("[[[0,255],[9,9]]]", [[0, 9], [255, 9]]),
        ("[[[0,510],[9,9]]]", [[0, 0], [255, 0]]),
        ("[[[-1,1],[9,9]]]", [[0, 0], [255, 0]]),
        ("[[[0.5,1],[9,9]]]", [[0, 0], [255, 0]]),
        ("[[[0,9],[9,9],[0,1]]]", [[0, 0], [255, 0]]),
    ],
)
def test_only_the_simplified_form_stands_as_it_is(
    tmp_path: Path, line: str, wanted: list[list[int]]
) -> None:
    (tmp_path / "a.ndjson").write_text(f'{{"drawing":{line}}}')
    table, _ = packed(tmp_path / "a.ndjson", tmp_path)
    assert table[0].strokes[0].points.tolist() == wanted


def test_a_hostile_npz_is_refused(tmp_path: Path) -> None:
    held = np.empty(1, object)
    held[0] = Path("x")
    np.savez(tmp_path / "a.npz", train=held)
    with pytest.raises(FormatError, match="pathlib"):
        pack(tmp_path / "a.npz", tmp_path / "out.arrow")


def test_a_stroke_of_a_hundred_thousand_points(tmp_path: Path) -> None:
    t = np.linspace(0, 20 * np.pi, 100_000)
    x, y = (t * np.cos(t)).tolist(), (t * np.sin(t)).tolist()
    (tmp_path / "a.ndjson").write_text(json.dumps({"drawing": [[x, y, x]]}))
    table, _ = packed(tmp_path / "a.ndjson", tmp_path)
    assert 100 < table[0].n_points < 1000


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("missing.ndjson", {}, "missing.ndjson: no such file"),
        ("photo.jpg", {}, "photo.jpg: cannot be packed by its name"),
        ("folder", {}, "a folder without drawings"),
        ([], {}, "nothing to pack"),
        ([Drawing()], {}, "drawing 0: a drawing without strokes"),
        ([Drawing.from_arrays([[[1, 2]]], key=-1)], {}, "key is -1"),
        (drawings(3), {"max_points": 0}, "max_points of 0"),
        (drawings(3), {"jobs": 0}, "jobs of 0"),
        (drawings(3), {"shares": (0, 0, 0)}, "shares"),
        (drawings(1), {"recognized_only": True}, "no drawing is left; 1 not recognized"),
    ],
)
def test_sources_and_options_that_make_no_sense(
    tmp_path: Path, source: Any, options: dict[str, Any], message: str
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    if isinstance(source, str):
        source = tmp_path / source
    with pytest.raises(LineworkError, match=message):
        pack(source, tmp_path / "out.arrow", **options)
    assert not (tmp_path / "out.arrow").exists()


def test_an_error_in_another_process_is_the_same_error(tmp_path: Path) -> None:
    for name in "abc":
        write_ndjson(tmp_path / f"{name}.ndjson", drawings(20, 100 * ord(name)))
    (tmp_path / "b.ndjson").write_bytes(GOOD + b"cat\n")
    (tmp_path / "c.ndjson").write_bytes(b"dog\n")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FormatError, match=r"b\.ndjson:2: not JSON"):
        pack(tmp_path, tmp_path / "out.arrow", jobs=2)
    assert sorted(tmp_path.iterdir()) == before


# ------------------------------------------------------------------ nothing left behind


def run(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        # Where this runs in the background of a shell, Ctrl-C is ignored, and children inherit it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        args=[sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on file size stands for the full disk: both fail in write()."""
    write_ndjson(tmp_path / "a.ndjson", drawings(2000))
    process = run(
        """
        import resource, sys
        from linework.datasets.pack import pack
        from linework.strokes import LineworkError
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            pack(sys.argv[1], sys.argv[2])
        except LineworkError as error:
            print(error)
        """,
        tmp_path / "a.ndjson",
        tmp_path / "out.arrow",
    )
    output, errors = process.communicate(timeout=60)
    assert errors == ""
    assert output.startswith(f"{tmp_path / 'out.arrow'}: cannot be written")
    assert [p.name for p in tmp_path.iterdir()] == ["a.ndjson"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a session is POSIX")
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C reaches all processes of the terminal; the parent tidies up."""
    sources = tmp_path / "sources"
    sources.mkdir()
    for i in range(6):
        write_ndjson(sources / f"{i}.ndjson", drawings(300, 1000 * i + 1))
    process = run(
        """
        import sys, time
        from linework.datasets.pack import pack

        def slowly(done, total):
            print(done, flush=True)
            time.sleep(0.5)

        if __name__ == "__main__":
            pack(sys.argv[1], sys.argv[2], jobs=2, progress=slowly)
        """,
        sources,
        tmp_path / "out.arrow",
    )
    assert process.stdout is not None
    process.stdout.readline()  # at work
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    deadline = time.monotonic() + 10
    while sorted(p.name for p in tmp_path.iterdir()) != ["sources"]:
        assert time.monotonic() < deadline, list(tmp_path.iterdir())
        time.sleep(0.05)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_the_old_table(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "out.arrow"
    pack(drawings(3), out)
    before = out.read_bytes()

    def failing() -> Any:
        yield from drawings(3)
        raise error

    with pytest.raises(error):
        pack([failing()], out)
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


# ------------------------------------------------------------------ real drawings


def test_real_cats(real_data: Path, tmp_path: Path) -> None:
    path = real_data / "quickdraw/simplified/cat.ndjson"
    table, report = packed(path, tmp_path)
    lines = path.read_bytes().splitlines()
    assert report.drawings == len(table) == len(lines)
    for row in range(0, len(lines), 37):
        assert table[row] == decode_line(lines[row])
    again, _ = packed([path, tmp_path / "out.arrow"], tmp_path)
    assert pa.Table.from_batches(again.batches).equals(pa.Table.from_batches(table.batches))


def test_real_sheep_keep_their_splits(real_data: Path, tmp_path: Path) -> None:
    table, report = packed(real_data / "sketchrnn_npz/short_kanji.npz", tmp_path)
    assert report.splits["valid"] <= 600
    assert report.drawings + report.duplicates == 10_600
    assert table[0].strokes[0].points[0].tolist() == [0, 0]
    assert report.words == {"short_kanji": report.drawings}


def test_memory_stays_small(real_data: Path, tmp_path: Path) -> None:
    """Twice the data costs no more memory (`benchmarks/bench_pack.py` has the figures)."""
    lines = (real_data / "quickdraw/simplified/cat.ndjson").read_bytes() * 8
    assert _peak(tmp_path, lines * 2) - _peak(tmp_path, lines) < 12_000


def _peak(folder: Path, data: bytes) -> int:
    """Peak memory in kB of a fresh process that packs these lines under new keys."""
    path = folder / "a.ndjson"
    with path.open("wb") as file:
        for i, line in enumerate(data.splitlines()):
            record = line.split(b'"key_id":"', 1)
            file.write(
                record[0] + b'"key_id":"%d"' % i + record[1][record[1].index(b'"') + 1 :] + b"\n"
            )
    process = run(
        """
        import resource, sys
        from linework.datasets.pack import pack
        pack(sys.argv[1], sys.argv[2], jobs=1)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        """,
        path,
        folder / "o.arrow",
    )
    output, errors = process.communicate(timeout=120)
    assert errors == ""
    return int(output)
