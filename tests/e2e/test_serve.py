from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from site_builder.publish import open_output
from site_builder.webserver import add_script, find_kind, is_own_name, read_page
from site_builder.wording import find_new_articles
from tests.serving import (
    PROBLEMS,
    SECONDS,
    Running,
    connect,
    find_shown,
    running,
    wait_reload,
    wait_until,
    write_article,
)

POLLING = (
    "import sys; sys.modules['watchfiles'] = None; from site_builder.cli import main; sys.exit(main(sys.argv[1:]))"
)
REPO = 'base_url = "https://owner.github.io/repo/"\n'


@pytest.fixture(name="site")
def make_site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    write_article(site, "one", "The first text.")
    write_article(site, "two")
    return site


def test_every_change_is_built_once_served_and_told(site: Path) -> None:
    with running(site) as server:
        assert "The first text." in server.page("articles/one.html")
        assert "changes are noticed at once" in server.text

        assert wait_reload(server, lambda: write_article(site, "one", "The second text.")) == ["*"]
        assert "The second text." in server.page("articles/one.html")
        assert server.builds == 2

        def add_many() -> None:
            for number in range(20):
                write_article(site, f"many-{number}")

        assert wait_reload(server, add_many, "/archive/") == ["*"]
        assert all(server.page(f"articles/many-{number}.html") for number in range(20))
        assert server.builds == 3
        assert f"  {server.origin}/articles/many-0.html" in server.lines
        assert "  … and 10 more new articles" in server.lines

        assert wait_reload(server, (site / "content" / "two.md").unlink, "/articles/two.html") == ["*"]
        assert server.get("/articles/two.html")[0] == 404

        old = site / "three.md"
        old.write_text("---\ntitle: three\n---\ntext\n")
        os.utime(old, (1_000_000_000, 1_000_000_000))
        wait_reload(server, lambda: old.rename(site / "content" / "moved.md"), "/archive/")
        assert server.page("articles/three.html")

        theme = site / "templates"
        theme.mkdir()
        extended = '{% extends "!default/article.html" %}{% block head_extra %}<meta name="mine">{% endblock %}'
        wait_reload(server, lambda: (theme / "article.html").write_text(extended))
        assert '<meta name="mine">' in server.page("articles/one.html")


def test_saves_in_quick_succession_are_all_built(site: Path) -> None:
    with running(site) as server:
        for number in range(5):
            write_article(site, "one", f"Save {number}.")
            server.wait_page("articles/one.html", f"Save {number}.")


def test_a_folder_that_is_moved_in_is_read_to_its_bottom(site: Path) -> None:
    """Only the folder is named by the system; what was in one of its name before is known by its listings."""
    write_article(site, "year/deep/old")
    with running(site) as server:
        assert server.page("articles/old.html")
        other = site / "elsewhere"
        (other / "deep").mkdir(parents=True)
        (other / "deep" / "new.md").write_text("---\ntitle: moved in\n---\ntext\n")
        (site / "content" / "year").rename(site / "before")
        server.wait_builds(2)
        assert server.get("/articles/old.html")[0] == 404
        other.rename(site / "content" / "year")
        server.wait_page("articles/moved-in.html", "moved in")
        (site / "content" / "year" / "deep" / "new.md").rename(site / "content" / "year" / "deep" / "again.md")
        server.wait_builds(4)
        assert server.page("articles/moved-in.html")


def test_a_change_of_branch_is_one_build(site: Path) -> None:
    if not shutil.which("git"):
        pytest.skip("there is no git here")

    def git(*arguments: str) -> None:
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
        who = ["-c", "user.name=Ida", "-c", "user.email=ida@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=site, check=True, env=quiet, capture_output=True)

    (site / ".gitignore").write_text("/output/\n/.site-builder-cache/\n")
    (site / "site.toml").write_text('[outputs]\ndata = false\nsource = false\n[search]\nengine = "none"\n')
    git("init", "--initial-branch=first")
    for name in ("first", "second"):
        if name == "second":
            git("checkout", "-b", name)
        for number in range(1000):
            write_article(site, f"{number % 10}/n{number}", f"As on the {name} branch.")
        git("add", ".")
        git("commit", "-m", name)
    with running(site, patience=100.0) as server:
        wait_reload(server, lambda: git("checkout", "first"), "/articles/n999.html", patience=100.0)
        assert server.builds == 2
        for number in (0, 500, 999):
            assert "As on the first branch." in server.page(f"articles/n{number}.html")


def test_a_page_is_told_only_of_what_it_shows(site: Path) -> None:
    with running(site) as server:

        def change_both() -> None:
            write_article(site, "one", "The second text.")
            server.wait_builds(2)
            write_article(site, "two", "Its own news.")

        assert wait_reload(server, change_both, "/articles/two.html") == ["*"]
        assert server.builds == 3

        # A browser that shows the page as it was, such as one that was asleep, is told as soon as it connects.
        shown = find_shown(server.page("articles/one.html"))
        write_article(site, "one", "The third text.")
        server.wait_builds(4)
        assert wait_reload(server, lambda: None, shown=shown) == ["*"]


def test_an_address_without_a_page_is_told_when_there_is_one(site: Path) -> None:
    with running(site) as server:
        assert wait_reload(server, lambda: write_article(site, "three"), "/articles/three.html") == ["*"]


def test_a_style_sheet_is_refreshed_in_place(site: Path) -> None:
    style = site / "templates" / "assets" / "mine.css"
    style.parent.mkdir(parents=True)
    style.write_text("p { color: red }")
    (site / "templates" / "article.html").write_text(
        '{% extends "!default/article.html" %}'
        '{% block head_extra %}<link rel="stylesheet" href="{{ page.root }}{{ site.assets["mine.css"] }}">'
        "{% endblock %}"
    )
    with running(site) as server:
        (told,) = wait_reload(server, lambda: style.write_text("p { color: blue }"))
        assert re.fullmatch(r"/assets/mine\.[0-9a-f]{10}\.css", told)
        assert server.get(told)[2] == "p { color: blue }"

        def change_page_and_style() -> None:
            style.write_text("p { color: green }")
            write_article(site, "one", "Another text.")

        assert "*" in wait_reload(server, change_page_and_style)


def test_an_error_keeps_the_last_good_site_until_it_is_mended(site: Path) -> None:
    with running(site) as server:
        before = len(server.lines)
        (site / "content" / "one.md").write_text("---\ntitle: [\n---\ntext\n")
        server.wait_line("nothing was published: 1 error; the site of before is served on", before)
        assert "error: content/one.md:" in server.text
        assert "The first text." in server.page("articles/one.html")
        assert wait_reload(server, lambda: None) == [PROBLEMS]
        mend = wait_reload(server, lambda: write_article(site, "one", "The first text."), least=2)
        assert mend == [PROBLEMS, PROBLEMS]
        assert server.problems() == []

        before = len(server.lines)
        (site / "templates").mkdir()
        (site / "templates" / "article.html").write_text("{% broken %}")
        server.wait_line("error: templates/article.html:1", before)
        server.wait_line("nothing was published", before)
        assert server.page("articles/one.html")
        (problem,) = server.problems()
        assert problem["excerpt"] == [{"number": 1, "text": "{% broken %}", "meant": True}]
        wait_reload(server, (site / "templates" / "article.html").unlink, least=2)

        before = len(server.lines)
        with open_output(site / "output"):
            write_article(site, "one", "Saved while another build went on.")
            server.wait_line("nothing was published", before)
        server.wait_page("articles/one.html", "Saved while another build went on.")
        wait_until(lambda: server.problems() == [], "no problems")


def test_settings_are_read_again(site: Path) -> None:
    settings = site / "site.toml"
    with running(site) as server:
        assert server.base == "/"
        settings.write_text('titel = "Wrong"\n')
        server.wait_line("unknown key 'titel'")
        server.wait_line("the settings of before hold")
        write_article(site, "one", "Built with the settings of before.")
        server.wait_page("articles/one.html", "Built with the settings of before.")
        wait_until(lambda: [problem["place"] for problem in server.problems()] == ["site.toml:1"], "the wrong setting")
        server.wait_builds(3)
        mend = wait_reload(server, lambda: settings.write_text('title = "Mended"\n'), least=3)
        assert mend == [PROBLEMS, "*", PROBLEMS]
        assert "Mended" in server.page("index.html")
        assert server.problems() == []
        wait_reload(server, lambda: settings.write_text(f'title = "Moved"\n{REPO}[addresses]\nledger = "kept.csv"\n'))
        assert server.get("/")[1]["Location"] == "/repo/"
        assert "Moved" in server.get("/repo/")[2]
        wait_reload(server, lambda: write_article(site, "three"), "/repo/")
        assert not (site / "kept.csv").exists()


def test_a_port_in_use_gives_way_to_the_next_free_one(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with running(site, "--port", str(number)) as server:
            assert f"port {number} is in use, {server.port} is free" in server.lines


def test_without_watchfiles_changes_are_looked_for(site: Path) -> None:
    with running(site, start=("-c", POLLING)) as server:
        assert "changes are looked for every half second (pip install 'site-builder[watch]'" in server.text

        def change() -> None:
            write_article(site, "one", "The second text.")
            for number in range(20):
                write_article(site, f"many-{number}")
            (site / "content" / "two.md").rename(site / "content" / "renamed.md")

        assert wait_reload(server, change) == ["*"]
        assert server.builds == 2
        assert "The second text." in server.page("articles/one.html")
        assert server.page("articles/many-19.html")


def test_the_limit_of_watched_folders_is_told_and_changes_are_looked_for(site: Path) -> None:
    few = 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"'
    before = ("unshare", "--user", "--map-root-user", "sh", "-c", few, "sh")
    if not shutil.which("unshare") or subprocess.run([*before, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody set a limit of their own")
    with running(site, before=before) as server:
        (line,) = [line for line in server.lines if "watches no more folders" in line]
        assert "changes are looked for every half second" in line
        assert "fs.inotify.max_user_watches" in line
        assert wait_reload(server, lambda: write_article(site, "one", "The second text.")) == ["*"]


def test_looking_for_changes_can_be_asked_for(site: Path) -> None:
    with running(site, "--poll") as server:
        assert "changes are looked for every half second" in server.lines
        assert wait_reload(server, lambda: write_article(site, "one", "The second text.")) == ["*"]


def test_a_hand_edit_of_the_ledger_is_a_change_and_the_server_never_writes_it(site: Path) -> None:
    (site / "site.toml").write_text('[addresses]\nledger = "addresses.csv"\n')
    subprocess.run([sys.executable, "-m", "site_builder", "build", "-q"], cwd=site, check=True, capture_output=True)
    ledger = site / "addresses.csv"
    recorded = ledger.read_text()
    with running(site) as server:
        write_article(site, "three")
        server.wait_page("articles/three.html", "three")
        write_article(site, "three", "Saved again, which is a small change still.")
        server.wait_page("articles/three.html", "a small change still")
        assert ledger.read_text() == recorded
        ledger.write_text(recorded.replace("articles/one.html", "articles/once.html"))
        server.wait_page("articles/once.html", "The first text.")
    subprocess.run([sys.executable, "-m", "site_builder", "build", "-q"], cwd=site, check=True, capture_output=True)
    assert "three.md,articles/three.html" in ledger.read_text()


def test_what_the_server_writes_itself_is_no_change(site: Path) -> None:
    with running(site) as server:
        for name in (".one.md.swp", "4913", "one.md~", "#one.md#", "sedX1y2Z3", "~$one.docx", "one.md.tmp"):
            (site / "content" / name).write_text("an editor's")
            (site / "content" / name).unlink()
        write_article(site, "one", "The second text.")
        server.wait_builds(2)
        write_article(site, "one", "The third text.")
        server.wait_builds(3)
        time.sleep(0.5)
        assert server.builds == 3


def test_the_browser_is_opened_where_the_site_is(site: Path, tmp_path: Path) -> None:
    (site / "site.toml").write_text(REPO)
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o755)
    with running(site, "--open", before=("env", f"BROWSER={browser}")) as server:
        wait_until(lambda: seen.exists() and seen.read_text(), "the browser")
        assert seen.read_text().strip() == f"{server.origin}/repo/"


def test_drafts_and_other_addresses_do_not_come_into_the_output(site: Path) -> None:
    write_article(site, "secret").write_text("---\ntitle: Secret\ndraft: true\n---\ntext\n")
    with running(site, "--drafts", "--base-url", "https://example.org/elsewhere/") as server:
        assert server.base == "/elsewhere/"
        assert "Secret" in server.page("articles/secret.html")
        page = "/elsewhere/articles/secret.html"
        wait_reload(server, lambda: (site / "site.toml").write_text('title = "Mine"\n' + REPO), page)
        assert "Mine" in server.page("articles/secret.html")
    assert not (site / "output").exists()


def test_a_folder_that_is_not_ours_is_neither_written_nor_shown(site: Path) -> None:
    (site / "output").mkdir()
    (site / "output" / "letter.html").write_text("private")
    server = Running(site)
    try:
        server.wait_line("nothing was published")
        assert server.get("/letter.html")[0] == 503
    finally:
        assert server.end() == 0


def test_only_this_machine_is_served_unless_another_is_named(site: Path) -> None:
    with running(site) as server:
        assert server.host == "127.0.0.1"
        assert "everybody" not in server.text
    with running(site, "--host", "0.0.0.0") as server:
        assert "everybody in this network can read the site" in server.lines


def test_an_address_of_another_machine_is_an_error(site: Path) -> None:
    command = [sys.executable, "-m", "site_builder", "serve", "--site", str(site), "--host", "192.0.2.1"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 4
    assert "--host 192.0.2.1 --port 8000: cannot be listened on" in ended.stderr


# --- what is served ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", name="server")
def serve_repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    site = tmp_path_factory.mktemp("served") / "site"
    write_article(site, "one")
    (site / "site.toml").write_text(REPO)
    with running(site) as server:
        output = site / "output"
        (output / ".well-known").mkdir()
        (output / ".well-known" / "note.txt").write_text("known")
        (output / "both").mkdir()
        (output / "both.html").write_text("the page")
        (output / "both" / "index.html").write_text("the folder")
        (output / "huge.html").write_bytes(b"<title>" + b"x" * 200_000 + b"</title></HEAD><p>a </head> in the text</p>")
        (output / "outside.html").symlink_to(site / "content" / "one.md")
        (output / "outside").symlink_to(site / "content")
        yield server


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/", 302, "/repo/"),
        ("/repo", 301, "/repo/"),
        ("/repo/", 200, None),
        ("/repo/articles/one.html", 200, None),
        ("/repo/articles/one", 200, None),
        ("/repo/articles/one.json", 200, None),
        ("/repo/articles/ONE.html", 404, None),
        ("/repo/articles/one.html/", 404, None),
        ("/repo/archive", 301, "/repo/archive/"),
        ("/repo/archive?a=b", 301, "/repo/archive/?a=b"),
        ("/repo/archive/", 200, None),
        ("/repo/nothing", 404, None),
        ("/index.html", 404, None),
        ("/repo/.site-builder.json", 404, None),
        ("/repo/.nojekyll", 404, None),
        ("/repo/.well-known/note.txt", 200, None),
        ("/repo/../content/one.md", 404, None),
        ("/../site.toml", 404, None),
        ("/repo/%2e%2e/content/one.md", 404, None),
        ("/repo/%2e%2e%2fcontent%2fone.md", 404, None),
        ("/repo/..%5ccontent%5cone.md", 404, None),
        ("/repo/articles/..%2f..%2f..%2fsite.toml", 404, None),
        ("/repo//etc/passwd", 404, None),
        ("/repo/%2fetc%2fpasswd", 404, None),
        ("/repo//archive", 404, None),
        ("//archive", 404, None),
        ("/repo/a%00b", 404, None),
        ("/repo/%ff", 400, None),
        ("/repo/outside.html", 404, None),
        ("/repo/outside", 404, None),
        ("/repo/outside/one.md", 404, None),
        ("/forcereload", 404, None),
        ("/forcereload?path=*", 404, None),
        ("/repo/" + "x" * 5000, 404, None),
    ],
)
def test_routes_are_those_of_github_pages(server: Running, path: str, status: int, location: str | None) -> None:
    found, headers, _ = server.get(path)
    assert (found, headers["Location"]) == (status, location)


def test_a_page_goes_before_a_folder_of_its_name(server: Running) -> None:
    assert "the page" in server.page("both")
    assert "the folder" in server.page("both/")


def test_a_missing_page_has_the_page_of_the_site(server: Running) -> None:
    _, headers, body = server.get("/repo/nothing/here.html")
    page = (server.site / "output" / "404.html").read_text()
    assert re.sub(r"<script.*?</script>", "", body) == page
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_script_is_added_on_the_wire_only(server: Running) -> None:
    start = f'<script src="/livereload.js?host=127.0.0.1&amp;port={server.port}&amp;page='
    for path in ("", "articles/one", "nothing"):
        page = server.get(f"/repo/{path}")[2]
        assert page.count(start) == 1
        assert f'{start}{find_shown(page)}" async></script></head>' in page
    huge = server.page("huge.html")
    assert len(huge) > 200_000
    assert huge.count("<script") == 1
    assert '" async></script></HEAD>' in huge
    for kind in ("json", "md"):
        assert server.page(f"articles/one.{kind}") == (server.site / f"output/articles/one.{kind}").read_text()
    assert not any("<script src" in path.read_text() for path in (server.site / "output").rglob("*.html"))
    status, headers, body = server.get("/livereload.js")
    assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert body.index("LiveReloadPluginSiteBuilder") < body.index("official-7")


def test_nothing_is_kept_and_nothing_is_guessed(server: Running) -> None:
    ours = ["/livereload.js", "/livereload/overlay.css", PROBLEMS]
    for path in ("/repo/", "/repo/articles/one.json", "/repo/nothing", *ours):
        _, headers, _ = server.get(path)
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Access-Control-Allow-Origin"] is None
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["ETag"] is None
        assert server.get(path, **{"If-None-Match": "*"})[0] != 304
    status, headers, body = server.get("/repo/", method="HEAD")
    assert (status, body) == (200, "")
    assert int(headers["Content-Length"]) == len(server.page("").encode())
    assert server.get("/repo/", method="POST")[0] == 405


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "192.168.1.2"])
@pytest.mark.parametrize("path", ["/repo/", "/", "/livereload.js", "/forcereload", "/livereload", PROBLEMS])
def test_only_names_of_this_machine_are_answered(server: Running, host: str, path: str) -> None:
    status, headers, body = server.get(path, Host=host.format(port=server.port))
    assert (status, headers["Location"]) == (403, None)
    assert "one" not in body
    for own in ("localhost", "LOCALHOST:1234", f"127.0.0.1:{server.port}", f"[::1]:{server.port}"):
        assert server.get("/repo/", Host=own)[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", "http://localhost:{port}"])
def test_pages_from_elsewhere_may_not_listen(server: Running, origin: str) -> None:
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(connect(server, origin.format(port=server.port)))
    assert refused.value.code == 403


def test_nonsense_on_the_socket_ends_the_connection(server: Running) -> None:
    async def talk(message: str) -> str | bytes | None:
        browser = await connect(server, server.origin)
        await browser.write_message(message)
        answer = await asyncio.wait_for(browser.read_message(), SECONDS)
        browser.close()
        return answer

    for message in ("{", "[]", "1", '{"command": "info", "url": 1}', '{"no": "command"}'):
        assert asyncio.run(talk(message)) is None
    assert server.page("")


def read_limit_of_files() -> int:
    try:
        import resource
    except ImportError:  # not a posix system
        return 0
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_who_sends_too_much_or_nothing_holds_nobody_up(server: Running) -> None:
    def send(data: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", server.port), SECONDS)
        connection.sendall(data)
        return connection

    host = b"Host: 127.0.0.1\r\n"
    silent = (b"", b"GET /", b"GET / HTTP/1.1\r\nHost", b"\x16\x03\x01")
    # A thousand of them, where this process and the server may have so many descriptors.
    idle = [send(data) for data in silent for _ in range(250 if read_limit_of_files() >= 4096 else 50)]
    assert server.page("")
    for data in (
        b"POST /repo/ HTTP/1.1\r\n" + host + b"Content-Length: 1000000000\r\n\r\n" + b"a" * 100_000,
        b"POST /repo/ HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n" + b"a" * 100_000,
        b"GET /repo/" + b"x" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /repo/ HTTP/1.1\r\n" + host + b"A: b\r\n" * 20_000 + b"\r\n",
    ):
        answered = b""
        with suppress(ConnectionError), closing(send(data)) as connection:
            while part := connection.recv(4096):
                answered += part
        assert b" 200 " not in answered[:20]
    assert server.page("")
    for connection in idle:
        connection.close()


# --- parts that need no server -----------------------------------------------------------------------------------


def test_names_of_this_machine() -> None:
    assert is_own_name("site.local:8000", "site.local")
    assert is_own_name("[fe80::1]:8000", "fe80::1")
    assert is_own_name("192.168.1.2:8000", "0.0.0.0")
    assert not is_own_name("192.168.1.2:8000", "127.0.0.1")
    assert not is_own_name("evil.example", "0.0.0.0")
    assert not is_own_name("", "")


def test_a_page_without_a_head_has_the_script_at_its_end() -> None:
    assert add_script(b"<p>text", "/s.js") == b'<p>text<script src="/s.js" async></script>'


def test_kinds_do_not_depend_on_the_machine() -> None:
    assert find_kind("a.html.txt") == "text/plain; charset=utf-8"
    assert find_kind("a.unknown-kind") == "application/octet-stream"
    assert find_kind("a.png") == "image/png"


def test_a_disk_that_does_not_tell_capital_letters_serves_names_as_written(tmp_path: Path) -> None:
    (tmp_path / ".SITE-BUILDER.JSON").write_text("such a disk finds the file by this name too")
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "b.html").write_text("b")
    assert read_page(tmp_path, "A/b") == (b"b", "text/html; charset=utf-8")


def test_new_articles_are_told_from_other_pages() -> None:
    written = ["articles/a.html", "articles/a.json", "archive/2024.html", "articles/b.html", "index.html"]
    assert find_new_articles(written, {"articles/a.html"}, "articles/{slug}.html") == ["articles/b.html"]
    assert find_new_articles(["2024/a/index.html", "2024/index.html"], (), "{year}/{slug}/") == ["2024/a/index.html"]
