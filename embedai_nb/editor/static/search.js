// Search as you type in other issues; arrow keys move through the hits.

const THINKING = 200; // milliseconds without a key before searching (debounce)

class Search {
  constructor(editor) {
    const { words } = (this.editor = editor), id = identifier();
    this.input = el("input", { type: "text", id, class: "embedai-words", placeholder: words["search-hint"], spellcheck: false, oninput: (event) => this.typed(event) });
    this.input.addEventListener("compositionend", () => this.later());
    this.count = el("span", { class: "embedai-quiet", role: "status" });
    this.list = el("div", { class: "embedai-hits" });
    this.element = el("div", { class: "embedai-search", onkeydown: (event) => this.keydown(event) },
      el("div", { class: "embedai-tools" }, el("label", { htmlFor: id }, words["search-label"]), this.input, this.count), this.list);
  }

  focus() { this.input.focus(); this.input.select(); }

  typed(event) { if (!event.isComposing) this.later(); }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.editor.send("search", { words: this.input.value }), THINKING);
  }

  show(found) {
    if (same(found, this.found) || !found.hits) return;
    this.found = found;
    const { words } = this.editor, count = found.hits.length;
    const word = count ? (found.more ? "search-many" : "search-count") : "search-nothing";
    put(this.count, found.query.trim() ? filled(words[word], { count }) : "");
    this.list.replaceChildren(...found.hits.map((hit) => this.row(hit)));
    this.list.parentElement.parentElement?.scrollTo(0, 0);
  }

  row(hit) {
    const title = hit.title.length ? highlighted(hit.title) : [this.editor.words["search-untitled"]];
    const head = leading(hit.url, ...title);
    head.classList.add("embedai-hit");
    head.tabIndex = 0;
    return el("article", {}, head, el("p", { class: "embedai-quiet" }, [hit.date, hit.section, hit.source].filter(Boolean).join(" · ")),
      el("p", {}, ...highlighted(hit.excerpt)));
  }

  // Arrow keys move through the hits and back to the input.
  keydown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const stops = [this.input, ...this.list.querySelectorAll(".embedai-hit")], at = stops.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Escape: 0 }[event.key];
    if (to === undefined || !stops[to]) return;
    event.preventDefault();
    stops[to].focus();
  }
}

const highlighted = (pieces) => pieces.map(([text, hit]) => (hit ? el("mark", {}, text) : text));
