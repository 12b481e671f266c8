"""The token that the page's address carries: the user's own, kept between runs.

A page that is open while the server is restarted goes on with the address that it has. The file
can be read by its owner alone; where it cannot be kept, each run has a token of its own.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from contextlib import suppress
from pathlib import Path

# 192 bits, as secrets recommends and more.
_BYTES = 24
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def state_folder() -> Path:
    """Where programs of this user keep what is theirs between runs."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "linework"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "linework"


def own_token(folder: Path | None = None) -> str:
    """The token of this user, made where there is none yet."""
    fresh = secrets.token_urlsafe(_BYTES)
    try:
        file = (state_folder() if folder is None else folder) / "studio-token"
        with suppress(FileNotFoundError):
            kept = file.read_text("ascii", "replace").strip()
            others = file.stat().st_mode & 0o077 if os.name == "posix" else 0
            if _TOKEN.fullmatch(kept) and not others:
                return kept
            file.unlink()  # damaged, or others could read it
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as opened:
            opened.write(fresh)
    except (OSError, RuntimeError):  # no home, a full disk, two that begin at once
        pass
    return fresh
