"""What GitHub Pages asks of a site."""

from __future__ import annotations

import pytest

from site_builder.hosting import check_address, check_size, estimate_minutes, find_address, find_domain


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("git@github.com:Rima/Arsip.git", "https://rima.github.io/Arsip/"),
        ("https://github.com/rima/arsip", "https://rima.github.io/arsip/"),
        ("https://token@github.com/rima/arsip.git/", "https://rima.github.io/arsip/"),
        ("ssh://git@github.com/rima/rima.github.io.git", "https://rima.github.io/"),
        ("https://github.com/rima/Rima.GitHub.io", "https://rima.github.io/"),
        ("https://codeberg.org/rima/arsip", ""),
        ("../remote.git", ""),
    ],
)
def test_the_address_of_a_repository_s_site(remote, address):
    assert find_address(remote) == address


def test_the_address_that_a_site_was_built_for():
    remote = "git@github.com:rima/arsip.git"
    assert check_address("https://rima.github.io/arsip/", remote, "site.toml") is None
    assert check_address("https://Rima.github.io/arsip/", remote, "site.toml") is None
    assert check_address("https://arsip.example.org/", remote, "site.toml") is None
    assert check_address("https://elsewhere.github.io/x/", "/srv/remote.git", "site.toml") is None
    missing = check_address("", remote, "site.toml")
    assert missing is not None
    assert missing.hint == 'write base_url = "https://rima.github.io/arsip/", and build again'
    wrong = check_address("https://rima.github.io/", remote, "site.toml")
    assert wrong is not None
    assert "stands at https://rima.github.io/arsip/" in wrong.message


@pytest.mark.parametrize(
    ("base_url", "domain"),
    [
        ("https://arsip.example.org/", "arsip.example.org"),
        ("https://example.org/arsip/", ""),
        ("https://rima.github.io/", ""),
        ("http://127.0.0.1:8000/", ""),
        ("http://localhost/", ""),
    ],
)
def test_a_domain_of_one_s_own(base_url, domain):
    assert find_domain(base_url) == domain


def test_sizes():
    assert list(check_size({"a.html": 10**8, "b.html": 1})) == []
    many = {f"{n}.bin": 10**8 + n for n in range(1, 8)}
    problems = list(check_size({**many, "c.bin": 4 * 10**8}))
    assert [problem.place for problem in problems] == ["c.bin", "7.bin", "6.bin", "5.bin", "4.bin", "", ""]
    assert problems[-2].message == "… and 3 more files above 100 MB"
    assert problems[-1].message.startswith(
        "the site has 1.10 GB, GitHub Pages allows 1 GB; the largest files are c.bin"
    )
    assert {problem.severity for problem in problems} == {"error"}


def test_the_time_of_a_deployment_is_an_estimate_and_a_warning():
    assert estimate_minutes(1000, 10**7) < 2
    (told,) = check_size({f"{n}.html": 1000 for n in range(300_000)})
    assert told.severity == "warning"
    assert told.message.endswith("for 300,000 files, and gives up after 10 (an estimate)")
