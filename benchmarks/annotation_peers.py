"""Other converters on labelme folders, one folder after another: run by bench_annotations.py.

    PYTHON annotation_peers.py TOOL FOLDER...

PYTHON has labelme2coco or supervision installed. Prints a line of JSON a folder: the COCO file
written, or the exception that ended it, and what was said on the way.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import traceback
import warnings
from pathlib import Path


def labelme2coco_converts(folder: Path, out: Path) -> Path:
    """As its README says."""
    import labelme2coco

    labelme2coco.convert(str(folder), str(out))
    return next(out.rglob("*.json"))


def supervision_converts(folder: Path, out: Path) -> Path:
    """As its documentation says: labelme in, COCO out, masks kept."""
    import supervision

    data = supervision.DetectionDataset.from_labelme(str(folder), str(folder), force_masks=True)
    data.as_coco(annotations_path=str(out / "annotations.json"))
    return out / "annotations.json"


TOOLS = {"labelme2coco": labelme2coco_converts, "supervision": supervision_converts}


def main() -> None:
    """Converts every folder named; an exception ends that folder only."""
    tool = TOOLS[sys.argv[1]]
    for name in sys.argv[2:]:
        folder = Path(name)
        out = folder.parent / f"{folder.name}-{sys.argv[1]}"
        out.mkdir()
        said = io.StringIO()
        result: dict[str, str | None] = {"folder": folder.name, "file": None, "error": None}
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            warnings.simplefilter("always")
            try:
                result["file"] = str(tool(folder, out))
            except BaseException as error:
                result["error"] = traceback.format_exception_only(error)[-1].strip()[:200]
        result["said"] = said.getvalue()[-500:]
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
