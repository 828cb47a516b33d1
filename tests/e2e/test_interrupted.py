"""Ctrl-C while the program is only starting: no traceback, and the published site is as it was."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import site_builder
from tests.sites import Site, list_files, make_markdown

SCRIPT = "import sys\nfrom site_builder.cli import main\nsys.exit(main())\n"
"""What an installer writes as the command `site-builder`."""

PACKAGE = str(Path(site_builder.__file__).parent)
FIRST_LINES = {"from __future__ import annotations", "import signal", "import sys"}
"""Of the package: what comes before it can say what becomes of Ctrl-C."""

ENDS = (-signal.SIGINT, 130)


@pytest.fixture(params=["-m", "script"])
def command(request, tmp_path) -> list[str]:
    if request.param == "-m":
        return ["-m", "site_builder", "build"]
    script = tmp_path / "bin" / "site-builder"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    return [str(script), "build"]


@pytest.fixture
def changed_site(site) -> Site:
    """A built site with a new article."""
    site.write("a.md", make_markdown("Air", "2019-05-04"))
    site.build()
    site.write("b.md", make_markdown("Batu", "2019-06-04"))
    return site


def start(command: Sequence[str], cwd: Path) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, *command], cwd=cwd, text=True, **pipes)


@pytest.mark.parametrize("module", ["site_builder.errors", "sqlite3", "site_builder.build", "argparse"])
def test_ctrl_c_while_the_program_imports_itself_is_no_traceback(changed_site, command, module):
    before = list_files(changed_site.output)
    with start(["-X", "importtime", *command], changed_site.root) as process:
        assert process.stderr is not None
        for line in process.stderr:  # one for each module, when it is there
            if line.rpartition("|")[2].strip() == module:
                process.send_signal(signal.SIGINT)
                break
        else:
            pytest.fail(f"{module} was not imported")
        told = process.stderr.read()
        assert process.wait(60) in ENDS
    assert "Traceback" not in told
    assert list_files(changed_site.output) == before


@pytest.mark.parametrize("milliseconds", range(5, 155, 15))
def test_ctrl_c_at_any_time_is_no_traceback_of_ours(changed_site, tmp_path, command, milliseconds):
    """Until the program's first lines have run, the interpreter shows where it was itself; we cannot tell it not to."""
    before = list_files(changed_site.output)
    with start(command, changed_site.root) as process:
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        told = process.stderr.read()
        status = process.wait(60)
    assert set(re.findall(rf'File "{re.escape(PACKAGE)}/.*\n *(.*)', told)) <= FIRST_LINES, told
    assert status in ENDS or "Traceback" in told or status == 0, told
    after = list_files(changed_site.output)
    assert after == before or after == list_files(changed_site.build_clean(tmp_path / "clean"))
