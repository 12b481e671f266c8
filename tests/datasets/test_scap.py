"""Reading .scap files: what is there, and what is wrong with damaged ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from linework.datasets.scap import read_scap, read_scaps
from linework.strokes import FormatError, LineworkError

WHOLE = """#40\t30
@1
{
\t#0\t7
\t@1
\t1.5\t2\t0
\t3\t4.25\t0.5
}
{ #1 7
5 6 0
}
{
\t#2\t3
\t9\t9\t0
\t9\t1\t0
}
"""


def test_strokes_and_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "cat_SA_cluster.scap"
    path.write_text(WHOLE)
    drawing = read_scap(path)
    assert drawing.name == "cat"
    assert drawing.clusters == (7, 7, 3)
    assert drawing.strokes[0].tolist() == [[1.5, 2], [3, 4.25]]
    assert [[len(s) for s in line] for line in drawing.lines()] == [[2], [2, 1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no strokes"),
        (WHOLE[:-4], "cut short"),
        (WHOLE.replace("5 6 0", "5 six 0"), r":10: '5 six 0' where x, y"),
        (WHOLE.replace("5 6 0", "5"), r":10: '5' where x, y"),
        (WHOLE.replace("5 6 0", "5 nan 0"), "where x, y"),
        (WHOLE.replace("5 6 0", "5 1e30 0"), "where x, y"),
        (WHOLE.replace("\t#0\t7\n", ""), ":7: a stroke without `#number cluster`"),
        (WHOLE.replace("\t#0\t7", "\t#0"), r":4: '#0' where"),
        (WHOLE.replace("}\n{ #1", "{ #1"), ":8: a stroke begins before"),
        (WHOLE + "}\n", "without a stroke"),
        ("{\n#0 0\n1 1 0\n1 1 0\n}\n", "all points are one"),
    ],
)
def test_damaged_files(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.scap"
    path.write_text(text)
    with pytest.raises(FormatError, match=message) as caught:
        read_scap(path)
    assert str(path) in str(caught.value)


def test_not_text_and_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.scap").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(FormatError, match="not text"):
        read_scap(tmp_path / "a.scap")
    with pytest.raises(LineworkError, match="cannot be read"):
        read_scap(tmp_path / "b.scap")
    with pytest.raises(LineworkError, match=r"holds no \.scap files"):
        read_scaps(tmp_path / "nowhere")


def test_the_published_drawings(real_data: Path) -> None:
    drawings = read_scaps(real_data / "rough_strokes")
    assert len(drawings) == 48
    bean = next(d for d in drawings if d.name == "bean")
    assert len(bean.strokes) == 9
    assert len(bean.lines()) == 1
    assert all(np.isfinite(s).all() for d in drawings for s in d.strokes)
