"""What to do about messages that say it neither themselves nor by a remedy: for the manual's page of all messages."""

from __future__ import annotations

_ADDRESS = "write a path of letters, digits, `-` and `/`, such as the default"
_ENCODING = "write one of Python's names of encodings, such as gb18030"
_NESTED = "write the keys that the archive needs, and leave out the rest"
_RECORD = "mend the record in the dump and add it again; the others were added"
_PICTURE = "it is published as it is; put a whole picture in its place"
_PERMISSION = "look whether it is there, and give yourself the right to read it"

REMEDIES: dict[str, str] = {
    # settings, command line
    "… begins with the folder …, which holds pages of another kind": "begin the pattern with another folder",
    "… does not name a file below the site's root": _ADDRESS,
    "… has a name of more than 255 bytes": _ADDRESS,
    "… has a name that Windows cannot store": _ADDRESS,
    "… holds a character that an address or a file name cannot have": _ADDRESS,
    "… leads to …: write an address that begins with https://": "write the whole address",
    "… leads to …: write an address that begins with https://, or the name of a page": "write the whole address, or "
    "the path of a page below content/pages/",
    "… names the unknown encoding …": _ENCODING,
    "… names …, which is no encoding of text": _ENCODING,
    "… is no language code, such as id or en": "write a code such as id or en",
    "… is no line of text": "write the value on one line, and not an empty one",
    "… is no number from 0 to 99999": "write a whole number in figures",
    "the report cannot be written: …": "the site is published all the same; name another file with --report",
    # articles
    "cannot be read: …": _PERMISSION,
    "cannot be listed: …": _PERMISSION,
    "there is no such file": "look at the path; it counts from the current folder",
    "the alias … is another page's address and is left out": "take it out of one of the two",
    "the file … is not there": "put the file there, or mend its path",
    "the file … has more pixels than can be scaled": _PICTURE,
    "the file … is damaged or cut off": _PICTURE,
    "the file … is no picture that can be read": _PICTURE,
    # front matter
    "the front matter is not YAML: …": "put the value into quotation marks, or take out the odd characters",
    "unknown date …": "write YYYY, YYYY-MM, YYYY-MM-DD, or YYYY-MM-DD HH:MM with an offset such as +07:00",
    # Markdown and HTML
    "Markdown cannot read this (…: …)": "simplify the text, or save it as .txt",
    "has more than … elements within each other, the limits.depth of site.toml": "simplify it, or save it as .txt",
    "is nested too deep for Markdown": "simplify the text, or save it as .txt",
    "trafilatura cannot read this (…: …)": "save its text as .txt",
    "holds JSON-LD that is none, which was left out": "nothing, if title and date were found elsewhere; "
    "else write them into a .meta file beside it",
    # rules
    "… is no pattern: …": "mend the pattern; it is one of Python's regular expressions",
    "the word of dates … means something else in an earlier pack": "leave it out of one of the two packs",
    "… should …, and does not": "mend the rule, or the example",
    "this is not TOML: …": "mend the line; see https://toml.io",
    # theme
    "is not a template": "mend the line; what Jinja found is told before",
    "the process that rendered it died (…)": "build with --jobs 1; if it dies again, look for a loop in the template",
    # output and machine
    "appeared while the site was being published, where it has a file of its own; kept under this name": "look whether "
    "you need it, and delete it",
    "the cache cannot be written: …": "make the folder writable, or make room",
    # add
    "byte … is not UTF-8": _RECORD,
    "has more than … MB": "raise [limits] megabytes, or leave the record out",
    "has more than … MB (lines … to …); is a quotation mark left open?": "close the quotation mark",
    "has … columns, and the header has …": "put quotation marks around fields that hold commas",
    "is JSON that cannot be read": _RECORD,
    "is JSON, but no object {…}": "write one object on each line",
    "is not CSV: … (lines … to …)": _RECORD,
    "is not JSON (column …: …)": _RECORD,
    "is not UTF-8": "save the dump as UTF-8",
    "the header is not UTF-8": "save the dump as UTF-8",
    "the header …": "mend the first row: it names the columns",
    "two columns are called …": "rename one",
    "has no text": "nothing, if the record holds none; else name its field under [import.map]",
    "has no text: there is no letter and no digit in it": "nothing: there is nothing to add",
    "… has more than … values": _RECORD,
    "… holds half a character (a lone surrogate)": _RECORD,
    "its facts have more than … characters": "leave out fields with [import.map]",
    "there is no folder to make this one in": "make the folder above it first, or name another with --content",
    # check
    "has … GB already; GitHub Pages publishes sites of up to … GB": "see what to turn off on the page Scale",
    "is published, and no template or style sheet names it": "remove the file, if nothing else needs it",
    # deploy
    "… and … more files above … MB": "make them smaller, or link to them at another place",
    "GitHub may take about … minutes for … files, and gives up after 10 (an estimate)": "nothing, if it works; "
    "else turn off [outputs] source and data",
    "cannot be the name of a branch": "name another --branch",
    "cannot be fetched: …": "look at your access to the remote, then deploy again",
    "could not make the commit: …": "read what git says; nothing was pushed",
    "made no commit": "look at the room on the disk, then deploy again; nothing was pushed",
    "git cannot use the repository here: …": "read what git says; it may name a command to run",
    "cannot be run: …": "look at the installation of git",
    # new and serve
    "the site cannot be made: …": "give yourself the right to write there, or name another folder",
    "this is a bug in site-builder": "save once more; if it comes again, please report it with the lines printed",
}
"""Message -> remedy."""

MORE: list[tuple[str, str, str, str]] = [
    ("theme", "error", "…", "what Jinja finds wrong in a template, with its line: mend it there"),
    ("repository", "error", "git …: …", "what git itself says; nothing was pushed"),
]
"""Messages that are another program's words: room, severity, message, remedy."""
