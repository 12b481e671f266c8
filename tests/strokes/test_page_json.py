"""What goes to the studio's page and back loses nothing; what is no drawing is named."""

from __future__ import annotations

import msgspec
import pytest
from drawings import AWKWARD, drawings
from hypothesis import given
from linework.strokes import Drawing, FormatError
from linework.strokes.page_json import PageDrawing, from_page, to_page

decode = msgspec.json.Decoder(PageDrawing).decode


def there_and_back(drawing: Drawing) -> Drawing:
    return from_page(decode(msgspec.json.encode(to_page(drawing))))


@given(drawings())
def test_a_page_keeps_all_of_a_drawing(drawing: Drawing) -> None:
    assert there_and_back(drawing) == drawing


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_drawings_come_back(name: str) -> None:
    assert there_and_back(AWKWARD[name]) == AWKWARD[name]


def test_a_stroke_needs_points_alone_and_keys_of_the_page_are_passed_over() -> None:
    read = decode('{"strokes": [{"points": [[1, 2.5]], "selected": true}], "zoom": 3}')
    assert from_page(read) == Drawing.from_arrays([[[1, 2.5]]])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"strokes": [{"points": []}]}', "stroke 0 has no points"),
        ('{"strokes": [{"points": [[1, 2]], "time": [1, 2]}]}', "time of shape"),
        ('{"strokes": [{"points": [[1, 2]]}, {"points": [[1, 1e30]]}]}', "stroke 1: point 0"),
        ('{"strokes": [{"points": [[1, 1e300]]}]}', "inf"),
        ('{"strokes": [{"points": [[1, 2]], "width": -3}]}', "width is -3"),
        ('{"strokes": [], "size": [0, 5]}', "canvas of 0 x 5"),
        ('{"strokes": [], "key": "-1"}', "key '-1'"),
        ('{"strokes": [], "key": "' + "9" * 400 + '"}', "key '999"),
        ('{"strokes": [], "created": "yesterday"}', "created 'yesterday'"),
    ],
)
def test_what_is_no_drawing_is_named(text: str, found: str) -> None:
    with pytest.raises(FormatError, match=found):
        from_page(decode(text))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"strokes": [{"points": [[NaN, 1]]}]}',
        '{"strokes": [{"points": [[1]]}]}',
        '{"strokes": [{"points": [["1", 2]]}]}',
        '{"strokes": [{"points": [[1, 2]], "pressure": [null]}]}',
    ],
)
def test_what_is_not_of_the_form_is_refused(text: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(text)
