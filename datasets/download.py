"""Download one file over HTTP so that it is either complete and checked, or not there.

The body goes to a part file (partfile.py). A cut connection, Ctrl-C or a power
failure leaves it, and the next call asks for the rest only (RFC 9110: Range
with If-Range, so that a file that changed in between starts again). The part
takes its name once its size and MD5 are what the server's headers say: `Content-Length`,
`x-goog-hash: md5=` (base64), or an ETag that is itself an MD5, as Google Cloud
Storage and S3 give for files uploaded in one piece.

It does not unpack, decode or trust what it fetched.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import random
import re
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from tqdm import tqdm

from .partfile import FetchError, PartFile, Remote, disk, matches, md5_of

CHUNK = 256 * 1024  # bytes a read: few calls, and Ctrl-C loses little
# A gain below this does not count as progress, so that a server which drops
# every connection after a few bytes runs out of attempts.
PROGRESS = 16 * 1024
RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})
WRONG_CONTENT_LIMIT = 2  # whole downloads with a wrong MD5 before giving up
LONGEST_RETRY_AFTER = 60.0  # s; a server that asks for more is told no


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to keep trying. Attempts count from the last one that made progress.

    Args:
        attempts: tries without progress before giving up.
        first_wait: s; the wait doubles with each attempt, and a random half to
            all of it is used, so that many clients do not return at once.
        longest_wait: s.
        timeout: s without a byte before a connection counts as dead.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 20.0
    timeout: float = 30.0

    def wait(self, attempt: int, asked: float | None) -> float:
        """Seconds to wait after failed attempt number `attempt` (1, 2, ...)."""
        if asked is not None:
            return min(asked, LONGEST_RETRY_AFTER)
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)


DEFAULT_POLICY = RetryPolicy()


def download(
    url: str,
    path: Path,
    policy: RetryPolicy = DEFAULT_POLICY,
    progress: bool | None = None,
) -> bool:
    """Fetch `url` to `path`, resuming what an earlier call left; True if bytes were fetched.

    A file already at `path` with the server's size and MD5 is left alone
    (False); one that differs is replaced once the new one is complete.

    Args:
        progress: a bar and notes on stderr; None shows them on a terminal only.

    Raises:
        FetchError: not found, refused, no connection, wrong size or MD5 after
            all attempts, or the disk is full. What was fetched stays in the
            part for the next call, except where its content was wrong.
        KeyboardInterrupt: as it came; the part stays.
    """
    if not url.startswith(("http://", "https://")):
        raise FetchError(f"{url}: wanted an address that begins with http:// or https://")
    with disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if progress is None:
        progress = sys.stderr.isatty()
    part = PartFile(path)
    with part.locked():
        try:
            return _until_complete(url, part, policy, progress)
        finally:
            part.drop_if_empty()


class _Retry(Exception):
    """This attempt failed; another may not. `asked` is the server's Retry-After in s."""

    def __init__(self, reason: str, asked: float | None = None) -> None:
        super().__init__(reason)
        self.asked = asked


class _WrongContent(_Retry):
    """All bytes came, and they are not what the headers promised."""


def _until_complete(url: str, part: PartFile, policy: RetryPolicy, progress: bool) -> bool:
    attempt = wrong = 0
    furthest = part.size()
    while True:
        try:
            return _attempt(url, part, policy.timeout, progress)
        except _Retry as failure:
            wrong += isinstance(failure, _WrongContent)
            if part.size() >= furthest + PROGRESS:
                furthest, attempt = part.size(), 0
            attempt += 1
            if attempt >= policy.attempts or wrong >= WRONG_CONTENT_LIMIT:
                kept = part.size()
                way_out = (
                    f"{kept:,} bytes are kept; run the same command again to resume"
                    if kept
                    else "try again later, or name a mirror with LINEWORK_DATA_URL"
                )
                raise FetchError(f"{url}: {failure}; {way_out}") from failure
            wait = policy.wait(attempt, failure.asked)
            if progress:
                tqdm.write(
                    f"{part.path.name}: {failure}; attempt {attempt + 1} of "
                    f"{policy.attempts} in {wait:.1f} s",
                    file=sys.stderr,
                )
            time.sleep(wait)


def _attempt(url: str, part: PartFile, timeout: float, progress: bool) -> bool:
    """One connection: True when the file is now complete, False when it was before."""
    begun = part.remote() if part.size() else None
    have = part.size() if begun is not None and begun.url == url else 0
    headers = {"Accept-Encoding": "identity", "User-Agent": "linework"}
    if have and begun is not None and begun.etag:
        headers |= {"Range": f"bytes={have}-", "If-Range": begun.etag}
    request = urllib.request.Request(url, headers=headers)
    with _network(), _open(request, timeout, part, begun) as response:
        if response is None:  # 416, and the part is the whole file
            part.finish()
            return True
        if response.status == 206 and have and begun is not None:
            remote = begun
            _check_range(response.headers, have, remote, part)
        else:
            remote, have = _remote(url, response.headers), 0
            if matches(part.path, remote):
                return False
            part.begin(remote)
        part.require_space((remote.size or 0) - have)
        _receive(response, part, have, remote, progress)
    _verify(part, remote)
    part.finish()
    return True


@contextlib.contextmanager
def _open(
    request: urllib.request.Request, timeout: float, part: PartFile, begun: Remote | None
) -> Iterator[http.client.HTTPResponse | None]:
    """The response to `request`; None where a complete part made the range empty (416)."""
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:
            if begun is not None and begun.size == part.size() and part.matches(begun):
                yield None
                return
            part.discard()
            raise _Retry("the part left by an earlier run does not fit (416)") from error
        if error.code in RETRIED_STATUS:
            asked = error.headers.get("Retry-After", "")
            raise _Retry(
                f"the server answered {error.code} {error.reason}",
                float(asked) if asked.isdigit() else None,
            ) from error
        raise FetchError(
            f"{request.full_url}: the server answered {error.code} {error.reason}; "
            "check the word, the form and LINEWORK_DATA_URL"
        ) from error
    with response:
        yield response


def _remote(url: str, headers: Message) -> Remote:
    """What the headers of a whole (200) response say."""
    encoding = headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise FetchError(
            f"{url}: sent with Content-Encoding {encoding!r}; wanted the file as it is"
        )
    length = headers.get("Content-Length", "")
    etag = headers.get("ETag")
    # Google inflates files stored as gzip while sending; the hash is then that of the gzip.
    hashed = headers.get("x-goog-stored-content-encoding", "identity") == "identity"
    return Remote(
        url=url,
        size=int(length) if length.isdigit() else None,
        md5=_md5_of_headers(headers) if hashed else None,
        # A weak ETag ("W/...") promises equal meaning, not equal bytes.
        etag=etag if etag and etag.startswith('"') else None,
    )


def _md5_of_headers(headers: Message) -> str | None:
    for item in ",".join(headers.get_all("x-goog-hash", [])).split(","):
        name, _, value = item.strip().partition("=")
        if name == "md5":
            with contextlib.suppress(ValueError):
                return base64.b64decode(value, validate=True).hex()
    found = re.fullmatch(r'"([0-9a-fA-F]{32})"', headers.get("ETag", ""))
    return found[1].lower() if found else None


def _check_range(headers: Message, have: int, remote: Remote, part: PartFile) -> None:
    """A 206 must continue the part where it ends, and be of the same size in all."""
    said = headers.get("Content-Range", "")
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", said)
    fits = found is not None and int(found[1]) == have
    if found is not None and found[3] != "*" and remote.size is not None:
        fits = fits and int(found[3]) == remote.size
    # A server that does not know If-Range sends the rest of whatever is there now.
    if not fits or headers.get("ETag", remote.etag) != remote.etag:
        part.discard()
        raise _Retry(f"the server sent range {said!r} for one from byte {have}")


def _receive(
    response: http.client.HTTPResponse, part: PartFile, have: int, remote: Remote, progress: bool
) -> None:
    """Append the body to the part.

    Raises:
        _Retry: it ended before its length.
    """
    with (
        part.append() as file,
        tqdm(
            total=remote.size,
            initial=have,
            desc=part.path.name,
            unit="B",
            unit_scale=True,
            disable=not progress,
        ) as bar,
    ):
        # read1 returns what has come; read would hold back a slow server's
        # bytes until a whole chunk is there, and lose them with the connection.
        while chunk := response.read1(CHUNK):
            with disk(part.path):
                file.write(chunk)
                file.flush()
            have += len(chunk)
            bar.update(len(chunk))
    if remote.size is not None and have < remote.size:
        raise _Retry(f"the connection ended after {have:,} of {remote.size:,} bytes")


def _verify(part: PartFile, remote: Remote) -> None:
    size = part.size()
    if remote.size is not None and size != remote.size:
        part.discard()
        raise _WrongContent(f"{size:,} bytes came; the server had said {remote.size:,}")
    if remote.md5 is not None:
        found = md5_of(part.file)
        if found != remote.md5:
            part.discard()
            raise _WrongContent(f"the content has MD5 {found}; the server says {remote.md5}")


@contextlib.contextmanager
def _network() -> Iterator[None]:
    """Turn what the network does into `_Retry`, or `FetchError` where it will not change."""
    try:
        yield
    except urllib.error.URLError as error:
        reason = error.reason
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise FetchError(f"the server's certificate is not valid: {reason}") from error
        raise _Retry(f"no connection ({reason})") from error
    except TimeoutError as error:
        raise _Retry("the server sent nothing for too long") from error
    # The disk's own errors were turned into FetchError where they arose.
    except (OSError, http.client.HTTPException) as error:
        raise _Retry(f"the connection broke ({type(error).__name__})") from error
