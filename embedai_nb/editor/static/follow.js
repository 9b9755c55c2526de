// Keep in view, in a preview longer than its place, the paragraph that the caret is in.

const FOLLOWED = 50_000; // characters of a text at most: longer ones are only scrolled by hand

class Following {
  constructor(fields) {
    this.fields = fields;
    this.selected = () => this.soon();
    document.addEventListener("selectionchange", this.selected);
    fields.preview.onfill = this.selected;
  }

  end() { document.removeEventListener("selectionchange", this.selected); }

  soon() { this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.follow(); }); }

  follow() {
    const input = document.activeElement, { beside, preview: { body, frame } } = this.fields;
    if (!body || !this.fields.form.contains(input) || !input.textLength || input.textLength > FOLLOWED || beside.scrollHeight <= beside.clientHeight) return;
    const words = wordsAt(input.value, input.selectionStart);
    const shown = words && [...body.querySelectorAll("p, li, td, th, pre, h3")].filter((block) => block.textContent.includes(words)).at(-1);
    if (!shown) return;
    const place = shown.getBoundingClientRect(), view = beside.getBoundingClientRect(), top = frame.getBoundingClientRect().top;
    if (top + place.top < view.top || top + place.bottom > view.bottom) beside.scrollBy(0, top + place.top - view.top - view.height / 3);
  }
}

// The longest run of plain words in the line of the caret, as a page shows it.
function wordsAt(text, at) {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1).split("\n", 1)[0];
  const runs = line.replace(/\]\([^)]*\)/g, "\n").split(/[*`~[\]>#|\\\n]+/).map((run) => run.trim());
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), "").slice(0, 40);
}
