"""A studio in a process of its own, for the scripts that measure it and try to break it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)")


class StudioServer:
    """`linework studio` on a port of its own, with a home of its own; use it in `with`."""

    def __init__(self, *options: str) -> None:
        self._home = tempfile.TemporaryDirectory()
        self.log = Path(self._home.name) / "log"
        environment = {**os.environ, "XDG_STATE_HOME": self._home.name, "OMP_NUM_THREADS": "1"}
        command = (sys.executable, "-m", "linework.cli", "studio", "--no-browser", "--port", "0")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([*command, *options], stderr=log, env=environment)
        self.port, self.token = 0, ""

    def __enter__(self) -> StudioServer:
        import time

        for _ in range(600):
            found = ADDRESS.search(self.log.read_text())
            if found:
                self.port, self.token = int(found[1]), found[2]
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise SystemExit(f"the studio did not start:\n{self.log.read_text()}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._home.cleanup()

    @property
    def origin(self) -> str:
        """What the page's Origin is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """Those of the page's requests."""
        return {"Origin": self.origin, "Linework-Token": self.token}

    @property
    def socket(self) -> str:
        """The address of the WebSocket."""
        return f"ws://127.0.0.1:{self.port}/ws?token={self.token}"

    def megabytes(self) -> dict[str, float]:
        """Resident memory of the server, and of the processes that it has begun, MB."""
        own = self.process.pid
        found = {"server": _resident(own)}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if parent == own:
                found[f"workshop {folder.name}"] = _resident(int(folder.name))
        return found


def _resident(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
