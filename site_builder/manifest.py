"""The manifest: what was published, held against what is there and what is planned.

Values only: maps of paths to fingerprints and digests. Where a manifest is kept, and how files get to their places,
is not known here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from site_builder.digest import digest_bytes
from site_builder.model import Output, Published, Rendered

Manifest = Mapping[str, Published]
"""Path -> what is published there. An empty digest says that a file of ours is there and its bytes are not known."""


def trust_manifest(
    known: Manifest, owned: Collection[str], missing: Iterable[str], *, same: bool
) -> dict[str, Published]:
    """Return what is known of the files that are really there.

    `owned` are the paths that are listed as ours, `missing` those of them that are gone; `same` says whether the output
    is the one that the manifest describes. If it is not (another build was here, or one died), nothing but the names
    is known, and bytes are compared with the files.
    """
    manifest = {path: known.get(path, Published("", "")) if same else Published("", "") for path in owned}
    for path in missing:
        del manifest[path]
    return manifest


def find_due(outputs: Mapping[str, Output], manifest: Manifest) -> list[Output]:
    """Return the outputs that must be rendered: those whose fingerprint is not the published one."""
    unknown = Published("", "")
    return [o for o in outputs.values() if manifest.get(o.path, unknown).fingerprint != o.fingerprint]


def update_manifest(
    manifest: Manifest, outputs: Mapping[str, Output], rendered: Iterable[Rendered], causes: Mapping[str, str]
) -> dict[str, Published]:
    """Return the manifest of the site in which `outputs` are published, those in `rendered` in new bytes.

    `causes` says of each of these why.
    """
    after = {path: manifest[path] for path in outputs if path in manifest}
    for item in rendered:
        after[item.path] = Published(item.fingerprint, item.digest, causes[item.path])
    return after


def digest_manifest(manifest: Manifest) -> str:
    """Return what tells one published site from another: a sum over all paths and digests of bytes, in any order."""
    return f"{_sum(manifest):032x}"


def adjust_digest(state: str, gone: Manifest, new: Manifest) -> str:
    """Return what `digest_manifest` gives when of the manifest of `state` the entries `gone` are replaced by `new`."""
    return f"{(int(state, 16) - _sum(gone) + _sum(new)) % 2**128:032x}"


def _sum(manifest: Manifest) -> int:
    return sum(int(digest_bytes(f"{p}\0{entry.digest}".encode()), 16) for p, entry in manifest.items()) % 2**128
