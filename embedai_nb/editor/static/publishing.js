// Publication: a bar below the form that always says whether readers have what is on screen and what stands in the way,
// and a drawer above it for questions, reasons and the list of issues.  Nothing in it keeps the editor from typing.

const OPENED = ["page", "notebook", "markdown"];

class Publishing {
  constructor(editor) {
    const { words } = (this.editor = editor);
    this.asking = 0;
    this.requests = new Map(); // request → what to do with the file
    this.publishButton = button(words.publish, () => this.publish(), { class: "embedai-publish", title: words["publish-keys"] });
    this.state = el("span", { class: "embedai-published", role: "status" });
    this.why = button(words["why-failed"], () => this.open("failed"), { class: "embedai-why-failed", hidden: true });
    this.obstacles = el("span", { class: "embedai-obstacles", role: "group", "aria-label": words.obstacles });
    this.files = el("span", { class: "embedai-files" });
    this.issuesButton = button(words.issues, () => this.openIssues(), { class: "embedai-issues", title: words["issues-explained"] });
    this.bar = el("footer", { class: "embedai-publishing", role: "group", "aria-label": words.publication },
      this.publishButton, this.state, this.why, this.obstacles, this.files, this.issuesButton);
    this.drawer = el("section", { class: "embedai-drawer", hidden: true, tabIndex: -1, onkeydown: (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    } });
    this.heading = el("span", { role: "status" });
    this.headline = el("div", { class: "embedai-drawer-title" }, el("h2", {}, this.heading),
      button("×", () => this.close(), { class: "embedai-small embedai-close", "aria-label": words.close }));
    this.copying = el("iframe", { class: "embedai-copying", title: words["copy-article"], tabIndex: -1, "aria-hidden": "true", sandbox: "allow-same-origin" });
    this.begin = this.makeBegin();
    this.article = null;
    this.copies = new Map(); // community → what is put on the clipboard
    this.asked = this.editor.model.get("question").number ?? 0;
  }

  get publication() { return this.editor.model.get("publication"); }

  // --- what is shown ---

  show() {
    const { editor } = this, { model } = editor, findings = model.get("findings") ?? [];
    this.see(findings);
    this.answered();
    this.showState();
    this.showObstacles(findings);
    this.showFiles();
    this.showQuestion();
    if (this.drawn) this.draw();
  }

  hide() {
    this.bar.classList.add("embedai-closed");
    if (this.drawn !== "issues") this.close();
    else this.draw();
  }

  showState() {
    const { words, sent, opening } = this.editor, { kind, text } = this.publication;
    this.bar.classList.remove("embedai-closed");
    if (this.pending && !sent.has(this.pending)) this.pending = null;
    const busy = Boolean(this.pending) || kind === "running";
    this.publishButton.setAttribute("aria-disabled", busy);
    this.state.dataset.kind = busy ? "running" : kind ?? "";
    put(this.state, opening ? filled(words["issue-opening"], opening) : this.pending ? words["publish-checking"] : text ?? "");
    this.why.hidden = busy || kind !== "failed";
    const date = this.editor.model.get("issue").date;
    if (this.then && !sent.has(this.then.number)) {
      const { then } = this.then;
      this.then = null;
      then(date);
    }
  }

  // The gravest places that stand in the way, each a click away; all of them in the drawer.
  showObstacles(findings) {
    const { editor } = this, { words } = editor;
    const found = this.places(findings), waiting = editor.rescheduling.waiting;
    const entries = waiting ? [["date", () => button("", () => editor.go("head", ["date"]), { class: "embedai-obstacle" }),
      (element) => put(element, filled(words["reschedule-waiting"], { date: waiting }))]] : [];
    for (const finding of found.slice(0, 2)) {
      entries.push([identity(finding), () => button("", () => editor.go(finding.key, finding.field), { class: `embedai-obstacle embedai-${finding.severity}`, title: finding.message }),
        (element) => put(element, filled(words.labelled, { name: words[`severity-${finding.severity}`], text: filled(words["where-and-what"], { where: finding.where, what: finding.message }) }))]);
    }
    if (found.length > 2) {
      entries.push(["more", () => button("", () => this.open("obstacles"), { class: "embedai-more" }), (element) => put(element, filled(words["more-obstacles"], { count: found.length }))]);
    }
    arrange(this.obstacles, entries);
  }

  // Errors, and warnings that were not seen.
  places(findings) {
    const errors = findings.filter((finding) => finding.severity === "error");
    const warnings = findings.filter((finding) => finding.severity === "warning" && !this.seen.has(identity(finding)));
    return [...errors, ...warnings];
  }

  showFiles() {
    const { words } = this.editor, { files = {}, uploadable, uploading, copies = [] } = this.publication;
    const entries = OPENED.filter((name) => files[name]).map((name) => [name,
      () => button(words[`open-${name}`], (event) => this.openFile(name, event.currentTarget), { class: `embedai-open-${name}` }),
      (element) => { element.title = this.path(files[name]); }]);
    if (files.article) {
      this.fetchArticle();
      entries.splice(2, 0, ["article", () => button(words["copy-article"], () => this.copyPublished(), { class: "embedai-copy-article" }),
        (element) => { element.disabled = !this.article; }]);
    }
    this.fetchCopies(copies);
    for (const each of copies) {
      entries.push([`copy-${each.name}`, () => button(each.copy, () => this.copyFor(each.name), { class: `embedai-copy-${each.name}` }),
        (element) => { element.disabled = !this.copies.has(each.name); }]);
    }
    if (uploadable || uploading) {
      entries.push(["upload", () => button("", () => this.editor.command("upload"), { class: "embedai-upload" }), (element) => {
        put(element, words[uploading ? "uploading" : "upload"]);
        element.disabled = uploading;
      }]);
    }
    arrange(this.files, entries);
  }

  path(name) { return `${this.publication.folder}/${name}`; }

  showQuestion() {
    const question = this.editor.model.get("question");
    if (!question.number || question.number === this.asked) return;
    this.asked = question.number;
    this.known = this.editor.model.get("findings");
    this.open("question");
  }

  // --- warnings that were seen ---

  // A warning is seen when it stands on screen: in the list of findings, or under the item that is being edited.
  see(findings) {
    const { tab, current, model } = this.editor, date = model.get("issue").date;
    if (this.date !== date) {
      this.date = date;
      this.seen = new Set(remembered(seenOf(date)));
      this.article = this.articleOf = this.copiesOf = null;
    }
    const shown = tab === "findings" ? findings : tab === "edit" ? findings.filter((finding) => finding.key === current) : [];
    this.sees(shown);
  }

  sees(findings) {
    const fresh = findings.filter((finding) => finding.severity === "warning").map(identity).filter((each) => !this.seen.has(each));
    if (!fresh.length) return;
    for (const each of fresh) this.seen.add(each);
    remember(seenOf(this.date), [...this.seen]);
  }

  // --- publishing ---

  publish() {
    if (this.pending || this.publication.kind === "running") return;
    const question = this.drawn === "question" ? this.editor.model.get("question").findings : [];
    this.sees(question);
    this.close();
    this.pending = this.editor.command("publish", { seen: [...this.seen].map((each) => JSON.parse(each)) });
    this.showState();
  }

  // --- the drawer ---

  // Open the drawer; the focus moves there unless somebody is typing and didn't ask for it.
  open(kind, { wanted = false } = {}) {
    this.before ??= document.activeElement;
    this.drawn = kind;
    this.content = null;
    this.draw();
    const typing = document.activeElement?.closest(".embedai-body :is(textarea, input)");
    if (wanted || !typing) (this.drawer.querySelector(".embedai-drawer-title ~ * :is(button, input)") ?? this.drawer).focus();
  }

  close() {
    if (!this.drawn) return;
    const back = this.drawer.contains(document.activeElement) ? this.before : null;
    this.drawn = this.before = this.content = null;
    this.drawer.hidden = true;
    this.drawer.replaceChildren();
    put(this.heading, "");
    if (back?.isConnected) back.focus();
  }

  draw() {
    const { content, title, parts } = this[`${this.drawn}Drawer`]();
    if (!parts) { this.close(); return; }
    this.drawer.hidden = false;
    if (same(content, this.content)) return;
    this.content = content;
    const focused = this.drawer.contains(document.activeElement) && document.activeElement.className;
    this.drawer.setAttribute("aria-label", title);
    this.drawer.dataset.kind = this.drawn;
    this.drawer.replaceChildren(this.headline, ...parts());
    put(this.heading, title);
    if (focused) (this.drawer.getElementsByClassName(focused)[0] ?? this.drawer).focus();
  }

  questionDrawer() {
    const { words, model } = this.editor, now = model.get("findings");
    const standing = new Set((now ?? []).map(identity));
    const findings = model.get("question").findings.filter((finding) => now === this.known || standing.has(identity(finding)));
    const forbidden = findings.some((finding) => finding.severity === "error");
    const title = filled(words[forbidden ? "ask-errors" : "ask-warnings"], { count: findings.length });
    const anyway = () => button(words["publish-anyway"], () => this.publish(), { class: "embedai-primary embedai-anyway", title: words["publish-keys"] });
    const answers = () => el("div", { class: "embedai-tools" }, ...(forbidden ? [] : [anyway()]), button(words["not-yet"], () => this.close()));
    return { content: findings, title, parts: findings.length ? () => [answers(), ...findings.map((finding) => findingRow(this.editor, finding, true))] : null };
  }

  obstaclesDrawer() {
    const { words, model } = this.editor, found = this.places(model.get("findings") ?? []);
    const parts = found.length ? () => found.map((finding) => findingRow(this.editor, finding, true)) : null;
    return { content: found, title: words.obstacles, parts };
  }

  failedDrawer() {
    const { words } = this.editor, { kind, message, files } = this.publication;
    const parts = () => [el("p", { class: "embedai-failed" }, message), ...(files.failed ? [
      el("p", {}, words["publish-failed-kept"], el("code", {}, this.path(files.failed))),
      el("div", { class: "embedai-tools" }, button(words["open-failed-notebook"], (event) => this.openFile("failed", event.currentTarget), { class: "embedai-open-failed" }))] : [])];
    return { content: [message, files.failed], title: words["publish-state-failed"], parts: kind === "failed" ? parts : null };
  }

  // --- all issues ---

  openIssues() {
    if (this.drawn === "issues") { this.close(); return; }
    this.listing = this.editor.command("issues");
    this.open("issues");
  }

  issuesDrawer() {
    const { words, model, sent } = this.editor, { rows = [], done, next } = model.get("issues"), here = this.here;
    const listing = sent.has(this.listing) || !done;
    const parts = () => {
      this.begin.date.value ||= next ?? "";
      put(this.begin.listing, listing ? words["issues-listing"] : "");
      return [this.begin.element, el("ol", { class: "embedai-issue-list" }, ...rows.map((row) => this.issueRow(row, here)))];
    };
    return { content: [rows, listing, here], title: words["issues-explained"], parts };
  }

  // The date of a new issue: made once, for the list below it grows while one types.
  makeBegin() {
    const { words } = this.editor;
    const date = el("input", { type: "date", class: "embedai-begin-date", "aria-label": words["issue-new"] }), listing = el("span", { class: "embedai-quiet", role: "status" });
    const begin = () => {
      if (date.value) this.goTo(date.value, true);
      date.value = "";
    };
    date.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); begin(); } });
    return { date, listing, element: el("div", { class: "embedai-tools" }, el("span", {}, words["issue-new"]), date, button(words["issue-begin"], begin, { class: "embedai-begin" }), listing) };
  }

  get here() {
    const { model } = this.editor, trouble = model.get("trouble");
    return trouble.kind === "missing" ? trouble.date : model.get("issue").date;
  }

  issueRow(row, here) {
    const { words } = this.editor;
    const counts = ["error", "warning"].filter((kind) => row[`${kind}s`]).map((kind) => filled(words[`issue-${kind}s`], { count: row[`${kind}s`] }));
    const closed = row.date === here || row.kind === "archived";
    const open = button(row.date, () => this.goTo(row.date), { class: "embedai-issue", disabled: closed, title: words["issue-open"], "aria-label": `${words["issue-open"]} ${row.date}` });
    return el("li", { "data-date": row.date }, open, el("span", { class: "embedai-title" }, row.title || words["issue-untitled"]),
      el("span", { class: "embedai-published", "data-kind": row.kind }, row.date === here ? words["issue-here"] : row.state), el("span", { class: "embedai-lacks" }, counts.join(" · ")));
  }

  // Show another issue in this form; until it is there nothing can be typed: it would belong to neither.
  goTo(date, create = false) {
    const { editor } = this;
    editor.opening = { date, number: editor.command("open_issue", { date, create }) };
    editor.body.inert = true;
    this.before = null;
    this.close();
    this.showState();
  }

  opened() {
    const { editor } = this;
    if (!editor.opening || editor.sent.has(editor.opening.number)) return;
    editor.opening = null;
    editor.body.inert = false;
    (editor.body.hidden ? editor.panel.querySelector("button") : editor.outline.list)?.focus();
  }

  // --- files ---

  request(command, args, then) {
    const request = `${this.editor.client}-${++this.asking}`;
    this.requests.set(request, then);
    this.editor.send(command, { ...args, request });
  }

  answered() {
    const file = this.editor.model.get("file"), then = this.requests.get(file.request);
    if (!then) return;
    this.requests.delete(file.request);
    then(file);
  }

  // Open a tab while the click still counts as one, and fill it when the file is there.
  openFile(name, opener) {
    const { words } = this.editor, tab = window.open("", "_blank");
    if (tab) { tab.opener = null; tab.document.title = words.opening; tab.document.body.textContent = words.opening; }
    opener.setAttribute("aria-busy", "true");
    this.request("open_file", { name }, (file) => {
      opener.removeAttribute("aria-busy");
      if (file.failed) { tab?.close(); this.editor.tell(file.failed); return; }
      const address = URL.createObjectURL(file.html === undefined ? new Blob([file.text], { type: "text/plain;charset=utf-8" }) : sandboxed(file));
      if (tab) tab.location.replace(address);
      else this.editor.tell(words["open-blocked"], el("a", { href: address, target: "_blank" }, file.title));
    });
  }

  // --- copying the article ---

  // Fetch what is published beforehand: a browser lets text be copied only while it handles the click.
  fetchArticle() {
    const { kind, version } = this.publication;
    if (kind === "running" || version === this.articleOf) return;
    this.articleOf = version;
    this.article = null;
    this.request("open_file", { name: "article" }, (file) => {
      if (file.failed) return;
      const page = new DOMParser().parseFromString(file.html, "text/html"); // no script of it runs
      const article = page.getElementById("article");
      if (!article) return;
      this.copying.onload = () => { this.article = this.copying.contentDocument.body; this.showFiles(); };
      this.copying.srcdoc = article.innerHTML;
    });
  }

  // The same for the communities that the newsletter names.
  fetchCopies(copies) {
    const version = copies.length ? this.publication.version : null;
    if (version === this.copiesOf) return;
    this.copiesOf = version;
    this.copies.clear();
    if (!version) return;
    this.request("copies", {}, (file) => {
      if (file.failed || version !== this.copiesOf) return;
      for (const [name, { html, text }] of Object.entries(file.copies)) {
        const page = html && new DOMParser().parseFromString(html, "text/html"); // no script of it runs
        this.copies.set(name, { html, text: text ?? page.body.textContent });
      }
      this.showFiles();
    });
  }

  copyFor(name) {
    const { text, html } = this.copies.get(name), said = this.publication.copies.find((each) => each.name === name);
    this.editor.tell(said[copy(text, html) ? "copied" : "not-copied"]);
  }

  copyPublished() { this.editor.tell(this.editor.words[copy(this.article.innerText, this.article.innerHTML) ? "copied-article" : "not-copied"]); }
}

// The tools above the preview of the article: what WeChat asks for, ready to be copied.
class ArticleTools {
  constructor(editor) {
    const { words } = (this.editor = editor);
    const copied = (done, word) => editor.tell(words[done ? word : "not-copied"]);
    this.texts = Object.fromEntries(["title", "digest"].map((name) => [name, el("span", { class: "embedai-copied" })]));
    const body = () => editor.pages.wechat.body;
    this.element = el("div", { class: "embedai-article-tools embedai-tools", role: "toolbar" },
      button(words["copy-article"], () => copied(copy(body().innerText, body().innerHTML), "copied-article"), { class: "embedai-primary embedai-copy-shown" }),
      ...Object.entries(this.texts).flatMap(([name, text]) => [
        button(words[`copy-${name}`], () => copied(copy(text.textContent), `copied-${name}`), { class: `embedai-copy-${name}` }), text]));
  }

  show(page) {
    if (page.tab !== "wechat") return;
    this.element.hidden = !page.title;
    for (const [name, text] of Object.entries(this.texts)) put(text, page[name] ?? "");
  }
}

// Put text, and HTML if there is any, on the clipboard as they are; returns whether the browser let it.
function copy(text, html) {
  const put = (event) => {
    event.clipboardData.setData("text/plain", text);
    if (html) event.clipboardData.setData("text/html", html);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", put, true);
  try { return document.execCommand("copy"); } finally { document.removeEventListener("copy", put, true); }
}

// A document that shows a file of the issues folder, whose scripts don't run and which asks no other machine for anything.
function sandboxed(file) {
  const page = new DOMParser().parseFromString(file.html, "text/html");
  for (const link of page.querySelectorAll("a[href]")) {
    if (!link.getAttribute("href").startsWith("#")) { link.target = "_blank"; link.rel = "noopener noreferrer"; }
  }
  const shell = document.implementation.createHTMLDocument(file.title);
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
  const frame = shell.createElement("iframe");
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.setAttribute("title", file.title);
  frame.setAttribute("srcdoc", `<!DOCTYPE html>${page.documentElement.outerHTML}`);
  shell.head.innerHTML = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
    <style>html, body, iframe { height: 100%; width: 100%; margin: 0; border: 0; display: block; }</style>`;
  shell.title = file.title;
  shell.body.append(frame);
  return new Blob([`<!DOCTYPE html>${shell.documentElement.outerHTML}`], { type: "text/html" });
}

const identity = (finding) => JSON.stringify([finding.rule, finding.where, finding.message]);

const seenOf = (date) => `embedai-seen:${date}`;

function remembered(name, storage = localStorage) {
  try { return JSON.parse(storage.getItem(name)) ?? []; } catch { return []; }
}

function remember(name, value, storage = localStorage) {
  try { storage.setItem(name, JSON.stringify(value)); } catch { /* full or forbidden: she is asked again */ }
}
