// The tab of candidates: take, dismiss, open and undo by keyboard or mouse; the list is built once and filtered in place.

class Candidates {
  constructor(editor) {
    const { words } = (this.editor = editor), id = identifier(), hide = identifier();
    this.rows = new Map(); // id → { row, element, text }
    this.hidden = new Set(); // decided here; the kernel has not answered yet
    this.filter = el("input", { type: "search", id, class: "embedai-words", placeholder: words["inbox-filter-hint"], spellcheck: false, oninput: () => this.sift() });
    this.hideSeen = el("input", { type: "checkbox", id: hide, checked: true, onchange: () => this.sift() });
    this.fetching = button(words["inbox-fetch"], () => editor.command("inbox_fetch"), { class: "embedai-inbox-fetch" });
    this.undoing = button(words["inbox-undo"], () => this.undo(), { class: "embedai-inbox-undo", disabled: true });
    this.state = el("span", { class: "embedai-quiet", role: "status" });
    this.failed = el("p", { class: "embedai-quiet embedai-inbox-failed" });
    this.keys = el("p", { class: "embedai-quiet embedai-inbox-keys" });
    this.empty = el("p", { class: "embedai-quiet embedai-inbox-empty" }, words["inbox-loading"]);
    this.list = el("div", { class: "embedai-candidates", role: "list", "aria-label": words["inbox-list"] });
    this.element = el("div", { class: "embedai-inbox", onkeydown: (event) => this.keydown(event) },
      el("div", { class: "embedai-tools" }, this.fetching, this.undoing, el("label", { htmlFor: id }, words["inbox-filter"]), this.filter,
        this.hideSeen, el("label", { htmlFor: hide }, words["inbox-hide-seen"]), this.state),
      this.failed, this.keys, this.empty, this.list);
    this.count = 0;
    this.later = setTimeout(() => editor.send("inbox_load", {}), 1500); // the count in the tab; after what is needed first
  }

  end() { clearTimeout(this.later); }

  opened() {
    this.editor.send("inbox_load", {});
    this.arriving = !this.current; // opened before the list is there: go to it when it comes
    requestAnimationFrame(() => (this.current ?? this.filter).focus({ preventScroll: true }));
  }

  show(found, decided) {
    const { words } = this.editor;
    put(this.state, found.progress ?? found.fetched ?? "");
    this.fetching.disabled = Boolean(found.progress);
    if (found.sources === 0) put(this.empty, words["inbox-none"]);
    this.fetching.hidden = this.undoing.hidden = found.sources === 0;
    this.undoing.disabled = !decided.length;
    put(this.failed, found.failed ?? "");
    if (!same(decided, this.decided)) {
      this.decided = decided;
      this.hidden.clear();
      this.sift();
    }
    const changed = found !== this.found && found.list && !same(found.list, this.known); // the list is long: looked at only where it was sent
    this.found = found;
    if (!changed) return this.welcome();
    this.known = found.list;
    this.sections = found.sections;
    put(this.keys, filled(words["inbox-keys"], { digits: found.sections.slice(0, 9).map((name, n) => `${n + 1} ${name}`).join(" · ") }));
    const before = this.current?.dataset.id, active = document.activeElement;
    const focused = this.list.contains(active) || (this.arriving && active === this.filter && !this.filter.value);
    this.arriving = false;
    this.rows = new Map(found.list.map((row) => [row.id, { row, element: this.row(row), text: [row.title, row.sources, row.section, row.excerpt].join(" ").toLowerCase() }]));
    this.list.replaceChildren(...[...this.rows.values()].map((each) => each.element));
    this.sift();
    this.choose(this.rows.get(before)?.element ?? this.visible()[0], focused);
    this.welcome();
  }

  // Go to the row that an undo brought back.
  welcome() {
    const row = this.rows.get(this.returning)?.element;
    if (!row || row.hidden || this.decided.includes(this.returning)) return;
    this.returning = null;
    this.choose(row);
  }

  row(row) {
    const { words } = this.editor;
    const title = leading(row.url, row.title);
    title.tabIndex = -1;
    title.classList.add("embedai-candidate-title");
    const about = [row.section, row.sources, row.age, row.earlier].filter(Boolean).join(" · ");
    const also = row.links.length ? el("p", { class: "embedai-quiet" }, words["inbox-also"], ...row.links.flatMap(([source, url], n) => [n ? words.comma : "", this.link(source, url)])) : null;
    return el("div", { class: `embedai-candidate${row.seen ? " embedai-seen" : ""}`, role: "listitem", tabIndex: -1, "data-id": row.id, "aria-label": filled(words["inbox-named"], { title: row.title, about }), onfocus: (event) => this.choose(event.currentTarget, false) },
      el("div", { class: "embedai-candidate-head" }, title,
        button(filled(words["inbox-take"], { section: row.section }), () => this.take(row.id), { class: "embedai-small embedai-take", tabIndex: -1 }),
        button(words["inbox-dismiss"], () => this.dismiss(row.id), { class: "embedai-small embedai-dismiss", tabIndex: -1 })),
      el("p", { class: "embedai-quiet", title: row.date }, about),
      row.excerpt ? el("p", { class: "embedai-excerpt" }, row.excerpt) : null,
      row.reason ? el("p", { class: "embedai-reason" }, row.reason) : null, also);
  }

  link(text, url) {
    const link = leading(url, text);
    link.tabIndex = -1;
    return link;
  }

  // Hide what does not match, what was decided, and what was in an issue.
  sift() {
    const wanted = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean), gone = new Set([...(this.decided ?? []), ...this.hidden]);
    let shown = 0;
    this.count = 0;
    for (const [id, { row, element, text }] of this.rows) {
      const left = !gone.has(id);
      this.count += left && !row.seen;
      element.hidden = !(left && !(row.seen && this.hideSeen.checked) && wanted.every((word) => text.includes(word)));
      shown += !element.hidden;
    }
    if (this.known) put(this.empty, shown ? "" : this.editor.words["inbox-empty"]);
    if (this.current?.hidden) this.choose(this.visible()[0], false);
  }

  visible() { return [...this.rows.values()].map((each) => each.element).filter((element) => !element.hidden); }

  // One row is in the tab order; focusing it shows it.
  choose(element, focus = true) {
    if (this.current) this.current.tabIndex = -1;
    this.current = element ?? null;
    if (!element) return;
    element.tabIndex = 0;
    if (focus) { element.focus({ preventScroll: true }); element.scrollIntoView({ block: "nearest" }); }
  }

  // --- deeds ---

  take(id, section = "") { this.decide(id, () => this.editor.command("inbox_take", { id, section })); }

  dismiss(id) { this.decide(id, () => this.editor.command("inbox_dismiss", { id })); }

  decide(id, act) {
    const rows = this.visible(), at = rows.findIndex((element) => element.dataset.id === id);
    const following = rows[at + 1] ?? rows[at - 1];
    this.hidden.add(id);
    this.choose(following, true);
    this.sift();
    if (!following) this.filter.focus();
    this.editor.showTabs(this.editor.model.get("trouble").kind, this.editor.model.get("trouble"));
    act();
  }

  undo() {
    this.returning = [...this.hidden].at(-1) ?? this.decided?.at(-1); // the last one may be on its way
    this.editor.command("inbox_undo");
  }

  keydown(event) {
    if (event.isComposing || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && event.target !== this.filter) return this.handled(event, () => this.undo());
    if (event.ctrlKey || event.metaKey) return;
    const rows = this.visible(), at = rows.indexOf(this.current);
    if (event.target === this.filter) {
      if (event.key === "ArrowDown" || event.key === "Enter") this.handled(event, () => this.choose(rows[0]));
      else if (event.key === "Escape" && this.filter.value) this.handled(event, () => { this.filter.value = ""; this.sift(); });
      return;
    }
    if (!event.target.closest(".embedai-candidate, .embedai-candidates")) return;
    const id = this.current?.dataset.id, section = /^[1-9]$/.test(event.key) ? this.sections[event.key - 1] : undefined;
    const does = {
      ArrowDown: () => this.choose(rows[Math.min(at + 1, rows.length - 1)]), ArrowUp: () => (at > 0 ? this.choose(rows[at - 1]) : this.filter.focus()),
      Home: () => this.choose(rows[0]), End: () => this.choose(rows.at(-1)), Enter: () => id && this.take(id),
      Delete: () => id && this.dismiss(id), Backspace: () => id && this.dismiss(id), "/": () => this.filter.focus(),
      o: () => this.current?.querySelector(".embedai-candidate-title")?.click(), u: () => this.undo(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (does) this.handled(event, does);
    else if (section && id) this.handled(event, () => this.take(id, section));
  }

  handled(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }
}
