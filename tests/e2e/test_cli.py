"""The command line as people use it: real processes, exit statuses, what is printed where."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.pictures import make_png
from tests.sites import NO_SHARED, SHARED, list_files, make_markdown


def read_terminal(ours: int) -> bytes:
    """Return all that is shown on a pseudo-terminal until its other end is closed."""
    shown = b""
    while True:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # how Linux tells that the other end was closed
            return shown


def run(*arguments: str, cwd, **more) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "site_builder", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", timeout=60, **more)


def test_a_new_site_builds_at_once(tmp_path):
    made = run("new", "arsip", cwd=tmp_path)
    assert made.returncode == 0
    assert "arsip/site.toml" in made.stdout
    built = run("build", cwd=tmp_path / "arsip")
    assert built.returncode == 0, built.stderr
    assert built.stdout.startswith("1 added, 0 changed, 0 removed: ")
    assert built.stderr.count("\n") == 1, "all that is left to say is where the site will be"
    assert "without base_url" in built.stderr
    page = (tmp_path / "arsip/output/articles/arsip-anda-sudah-siap.html").read_text()
    assert "site-builder serve --open" in page
    assert "git push -u origin main" in page
    assert (tmp_path / "arsip/addresses.csv").exists()
    again = run("new", "arsip", cwd=tmp_path)
    assert again.returncode == 3
    assert "arsip/site.toml: is already there, and nothing was made (name a new folder)" in again.stderr


def test_a_new_site_in_another_language_and_with_a_name(tmp_path):
    made = run("new", "papers", "--language", "en", "--title", 'The "old" papers', cwd=tmp_path)
    assert made.returncode == 0
    assert run("build", "-q", cwd=tmp_path / "papers").returncode == 0
    home = (tmp_path / "papers/output/index.html").read_text()
    assert "<title>The &#34;old&#34; papers</title>" in home
    assert '<html lang="en"' in home
    assert (tmp_path / "papers/output/articles/your-archive-is-ready.html").exists()
    wrong = run("new", "other", "--language", "e n", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        'error: --language: must be a language code, such as "id" or "en"\n',
    )
    assert not (tmp_path / "other").exists()


def test_a_folder_of_articles_is_enough(tmp_path):
    (tmp_path / "teks").mkdir()
    (tmp_path / "teks" / "a.txt").write_text("Air naik\n\nAir naik sejak pagi di kampung itu, kata warga.\n")
    (tmp_path / "teks" / "a.json").write_text("{}")
    built = run("build", "--content", "teks", cwd=tmp_path)
    assert built.returncode == 0
    assert built.stderr.startswith("warning: teks/a.txt: has no date")
    assert (tmp_path / "output/articles/air-naik.html").exists()
    assert sorted(p.name for p in (tmp_path / "teks").iterdir()) == ["a.json", "a.txt"], "the articles are only read"


def test_a_picture_and_a_document_beside_an_article(site):
    site.write("2024/a.md", make_markdown("Perahu", "2024-03-01", body="![x](../img/p.png) [n](n.pdf) [hilang](h.pdf)"))
    site.write("img/p.png", make_png(40, 30))
    site.write("2024/n.pdf", b"%PDF-1.4")
    built = run("build", cwd=site.root)
    assert built.returncode == 0
    assert (
        "content/2024/a.md:6: the file '2024/h.pdf' is not there (put the file there, or mend its path)" in built.stderr
    )
    page = site.read("articles/perahu.html")
    assert '<img src="../files/img/p.png" alt="x" width="40" height="30" loading="lazy" decoding="async">' in page
    assert '<a href="../files/2024/n.pdf">n</a>' in page
    site.write("2024/h.pdf", b"%PDF-1.7")
    mended = run("build", cwd=site.root)
    assert "h.pdf" not in mended.stderr
    assert 'href="../files/2024/h.pdf"' in site.read("articles/perahu.html")
    told = run("explain", "output/articles/perahu.html", cwd=site.root)
    assert "files 2024/h.pdf" in told.stdout
    assert "img/p.png" in told.stdout
    site.write("img/p.png", make_png(50, 30))
    told = run("explain", "output/files/img/p.png", cwd=site.root)
    assert "img/p.png (changed since)" in told.stdout
    assert "renders it: files img/p.png" in told.stdout


def test_from_a_folder_inside_the_site(site):
    site.write("a/b.md", make_markdown("A"))
    built = run("build", "-q", cwd=site.root / "content" / "a")
    assert (built.returncode, built.stdout) == (0, "")
    assert (site.output / "index.html").exists()


def test_errors_of_the_content_are_status_1_and_all_are_printed(site):
    site.write("a.md", make_markdown("A"))
    assert run("build", cwd=site.root).returncode == 0
    before = list_files(site.output)
    site.write("b.md", make_markdown("B", "2024-13-01"))
    site.write("c.md", b"\x89PNG\r\n\x1a\n" + bytes(50))
    failed = run("build", cwd=site.root)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert (
        "error: content/b.md:3: date: unknown date '2024-13-01' (there is no such day or time; write YYYY-MM-DD)"
        in (failed.stderr)
    )
    assert "error: content/c.md: " in failed.stderr
    assert failed.stderr.endswith("nothing was published: 2 errors; the old site stands as it was\n")
    assert "Traceback" not in failed.stderr
    assert list_files(site.output) == before
    kept = run("build", "-k", cwd=site.root)
    assert kept.returncode == 1
    assert kept.stdout.startswith("0 added, 0 changed, 0 removed")


def test_the_report(site):
    site.write("a.md", make_markdown("A"))
    site.write("b.md", make_markdown("B", "x"))
    done = run("build", "--report", "-", "-k", cwd=site.root)
    report = json.loads(done.stdout)
    assert report["articles"] == {"total": 1, "added": 1, "changed": 0, "removed": 0, "failed": 1}
    assert "articles/a.html" in report["outputs"]["written"]
    assert report["problems"][0] == {
        "severity": "error",
        "place": "content/b.md:3",
        "file": "content/b.md",
        "line": 3,
        "column": None,
        "message": "date: unknown date 'x'",
        "hint": "write YYYY-MM-DD",
    }
    assert set(report["seconds"]) == {"scan", "read", "plan", "search", "render", "publish", "total"}
    assert run("build", "--report", "r.json", cwd=site.root).returncode == 1
    assert json.loads((site.root / "r.json").read_text())["outputs"]["written"] == []


def test_a_report_of_names_that_are_no_text_is_json_all_the_same(site):
    os.close(os.open(os.fsencode(site.root / "content") + b"/\xff\xfe.md", os.O_CREAT))
    site.write("b.md", '---\ntitle: B\ndate: "\\e[31m\\x9b\\u202e"\n---\n')
    done = run("build", "--report", "r.json", "-k", cwd=site.root)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    text = (site.root / "r.json").read_text(encoding="utf-8")
    assert text.replace("\n", "").isprintable()
    problems = json.loads(text)["problems"]
    assert any(os.fsencode(problem["file"]) == b"content/\xff\xfe.md" for problem in problems)


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["build", "--page"], "", "unrecognized arguments: --page"),
        (["build", "--base-url", "example"], "", "--base-url: must be a web address"),
        (["build", "--as-of", "soon"], "", "unknown date 'soon'"),
        (["build", "--site", "nowhere"], "", "nowhere: there is no such folder"),
        (["build", "--content", "nowhere"], "", "nowhere: there is no folder of articles here"),
        (["build"], "titel = 1", "site.toml:1: unknown key 'titel' (did you mean 'title'?)"),
        (["build"], '[names]\nhom = "x"', "site.toml:2: unknown name 'hom' in [names] (did you mean 'home'?)"),
        (["build"], '[text]\ndisable = ["no.such.rule"]', "no.such.rule"),
        (["explain", "nothing.txt"], "", "nothing.txt: there is no such file"),
    ],
)
def test_a_wrong_command_or_configuration_is_status_2(site, arguments, settings, words):
    site.write("a.md", make_markdown("A"))
    (site.root / "site.toml").write_text(settings)
    done = run(*arguments, cwd=site.root)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not site.output.exists()


def test_a_foreign_folder_is_status_3(site):
    site.write("a.md", make_markdown("A"))
    site.output.mkdir()
    (site.output / "mine.txt").write_text("mine")
    done = run("build", cwd=site.root)
    assert done.returncode == 3
    assert "mine.txt" in done.stderr
    assert list_files(site.output).keys() == {"mine.txt"}


def test_a_locked_output_is_status_4(site):
    site.write("a.md", make_markdown("A"))
    from site_builder.publish import open_output

    with open_output(site.output):
        done = run("build", cwd=site.root)
    assert done.returncode == 4
    assert "another build" in done.stderr


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_build_that_is_stopped_leaves_the_old_site_and_nothing_else(site, sent, status, jobs):
    for number in range(40):
        site.write(f"{number}.md", make_markdown(f"Judul {number}"))
    assert run("build", "-q", cwd=site.root).returncode == 0
    before = list_files(site.output)
    site.template("article.html", "{% for n in range(99999999) %}{% if n == -1 %}x{% endif %}{% endfor %}")
    command = [sys.executable, "-m", "site_builder", "build", "--jobs", jobs]
    with subprocess.Popen(command, cwd=site.root, stderr=subprocess.PIPE, text=True, start_new_session=True) as build:
        working = site.root / ".output.site-builder"
        deadline = time.monotonic() + 60
        while not working.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)
        os.killpg(build.pid, sent)
        assert build.stderr is not None
        told = build.stderr.read()
    assert build.returncode == status
    assert "Traceback" not in told
    assert list_files(site.output) == before
    assert not working.exists()


def test_explain_shows_each_line_with_its_part_and_rule(site):
    site.write("a.txt", "Air naik | Dunia | Berita\n\nAir naik sejak pagi, kata warga.\n\nHalaman Selanjutnya\n")
    done = run("explain", "content/a.txt", cwd=site.root)
    assert done.returncode == 0
    rows = [line.split(maxsplit=3) for line in done.stdout.splitlines() if line[:5].strip().isdigit()]
    assert [(row[0], row[1], row[3]) for row in rows if len(row) > 3] == [
        ("1", "title", "Air naik"),
        ("1", "label", "|"),
        ("1", "section", "Dunia"),
        ("1", "label", "|"),
        ("1", "section", "Berita"),
        ("3", "body", "Air naik sejak pagi, kata warga."),
        ("5", "residue", "Halaman Selanjutnya"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal here")
@pytest.mark.parametrize(("settings", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_explain_shows_parts_in_colours_on_a_terminal_only(site, settings, coloured):
    import pty

    site.write("a.txt", "Air naik\n\nAir naik sejak pagi, kata warga.\n\nHalaman Selanjutnya\n")
    command = [sys.executable, "-m", "site_builder", "explain", "content/a.txt"]
    assert "\x1b" not in run("explain", "content/a.txt", cwd=site.root).stdout
    ours, theirs = pty.openpty()
    environment = {
        "TERM": "xterm",
        **{k: v for k, v in os.environ.items() if k not in ("TERM", "NO_COLOR")},
        **settings,
    }
    with subprocess.Popen(command, cwd=site.root, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = read_terminal(ours)
        assert process.wait(60) == 0
    os.close(ours)
    assert (b"\x1b[31m    5  residue" in shown) == coloured
    assert b"Halaman Selanjutnya" in shown


def test_rules_suggest_prints_a_pack_that_can_be_used_as_it_is(site):
    for number in range(3):
        story = f"Cerita nomor {number} tentang sungai itu cukup panjang, kata warga desa."
        site.write(f"2020-01-0{number + 1}-a.txt", f"Judul nomor {number}\n\n{story}\n\nIkuti saluran kami\n")
    done = run("rules", "suggest", cwd=site.root)
    assert done.returncode == 0, done.stderr
    assert "# in 3 articles, such as content/2020-01-01-a.txt:5, " in done.stdout
    (site.root / "rules").mkdir()
    (site.root / "rules" / "ours.toml").write_text(done.stdout, encoding="utf-8")
    assert run("rules", "test", cwd=site.root).returncode == 0
    shown = run("explain", "content/2020-01-01-a.txt", cwd=site.root).stdout
    assert "residue" in next(line for line in shown.splitlines() if "Ikuti saluran" in line)
    again = run("rules", "suggest", cwd=site.root)
    assert (again.returncode, again.stdout) == (2, "")
    assert "no line of the running text stands in 3 articles or more (ask for fewer with --least)" in again.stderr


def test_rules_are_listed_and_tested(site):
    listed = run("rules", "list", cwd=site.root)
    assert listed.returncode == 0
    assert any(line.split() == ["id.next-page", "residue", "lang.id"] for line in listed.stdout.splitlines())
    tested = run("rules", "test", cwd=site.root)
    assert tested.returncode == 0
    assert "every example is moved or kept as it should be" in tested.stdout
    (site.root / "rules").mkdir()
    pack = '[pack]\nid = "project.x"\n[[rule]]\nname = "x.y"\npart = "residue"\nline = ["Ini"]\n'
    pack += 'move = ["Itu"]\nkeep = ["Ini"]\n'
    (site.root / "rules" / "x.toml").write_text(pack)
    tested = run("rules", "test", cwd=site.root)
    assert tested.returncode == 2
    assert tested.stderr.count("error: rules/x.toml:") == 2


def test_control_characters_of_an_article_never_reach_the_terminal(site):
    site.write("a.md", '---\ntitle: A\nslug: "x\\e]0;owned\\a"\n---\n')
    site.write("b\x1b[31m.md", "---\ndate: x\n---\n")
    done = run("build", cwd=site.root)
    assert "\x1b" not in done.stdout + done.stderr
    assert "\\x1b" in done.stderr


def test_the_bytes_hang_on_nothing_of_the_machine(site, tmp_path):
    for number in range(3):
        site.write(f"{number}.md", make_markdown(f"Judul {number}", "2019-03-04T23:30+07:00", "garam"))
    (site.root / "site.toml").write_text('base_url = "https://example.org/"\n')
    sites = []
    machines = [("Asia/Jakarta", "C", "0", 0o022), ("America/New_York", "C.UTF-8", "77", 0o077)]
    for zone, locale, seed, umask in machines:
        env = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed, "HOME": str(tmp_path)}
        output = tmp_path / seed / "output"
        where = ["--site", str(site.root), "--output", str(output)]
        jobs = "1" if seed == "0" else "2"
        done = run("build", *where, "--clean", "--jobs", jobs, cwd=tmp_path, env=env, umask=umask)
        assert done.returncode == 0, done.stderr
        sites.append((list_files(output), {p.name: p.stat().st_mode & 0o777 for p in output.rglob("*")}))
    assert sites[0] == sites[1]


def test_the_two_seeds_as_the_user_would_build_them(tmp_path):
    if not SHARED.is_dir():
        pytest.skip(NO_SHARED)
    spec = importlib.util.spec_from_file_location("compare", SHARED / "cases" / "messy" / "compare.py")
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    done = run("build", "--content", str(SHARED / "seeds"), "--output", "OUT", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 added, ")
    pages = list((tmp_path / "OUT" / "articles").glob("*.json"))
    assert len(pages) == 2
    for path in pages:
        data = json.loads(path.read_text(encoding="utf-8"))
        source = (SHARED / "seeds" / data["id"]).read_bytes()
        expected = json.loads((SHARED / "seeds" / data["id"].replace(".txt", ".expect.json")).read_bytes())
        assert judge.compare(expected, data) == []
        assert judge.not_conserved(source.decode(), data) == []
        assert data["body"] == expected["body"]
        assert "".join(source.decode()[part["start"] : part["end"]] for part in data["parts"]) == source.decode()
        assert path.with_suffix(".txt").read_bytes() == source
