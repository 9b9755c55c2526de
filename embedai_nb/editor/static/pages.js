// Page preview: a sandboxed iframe without scripts or requests, as high as its content.

const LONG_PAGE = 50_000; // characters of HTML
const LULL = 1000; // milliseconds without a key after which a long page is shown

class Page {
  constructor(editor, title) {
    this.editor = editor;
    this.failed = el("p", { class: "embedai-failed" });
    this.frame = el("iframe", { title, sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox" });
    this.element = el("div", { class: "embedai-page" }, this.failed, this.frame);
    this.frame.addEventListener("load", () => {
      if (!this.page) return; // the empty frame
      this.body = this.frame.contentDocument.body;
      const style = this.frame.contentDocument.createElement("style");
      style.textContent = PAGE_STYLE;
      this.frame.contentDocument.head.append(style);
      this.frame.contentDocument.addEventListener("keydown", (event) => { // keys of the form work in a page, too
        if (!this.frame.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
      });
      new ResizeObserver(() => this.fit()).observe(this.body);
      this.fill();
    });
  }

  show(page) {
    if (same(page, this.page)) return;
    this.page = page;
    if (this.body) this.fillInLull();
    else this.frame.srcdoc ||= this.editor.document; // only now: a frame that nobody looks at costs as much as one in use
  }

  // A long page takes a while to lay out, which must not come between two keys.
  fillInLull() {
    clearTimeout(this.filling);
    const wait = (this.page.html?.length ?? 0) > LONG_PAGE ? this.editor.typing.typedAt + LULL - Date.now() : 0;
    if (wait > 0) this.filling = setTimeout(() => this.fillInLull(), wait);
    else this.fill();
  }

  fill() {
    const { html, failed, kind } = this.page;
    put(this.failed, failed ? filled(this.editor.words["preview-failed"], { message: failed }) : "");
    this.frame.hidden = Boolean(failed);
    this.body.className = `embedai-only-${kind ?? "whole"}`;
    const parsed = this.frame.contentDocument.createElement("template");
    parsed.innerHTML = html; // sanitized by the kernel; the frame runs no script
    this.editor.writing.images.show(parsed.content, this.body);
    this.body.replaceChildren(parsed.content);
    for (const link of this.body.querySelectorAll("a[href]")) {
      if (!link.getAttribute("href").startsWith("#")) { link.target = "_blank"; link.rel = "noopener noreferrer"; }
    }
    this.fit();
    this.onfill?.();
  }

  // Say that a page is being made.
  wait(text) { put(this.failed, text || (this.page?.failed ? filled(this.editor.words["preview-failed"], { message: this.page.failed }) : "")); }

  fit() { this.frame.style.height = `${Math.ceil(this.body.getBoundingClientRect().height)}px`; }
}

const PAGE_STYLE = `
html { overflow: hidden; }
img { max-width: 100%; height: auto; }
body { padding: 1rem 1.25rem; margin: 0; max-width: 41rem; font-size: 15px; }
body:not(.embedai-only-whole) { line-height: 1.65; }
.embedai-only-item h1, .embedai-only-item h2, .embedai-only-item header,
.embedai-only-warmups header, .embedai-only-closing header, .embedai-only-section header { display: none; }
body:not(.embedai-only-whole) :is(article, footer, h2) { margin-top: 0; }
.embedai-only-whole { margin: 0 auto; padding: 2rem 1.5rem 3rem; }
del { color: #b42318; background: #fee4e2; } ins { color: #05603a; background: #d1fadf; text-decoration: none; }
`;

class Checks {
  constructor(editor) {
    this.editor = editor;
    this.element = el("div", { class: "embedai-checks" });
  }

  show(findings, fixed) {
    if (same([findings, fixed], this.found)) return;
    this.found = [findings, fixed];
    const sorted = findings ?? [];
    const nothing = el("p", { class: "embedai-quiet" }, this.editor.words[findings ? "no-findings" : "checking"]);
    this.element.replaceChildren(...this.fixing(sorted), ...fixedRows(this.editor, fixed),
      ...(sorted.length ? this.parts(sorted) : [nothing]));
  }

  // Part by part in the order of the issue, as in the review; within a part the gravest first.
  parts(findings) {
    const order = { error: 0, warning: 1, note: 2 }, groups = new Map();
    for (const finding of findings) {
      const name = `${finding.part.name} ${finding.part.code}`;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(finding);
    }
    return [...groups.values()].map((found) => {
      const { name, code, title } = found[0].part;
      const head = el("h2", {}, name, ...(code ? [" ", el("code", {}, code)] : []), title ? ` ${title}` : "");
      found.sort((a, b) => order[a.severity] - order[b.severity]);
      return el("section", { class: "embedai-part" }, head, ...found.map((finding) => findingRow(this.editor, finding, true)));
    });
  }

  // All safe fixes at once.
  fixing(findings) {
    const { words } = this.editor, count = findings.filter((finding) => finding.safe).length;
    if (!count) return [];
    const fix = button(filled(words["fix-all"], { count }), () => {
      put(fix, words.fixing);
      fix.setAttribute("aria-busy", "true");
      this.editor.command("fix_all");
    }, { class: "embedai-primary embedai-fix-all" });
    return [el("div", { class: "embedai-tools embedai-fixing" }, fix, el("span", { class: "embedai-quiet" }, words["fix-all-explained"]))];
  }
}

// What was changed by fixing all at once, and the way back.
function fixedRows(editor, { steps = [] }) {
  const { words } = editor;
  if (!steps.length) return [];
  const line = (text) => el(text.startsWith("-") ? "del" : "ins", {}, text.slice(1).trim());
  return [el("section", { class: "embedai-fixed" },
    el("div", { class: "embedai-tools" }, el("strong", { role: "status" }, filled(words.fixed, { count: steps.length })), button(words["fixed-undo"], () => editor.command("undo"), { class: "embedai-fixed-undo" })),
    el("ul", {}, ...steps.map((step) => el("li", {}, el("span", {}, step.where ? filled(words.labelled, { name: step.where, text: step.fix }) : step.fix), ...step.diff.map(line)))))];
}
