// The form: renders the model and sends commands to the kernel, which holds all state.

const TABS = ["edit", "preview", "findings", "wechat", "changes", "search", "inbox"];
const PAGES = ["preview", "wechat", "changes"]; // the tabs that show a page
const SILENCE = 3000; // milliseconds without an answer after which text counts as unsaved

class Editor {
  constructor(model, root) {
    this.model = model;
    this.words = model.get("words");
    this.document = model.get("document");
    this.client = Math.random().toString(36).slice(2);
    this.number = Date.now();
    this.sent = new Map(); // number of a message → when it was sent, whether it was typed text
    this.tab = "edit";
    const date = model.get("issue").date ?? model.get("trouble").date ?? "";
    this.typing = new Typing((command, args) => this.send(command, args), date, this.client);
    this.typing.onchange = () => this.showStatus();
    this.build(root);
    this.update = () => this.refresh();
    model.on("change", this.update);
    this.ticking = setInterval(() => this.showStatus(), 1000);
    this.refresh();
    this.send("hello", {});
    this.typing.recover();
  }

  end() {
    this.typing.end();
    this.candidates.end();
    this.writing.end();
    clearInterval(this.ticking);
    this.model.off("change", this.update);
    this.fitting?.disconnect();
  }

  // --- to the kernel ---

  send(command, args) {
    const number = ++this.number;
    this.sent.set(number, { at: Date.now(), typed: command === "write" });
    try {
      this.model.send({ client: this.client, number, command, arguments: args });
    } catch { /* the kernel is gone: the text is remembered, and the status says so */ }
    this.showStatus();
    return number;
  }

  command(command, args = {}) {
    if (this.told) this.notice.replaceChildren(); // it was about what was done before
    this.told = false;
    this.typing.flush();
    return this.send(command, args);
  }

  // Select optimistically, before the kernel has answered: arrow keys may be faster.
  select(key) { this.selecting = { key, number: this.command("select", { key }) }; }

  get current() { return this.selecting?.key ?? this.model.get("detail").key; }

  acknowledge(last) {
    let commanded = false;
    for (const [number, { typed }] of this.sent) {
      if (number > last) continue;
      this.sent.delete(number);
      this.typing.acknowledged(number);
      commanded ||= !typed;
    }
    return commanded;
  }

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
    const scroller = (...children) => el("div", { class: "embedai-scroller" }, ...children);
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
    this.root = el("section", { class: "embedai-editor", lang: "zh-CN", "data-lm-suppress-shortcuts": "true" },
      el("header", { class: "embedai-top" }, this.title, this.tabs, el("span", { class: "embedai-space" }), this.undoing, this.redoing, this.status),
      this.banner, this.notice, this.body, this.panel, this.publishing.drawer, this.publishing.bar, this.publishing.copying, this.dialog);
    this.writing = new Writing(this);
    this.root.addEventListener("keydown", (event) => this.keydown(event));
    for (const kind of ["keydown", "keyup", "keypress", "paste", "copy", "cut", "mousedown", "contextmenu", "dblclick"]) {
      this.root.addEventListener(kind, (event) => event.stopPropagation()); // JupyterLab has its own use for them
    }
    root.replaceChildren(this.root);
    this.fit();
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
    const commanded = this.acknowledge(model.get("done")[this.client] ?? 0);
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

  refreshBody(trouble, commanded) {
    const { model } = this;
    const detail = model.get("detail"), outline = model.get("outline"), issue = model.get("issue"), findings = model.get("findings");
    put(this.title, `${issue.newsletter} ${issue.date}`);
    this.typing.move(issue.date);
    for (const [tool, possible] of [[this.undoing, issue.undo], [this.redoing, issue.redo]]) {
      if (!possible && document.activeElement === tool) this.outline.list.focus({ preventScroll: true }); // else the keyboard is JupyterLab's
      tool.disabled = !possible;
    }
    if (this.selecting && !this.sent.has(this.selecting.number)) this.selecting = null;
    this.outline.show(outline, this.current);
    this.fields.show(detail, outline, commanded);
    this.fields.preview.show(model.get("preview"));
    this.fields.showFindings(findings, detail.key);
    this.fields.showEarlier(model.get("earlier")[detail.key] ?? []);
    this.search.show(model.get("hits"));
    this.candidates.show(model.get("candidates"), model.get("decided"));
    if (this.after && !this.sent.has(this.after.number)) { const { then } = this.after; this.after = null; then(); }
    if (this.going?.key === detail.key) { const { field } = this.going; this.going = null; this.fields.focus(field); }
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

  show(tab) {
    if (tab === this.tab) return;
    const left = this.views[this.tab]?.contains(document.activeElement);
    this.tab = tab;
    this.command("show", { tab });
    if (tab === "inbox") this.candidates.opened();
    this.showTabs(this.model.get("trouble").kind, this.model.get("trouble"));
    this.publishing.show();
    if (left) this.focusView(); // else the keyboard would be left in what is hidden
  }

  // Give the keyboard to what the tab shows: to the field that had it, or to a page, which then scrolls by keys.
  focusView() {
    const { last } = this.fields;
    (this.tab !== "edit" ? this.views[this.tab] : last?.isConnected ? last : this.outline.list).focus({ preventScroll: true });
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
      found.push(el("span", {}, `${words.unsaved}：${words.conflict}。`), button(words.compare, () => this.show("conflict"), { class: "embedai-compare" }));
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
    const { words } = this, status = this.model.get("status");
    const oldest = Math.min(...[...this.sent.values()].map((each) => each.at));
    const [kind, text] =
      status.kind === "unsaved" ? ["unsaved", words.unsaved]
      : Date.now() - oldest > SILENCE ? ["unsaved", words.offline]
      : this.typing.busy ? ["busy", words.typing]
      : this.typing.waiting.size ? ["busy", words.saving]
      : [status.kind, status.text];
    this.status.dataset.kind = kind;
    put(this.status, text ?? "");
  }

  // --- what the editor does ---

  add(kind) {
    const from = this.current;
    this.show("edit");
    this.after = { number: this.command("add", { key: from, kind }), then: () => this.fields.focus() };
  }

  toggleReady() {
    const key = this.current;
    const row = this.model.get("outline").parts.flatMap((part) => part.rows).find((each) => each.key === key);
    if (row) this.command("mark", { key, status: row.ready ? "draft" : "ready" });
  }

  // Go to a field from any tab.
  go(key, field) {
    this.show("edit");
    if (this.model.get("detail").key === key) { this.fields.focus(field); return; }
    this.going = { key, field };
    this.select(key);
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
      Enter: () => this.toggleReady(), KeyN: () => this.add(this.model.get("detail").kind.startsWith("warmup") ? "warmup" : "item"),
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
    const { section, kind } = this.model.get("detail"), outline = this.model.get("outline");
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
