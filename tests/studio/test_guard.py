"""Nobody but the opened page gets an answer, and no answer tells more than it should."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from linework.studio.own_token import own_token
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from talking import HEADERS, ORIGIN, PORT, SOCKET, TOKEN, opened

WRONG = {
    "no token": {"Origin": ORIGIN},
    "another token": {"Origin": ORIGIN, "Linework-Token": "x" * 32},
    "a token that begins right": {"Origin": ORIGIN, "Linework-Token": TOKEN[:-1]},
    "a token in bytes": {"Origin": ORIGIN, "Linework-Token": "\xe4" * 32},
    "another site": HEADERS | {"Origin": "http://evil.example"},
    "another site with our name in it": HEADERS | {"Origin": f"{ORIGIN}.evil.example"},
    "another port": HEADERS | {"Origin": "http://127.0.0.1:9999"},
    "https": HEADERS | {"Origin": f"https://127.0.0.1:{PORT}"},
    "a sandboxed frame": HEADERS | {"Origin": "null"},
    "a name that was rebound": HEADERS | {"Host": f"evil.example:{PORT}"},
    "a rebound name with its origin": HEADERS
    | {"Host": f"evil.example:{PORT}", "Origin": f"http://evil.example:{PORT}"},
    "our address with another port": HEADERS | {"Host": "127.0.0.1:80"},
    "our name with a dot": HEADERS | {"Host": f"localhost.:{PORT}"},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_requests_are_refused(client: TestClient, name: str) -> None:
    headers = {key: value.encode("latin-1") for key, value in WRONG[name].items()}
    for method, path in (("GET", "/api/about"), ("POST", "/api/export"), ("POST", "/api/open")):
        answer = client.request(method, path, headers=headers)
        assert answer.status_code == 403
        assert "opened" in answer.json()["error"]
        assert TOKEN not in answer.text


@pytest.mark.parametrize("name", [name for name in WRONG if "token" not in name])
def test_wrong_sockets_are_refused(client: TestClient, name: str) -> None:
    headers = {k: v for k, v in WRONG[name].items() if k != "Linework-Token"}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"{SOCKET}?token={TOKEN}", headers=headers),
    ):
        pass


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", f"?token={TOKEN}&token={TOKEN}"])
def test_sockets_and_the_page_need_the_token(client: TestClient, query: str) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"{SOCKET}{query}", headers={"Origin": ORIGIN}),
    ):
        pass
    answer = client.get(f"/{query}")
    assert answer.status_code == 403
    assert "<script" not in answer.text


def test_a_post_and_a_socket_need_an_origin(client: TestClient) -> None:
    assert client.post("/api/export", headers={"Linework-Token": TOKEN}).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{SOCKET}?token={TOKEN}"):
        pass


def test_the_page_has_its_token_and_no_foreign_script_may_run(client: TestClient) -> None:
    answer = client.get(f"/?token={TOKEN}")
    assert answer.status_code == 200
    assert f'content="{TOKEN}"' in answer.text
    assert "{{token}}" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http://" not in policy  # nothing from elsewhere
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_localhost_is_the_same_page(client: TestClient) -> None:
    headers = HEADERS | {"Host": f"localhost:{PORT}", "Origin": f"http://localhost:{PORT}"}
    assert client.get("/api/about", headers=headers).status_code == 200
    mixed = headers | {"Origin": ORIGIN}
    assert client.get("/api/about", headers=mixed).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..\\app.py",
        "/static/a%00b",
        "/static/" + "a" * 5000,
        "/static/",
        "/api/nothing",
        "/../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HEADERS)
    assert answer.status_code in (404, 405)
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/"), ("PUT", "/api/open"), ("POST", "/static/x")]
)
def test_other_methods_are_sentences(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, f"{path}?token={TOKEN}", headers=HEADERS)
    assert answer.status_code == 405
    assert answer.json()["error"] == "this address takes another method"


def test_files_of_the_page_need_no_token_but_the_right_host(client: TestClient) -> None:
    assert client.get("/static/index.html").status_code == 200
    wrong = client.get("/static/index.html", headers={"Host": "evil.example"})
    assert wrong.status_code == 403


def test_the_first_message_is_what_about_says(client: TestClient) -> None:
    with opened(client) as page:
        said = client.get("/api/about", headers=HEADERS).json()
        assert page.about == {"type": "about", **said} or page.about["models"] != said["models"]
        assert said["limits"]["pixels"] == 40_000_000
        assert len(said["palettes"]["scene"]) > 20


class TestToken:
    def test_it_is_kept_for_the_user_alone(self, tmp_path: Path) -> None:
        token = own_token(tmp_path / "state")
        assert len(token) == 32
        assert own_token(tmp_path / "state") == token
        if os.name == "posix":
            mode = (tmp_path / "state" / "studio-token").stat().st_mode
            assert stat.S_IMODE(mode) == 0o600

    @pytest.mark.parametrize("content", ["", "short", "x" * 31 + "\n!", "é" * 32])
    def test_a_damaged_one_is_made_anew(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "studio-token").write_text(content)
        token = own_token(tmp_path)
        assert len(token) == 32
        assert own_token(tmp_path) == token

    @pytest.mark.skipif(os.name != "posix", reason="file modes")
    def test_one_that_others_could_read_is_made_anew(self, tmp_path: Path) -> None:
        token = own_token(tmp_path)
        (tmp_path / "studio-token").chmod(0o644)
        assert own_token(tmp_path) != token

    def test_where_it_cannot_be_kept_there_is_one_all_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert len(own_token(tmp_path / "file")) == 32
