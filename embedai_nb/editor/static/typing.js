// Autosave: send typed text after a short pause (debounce), within a second at the latest, and when a field or the page
// loses the focus; never while an input method is composing.  Until it is acknowledged it is also kept in localStorage,
// from where it is recovered when the form is shown again.

const PAUSE = 300;
const LONGEST = 800;

class Typing {
  constructor(send, date, client) {
    this.send = send;
    this.storage = Typing.storage(date);
    this.client = client;
    this.fields = new Set();
    this.waiting = new Map(); // number of a message → the write it carries
    this.leave = () => { for (const field of this.fields) this.commit(field, { done: true }); };
    window.addEventListener("pagehide", this.leave);
    document.addEventListener("visibilitychange", this.leave);
  }

  static storage(date) { return `embedai:${date}:`; }

  // The issue was rescheduled: text is recovered under its new date.
  move(date) {
    if (this.storage === Typing.storage(date)) return;
    try { localStorage.removeItem(this.storage + this.client); } catch { /* as in remember */ }
    this.storage = Typing.storage(date);
    this.remember();
  }

  end() {
    this.leave();
    window.removeEventListener("pagehide", this.leave);
    document.removeEventListener("visibilitychange", this.leave);
  }

  // Bind an input to a field; `seen` is the text that the draft is known to have there.
  bind(input, key, path, text) {
    const field = { input, key, path, seen: text, composing: false, typed: false, since: 0, timer: 0 };
    input.value = text;
    input.field = field;
    input.addEventListener("compositionstart", () => { this.commit(field); field.composing = true; });
    input.addEventListener("compositionend", () => { field.composing = false; this.touched(field); });
    input.addEventListener("input", (event) => { if (!event.isComposing) this.touched(field); });
    input.addEventListener("blur", () => { field.composing = false; this.commit(field, { done: true }); });
    this.fields.add(field);
    return field;
  }

  release(input) {
    this.commit(input.field, { done: true });
    this.fields.delete(input.field);
  }

  dirty(field) { return field.composing || field.input.value !== field.seen; }

  get busy() { return [...this.fields].some((field) => this.dirty(field)); }

  touched(field) {
    field.typed = true;
    this.remember();
    clearTimeout(field.timer);
    field.since ||= Date.now();
    const pause = Math.max(0, Math.min(PAUSE, field.since + LONGEST - Date.now()));
    field.timer = setTimeout(() => this.commit(field), pause);
    this.onchange?.();
  }

  commit(field, { done = false } = {}) {
    if (field.composing) return;
    clearTimeout(field.timer);
    field.since = 0;
    const [text, base] = [field.input.value, field.seen];
    if (text !== base || (done && field.typed)) {
      const write = { key: field.key, field: field.path, text, base, done };
      field.seen = text;
      this.waiting.set(this.send("write", { ...write }), write);
    }
    if (done) field.typed = false;
  }

  flush() { this.leave(); }

  // The kernel has handled this message: the text is in the draft, or the status says why not.
  acknowledged(number) {
    const write = this.waiting.get(number);
    this.waiting.delete(number);
    if (write) this.remember();
    return write;
  }

  // Show new text from the draft where nobody is typing; `all`: also where somebody was before a command.
  show(input, text, all) {
    const field = input.field;
    if (this.dirty(field) || (field.typed && document.activeElement === input && !all)) return;
    field.seen = text;
    field.typed = false;
    if (input.value !== text) input.value = text;
  }

  // --- what a closed tab or a dead kernel must not lose ---

  remember() {
    const writes = [...this.waiting.values()].filter((write) => write.text !== write.base);
    for (const field of this.fields) {
      if (!field.composing && this.dirty(field)) {
        writes.push({ key: field.key, field: field.path, text: field.input.value, base: field.seen });
      }
    }
    for (const write of writes) write.near ??= this.near(write);
    try {
      if (writes.length) localStorage.setItem(this.storage + this.client, JSON.stringify(writes));
      else localStorage.removeItem(this.storage + this.client);
    } catch { /* full or forbidden: the draft is the place that counts */ }
  }

  // Texts of the sibling fields: they identify the place when keys have changed.
  near(write) {
    const siblings = [...this.fields].filter((field) => field.key === write.key && !same(field.path, write.field));
    return siblings.map((field) => [field.path, field.seen]);
  }

  recover() {
    const kept = Object.keys(localStorage).filter((name) => name.startsWith(this.storage));
    for (const name of kept) {
      for (const write of JSON.parse(localStorage.getItem(name))) {
        const recovered = { ...write, done: true };
        this.waiting.set(this.send("recover", recovered), recovered);
      }
      localStorage.removeItem(name);
    }
    this.remember();
  }
}
