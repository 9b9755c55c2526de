// The form: renders the model and sends commands to the kernel, which holds the issue.  What was typed, what is selected
// and which tab is open belong to the page: kernels come and go, the form stays and takes over the next one's model.

const TABS = ["edit", "preview", "findings", "wechat", "changes", "search", "inbox"];
const PAGES = ["preview", "wechat", "changes"]; // the tabs that show a page
const SILENCE = 3000; // milliseconds without an answer after which the connection counts as cut
const PATIENCE = 6000; // after which it is made anew
const BEAT = 1000; // between two questions whether the kernel is there
const NOTICED = 400; // after which something that is still going on says so

class Editor {
  // host: what the panel around the form offers; nothing in a notebook
  constructor(model, root, host = null) {
    this.host = host;
    this.language = model.get("language");
    this.words = model.get("words");
    this.document = model.get("document");
    this.outbox = new Outbox();
    this.client = this.outbox.client;
    this.sent = { has: (number) => this.outbox.waits(number) };
    this.details = {};
    this.place = null; // where the keyboard was last
    const date = host?.date ?? model.get("issue").date ?? model.get("trouble").date ?? "";
    this.restore(date);
    this.typing = new Typing((command, args) => this.send(command, args), date, this.outbox);
    this.typing.onchange = () => this.showStatus();
    this.model = model;
    this.build(root);
    this.ticking = setInterval(() => this.tick(), BEAT);
    this.adopt(model);
    this.typing.recover((outbox) => this.tellAgain(outbox));
  }

  end() {
    this.typing.end();
    this.candidates.end();
    this.writing.end();
    clearInterval(this.ticking);
    this.unhook();
    this.fitting?.disconnect();
  }

  // --- the kernel ---

  // Show another model of the same issue from now on: that of a new kernel, or over a new connection.
  adopt(model) {
    const { key } = this;
    this.unhook();
    this.model = model;
    this.cut = false;
    this.asked = 0;
    this.greeting = Math.random().toString(36).slice(2);
    this.greeted = false;
    this.selecting = { key };
    this.update = () => this.refresh();
    this.hear = (message) => this.heard(message);
    model.on("change", this.update);
    model.on("msg:custom", this.hear);
    const acknowledged = Object.fromEntries(this.typing.outboxes.map((outbox) => [outbox.client, outbox.kept]));
    this.post({ command: "greet", arguments: { client: this.client, greeting: this.greeting, acknowledged, key, tab: this.tab === "conflict" ? "edit" : this.tab } });
    for (const outbox of this.typing.outboxes) this.tellAgain(outbox);
    this.showStatus();
  }

  unhook() {
    this.model.off("change", this.update);
    this.model.off("msg:custom", this.hear);
  }

  post(message) {
    try { this.model.send(message); } catch { /* the kernel is gone: it is told again */ }
  }

  tellAgain(outbox) {
    outbox.again();
    if (outbox !== this.outbox) this.post({ command: "acknowledge", arguments: { client: outbox.client, kept: outbox.kept } });
    for (const entry of outbox.entries) this.post(outbox.message(entry, true));
  }

  heard({ details, gone = [], pong }) {
    if (pong) { this.asked = 0; this.connect(); }
    if (!details) return;
    Object.assign(this.details, details);
    for (const key of gone) delete this.details[key];
    this.later ||= requestAnimationFrame(() => { this.later = 0; this.refresh(); });
  }

  // Ask the kernel whether it is there; when it has been silent for too long, the connection is cut.
  tick() {
    const silent = Date.now() - Math.min(this.asked || Infinity, this.outbox.asked);
    if (silent > SILENCE) this.disconnect();
    if (silent > PATIENCE) this.reconnect();
    if (!this.asked) {
      this.asked = Date.now();
      this.post({ command: "ping", arguments: { ping: this.asked } });
    }
    this.showStatus();
  }

  reconnect() {
    this.asked = 0;
    if (this.host) this.host.reconnect();
    else for (const outbox of this.typing.outboxes) this.tellAgain(outbox);
  }

  disconnect() {
    if (this.cut) return;
    this.cut = true;
    if (this.outbox.unhandled.some((entry) => entry.command !== "write" && !PASSING.has(entry.command))) this.tell(this.words["offline-waiting"]);
    this.showStatus();
  }

  connect() {
    if (!this.cut) return;
    this.cut = false;
    if (this.selecting?.waits) this.select(this.selecting.key);
    this.showStatus();
  }

  // --- to the kernel ---

  // Tell the kernel; what cannot be kept until there is one is refused, and gives no number.
  send(command, args) {
    if (this.cut && command !== "write") {
      this.tell(this.words["offline-refused"]);
      queueMicrotask(() => this.refresh());
      return null;
    }
    const entry = this.outbox.add(command, args);
    this.typing.remember();
    if (!this.cut) this.post(this.outbox.message(entry, entry.arguments.bases?.length > 1));
    this.showStatus();
    return entry.number;
  }

  command(command, args = {}) {
    if (this.told) this.notice.replaceChildren(); // it was about what was done before
    this.told = false;
    this.typing.flush();
    return this.send(command, args);
  }

  // Select optimistically: the page has the fields of everything, and goes on without a kernel.
  select(key) {
    this.selecting = this.cut ? { key, waits: true } : { key, number: this.command("select", { key }) };
    if (this.cut) this.typing.flush();
    this.save();
    this.refresh();
  }

  get key() { return this.selecting?.key ?? this.model.get("selected"); }

  get current() { return this.details[this.key] ? this.key : "head"; }

  get detail() { return this.details[this.current]; }

  acknowledge() {
    const done = this.model.get("done"), kept = this.model.get("kept");
    const before = this.typing.outboxes.map((outbox) => outbox.entries.length).join();
    const commanded = this.typing.outboxes.map((outbox) => outbox.acknowledge(done[outbox.client], kept[outbox.client]));
    if (this.typing.outboxes.map((outbox) => outbox.entries.length).join() !== before) this.typing.remember();
    return commanded.some(Boolean);
  }

  // What is selected and open in this window, for when it is reloaded.
  restore(date) {
    const { key = "head", tab = "edit" } = remembered(`embedai-window:${date}`, sessionStorage);
    this.selecting = { key };
    this.tab = TABS.includes(tab) ? tab : "edit";
  }

  save() { remember(`embedai-window:${this.model.get("issue").date}`, { key: this.key, tab: this.tab }, sessionStorage); }

  // --- what is on screen ---

  build(root) {
    const { words } = this;
    this.title = el("h1", {});
    this.status = el("span", { class: "embedai-status", role: "status" });
    this.tabs = el("div", { class: "embedai-tabs", role: "tablist", "aria-label": words.tabs, onkeydown: (event) => this.tabKey(event) });
    this.undoing = button("↶", () => this.command("undo"), { class: "embedai-undo", title: words.undo, "aria-label": words.undo });
    this.redoing = button("↷", () => this.command("redo"), { class: "embedai-redo", title: words.redo, "aria-label": words.redo });
    this.banner = el("div", { class: "embedai-banner", role: "alert" });
    this.notice = el("div", { class: "embedai-notice", role: "status" });
    this.outline = new Outline(this);
    this.fields = new Fields(this);
    this.pages = Object.fromEntries(PAGES.map((tab) => [tab, new Page(this, words[`tab-${tab}`])]));
    this.checks = new Checks(this);
    this.search = new Search(this);
    this.candidates = new Candidates(this);
    this.conflict = new Conflict(this);
    this.unmerged = new Unmerged(this);
    this.rescheduling = new Rescheduling(this);
    this.publishing = new Publishing(this);
    this.articleTools = new ArticleTools(this);
    this.panel = el("div", { class: "embedai-body" });
    const tool = (word, action, properties) => button(words[word], action, properties);
    const adding = el("div", { class: "embedai-tools embedai-adds", role: "toolbar" },
      tool("add-item", () => this.add("item"), { class: "embedai-add-item" }), tool("add-warmup", () => this.add("warmup"), { class: "embedai-add-warmup" }),
      tool("add-section", () => this.add("section"), { class: "embedai-add-section" }), tool("paste", () => this.openPaste(), { class: "embedai-paste" }));
    this.outline.element.prepend(adding);
    this.outline.element.append(el("div", { class: "embedai-foot" }, this.outline.progress, el("span", { class: "embedai-keys", title: words["shortcut-list"], tabIndex: 0, "aria-label": words["shortcut-list"] }, words.shortcuts)));
    const scroller = (...children) => el("div", { class: "embedai-scroller", tabIndex: -1 }, ...children);
    this.views = {
      edit: el("div", { class: "embedai-edit" }, this.outline.element, scroller(this.fields.element)),
      findings: scroller(this.checks.element), search: scroller(this.search.element), inbox: scroller(this.candidates.element), conflict: scroller(this.conflict.element),
      ...Object.fromEntries(PAGES.map((tab) => [tab, scroller(tab === "wechat" ? this.articleTools.element : null, this.pages[tab].element)])),
    };
    for (const [tab, view] of Object.entries(this.views)) {
      Object.assign(view, { id: identifier(), role: "tabpanel", tabIndex: tab === "edit" ? -1 : 0 }); // PageDown scrolls it
      view.classList.add(`embedai-view-${tab}`);
      view.setAttribute("aria-labelledby", `${view.id}-tab`);
    }
    this.body = el("div", { class: "embedai-body" }, ...Object.values(this.views));
    this.dialog = this.makePaste();
    this.root = el("section", { class: "embedai-editor", lang: this.language, "data-lm-suppress-shortcuts": "true" },
      el("header", { class: "embedai-top" }, this.title, this.tabs, el("span", { class: "embedai-space" }), this.undoing, this.redoing, this.status, this.chrome()),
      this.banner, this.notice, this.body, this.panel, this.publishing.drawer, this.publishing.bar, this.publishing.copying, this.dialog);
    this.writing = new Writing(this);
    this.root.addEventListener("keydown", (event) => this.keydown(event));
    this.root.addEventListener("focusin", (event) => { this.place = event.target; });
    for (const kind of ["keydown", "keyup", "keypress", "paste", "copy", "cut", "mousedown", "contextmenu", "dblclick"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation()); // JupyterLab has its own use for them
    }
    root.replaceChildren(this.root);
    for (const line of document.querySelectorAll(".embedai-no-form")) line.remove();
    this.fit();
  }

  // The way to JupyterLab's own menus and side bars, which the panel hides.
  chrome() {
    if (!this.host?.chrome) return null;
    const { words, host } = this;
    const toggle = button("☰", () => { host.chrome(); show(); }, { class: "embedai-chrome" });
    const show = () => {
      toggle.title = words[host.chromeShown ? "chrome-hide" : "chrome-show"];
      toggle.setAttribute("aria-label", toggle.title);
      toggle.setAttribute("aria-pressed", host.chromeShown);
    };
    show();
    return toggle;
  }

  // Take the keyboard: where it was, else into the outline, or what the tab shows.
  focus() {
    const place = this.place?.isConnected && this.place.getClientRects().length ? this.place : this.entrance;
    place?.focus({ preventScroll: true });
  }

  get entrance() {
    if (this.body.hidden) return this.panel.querySelector("button");
    if (this.tab === "edit") return this.outline.list;
    if (this.tab === "search") return this.search.input;
    return this.views[this.tab];
  }

  // Fill the height of the notebook, so that only panes within the form scroll.
  fit() {
    requestAnimationFrame(() => {
      const frame = this.root.closest(".jp-WindowedPanel-outer");
      const resize = () => {
        if (!frame) return;
        const above = this.root.getBoundingClientRect().top - frame.getBoundingClientRect().top + frame.scrollTop;
        this.root.style.height = `${Math.max(240, Math.floor(frame.clientHeight - above - 8))}px`;
      };
      if (frame) { this.fitting = new ResizeObserver(resize); this.fitting.observe(frame); }
      resize();
    });
  }

  refresh() {
    const { model } = this;
    this.greeted ||= model.get("greeted") === this.greeting;
    if (!this.greeted) return; // it doesn't know yet what this page has
    if (model.get("language") !== this.language && !this.typing.unsaved) this.translate();
    const commanded = this.acknowledge();
    if (this.selecting && !this.selecting.waits && !this.sent.has(this.selecting.number)) this.selecting = null;
    const trouble = model.get("trouble"), kind = trouble.kind;
    const closed = ["broken", "missing", "unmerged"].includes(kind);
    this.body.hidden = closed;
    this.panel.hidden = !closed;
    if (closed) {
      if (!same(trouble, this.shown)) this.panel.replaceChildren(kind === "broken" ? brokenPanel(this, trouble) : kind === "unmerged" ? this.unmerged.show(trouble) : missingPanel(this, trouble));
      this.shown = trouble;
      this.publishing.hide();
    } else {
      this.shown = null;
      this.refreshBody(trouble, commanded);
      this.publishing.show();
    }
    this.publishing.opened();
    this.writing.refresh();
    this.showTrouble(trouble);
    this.showNotice();
    this.showTabs(kind, trouble);
    this.showStatus();
  }

  // newsletter.yaml has another language now: a panel is opened anew, as after a reload.
  translate() {
    this.language = this.model.get("language");
    if (this.host) this.host.open(this.host.date);
    else this.tell(this.model.get("words")["language-changed"]);
  }

  refreshBody(trouble, commanded) {
    const { model, detail } = this;
    if (!detail) return;
    const outline = model.get("outline"), issue = model.get("issue"), findings = model.get("findings");
    put(this.title, `${issue.newsletter} ${issue.date}`);
    if (this.typing.move(issue.date)) {
      this.typing.recover((outbox) => this.tellAgain(outbox));
      this.save();
      this.host?.moved(issue.date);
    }
    for (const [tool, possible] of [[this.undoing, issue.undo], [this.redoing, issue.redo]]) {
      if (!possible && document.activeElement === tool) this.outline.list.focus({ preventScroll: true }); // else the keyboard is nobody's
      tool.disabled = !possible;
    }
    this.outline.show(outline, this.current);
    this.fields.show(detail, outline, commanded);
    this.showBusy();
    this.fields.preview.show(model.get("preview"));
    this.fields.showFindings(findings, detail.key);
    this.fields.showEarlier(model.get("earlier")[detail.key] ?? []);
    this.search.show(model.get("hits"));
    this.candidates.show(model.get("candidates"), model.get("decided"));
    if (this.after && !this.sent.has(this.after.number)) { const { then } = this.after; this.after = null; then(); }
    this.checks.show(findings, model.get("fixed"));
    const page = model.get("page");
    this.articleTools.show(page);
    this.pages[page.tab]?.show(page);
    if (trouble.kind === "conflict") this.conflict.show(trouble.differences);
  }

  showTabs(kind, trouble) {
    const findings = this.model.get("findings") ?? [];
    const count = (severity) => findings.filter((finding) => finding.severity === severity).length;
    const names = TABS.map((tab) => [tab, this.words[`tab-${tab}`]]);
    if (kind === "conflict") {
      names.push(["conflict", `${this.words["tab-conflict"]} ${trouble.differences.length}`]);
      if (!this.conflicting && !this.root.contains(document.activeElement?.closest("textarea"))) this.show("conflict");
    } else if (this.tab === "conflict") this.show("edit");
    this.conflicting = kind === "conflict";
    arrange(this.tabs, names.map(([tab, name]) => [tab,
      () => button("", () => this.show(tab), { role: "tab", class: `embedai-tab embedai-tab-${tab}`, id: `${this.views[tab].id}-tab`, "aria-controls": this.views[tab].id }),
      (element) => {
        const serious = count("error") + count("warning");
        const number = { findings: serious, inbox: this.candidates.count }[tab];
        put(element, number ? `${name} ${number}` : name);
        element.classList.toggle("embedai-bad", (tab === "findings" && count("error") > 0) || tab === "conflict");
        element.setAttribute("aria-selected", tab === this.tab);
        element.tabIndex = tab === this.tab ? 0 : -1;
      }]));
    for (const [tab, view] of Object.entries(this.views)) view.hidden = tab !== this.tab;
  }

  // Show another tab; the keyboard goes with it, back to where it was in that one.
  show(tab) {
    if (tab === this.tab) return;
    const inside = this.body.contains(document.activeElement) || document.activeElement === document.body;
    this.places = { ...this.places, [this.tab]: this.body.contains(this.place) ? this.place : null };
    this.tab = tab;
    if (!this.cut) this.command("show", { tab });
    else if (PAGES.includes(tab)) this.tell(this.words["offline-refused"]);
    this.save();
    if (tab === "inbox") this.candidates.opened();
    this.showTabs(this.model.get("trouble").kind, this.model.get("trouble"));
    this.publishing.show();
    if (!inside) return;
    this.place = this.places[tab];
    this.focus();
  }

  // Say what is still being computed, once that has taken a while.
  showBusy() {
    const busy = this.model.get("busy"), { page } = busy;
    this.since = page ? this.since || Date.now() : 0;
    clearTimeout(this.noticing);
    const late = page && Date.now() - this.since >= NOTICED;
    if (page && !late) this.noticing = setTimeout(() => this.showBusy(), NOTICED);
    for (const [tab, each] of Object.entries(this.pages)) each.wait(late && tab === this.tab ? this.words.rendering : "");
    this.fields.preview.element.setAttribute("aria-busy", Boolean(busy.preview));
  }

  showTrouble(trouble) {
    const { words } = this;
    const bannered = trouble.text ? trouble : trouble.kind;
    if (same(bannered, this.bannered)) return;
    this.bannered = bannered;
    const found = [];
    if (trouble.kind === "failed") found.push(el("span", {}, trouble.text));
    if (trouble.kind === "unsaved") {
      found.push(el("span", {}, trouble.text), button(words.retry, () => this.command("retry"), { class: "embedai-retry" }));
      if (trouble.replaceable) found.push(button(words.overwrite, () => this.command("overwrite"), { class: "embedai-overwrite" }));
    }
    if (trouble.kind === "conflict") {
      found.push(el("span", {}, words["unsaved-conflict"]), button(words.compare, () => this.show("conflict"), { class: "embedai-compare" }));
    }
    this.banner.replaceChildren(...found);
  }

  showNotice() {
    const notice = this.model.get("notice");
    if (!notice.number || notice.number === this.noticed) return;
    this.noticed = notice.number;
    if (notice.text) this.say(notice.text, notice.rescued ? el("textarea", { readOnly: true, rows: 3, value: notice.rescued, "aria-label": notice.text }) : null);
    else this.notice.replaceChildren();
  }

  // Say what came of the last action, until the next.
  tell(text, more = null) {
    this.say(text, more);
    this.told = true;
  }

  say(text, more = null) {
    this.told = false;
    const close = button("×", () => this.notice.replaceChildren(), { class: "embedai-small", "aria-label": this.words.dismiss });
    this.notice.replaceChildren(el("span", {}, text), ...(more ? [more] : []), close);
  }

  showStatus() {
    const { words, typing } = this, status = this.model.get("status"), waiting = typing.unsaved;
    const [kind, text] =
      this.cut ? (waiting ? ["unsaved", words["offline-unsaved"]] : ["offline", words.offline])
      : status.kind === "unsaved" ? ["unsaved", words.unsaved]
      : typing.busy ? ["busy", words.typing]
      : typing.outboxes.some((outbox) => outbox.unhandled.some((entry) => !PASSING.has(entry.command))) ? ["busy", words.saving]
      : [status.kind, status.text];
    this.status.dataset.kind = kind;
    put(this.status, text ?? "");
  }

  // --- what the editor does ---

  add(kind) {
    const from = this.current;
    this.show("edit");
    const number = this.command("add", { key: from, kind });
    if (number) this.after = { number, then: () => this.fields.focus() };
  }

  toggleReady() {
    const key = this.current;
    const row = this.model.get("outline").parts.flatMap((part) => part.rows).find((each) => each.key === key);
    if (row) this.command("mark", { key, status: row.ready ? "draft" : "ready" });
  }

  // Go to a field from any tab.
  go(key, field) {
    this.show("edit");
    if (this.current !== key) this.select(key);
    this.fields.focus(field);
  }

  tabKey(event) {
    const tabs = [...this.tabs.children], at = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    const page = { PageDown: 1, PageUp: -1 }[event.key], view = this.views[this.tab];
    if (page) { event.preventDefault(); view.scrollBy(0, page * 0.9 * view.clientHeight); }
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.click();
    tab.focus();
  }

  keydown(event) {
    if (event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyS") { event.preventDefault(); this.typing.flush(); return; }
    if (!event.altKey || event.ctrlKey || event.metaKey) {
      const typing = event.target.closest("textarea, input");
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyZ" && !typing) {
        event.preventDefault();
        this.command(event.shiftKey ? "redo" : "undo");
      }
      return;
    }
    const key = this.current;
    const does = {
      ArrowUp: () => this.command("move", { key, by: -1 }), ArrowDown: () => this.command("move", { key, by: 1 }),
      Enter: () => this.toggleReady(), KeyN: () => this.add(this.detail.kind.startsWith("warmup") ? "warmup" : "item"),
      KeyD: () => this.command("duplicate", { key }), Delete: () => this.command("delete", { key }), KeyV: () => this.openPaste(), KeyP: () => this.publishing.publish(),
      KeyZ: () => this.command(event.shiftKey ? "redo" : "undo"), KeyO: () => this.outline.list.focus(), KeyF: () => { this.show("search"); this.search.focus(); },
      ...Object.fromEntries(TABS.map((tab, n) => [`Digit${n + 1}`, () => this.show(tab)])),
    }[event.code];
    if (does) { event.preventDefault(); does(); }
  }

  makePaste() {
    const { words } = this, text = identifier(), target = identifier();
    this.pasteText = el("textarea", { id: text, rows: 14, spellcheck: false, placeholder: words["paste-placeholder"] });
    this.pasteTarget = el("select", { id: target });
    const paste = () => {
      this.dialog.close();
      this.show("edit");
      this.command("paste", { key: this.current, text: this.pasteText.value, target: this.pasteTarget.value });
      this.pasteText.value = "";
    };
    return el("dialog", { class: "embedai-dialog" }, el("label", { class: "embedai-where", htmlFor: text }, words["paste-title"]),
      el("p", { class: "embedai-quiet" }, words["paste-explained"]), this.pasteText,
      el("div", { class: "embedai-tools" }, el("label", { htmlFor: target }, words["paste-hint"]), this.pasteTarget, el("span", { class: "embedai-space" }),
        button(words.cancel, () => this.dialog.close()), button(words["paste-do"], paste, { class: "embedai-paste-do" })));
  }

  openPaste() {
    this.typing.flush();
    const { section, kind } = this.detail, outline = this.model.get("outline");
    const targets = [["warmups", this.words.warmups], ...outline.parts.map((part) => [part.key, part.name || this.words["untitled-section"]])];
    this.pasteTarget.replaceChildren(...targets.map(([value, name]) => el("option", { value }, name)));
    this.pasteTarget.value = section ?? (kind.startsWith("warmup") || !outline.parts.length ? "warmups" : outline.parts[0].key);
    this.dialog.showModal();
    this.pasteText.focus();
  }
}

export default {
  render({ model, el: root }) {
    const editor = new Editor(model, root);
    return () => editor.end();
  },
};

// Show the form in a panel of its own.
export function mount(model, root, host) { return new Editor(model, root, host); }
