// Drag and drop in the outline: an entry before or after another, or to the beginning of a section; a section by its heading.

class Dragging {
  constructor(editor) {
    this.editor = editor;
    this.list = editor.outline.list;
    this.list.addEventListener("dragstart", (event) => this.start(event));
    this.list.addEventListener("dragover", (event) => this.over(event));
    this.list.addEventListener("drop", (event) => this.drop(event));
    this.list.addEventListener("dragend", () => this.end());
    this.list.addEventListener("dragleave", (event) => { if (!this.list.contains(event.relatedTarget)) this.mark(null); });
  }

  start(event) {
    const row = event.target.closest("[data-key]");
    this.key = row.dataset.key;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.querySelector(".embedai-title, .embedai-name").textContent);
    row.classList.add("embedai-dragged");
  }

  over(event) {
    if (!this.key) return;
    const place = this.place(event);
    this.mark(place);
    if (!place) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
  }

  drop(event) {
    const place = this.key && this.place(event);
    if (!place) return;
    event.preventDefault();
    this.editor.command("place", { key: this.key, target: place.row.dataset.key, after: place.after });
    this.end();
  }

  end() {
    this.list.querySelector(".embedai-dragged")?.classList.remove("embedai-dragged");
    this.key = null;
    this.mark(null);
  }

  // The row beside which it would lie, if it may: items among items, warm-ups among warm-ups, sections among sections.
  place(event) {
    const row = event.target.closest?.("[data-key]"), { outline } = this.editor;
    const target = row && outline.kindOf(row.dataset.key), kind = outline.kindOf(this.key);
    if (!row || row.dataset.key === this.key) return null;
    const { top, height } = row.getBoundingClientRect(), after = event.clientY > top + height / 2;
    if (kind === "section") return target === "section" || target === "item" ? { row, after } : null;
    const below = target === "section" ? "item" : target === "warmups" ? "warmup" : target;
    return below === kind ? { row, after: after || target !== kind } : null;
  }

  mark(place) {
    for (const row of this.list.querySelectorAll(".embedai-drop-before, .embedai-drop-after")) row.classList.remove("embedai-drop-before", "embedai-drop-after");
    place?.row.classList.add(place.after ? "embedai-drop-after" : "embedai-drop-before");
  }
}
