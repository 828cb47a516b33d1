"""The workers of a Dask cluster, as an executor that a build can be given.

The only room that knows Dask. Workers must see the same files under the same names as this machine, and run the same
program: both are looked at before anything is begun. What is built is not known here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from site_builder.digest import digest, digest_bytes
from site_builder.errors import ConfigError, MachineError, error
from site_builder.inputs import LIBRARIES
from site_builder.sources import find_versions, load_code

if TYPE_CHECKING:
    from distributed import Client

SECONDS_TO_CONNECT = 5


class Outlook(NamedTuple):
    """What a machine sees: the folders that are not there, and a digest of the program that it runs."""

    missing: tuple[str, ...]
    engine: str


@contextmanager
def join_cluster(address: str, content: Path, output: Path) -> Iterator[Executor]:
    """Give the workers of the cluster whose scheduler listens at `address`, which is HOST:PORT.

    Raises ConfigError when Dask is not installed; MachineError when the scheduler cannot be reached or has no worker,
    a worker does not see the content or the folder above the output, or runs another program, and when the cluster
    is lost during the work.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ImportError as exc:
        hint = "pip install 'site-builder[dask]'"
        raise ConfigError(error("--executor", "Dask is not installed", hint)) from exc
    place = f"dask://{address}"
    try:
        client = Client(  # type: ignore[no-untyped-call]
            f"tcp://{address}", timeout=SECONDS_TO_CONNECT, set_as_default=False
        )
    except (OSError, ValueError) as exc:
        message = f"no scheduler answers within {SECONDS_TO_CONNECT} s"
        hint = "start one with `dask scheduler`, and name the address that it prints"
        raise MachineError(error(place, message, hint)) from exc
    try:
        with client:
            _check_workers(client, place, (content, output.parent))
            yield client.get_executor()  # type: ignore[no-untyped-call]
    except (KilledWorker, CommClosedError, CancelledError) as exc:
        reason = str(exc) or type(exc).__name__
        raise MachineError(error(place, f"the cluster was lost: {reason}", "look at the logs of its workers")) from exc


def _check_workers(client: Client, place: str, folders: tuple[Path, ...]) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError as exc:
        hint = f"start some with `dask worker {place.removeprefix('dask://')}`"
        raise MachineError(error(place, "the cluster has no workers", hint)) from exc
    ours = look_around(())
    try:
        outlooks: dict[str, Outlook] = client.run(look_around, tuple(map(str, folders)))
    except ImportError as exc:
        hint = "install the same version where the workers run"
        raise MachineError(error(place, f"a worker cannot import site-builder: {exc}", hint)) from exc
    for worker, outlook in sorted(outlooks.items()):
        if outlook.missing:
            hint = "content and output must be on a disk that all workers see under the same path"
            raise MachineError(error(outlook.missing[0], f"the worker {worker} does not see this folder", hint))
        if outlook.engine != ours.engine:
            hint = "install the same version of everything where the workers run"
            raise MachineError(error(place, f"the worker {worker} runs another version than this machine", hint))


def look_around(folders: tuple[str, ...]) -> Outlook:
    """Return what this machine sees. Called on every worker."""
    code = {name: digest_bytes(text) for name, text in load_code().items()}
    engine = digest((find_versions(*LIBRARIES), sys.version_info[:2], code))
    return Outlook(tuple(folder for folder in folders if not Path(folder).is_dir()), engine)
