"""The recordings of the tests as a library holds them: named by when they began, whatever the files' own times are."""

from collections.abc import Collection
from pathlib import Path

from pgrepl_tui.session.recording import Recording

RUNS = Path(__file__).parents[1] / "data" / "runs"
CONFIG = '"ssh_config":"/tmp/pgrepl-lab/ssh_config",'
"""What names the hosts of the lab that the runs were recorded in."""
GONE = '"ssh_config":"/nonexistent/ssh_config",'


def shelve(folder: Path, still_there: Collection[str] = ()) -> None:
    """Copy all into an existing folder.

    The hosts of a lab are gone after it, and with them its ssh_config; a lab that runs on this machine has nothing to
    do with them. Those ``still_there``, by the files' stems, name hosts without it, and could be continued.
    """
    for path in RUNS.glob("*.jsonl"):
        with Recording.open(path) as recording:
            begun = recording.header.started.translate(str.maketrans("", "", "-:Z"))
        text = path.read_text("utf-8")
        assert CONFIG in text
        text = text.replace(CONFIG, "" if path.stem in still_there else GONE, 1)
        (folder / f"{path.stem}-{begun}.000Z.jsonl").write_text(text, "utf-8")
