/* The development server's part in the browser: a plugin of livereload.js, which follows in the same answer.

   It says which page is shown, refreshes style sheets and pictures in place, and shows why a build failed over the page.
   It needs no more of a page's policy than its own files: nothing is inline, and texts are never read as HTML. */
(() => {
  "use strict";

  const PROBLEMS = "/livereload/problems.json";
  const STYLE = "/livereload/overlay.css";
  const SHOWN = new URL(document.currentScript.src).searchParams.get("page") || "";
  const PICTURE = /\.(avif|gif|jpe?g|png|svg|webp)$/i;
  const DIGEST = /\.[0-9a-f]{10}(?=\.css$)/i;

  let overlay = null;
  let asked = 0;

  function pathOf(address) {
    return new URL(address, location.href).pathname;
  }

  function refreshSheets(path) {
    const plain = path.replace(DIGEST, "");
    for (const link of document.querySelectorAll('link[rel~="stylesheet" i]')) {
      if (pathOf(link.href).replace(DIGEST, "") !== plain) continue;
      const next = link.cloneNode();
      next.href = `${path}?at=${Date.now()}`;
      // The old sheet stays until the new one is there, so that the page is never bare.
      next.addEventListener("load", () => link.remove(), { once: true });
      next.addEventListener("error", () => next.remove(), { once: true });
      link.after(next);
    }
  }

  function refreshPictures(path) {
    for (const picture of document.querySelectorAll("img[src], source[srcset]")) {
      for (const name of ["src", "srcset"]) {
        const value = picture.getAttribute(name);
        if (!value) continue;
        const fresh = value.replace(/[^\s,]+/g, (part) =>
          pathOf(part) === path ? `${part.split("?")[0]}?at=${Date.now()}` : part);
        if (fresh !== value) picture.setAttribute(name, fresh);
      }
    }
  }

  function make(name, text, kind) {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  }

  function drawProblem(problem) {
    const item = make("li");
    if (problem.place) item.append(make("code", problem.place, "place"));
    item.append(make("p", problem.message, "message"));
    if (problem.excerpt.length) {
      const lines = make("pre");
      for (const { number, text, meant } of problem.excerpt) {
        const line = make("span", "", meant ? "line meant" : "line");
        line.append(make("span", `${number} `, "number"), text + "\n");
        lines.append(line);
      }
      item.append(lines);
    }
    if (problem.hint) item.append(make("p", problem.hint, "hint"));
    return item;
  }

  function hide() {
    overlay?.remove();
    overlay = null;
  }

  function show(told) {
    hide();
    if (!told.problems.length) return;
    const box = make("section");
    box.setAttribute("role", "alert");
    const close = make("button", "Hide");
    close.type = "button";
    close.addEventListener("click", hide);
    const list = make("ol");
    list.append(...told.problems.map(drawProblem));
    box.append(close, make("h1", told.title), make("p", told.note, "note"), list);
    const style = make("link");
    style.rel = "stylesheet";
    style.href = STYLE;
    overlay = make("site-builder-problems");
    overlay.hidden = true;
    for (const name of ["load", "error"]) {
      style.addEventListener(name, ({ currentTarget }) => { currentTarget.getRootNode().host.hidden = false; });
    }
    overlay.attachShadow({ mode: "open" }).append(style, box);
    document.documentElement.append(overlay);
  }

  async function askForProblems() {
    const number = ++asked;
    const answer = await fetch(PROBLEMS, { cache: "no-store" });
    const told = await answer.json();
    if (number === asked) show(told);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });

  window.LiveReloadPluginSiteBuilder = class {
    static identifier = "site-builder";
    static version = "1";

    analyze() {
      return { page: SHOWN };
    }

    reload(path) {
      if (path === PROBLEMS) askForProblems().catch(() => {});
      else if (/\.css$/i.test(path)) refreshSheets(path);
      else if (PICTURE.test(path)) refreshPictures(path);
      else return false;
      return true;
    }
  };
})();
