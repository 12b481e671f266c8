"""Live requests: streamed, cancelled by newer ones, answered once, the same alone and together."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from linework.pipeline.sketcher import Sketcher
from linework.pipeline.sketching import complete
from linework.strokes.page_json import PageDrawing, from_page
from linework.studio.choices import Choices
from linework.studio.live import Live, Task
from linework.studio.live_models import LiveModels
from linework.studio.requests import read_message
from msgspec import convert
from msgspec.json import encode
from starlette.testclient import TestClient
from talking import HALF, LAST, Page, opened


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in messages]


class TestStreaming:
    def test_endings_stream_and_come_whole_at_the_end(self, client: TestClient) -> None:
        with opened(client) as page:
            messages = page.ask(type="complete", id=1, drawing=HALF, n=3, seed=5, max_points=60)
        result = messages[-1]
        assert result["type"] == "result"
        assert (result["word"], result["seed"], len(result["endings"])) == ("cat", 5, 3)
        assert kinds(messages).count("ended") == 3
        drawn: dict[tuple[int, int], list[list[float]]] = {}
        for message in messages:
            if message["type"] == "stroke":
                assert (message["color"], message["width"]) == (None, None)
                drawn.setdefault((message["ending"], message["stroke"]), []).extend(
                    message["points"]
                )
        for number, ending in enumerate(result["endings"]):
            streamed = [points for (k, _), points in sorted(drawn.items()) if k == number]
            for points, stroke in zip(streamed, ending, strict=True):
                assert np.allclose(points, stroke["points"], atol=0.006)

    def test_they_are_those_of_the_command_line(self, client: TestClient, choices: Choices) -> None:
        with opened(client) as page:
            result = page.ask(type="complete", id=1, drawing=HALF, n=4, seed=9, max_points=50)[-1]
        half = from_page(convert(HALF, PageDrawing))
        alone = complete(Sketcher.load(choices.sketcher), half, 4, seed=9, max_points=50)
        for ending, whole in zip(result["endings"], alone, strict=True):
            new = whole.strokes[len(half.strokes) :]
            assert [len(stroke["points"]) for stroke in ending] == [len(s) for s in new]
            assert all(
                np.allclose(a["points"], b.points, atol=0.01)
                for a, b in zip(ending, new, strict=True)
            )

    def test_without_a_word_the_recogniser_guesses(self, client: TestClient) -> None:
        bare = {**HALF, "label": None}
        with opened(client) as page:
            assert page.ask(type="complete", id=1, drawing=bare)[-1]["word"] in (
                "cat",
                "dog",
                "house",
            )

    def test_all_that_draw(self, client: TestClient) -> None:
        with opened(client) as page:
            sample = page.ask(type="sample", id=1, n=2, max_points=30)
            assert {"stroke", "ended", "result"} == set(kinds(sample))
            assert len(sample[-1]["drawings"]) == 2
            mimic = page.ask(type="mimic", id=2, drawing=HALF, word="Dog", n=2, max_points=30)[-1]
            assert (mimic["word"], len(mimic["drawings"])) == ("dog", 2)
            strip = page.ask(type="interpolate", id=3, ends=[HALF, HALF], steps=4, max_points=30)[
                -1
            ]
            assert [len(row) for row in strip["rows"]] == [4]
            grid = page.ask(type="interpolate", id=4, ends=[HALF] * 4, steps=3, max_points=20)
            assert [len(row) for row in grid[-1]["rows"]] == [3, 3, 3]
            sizes = {tuple(one["size"]) for row in grid[-1]["rows"] for one in row}
            assert sizes == {tuple(grid[-1]["size"])}
            told = page.ask(type="recognise", id=5, drawing=HALF, k=2)[-1]
            assert len(told["objects"][0]["answers"]) == 2


class TestCancelling:
    def test_a_newer_request_of_a_page_cancels_the_older(self, client: TestClient) -> None:
        with opened(client) as page:
            for number in range(1, 9):
                page.send(type="complete", id=number, drawing=HALF, n=12, max_points=250)
            found = page.until_last(*range(1, 9))
        assert [found[k][-1]["type"] for k in range(1, 9)] == ["cancelled"] * 7 + ["result"]
        assert all(kinds(found[k]).count("cancelled") == 1 for k in range(1, 8))

    def test_slots_do_not_disturb_each_other_nor_do_pages(self, client: TestClient) -> None:
        with opened(client) as page, opened(client) as other:
            page.send(type="sample", id=1, slot="left", max_points=250)
            page.send(type="sample", id=2, slot="right", max_points=250)
            other.send(type="sample", id=1, slot="left", max_points=250)
            found = page.until_last(1, 2)
            assert {k: v[-1]["type"] for k, v in found.items()} == {1: "result", 2: "result"}
            assert other.until_last(1)[1][-1]["type"] == "result"

    def test_one_can_be_cancelled_by_its_number(self, client: TestClient) -> None:
        with opened(client) as page:
            page.send(type="complete", id=7, drawing=HALF, n=12, max_points=250)
            page.send(type="cancel", id=7)
            page.send(type="cancel", id=7)
            page.send(type="cancel", id=99)
            assert page.until_last(7)[7][-1]["type"] == "cancelled"
            assert page.ask(type="sample", id=8, max_points=5)[-1]["type"] == "result"

    def test_a_page_that_goes_takes_its_requests_along(self, client: TestClient) -> None:
        state = client.app.state.studio  # type: ignore[attr-defined]
        with opened(client) as page:
            page.send(type="complete", id=1, drawing=HALF, n=12, max_points=250)
        with opened(client) as page:
            assert page.ask(type="sample", id=1, max_points=5)[-1]["type"] == "result"
        assert all(running.task.unwanted for running in state.live._running)


class TestTogether:
    """The live thread without a server: many orders in one batch."""

    @staticmethod
    def answers(choices: Choices, seeds: list[int], at_once: bool) -> list[dict[str, Any]]:
        live = Live(LiveModels(choices))
        found: dict[int, dict[str, Any]] = {}
        done = threading.Condition()

        def telling(seed: int) -> Any:
            def tell(last: bool, message: dict[str, Any]) -> None:
                if last:
                    with done:
                        found[seed] = message
                        done.notify()

            return tell

        live.models.load()
        live.models.load = lambda: None  # type: ignore[method-assign]
        tasks = {seed: Task(read_message(encode(request(seed))), telling(seed)) for seed in seeds}
        if at_once:
            for task in tasks.values():
                live.submit(task)
            live.start()
        else:
            live.start()
        for seed, task in tasks.items():
            if not at_once:
                live.submit(task)
            with done:
                assert done.wait_for(lambda seed=seed: seed in found, 20)
        live.close()
        return [found[seed] for seed in seeds]

    def test_requests_of_many_are_answered_as_each_alone(self, choices: Choices) -> None:
        seeds = list(range(12))
        alone = self.answers(choices, seeds, at_once=False)
        together = self.answers(choices, seeds, at_once=True)
        assert together[2]["type"] == "error"
        for a, b in zip(alone, together, strict=True):
            assert (a["type"], a.get("error")) == (b["type"], b.get("error"))
            for one, other in zip(flat(a), flat(b), strict=True):
                assert np.allclose(one, other, atol=0.01)


def request(seed: int) -> dict[str, Any]:
    moved = {**HALF, "strokes": [{"points": [[10 + seed, 20], [100, 30 + 9 * seed]]}]}
    if seed % 4 == 2:  # nothing to go on with
        return {"type": "complete", "id": seed, "drawing": {"strokes": []}, "word": "cat"}
    if seed % 4 == 1:
        return {"type": "sample", "id": seed, "word": "dog", "seed": seed, "n": 2, "max_points": 40}
    return {"type": "complete", "id": seed, "drawing": moved, "seed": seed, "max_points": 60}


def flat(message: dict[str, Any]) -> list[list[tuple[float, float]]]:
    whole = [stroke for ending in message.get("endings", ()) for stroke in ending]
    whole += [stroke for page in message.get("drawings", ()) for stroke in page.strokes]
    return [stroke.points for stroke in whole]


MANY = {"strokes": [{"points": [[0, 0]] * 26_000}] * 2}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown word": ({"word": "kat"}, "did you mean"),
    "no drawing": ({"drawing": None}, r"Expected `object`"),
    "an empty drawing": ({"drawing": {"strokes": []}}, "draw a line first"),
    "a dot": ({"drawing": {"strokes": [{"points": [[1, 1]]}]}}, "a single dot"),
    "too many points": ({"drawing": MANY}, "52,000 points; the studio takes 50,000"),
    "too many strokes": (
        {"drawing": {"strokes": [{"points": [[1, 1]]}] * 2001}},
        "2,001 strokes; the studio takes 2,000",
    ),
    "a point that is far off": ({"drawing": {"strokes": [{"points": [[1, 1e9]]}]}}, "stroke 0"),
    "a pressure too few": (
        {"drawing": {"strokes": [{"points": [[1, 1], [2, 2]], "pressure": [1]}]}},
        "pressure of shape",
    ),
    "a long name": ({"drawing": {"strokes": [], "label": "x" * 999}}, "999 characters"),
    "too many endings": ({"n": 13}, "n"),
    "a hot one": ({"temperature": 2.5}, "temperature"),
    "a long one": ({"max_points": 251}, "max_points"),
    "a negative seed": ({"seed": -1}, "seed"),
    "text for a number": ({"n": "3"}, "n"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_drawn_is_a_sentence(client: TestClient, name: str) -> None:
    changes, found = WRONG[name]
    with opened(client) as page:
        answer = page.ask(**({"type": "complete", "id": 3, "drawing": HALF} | changes))[-1]
        assert answer["type"] == "error"
        assert found.replace("`", "") in answer["error"].replace("`", "")
        assert "Traceback" not in answer["error"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"type": "complete"}',
        '{"id": 1}',
        '{"type": "delete", "id": "x"}',
        "[" * 5000,
        '{"type":"complete","id":NaN}',
        '{"type":"complete","id":-1}',
    ],
)
def test_what_is_no_request_has_no_number(client: TestClient, text: str) -> None:
    with opened(client) as page:
        page.socket.send_text(text)
        answer = page.until_last(None if '"id": 1' not in text else 1)
        [messages] = answer.values()
        assert messages[-1]["type"] == "error"


def test_nan_points_are_refused_with_the_number_of_the_request(client: TestClient) -> None:
    with opened(client) as page:
        page.socket.send_text(
            '{"type":"complete","id":4,"drawing":{"strokes":[{"points":[[1,1],[1e400,2]]}]}}'
        )
        assert page.until_last(4)[4][-1]["type"] == "error"
        page.socket.send_bytes(b'{"type":"sample","id":5,"max_points":5}')  # bytes are read, too
        assert page.until_last(5)[5][-1]["type"] == "result"


def test_broken_utf8_in_what_nobody_reads_is_refused_too(client: TestClient) -> None:
    with opened(client) as page:
        page.socket.send_bytes(b'{"type":"regions","id":6,"odd":"\xb7","drawing":{"strokes":[]}}')
        assert "UTF-8" in page.until_last(6)[6][-1]["error"]


def test_requests_of_a_page_have_a_limit_and_a_number_each(client: TestClient) -> None:
    with opened(client) as page:
        state = client.app.state.studio  # type: ignore[attr-defined]
        for number in range(20):
            page.send(type="sample", id=number, slot=str(number), n=12, max_points=250)
        page.send(type="sample", id=19, slot="19")
        found = page.until_last(*range(20))
        answers = [found[number][-1] for number in range(20)]
        refused = [a for a in answers if a["type"] == "error"]
        assert all("under way already" in answer["error"] for answer in refused)
        assert len(refused) <= 4 + 1
    assert state.pages == 0


def test_a_missing_model_is_a_sentence() -> None:
    models = LiveModels(Choices(sketcher="nothing", recogniser="nothing"))
    models.load()
    assert models.states["sketcher"].state == "missing"
    assert "no such model" in (models.states["sketcher"].sentence or "")


def one_page(client: TestClient, results: list[str]) -> None:
    with opened(client) as page:
        assert isinstance(page, Page)
        for number in range(3):
            page.send(type="complete", id=number, drawing=HALF, max_points=40)
        found = page.until_last(0, 1, 2)
        results += [found[number][-1]["type"] for number in range(3)]


def test_several_pages_draw_at_once(client: TestClient) -> None:
    results: list[list[str]] = [[] for _ in range(8)]
    threads = [threading.Thread(target=one_page, args=(client, one)) for one in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for one in results:
        assert one[-1] == "result"
        assert set(one) <= set(LAST) - {"error"}
