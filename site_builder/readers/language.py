"""The language of a text, by its script and its function words, or by a detector that was asked for.

Words and scripts vote; a text that does not tell is in the language of the site. This room knows nothing of
articles or rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain, filterfalse
from typing import Any

_ENOUGH = 1_000
"""Characters that are looked at: a language shows early, and a text may be a megabyte long."""

_SCRIPTS = (
    ("ja", "[\u3040-\u30ff]"),
    ("ko", "[\u1100-\u11ff\uac00-\ud7af]"),
    ("zh", "[\u3400-\u4dbf\u4e00-\u9fff]"),
    ("ar", "[\u0600-\u06ff\u0750-\u077f]"),
    ("ru", "[\u0400-\u04ff]"),
    ("el", "[\u0370-\u03ff]"),
    ("he", "[\u0590-\u05ff]"),
    ("hi", "[\u0900-\u097f]"),
    ("ta", "[\u0b80-\u0bff]"),
    ("th", "[\u0e00-\u0e7f]"),
)
_KANA = 10
"""A Japanese text is mostly Han signs: one kana in so many signs is enough."""

_LETTER = re.compile(r"[^\W\d_]")
_SIGNS = ".,;:!?…\"'“”„‘’«»‹›()[]{}¿¡*_/–—-"
_TYPOGRAPHIC = "“”‘’–—…"
"""Those of these signs that are common: for the words it is one which of them stands beside them."""

_FUNCTION_WORDS = {
    "id": """
        ada adalah agar akan aku anda antara apa apabila apakah atas atau bagaimana bagi bahkan bahwa bakal
        banyak baru beberapa begitu belum bila bisa boleh bukan dalam dan dapat dari daripada dengan di dia
        dirinya dua hal hanya hari harus hingga ia ini itu jadi jika juga kalau kami kamu karena kata katanya ke
        kembali kemudian kepada ketika kita lagi lain lalu lebih maka malah masih melainkan memang mengatakan
        mengenai menjadi menurut mereka meski namun nanti oleh orang pada paling para pelbagai perlu pernah
        pihak pihaknya pula pun saat saja salah sama sambil sampai sangat satu saya sebab sebagai sebanyak
        sebelum sebuah sedang sehingga sejak selain selama seluruh semua seorang seperti serta sesuai setelah
        setiap sini suatu sudah supaya tak tanpa telah tentang terhadap termasuk tersebut tetapi tidak tiga
        turut ucap ucapnya ujar ujarnya untuk usai walaupun yaitu yakni yang
    """,
    "ms": """
        ada adalah agar akan aku anda antara apa apabila atas atau bagaimana bagi bahawa baharu banyak beberapa
        belum beliau berkata berkenaan boleh bukan dalam dan dapat dari daripada dengan di dia dua hal hanya hari
        harus hingga ia ialah iaitu ini itu jadi jika juga kalau kami kamu katanya ke kepada kerana ketika kita
        lagi lain lalu lebih maka mahu mahupun malah manakala masih melainkan memandangkan mengenai menerusi
        menjadi menurut mereka namun oleh orang pada para paling pelbagai perlu pernah pihak pihaknya pula pun
        saat sahaja sama sambil sampai sangat satu saya sebab sebagai sebanyak sebelum sebuah sedang sehingga
        sejak sekiranya selain selama selepas seluruh semasa semua seorang seperti seramai serta setiap sini
        suatu sudah supaya susulan tanpa telah tentang terhadap termasuk tersebut tetapi tidak tiga turut untuk
        walaupun yang
    """,
    "en": """
        a about after all also an and any are as at be because been before being but by can could did do does
        for from had has have he her his how i if in into is it its just like may me more most my new no not of
        on one only or other our out over said says she should so some such than that the their them then there
        these they this those to under until up was we were what when where which while who why will with would
        you your
    """,
    "es": """
        a al ante año aunque como con contra cuando de del desde después dijo donde durante el ella ellos en entre
        era es esta este esto está están fue fueron ha había hace han hasta la las le les lo los más me mientras
        muy ni no nos o otro para pero por porque puede que quien se según ser si sin sobre son su sus también
        tiene todo todos tras un una uno y ya yo
    """,
    "pt": """
        a ainda ao aos após as até com como contra da das de depois disse do dos e ela ele eles em entre era essa
        esse esta este está estão eu foi foram há isso já lhe mais mas mesmo muito na nas no nos não o onde os ou
        para pela pelo pelos por porque quando que quem se segundo sem ser seu seus sobre sua suas são também tem
        todos um uma você à às é
    """,
    "fr": """
        a ai après au aussi autre aux avant avec avait bien ce cela ces cette ceux chez comme contre dans de des
        deux dit donc du elle elles en encore entre est et eu fait il ils je la le les leur leurs lui mais même
        moins mon ne nos notre nous on ont ou où par pas pendant peu plus pour qu que qui sa sans se selon ses si
        son sont sous sur tous tout très un une vous à été être
    """,
    "de": """
        aber als am an auch auf aus bei bis da damit dann das dass dem den denn der des die dies diese dieser doch
        durch ein eine einem einen einer eines er es für gegen habe haben hat hatte ich ihr ihre im in ist kann
        kein keine man mehr mit muss nach nicht noch nun nur ob oder sagte sehr sein seine seit sich sie sind so
        soll über um und uns unter vom von vor war waren was wenn werden wie wieder wir wird wurde zu zum zur
        zwischen
    """,
    "nl": """
        aan al als bij dan dat de deze die dit door dus een en er geen haar had heb hebben heeft hem het hij hoe
        hun ik in is kan maar meer men met mijn moet na naar niet nog nu of om omdat onder ook op over te tegen
        tot tussen uit van veel volgens voor want waren was wat we wel werd wie worden wordt zal ze zei zich zij
        zijn zo
    """,
}
"""The commonest small words of each language, from general knowledge of it; the order breaks ties."""


def _voters() -> Mapping[str, str]:
    """Return the languages of each word, in the order of the table, with blanks between them."""
    voters: dict[str, str] = {}
    for language, words in _FUNCTION_WORDS.items():
        for word in words.split():
            voters[word] = f"{voters.get(word, '')} {language}".strip()
    return voters


_VOTERS = _voters()
_PARTED: Mapping[str, Sequence[str]] = {languages: languages.split() for languages in _VOTERS.values()}
FUNCTION_WORDS = frozenset(_VOTERS)
"""The small words of all languages known here, in small letters."""


_LEAST_CONFIDENCE = 0.4
"""What py3langid gives below this is no better than the language of the site."""


def detect_language(text: str, fallback: str, detector: str = "words") -> str | None:
    """Return the language of `text` as an ISO 639-1 code; None when it has no words (digits are none).

    `detector` is `words` for the table here, as what follows says, or `py3langid` for the extra `language`. A script
    that most letters are in decides alone, where one language owns it. Else each function word votes for the languages
    that use it; the most votes win, but at least two and one in twenty words. Another language than `fallback` must win
    clearly: of the words that only one of the two uses, two more and three for every ten of the other's on top. Ties of
    others go to the first of the table.
    """
    head = text[:_ENOUGH]
    if not _LETTER.search(head):
        return fallback if _LETTER.search(text, _ENOUGH) else None
    if detector == "py3langid":
        language, confidence = _load_py3langid().classify(head)
        return str(language) if len(language) == 2 and confidence >= _LEAST_CONFIDENCE else fallback
    if not head.isascii():
        # Most texts have no other signs than these beyond ASCII, and without them are looked at in a third of the time.
        for sign in _TYPOGRAPHIC:
            head = head.replace(sign, '"')
    script = _script(head) if not head.isascii() and _foreign().search(head) else ""
    return script or _by_words(head.lower().split(), fallback)


@cache
def _load_py3langid() -> Any:  # noqa: ANN401 - it has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _foreign() -> re.Pattern[str]:
    # Only when there is need of it: a range of thousands of characters takes milliseconds to compile.
    return re.compile("[\u0370-\u1fff\u2e80-\uffef]")


def _script(text: str) -> str:
    letters = sum(map(str.isalpha, text))
    counts = {language: len(re.findall(pattern, text)) for language, pattern in _SCRIPTS}
    east = counts["ja"] + counts["zh"]
    if counts["ja"] * _KANA >= east and east * 2 > letters:
        return "ja"
    language = max(counts, key=counts.__getitem__)
    if counts[language] * 2 <= letters:
        return ""
    if language == "ru" and re.search("[іїєґІЇЄҐ]", text):
        return "uk"
    return language


def _by_words(words: Sequence[str], fallback: str) -> str:
    """Return the language of words in small letters, which may have signs before and behind them."""
    # All function words are of letters alone: one with a sign is found without it, and only so.
    signed = [word.strip(_SIGNS) for word in filterfalse(str.isalpha, words)]
    telling = Counter(filter(None, map(_VOTERS.get, chain(words, signed))))
    votes = dict.fromkeys(_FUNCTION_WORDS, 0)
    for languages, count in telling.items():
        for language in _PARTED[languages]:
            votes[language] += count
    most = max(votes.values())
    if most < 2 or most * 20 < len(words) or votes.get(fallback) == most:
        return fallback
    best = next(language for language, count in votes.items() if count == most)
    both = sum(count for languages, count in telling.items() if {best, fallback} <= {*_PARTED[languages]})
    ours, theirs = votes.get(fallback, 0) - both, most - both
    return best if theirs >= ours + 2 and theirs * 10 >= ours * 13 else fallback
