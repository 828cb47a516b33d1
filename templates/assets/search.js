/* The search page: whole texts by Pagefind where the site has such an index, else titles and summaries.
   Both are searched step by step, the newest years first, and give the same results: what an article says
   is put into the page as text, never as markup. docs/search.md tells how it works. */
(() => {
  "use strict";

  const ENOUGH = 10; // results to show at once, and to look for before older years wait to be asked for

  // --- words: folded, and cut to their stems -----------------------------------------------------------------

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
  const SUFFIXES = [/(?:lah|kah|tah|pun)$/, /(?:nya|ku|mu)$/, /(?:kan|an|i)$/];

  /** Return what may be the root of an Indonesian word: itself, and it without suffixes and prefixes.

      A prefix that swallowed the first letter of the root leaves more than one possibility: `menulis` is of `tulis`. */
  function findStems(word) {
    const stems = new Set([word]);
    const bodies = [word];
    let body = word;
    for (const suffix of SUFFIXES) {
      const shorter = body.replace(suffix, "");
      if (shorter.length >= 4 && shorter !== body) bodies.push((body = shorter));
    }
    for (const found of bodies) {
      stems.add(found);
      for (const root of cutPrefixes(found, 2)) stems.add(root);
    }
    return stems;
  }

  function cutPrefixes(word, depth) {
    const roots = [];
    const cut = (length, ...letters) => {
      const rest = word.slice(length);
      for (const letter of letters) {
        const root = letter + rest;
        if (root.length >= 4 && rest.length >= 3) roots.push(root);
      }
    };
    let match;
    if ((match = /^[mp]e(ng|ny|m|n)(?=[aiueo])/.exec(word))) {
      const lost = { ng: ["", "k"], ny: ["s"], m: ["p", "m"], n: ["t", "n"] }[match[1]];
      cut(match[0].length, ...lost);
    } else if ((match = /^[mp]e(?:ng(?=[gkh])|m(?=[bpf])|n(?=[cdjstz])|(?=[lrwymn]))/.exec(word))) {
      cut(match[0].length, "");
    } else if ((match = /^(?:di|ke|se)/.exec(word))) {
      cut(2, "");
    }
    if ((match = /^(?:ber|ter|per|pe|be|te)/.exec(word))) cut(match[0].length, "");
    return depth > 1 ? roots.concat(...roots.map((root) => cutPrefixes(root, depth - 1))) : roots;
  }

  const known = new Map();
  function stemsOf(word) {
    let stems = known.get(word);
    if (!stems) known.set(word, (stems = word.length > 4 ? findStems(word) : new Set([word])));
    return stems;
  }

  /** Tell whether a word of a text is the one looked for: it begins with it, or has a root in common. */
  function isMatch(word, wanted) {
    if (word.startsWith(wanted)) return true;
    const stems = stemsOf(wanted);
    for (const stem of stemsOf(word)) if (stems.has(stem)) return true;
    return false;
  }

  const listWords = (text) => (text.match(WORD) || []).map(fold);

  /** Return the phrases and the single words of a query, folded. */
  function readQuery(text) {
    const phrases = [];
    const rest = text.replace(/["“”„«»]([^"“”„«»]*)["“”„«»]/g, (_, phrase) => {
      const words = listWords(phrase);
      if (words.length) phrases.push(words);
      return " ";
    });
    return { text, phrases, words: listWords(rest), isEmpty: !listWords(text).length };
  }

  const holdsPhrase = (words, phrase) =>
    words.some((_, start) => phrase.every((word, i) => words[start + i] === word));

  function matches(words, query) {
    return (
      query.phrases.every((phrase) => holdsPhrase(words, phrase)) &&
      query.words.every((wanted) => words.some((word) => isMatch(word, wanted)))
    );
  }

  /** Return a text as pieces, [text, is found], in order. */
  function markWords(text, query) {
    const wanted = [...query.words, ...query.phrases.flat()];
    const pieces = [];
    let end = 0;
    for (const found of text.matchAll(WORD)) {
      const word = fold(found[0]);
      if (wanted.some((one) => isMatch(word, one))) {
        pieces.push([text.slice(end, found.index), false], [found[0], true]);
        end = found.index + found[0].length;
      }
    }
    return [...pieces, [text.slice(end), false]];
  }

  // --- what there is to search --------------------------------------------------------------------------------

  const waiting = new Map();
  const there = { titles: [], texts: [], words: 0 };
  window.archive = {
    /** What each script of titles calls. */
    add(period, number, rows) {
      waiting.get(`titles/${period}${number > 1 ? `-${number}` : ""}`)?.(rows);
    },
    /** What each script of words of titles calls. */
    words(number, rows) {
      waiting.get(`words/${number}`)?.(rows);
    },
    /** What the list of all calls. */
    list(titles, texts, words) {
      Object.assign(there, { titles, texts, words });
    },
    findStems,
  };

  function loadScript(path) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = path;
      script.onload = resolve;
      script.onerror = () => reject(new Error(path));
      document.head.append(script);
    });
  }

  const loaded = new Map();
  function loadRows(key) {
    if (!loaded.has(key)) {
      const rows = new Promise((resolve) => waiting.set(key, resolve));
      loaded.set(key, Promise.all([rows, loadScript(`search/${key}.js`)]).then(([found]) => found));
    }
    return loaded.get(key);
  }

  const loadTitles = ([period, number]) => loadRows(`titles/${period}${number > 1 ? `-${number}` : ""}`);

  // Each engine lists steps, the newest first; a step has the years from which it finds, and gives results.

  async function findTitles(shard, query, tell) {
    const rows = await loadTitles(shard);
    return rows
      .filter(([, title, summary]) => matches(listWords(tell(title, summary)), query))
      .map(([url, title, summary, date, section, lang]) => ({
        url, title, date, section, lang, pieces: markWords(summary, query),
      }))
      .reverse();
  }

  function listTitleSteps(query) {
    return there.titles.map((shard) => ({
      years: Number(shard[0]) ? [Number(shard[0]), Number(shard[0])] : null,
      run: () => findTitles(shard, query, (title, summary) => `${title} ${summary}`),
    }));
  }

  /** Before all else come the titles of all years: who types words of a title wants that article. In a small archive
      all titles are looked through; else each stands under its longest words, in the files of these words. */
  function listFirstSteps(query) {
    const find = there.words ? () => findByWords(query) : () =>
      Promise.all(there.titles.map((shard) => findTitles(shard, query, (title) => title)));
    return [{ years: null, isAlways: true, run: async () => (await find()).flat() }];
  }

  const SHORTEST = 3;
  const MOST_ASKED = 2;

  /** Return the articles that have all words of a query in their titles, newest first, by its longest words. */
  async function findByWords(query) {
    const long = [...new Set([...query.words, ...query.phrases.flat()])].filter((word) => word.length >= SHORTEST);
    const asked = long.sort((a, b) => b.length - a.length).slice(0, MOST_ASKED);
    const files = new Set(asked.map((word) => `words/${sumWord(word) % there.words}`));
    const rows = new Map((await Promise.all([...files].map(loadRows))).flat().map((row) => [row[0], row]));
    return [...rows.values()]
      .filter(([, title]) => matches(listWords(title), query))
      .map(([url, title, date, section, lang]) => ({ url, title, date, section, lang, pieces: [] }))
      .sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  }

  /** Return the CRC-32 of a word, as `site_builder/title_words.py` has it. */
  function sumWord(word) {
    let sum = -1;
    for (const byte of new TextEncoder().encode(word)) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
  }

  /** Start Pagefind for a language. Each query has an engine of its own, with no more merged than it has searched:
      else, when one rare word has been looked for in all years, every later query would load its part of all years. */
  async function startEngine(lang) {
    const base = new URL(`search/text/${lang}/engine/`, document.baseURI).pathname;
    const pagefind = await import(`${base}pagefind.js`);
    const engine = pagefind.createInstance({ basePath: base, baseUrl: "/", noWorker: true, excerptLength: 24 });
    await engine.init();
    return { engine, base };
  }

  const limit = (promise, seconds) =>
    Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), seconds * 1000))]);

  function listTextSteps(query) {
    const seen = new Set();
    const engines = new Map();
    const own = document.documentElement.lang.split("-")[0];
    const turn = ([lang, period]) => `${period === "undated" ? "0" : period} ${lang === own ? 1 : 0}`;
    const steps = [...there.texts].sort((a, b) => (turn(a) < turn(b) ? 1 : -1));
    return steps.map(([lang, period]) => ({
      years: period === "undated" ? null : [Number(period.slice(0, 4)), Number(period.slice(-4))],
      lang,
      async run() {
        if (!engines.has(lang)) engines.set(lang, await startEngine(lang));
        const { engine, base } = engines.get(lang);
        const path = base.replace(/engine\/$/, `${period}/`);
        await limit(engine.mergeIndex(path, { language: lang, baseUrl: "/" }), 20);
        const found = (await engine.search(query.text.replace(/[“”„«»]/g, '"'))).results;
        for (const text of STEMMED.has(lang) ? listForms(query) : []) {
          if (found.length >= ENOUGH) break;
          found.push(...(await engine.search(text)).results);
        }
        const fresh = found.filter(({ id }) => !seen.has(id) && seen.add(id));
        return fresh.map((result) => ({ lang, load: () => loadText(result, lang, query) }));
      },
    }));
  }

  const STEMMED = new Set(["id", "ms"]);
  const MOST_FORMS = 8;

  /** Return other ways to write a query of Indonesian words. Pagefind's stemmer does not know that *menulis* is of
      *tulis*, but makes *ulis* of it: so roots are looked for, and what it makes of words whose t or k was lost. */
  function listForms(query) {
    if (query.phrases.length) return [];
    let texts = [""];
    for (const word of query.words) {
      const roots = [...stemsOf(word)];
      const bare = roots.filter((root) => /^[kt][aiueo]/.test(root) && root.length > 4).map((root) => root.slice(1));
      texts = texts.flatMap((text) => [...roots, ...bare].map((form) => `${text} ${form}`.trim())).slice(0, MOST_FORMS);
    }
    return texts.slice(1);
  }

  async function loadText(found, lang, query) {
    const data = await found.data();
    const url = (data.raw_url || data.url).replace(/^\/+/, "");
    if (url === "engine.html") return null;
    if (query.phrases.length && !query.phrases.every((phrase) => holdsPhrase(listWords(data.content), phrase))) {
      return null;
    }
    return { url, title: data.meta.title, date: data.meta.date || "", section: data.meta.section || "", lang,
      pieces: readMarks(data.excerpt) };
  }

  /** Return Pagefind's excerpt, whose only markup is `<mark>`, as pieces. */
  function readMarks(excerpt) {
    const plain = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">");
    return excerpt.split(/(<mark>.*?<\/mark>)/s).map((part) => {
      const inside = /^<mark>(.*)<\/mark>$/s.exec(part);
      return [plain(inside ? inside[1] : part), Boolean(inside)];
    });
  }

  // --- the page -------------------------------------------------------------------------------------------------

  const form = document.getElementById("search");
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const forms = JSON.parse(form.dataset.results);
  const months = JSON.parse(form.dataset.months);
  const status = document.getElementById("status");
  const list = document.getElementById("results");
  const more = document.getElementById("more");
  const filters = form.querySelector("fieldset");
  const NAMES = ["section", "lang", "from", "to"];
  const rules = new Intl.PluralRules(document.documentElement.lang);
  let search = null;

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const say = (text) => (status.textContent = text);
  const group = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, form.dataset.thousands);

  function formatDate(date) {
    if (!date) return form.dataset.undated;
    const [year, month, day] = date.slice(0, 10).split("-");
    if (!month) return year;
    const values = { year, month: months[Number(month) - 1], day: day ? String(Number(day)) : "" };
    return fill(form.dataset.date, values).trim();
  }

  function draw(result) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = result.url;
    link.dir = "auto";
    if (result.lang) link.lang = result.lang;
    link.append(...drawPieces(markWords(result.title, search.query)));
    const facts = document.createElement("p");
    facts.className = "meta";
    const time = document.createElement(result.date ? "time" : "span");
    if (result.date) time.dateTime = result.date;
    time.textContent = formatDate(result.date);
    facts.append(time, result.section ? ` · ${result.section}` : "");
    const text = document.createElement("p");
    text.className = "found";
    text.dir = "auto";
    if (result.lang) text.lang = result.lang;
    text.append(...drawPieces(result.pieces));
    item.append(link, facts, ...(result.pieces.length ? [text] : []));
    return item;
  }

  function drawPieces(pieces) {
    return pieces.map(([text, isFound]) => {
      if (!isFound) return text;
      const mark = document.createElement("mark");
      mark.textContent = text;
      return mark;
    });
  }

  const yearOf = (result) => Number(result.date.slice(0, 4)) || 0;

  /** Tell whether a result is let through by the filters, but for one that is left out. */
  function passes(result, but) {
    const { section, lang, from, to } = search.wanted;
    return (
      (but === "section" || !section || result.section === section) &&
      (but === "lang" || !lang || result.lang === lang) &&
      (but === "from" || !from || yearOf(result) >= Number(from)) &&
      (but === "to" || !to || (yearOf(result) > 0 && yearOf(result) <= Number(to)))
    );
  }

  function isInRange({ years, lang, isAlways }) {
    if (isAlways) return true;
    const { from, to, lang: only } = search.wanted;
    if (only && lang && lang !== only) return false;
    if (!from && !to) return true;
    return years !== null && (!from || years[1] >= Number(from)) && (!to || years[0] <= Number(to));
  }

  function fillFilters() {
    const read = { section: (r) => r.section, lang: (r) => r.lang, from: (r) => r.date.slice(0, 4) };
    read.to = read.from;
    let isUseful = false;
    // What was not looked at yet may hold more of each: then a count is the least there are.
    const more = search.waiting.length || search.steps.length ? "+" : "";
    for (const name of NAMES) {
      const counts = new Map();
      for (const result of search.found) {
        const value = read[name](result);
        if (value && passes(result, name)) counts.set(value, (counts.get(value) || 0) + 1);
      }
      const select = form.elements[name];
      const chosen = search.wanted[name];
      if (chosen && !counts.has(chosen)) counts.set(chosen, 0);
      isUseful ||= Boolean(chosen) || [...counts.values()].some((count) => count < search.found.length);
      const values = [...counts.keys()].sort();
      select.replaceChildren(select.options[0], ...values.map((value) => {
        const label = name === "lang" ? nameLanguage(value) : value;
        return new Option(`${label} (${group(counts.get(value))}${more})`, value, false, value === chosen);
      }));
      select.value = chosen;
    }
    filters.hidden = !isUseful;
  }

  function nameLanguage(code) {
    try {
      return new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(code);
    } catch {
      return code;
    }
  }

  function show() {
    const good = search.found.filter((result) => passes(result));
    list.replaceChildren(...good.slice(0, search.shown).map(draw));
    fillFilters();
    const hidden = good.length - search.shown > 0 || search.waiting.length > 0;
    const isOver = !search.steps.some(isInRange);
    more.hidden = !search.isDone || (!hidden && isOver);
    more.textContent = hidden ? words.more_results : words.older;
    if (!search.isDone) return say(words.working);
    const q = search.query.text;
    // What waits is not known well enough to be filtered, so with filters it is told as what may still come.
    const isFiltered = NAMES.some((name) => search.wanted[name]);
    const n = good.length + (isFiltered ? 0 : search.waiting.length);
    const phrase = typeof forms === "string" ? forms : forms[rules.select(n)] || forms.other;
    const told = group(n) + (isFiltered && search.waiting.length ? "+" : "");
    const parts = [n ? fill(phrase, { n: told, q }) : fill(words.none, { q }).replace(/\.$/, "")];
    if (isOver) parts.push(words.all_searched);
    else if (search.oldest) parts.push(fill(words.back_to, { year: search.oldest }));
    say(`${parts.join("; ")}. ${search.note}`.trim());
  }

  /** Bring results until there are enough, or nothing is left; steps out of the filters' range wait. */
  async function work(mine) {
    const countMissing = () => mine.shown - mine.found.filter((result) => passes(result)).length;
    mine.isDone = false;
    show();
    while (mine === search && countMissing() > 0) {
      if (mine.waiting.length) {
        const batch = mine.waiting.splice(0, countMissing());
        const loads = await Promise.all(batch.map((result) => result.load()));
        const known = new Map(mine.found.map((result) => [result.url, result]));
        for (const result of loads.filter(Boolean)) {
          const same = known.get(result.url);
          if (!same) mine.found.push(result);
          else if (!same.pieces.length) same.pieces = result.pieces;
        }
      } else {
        const next = mine.steps.findIndex(isInRange);
        if (next < 0) break;
        const [step] = mine.steps.splice(next, 1);
        const results = await step.run();
        if (step.years) mine.oldest = Math.min(mine.oldest || Infinity, step.years[0]);
        const known = new Set(mine.found.map((result) => result.url));
        for (const result of results) {
          if (result.load) mine.waiting.push(result);
          else if (!known.has(result.url)) mine.found.push(result);
        }
      }
      if (mine === search) show();
    }
    if (mine !== search) return;
    mine.isDone = true;
    show();
  }

  let hasTexts = form.dataset.texts && location.protocol.startsWith("http") && typeof WebAssembly === "object";
  let note = location.protocol.startsWith("http") && form.dataset.texts ? "" : words.titles_only;

  async function start() {
    const address = new URLSearchParams(location.search);
    form.elements.q.value = address.get("q") || "";
    const query = readQuery(form.elements.q.value);
    const wanted = Object.fromEntries(NAMES.map((name) => [name, address.get(name) || ""]));
    const mine = (search = { query, wanted, steps: [], waiting: [], found: [], shown: ENOUGH, isDone: true, note });
    document.title = document.title.replace(/^(“.*” – )?/, query.isEmpty ? "" : `“${query.text}” – `);
    if (query.isEmpty) {
      list.replaceChildren();
      more.hidden = filters.hidden = true;
      return say("");
    }
    try {
      await ready;
      if (mine !== search) return;
      const withTexts = hasTexts && there.texts.length;
      if (!withTexts) mine.note = note || words.titles_only;
      const first = withTexts || there.words ? listFirstSteps(query) : [];
      mine.steps = [...first, ...(withTexts ? listTextSteps(query) : listTitleSteps(query))];
      await work(mine);
    } catch (problem) {
      if (mine !== search) return;
      if (hasTexts && there.texts.length) {
        hasTexts = false;
        note = words.texts_failed;
        return start();
      }
      mine.isDone = true;
      say(words.load_failed);
    }
  }

  /** Put what is asked for into the address, so that the page can be kept, sent on, and gone back to. */
  function write(way) {
    const address = new URLSearchParams();
    for (const name of ["q", ...NAMES]) if (form.elements[name].value) address.set(name, form.elements[name].value);
    const text = address.toString();
    if (text !== location.search.slice(1)) history[way](null, "", `${location.pathname}${text ? `?${text}` : ""}`);
  }

  // The first letter of another query begins an entry of the history, which goes along with the letters after it.
  let timer = 0;
  let isTyping = false;
  form.elements.q.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      write(isTyping ? "replaceState" : "pushState");
      isTyping = true;
      start();
    }, 300);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    for (const name of NAMES) if (search && search.query.text !== form.elements.q.value) form.elements[name].value = "";
    write(isTyping ? "replaceState" : "pushState");
    isTyping = false;
    start();
  });
  filters.addEventListener("change", () => (write("pushState"), start()));
  window.addEventListener("popstate", () => {
    isTyping = false;
    start();
  });
  more.addEventListener("click", () => {
    const first = list.children.length;
    search.shown += ENOUGH;
    work(search).then(() => list.children[first]?.querySelector("a").focus());
  });

  const ready = loadScript(form.dataset.shards);
  ready.catch(() => {});
  start();
})();
