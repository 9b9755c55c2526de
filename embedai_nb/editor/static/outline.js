// Outline of the issue: a listbox with one tab stop and arrow keys.

class Outline {
  constructor(editor) {
    this.editor = editor;
    this.list = el("div", {
      class: "embedai-list", role: "listbox", tabIndex: 0, "aria-label": editor.words.outline,
      onkeydown: (event) => this.keydown(event),
      onclick: (event) => {
        const row = event.target.closest("[data-key]");
        if (row) this.select(row.dataset.key);
      },
    });
    this.progress = el("span", { class: "embedai-quiet" });
    this.moved = el("span", { class: "embedai-heard", role: "status" }); // for screen readers
    const { words } = editor;
    this.beginning = el("div", { class: "embedai-beginning", hidden: true }, el("strong", {}, words["begin-title"]), el("p", {}, words["begin-explained"]),
      button(words["begin-paste"], () => editor.openPaste(), { class: "embedai-primary embedai-begin-paste" }), button(words["begin-item"], () => editor.add("item")));
    this.element = el("nav", { class: "embedai-outline", "aria-label": words.outline }, this.beginning, this.list, this.moved);
  }

  get keys() { return [...this.list.querySelectorAll("[data-key]")].map((row) => row.dataset.key); }

  select(key) {
    if (key === this.selected) return;
    this.mark(key);
    this.editor.select(key);
  }

  keydown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const keys = this.keys, at = keys.indexOf(this.selected);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: keys.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      this.select(keys[Math.max(0, Math.min(to, keys.length - 1))]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.editor.fields.focus();
    } else if (event.key === "Delete") {
      this.editor.command("delete", { key: this.selected });
    }
  }

  mark(key) {
    this.selected = key;
    for (const row of this.list.querySelectorAll("[data-key]")) {
      const current = row.dataset.key === key;
      if ((row.getAttribute("aria-selected") === "true") === current) continue;
      row.setAttribute("aria-selected", current);
      if (current) {
        this.list.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      }
    }
  }

  show(outline, selected) {
    const words = this.editor.words;
    const rows = [this.heading("head", words.head, ""), this.heading("warmups", words.warmups, outline.warmups.length)];
    rows.push(...outline.warmups.map((row) => this.row(row, words["untitled-warmup"])));
    for (const part of outline.parts) {
      rows.push(this.heading(part.key, part.name || words["untitled-section"], part.rows.length));
      rows.push(...part.rows.map((row) => this.row(row, words.untitled)));
    }
    rows.push(this.heading("closing", words.closing, ""));
    arrange(this.list, rows);
    this.announce(outline, selected);
    const items = outline.parts.flatMap((part) => part.rows);
    this.beginning.hidden = items.length + outline.warmups.length > 0;
    const ready = items.filter((row) => row.ready).length;
    put(this.progress, filled(words.progress, { ready, count: items.length }));
    this.mark(selected);
  }

  // Say where the selected entry or section is now, if it has moved.
  announce(outline, selected) {
    const { words } = this.editor, places = new Map(outline.warmups.map((row, n) => [row.key, [words.warmups, n + 1, row.title]]));
    outline.parts.forEach((part, n) => {
      const name = part.name || words["untitled-section"];
      places.set(part.key, [words["outline"], n + 1, name]);
      part.rows.forEach((row, m) => places.set(row.key, [name, m + 1, row.title || row.mark || words.untitled]));
    });
    const [part, number, title] = places.get(selected) ?? [], before = this.places?.get(selected);
    const rearranged = before && this.places.size === places.size && (before[0] !== part || before[1] !== number);
    this.places = places;
    if (rearranged) put(this.moved, filled(words.moved, { title, part, number }));
  }

  // What a key is: item, warmup, section, or head, warmups, closing.
  kindOf(key) {
    const { warmups, parts } = this.editor.model.get("outline");
    if (warmups.some((row) => row.key === key)) return "warmup";
    if (parts.some((part) => part.key === key)) return "section";
    return parts.some((part) => part.rows.some((row) => row.key === key)) ? "item" : key;
  }

  heading(key, name, count) {
    const make = () => el("div", { class: "embedai-heading", role: "option", id: identifier(), "data-key": key, draggable: this.kindOf(key) === "section" },
      el("span", { class: "embedai-name" }), el("span", { class: "embedai-quiet" }));
    return [key, make, (row) => { put(row.children[0], name); put(row.children[1], String(count)); }];
  }

  row(row, untitled) {
    const make = () => el("div", { class: "embedai-row", role: "option", id: identifier(), "data-key": row.key, draggable: true },
      el("span", { class: "embedai-state" }), el("span", { class: "embedai-title" },
        el("span", { class: "embedai-mark" }), el("span")), el("span", { class: "embedai-lacks" }));
    return [row.key, make, (element) => {
      const [state, title, lacks] = element.children;
      put(state, row.ready ? "✓" : "");
      state.title = row.ready ? this.editor.words.ready : "";
      put(title.children[0], row.mark);
      put(title.children[1], row.title || (row.mark ? "" : untitled));
      element.classList.toggle("embedai-untitled", !row.title && !row.mark);
      const said = row.ready ? [...row.lacks] : row.lacks;
      put(lacks, said.join(this.editor.words["between-marks"]));
      element.title = [row.mark, row.title, row.ready ? this.editor.words.ready : "", ...said].filter(Boolean).join(" · ");
    }];
  }
}
