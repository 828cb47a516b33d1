from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.indexers import FakeIndexer
from tests.sites import Site

settings.register_profile("ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=50_000)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the expected sites of tests/golden anew")


@pytest.fixture
def site(tmp_path, monkeypatch) -> Site:
    """An empty site, and the current folder in it."""
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path / "site")


def pytest_configure(config: pytest.Config) -> None:
    # The tests look at bytes and files: nothing of the machine's own settings may take part.
    for name in ("SOURCE_DATE_EPOCH", "PYTHONPATH"):
        os.environ.pop(name, None)
    # Builds of this process index with a fake; tests of Pagefind itself bring it back (`indexers.use_pagefind`).
    FakeIndexer().install(pytest.MonkeyPatch())
