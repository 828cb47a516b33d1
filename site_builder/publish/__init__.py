"""Publishing: staged files become the site that readers see, so that at no instant a file is torn or a link dead.

What the rest of the package uses is named here. These rooms know paths, bytes and what is ours, not what a page means:
`disk` (the calls that change anything), `ownership` (what is ours, and what is refused), `listing` (the paths of it),
`presence` (which of them are there), `workplace` (lock and working folder), `journal` (file by file), `swap` (the whole
tree at once), `folder` (which of the two, and the way in).
"""

from __future__ import annotations

from site_builder.publish.folder import OutputFolder, open_output, stage, write_at_once
from site_builder.publish.ownership import OWNERSHIP_FILE, WORK_INSIDE, read_listing, read_state

__all__ = [
    "OWNERSHIP_FILE",
    "WORK_INSIDE",
    "OutputFolder",
    "open_output",
    "read_listing",
    "read_state",
    "stage",
    "write_at_once",
]
