"""`data fetch` against a real HTTP server on this machine that misbehaves on order."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import http.server
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from linework.datasets.download import RetryPolicy, download
from linework.datasets.fetch import FORMS, fetch, local_path, remote_url
from linework.datasets.partfile import FetchError, PartFile
from linework.datasets.words import UnknownWordError

BODY = bytes(range(256)) * 1200  # 300 kB: larger than one read, small enough to be quick
OTHER = BODY[::-1]
HASTY = RetryPolicy(attempts=3, first_wait=0.001, longest_wait=0.002, timeout=5)
CAT = "/full/simplified/cat.ndjson"


@dataclasses.dataclass
class Reply:
    """How the server answers one request; the defaults are an honest server."""

    status: int = 0  # 0: 200 or 206 as asked
    send: int | None = None  # bytes of the body before the connection is cut
    length: int | None = None  # what Content-Length claims
    md5: str | None = "header"  # "header", "etag", "wrong", or none
    etag: bool = True
    ranges: bool = True
    if_range: bool = True
    range_start: int | None = None  # what Content-Range claims
    pause: float = 0.0  # s after `send` bytes, before going on
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


class Server:
    """Files by path, and a queue of replies; honest replies when the queue is empty."""

    def __init__(self) -> None:
        self.files = {CAT: BODY}
        self.replies: list[Reply] = []
        self.always: Reply = Reply()
        self.requests: list[tuple[str, str | None]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, self.headers.get("Range")))
                reply = outer.replies.pop(0) if outer.replies else outer.always
                outer.answer(self, reply)

            def log_message(self, *_: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, request: http.server.BaseHTTPRequestHandler, reply: Reply) -> None:
        body = self.files.get(urllib.parse.unquote(request.path))
        status = reply.status or (200 if body is not None else 404)
        if body is None or status >= 400:
            request.send_response(status)
            for name, value in reply.headers.items():
                request.send_header(name, value)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        digest = hashlib.md5(body, usedforsecurity=False)
        etag = f'"{digest.hexdigest() if reply.md5 == "etag" else "v" + digest.hexdigest()[:6]}"'
        start, wanted = 0, request.headers.get("Range")
        same = request.headers.get("If-Range", etag) == etag or not reply.if_range
        if wanted and reply.ranges and same:
            start, status = int(wanted[6:-1]), 206
        if start >= len(body):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(body)}")
            request.end_headers()
            return
        request.send_response(status)
        if status == 206:
            said = start if reply.range_start is None else reply.range_start
            request.send_header("Content-Range", f"bytes {said}-{len(body) - 1}/{len(body)}")
        length = len(body) - start if reply.length is None else reply.length
        request.send_header("Content-Length", str(length))
        if reply.etag:
            request.send_header("ETag", etag)
        if reply.md5 in ("header", "wrong"):
            right = digest.digest() if reply.md5 == "header" else b"\0" * 16
            request.send_header("x-goog-hash", "crc32c=AAAAAA==")
            request.send_header("x-goog-hash", f"md5={base64.b64encode(right).decode()}")
        for name, value in reply.headers.items():
            request.send_header(name, value)
        request.end_headers()
        sent = body[start:] if reply.send is None else body[start : start + reply.send]
        try:
            request.wfile.write(sent)
            if reply.pause:
                time.sleep(reply.pause)
        except OSError:
            pass  # the client left: it has seen enough
        request.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


def get(server: Server, folder: Path) -> Path:
    return fetch(["cat"], folder=folder, base_url=server.url, policy=HASTY, progress=False)[0]


def ranges(server: Server) -> list[str | None]:
    return [asked for _, asked in server.requests]


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        pytest.param([], [None], id="honest"),
        pytest.param([Reply(md5="etag")], [None], id="md5 as etag"),
        pytest.param([Reply(md5=None, etag=False)], [None], id="no hash at all"),
        pytest.param([Reply(send=70_000)], [None, "bytes=70000-"], id="cut in the body"),
        pytest.param(
            [Reply(send=70_000), Reply(send=50_000), Reply(send=80_000), Reply(send=40_000)],
            [None, "bytes=70000-", "bytes=120000-", "bytes=200000-", "bytes=240000-"],
            id="cut again and again, with progress",
        ),
        pytest.param(
            [Reply(send=70_000), Reply(ranges=False)], [None, "bytes=70000-"], id="ignores Range"
        ),
        pytest.param(
            [Reply(send=70_000, etag=False)], [None, None], id="cut, nothing to resume by"
        ),
        pytest.param(
            [Reply(send=70_000), Reply(range_start=0)],
            [None, "bytes=70000-", None],
            id="sends another range",
        ),
        pytest.param([Reply(send=70_000), Reply(416)], [None, "bytes=70000-", None], id="416"),
        pytest.param([Reply(503)], [None, None], id="503 then fine"),
        pytest.param([Reply(429, headers={"Retry-After": "0"})], [None, None], id="429"),
        pytest.param([Reply(408), Reply(500)], [None, None, None], id="408, 500"),
        pytest.param([Reply(md5="wrong", etag=False)], [None, None], id="wrong once"),
        pytest.param(
            [Reply(md5="wrong", headers={"x-goog-stored-content-encoding": "gzip"})],
            [None],
            id="hash of what is stored, not of what is sent",
        ),
        pytest.param([Reply(length=400_000)], [None, "bytes=307200-", None], id="claims too much"),
    ],
)
def test_the_file_arrives(
    server: Server, tmp_path: Path, replies: list[Reply], asked: list[str | None]
) -> None:
    server.replies = replies
    path = get(server, tmp_path)
    assert path.read_bytes() == BODY
    assert path == tmp_path / "simplified" / "cat.ndjson"
    assert ranges(server) == asked
    assert [p.name for p in path.parent.iterdir()] == ["cat.ndjson"]


@pytest.mark.parametrize(
    ("reply", "requests", "message", "kept"),
    [
        pytest.param(Reply(404), 1, "404", 0, id="404"),
        pytest.param(Reply(403), 1, "403", 0, id="403"),
        pytest.param(Reply(503), 3, "503.*try again later", 0, id="503 for ever"),
        pytest.param(Reply(md5="wrong"), 2, "has MD5 .* says 0000", 0, id="wrong MD5"),
        pytest.param(Reply(length=1000), 2, "has MD5", 0, id="claims too little"),
        pytest.param(
            Reply(send=70_000, ranges=False), 3, "ended after 70,000 of 307,200", 70_000,
            id="always cut at the same byte",
        ),
        pytest.param(
            Reply(headers={"Content-Encoding": "gzip"}), 1, "Content-Encoding 'gzip'", 0,
            id="compressed unasked",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_an_error(
    server: Server, tmp_path: Path, reply: Reply, requests: int, message: str, kept: int
) -> None:
    server.always = reply
    with pytest.raises(FetchError, match=f"cat.ndjson.*{message}"):
        get(server, tmp_path)
    assert len(server.requests) == requests
    part = PartFile(tmp_path / "simplified" / "cat.ndjson")
    assert part.size() == kept
    assert not part.path.exists()
    if not kept:
        assert list(part.path.parent.iterdir()) == []


def test_a_complete_file_is_left_alone(server: Server, tmp_path: Path) -> None:
    path = get(server, tmp_path)
    before = path.stat().st_mtime_ns
    url = remote_url("cat", "simplified", server.url)
    assert download(url, path, HASTY, progress=False) is False
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in path.parent.iterdir()] == ["cat.ndjson"]


@pytest.mark.parametrize("damage", [BODY[:-1], OTHER, b""], ids=["short", "other", "empty"])
def test_a_file_that_is_not_the_servers_is_replaced(
    server: Server, tmp_path: Path, damage: bytes
) -> None:
    path = get(server, tmp_path)
    path.write_bytes(damage)
    assert get(server, tmp_path).read_bytes() == BODY


def leave_a_part(server: Server, folder: Path) -> PartFile:
    server.always = Reply(send=100_000, ranges=False)
    with pytest.raises(FetchError, match="100,000 bytes are kept; run the same command again"):
        get(server, folder)
    server.always, server.requests = Reply(), []
    return PartFile(folder / "simplified" / "cat.ndjson")


def test_the_next_call_resumes(server: Server, tmp_path: Path) -> None:
    leave_a_part(server, tmp_path)
    assert get(server, tmp_path).read_bytes() == BODY
    assert ranges(server) == ["bytes=100000-"]


@pytest.mark.parametrize("if_range", [True, False], ids=["If-Range known", "If-Range ignored"])
def test_a_file_that_changed_starts_again(server: Server, tmp_path: Path, if_range: bool) -> None:
    leave_a_part(server, tmp_path)
    server.files[CAT] = OTHER
    server.always = Reply(if_range=if_range)
    assert get(server, tmp_path).read_bytes() == OTHER
    assert ranges(server)[0] == "bytes=100000-"


def write_whole(part: PartFile) -> None:
    part.file.write_bytes(BODY)


def write_too_much(part: PartFile) -> None:
    part.file.write_bytes(BODY + b"more")


def write_wrong_bytes(part: PartFile) -> None:
    part.file.write_bytes(OTHER[:100_000])


def spoil_note(part: PartFile) -> None:
    part.note.write_text('{"url": ')


def lose_note(part: PartFile) -> None:
    part.note.unlink()


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        pytest.param(write_whole, ["bytes=307200-"], id="killed before the rename"),
        pytest.param(write_too_much, ["bytes=307204-", None], id="longer than the file"),
        pytest.param(write_wrong_bytes, ["bytes=100000-", None], id="wrong bytes"),
        pytest.param(spoil_note, [None], id="half a note"),
        pytest.param(lose_note, [None], id="no note"),
    ],
)
def test_any_part_ends_as_the_right_file(
    server: Server, tmp_path: Path, change: Callable[[PartFile], None], asked: list[str | None]
) -> None:
    part = leave_a_part(server, tmp_path)
    change(part)
    assert get(server, tmp_path).read_bytes() == BODY
    assert ranges(server) == asked
    assert [p.name for p in part.path.parent.iterdir()] == ["cat.ndjson"]


def test_ctrl_c_keeps_the_part(server: Server, tmp_path: Path) -> None:
    server.replies = [Reply(send=150_000, pause=20)]
    code = (
        "import sys; from linework.datasets.fetch import fetch;"
        "fetch(['cat'], folder=sys.argv[1], base_url=sys.argv[2])"
    )
    process = subprocess.Popen(
        # Where this runs in the background of a shell, Ctrl-C is ignored, and children inherit it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        args=[sys.executable, "-c", code, str(tmp_path), server.url],
        stderr=subprocess.PIPE,
    )
    part = PartFile(tmp_path / "simplified" / "cat.ndjson")
    deadline = time.monotonic() + 20
    while part.size() < 150_000 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=20)
    assert b"KeyboardInterrupt" in printed
    assert part.size() == 150_000
    assert get(server, tmp_path).read_bytes() == BODY
    assert ranges(server)[-1] == "bytes=150000-"


def test_a_silent_server_times_out(server: Server, tmp_path: Path) -> None:
    server.replies = [Reply(send=90_000, pause=0.5)]
    policy = dataclasses.replace(HASTY, timeout=0.1)
    [path] = fetch(["cat"], folder=tmp_path, base_url=server.url, policy=policy, progress=False)
    assert path.read_bytes() == BODY
    assert ranges(server) == [None, "bytes=90000-"]


def test_no_server_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="no connection"):
        # Port 9 (discard) has no listener on any machine that runs tests.
        fetch(["cat"], folder=tmp_path, base_url="http://127.0.0.1:9", policy=HASTY)


def test_a_disk_too_small_is_found_before_the_download(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(FetchError, match=r"disk is full \(307,200 bytes to come, 1,000 free\)"):
        get(server, tmp_path)
    assert list((tmp_path / "simplified").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_up_is_an_error(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append(self: PartFile) -> object:
        self.file.touch()
        return Path("/dev/full").open("ab", buffering=0)

    monkeypatch.setattr(PartFile, "append", append)
    with pytest.raises(FetchError, match=r"cat.ndjson: the disk is full .*free some space"):
        get(server, tmp_path)
    assert list((tmp_path / "simplified").iterdir()) == []


def test_a_folder_that_is_a_file_is_an_error(server: Server, tmp_path: Path) -> None:
    (tmp_path / "simplified").write_text("in the way")
    with pytest.raises(FetchError, match="the disk refused"):
        get(server, tmp_path)


def test_two_processes_do_not_write_one_part(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    path = local_path("cat", "simplified", tmp_path)
    path.parent.mkdir()
    with PartFile(path).locked(), pytest.raises(FetchError, match="another process is fetching"):
        get(server, tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_words_with_spaces_in_every_form(server: Server, tmp_path: Path, form: str) -> None:
    suffix = FORMS[form].suffix
    server.files[f"/{FORMS[form].folder}/alarm clock{suffix}"] = BODY
    [path] = fetch(["Alarm_Clock"], form, tmp_path, server.url, HASTY, progress=False)
    assert path == tmp_path / form / f"alarm clock{suffix}"
    assert path.read_bytes() == BODY
    assert server.requests[0][0].endswith(f"/alarm%20clock{suffix}")


def test_progress_and_retries_go_to_stderr(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.replies = [Reply(503)]
    fetch(["cat"], folder=tmp_path, base_url=server.url, policy=HASTY, progress=True)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "the server answered 503" in printed.err
    assert "attempt 2 of 3" in printed.err
    assert "307k/307k" in printed.err


def test_the_address_comes_from_the_argument_then_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    google = "https://storage.googleapis.com/quickdraw_dataset/full/raw/cat.ndjson"
    monkeypatch.delenv("LINEWORK_DATA_URL", raising=False)
    assert remote_url("cat", "raw") == google
    monkeypatch.setenv("LINEWORK_DATA_URL", "http://mirror/q")
    assert remote_url("cat", "raw") == "http://mirror/q/full/raw/cat.ndjson"
    assert remote_url("cat", "raw", "http://other/") == "http://other/full/raw/cat.ndjson"


def test_a_wrong_word_stops_before_anything_is_fetched(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UnknownWordError, match="'dog'"):
        fetch(["cat", "dogg"], folder=tmp_path, base_url=server.url, policy=HASTY)
    assert server.requests == []
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_form_is_answered_by_the_nearest() -> None:
    with pytest.raises(FetchError, match="'simplified'"):
        remote_url("cat", "simplifed")


def test_an_address_that_is_not_http_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="begins with http"):
        fetch(["cat"], folder=tmp_path, base_url="file:///etc")
