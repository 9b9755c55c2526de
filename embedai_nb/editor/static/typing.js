// Autosave: send typed text after a short pause (debounce), within a second at the latest, and when a field or the page
// loses the focus; never while an input method is composing.  Until it is on disk it is also kept in localStorage, from
// where the next page takes it whose date it is.

const PAUSE = 300;
const LONGEST = 800;
const SLOWER = 100_000; // characters of a text for which it waits as long again: all of it is sent, saved and shown anew
const NEAR = 200; // characters of a text beside a field from which it tells too little about the place for its length

class Typing {
  constructor(send, date, outbox) {
    this.send = send;
    this.outbox = outbox;
    this.recovered = []; // outboxes of pages that are gone
    this.storage = Typing.storage(date);
    this.copies = new Map(); // client of an outbox → its copy
    this.fields = new Set();
    this.typedAt = 0; // when a key was last heard
    this.leave = () => { for (const field of this.fields) this.commit(field, { done: true }); };
    window.addEventListener("pagehide", this.leave);
    document.addEventListener("visibilitychange", this.leave);
    navigator.locks?.request(`embedai:${outbox.client}`, () => new Promise((end) => { this.unlock = end; }));
  }

  static storage(date) { return `embedai:${date}:`; }

  get outboxes() { return [this.outbox, ...this.recovered]; }

  // The issue has another date from now on: text is recovered under that one.
  move(date) {
    if (this.storage === Typing.storage(date)) return false;
    for (const copy of this.copies.values()) copy.forget();
    this.copies.clear();
    this.storage = Typing.storage(date);
    this.remember();
    return true;
  }

  end() {
    this.leave();
    this.unlock?.();
    window.removeEventListener("pagehide", this.leave);
    document.removeEventListener("visibilitychange", this.leave);
  }

  // Bind an input to a field; `seen` is the text that was last sent, or that the draft is known to have there.
  bind(input, key, path, text) {
    const sent = this.outbox.writing({ key, path }), seen = sent ? sent.text : text;
    const field = { input, key, path, seen, stored: text, composing: false, typed: false, sent: Boolean(sent), since: 0, timer: 0 };
    input.value = seen;
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

  // Whether anything typed is not on disk, as far as this page knows.
  get unsaved() { return this.busy || this.outboxes.some((outbox) => outbox.lasting.length > 0); }

  touched(field) {
    field.typed = true;
    this.typedAt = Date.now();
    const length = field.input.textLength, times = 1 + length / SLOWER;
    if (length > LONG_TEXT) this.rememberSoon();
    else this.remember();
    clearTimeout(field.timer);
    field.since ||= Date.now();
    const pause = Math.max(0, Math.min(times * PAUSE, field.since + times * LONGEST - Date.now()));
    field.timer = setTimeout(() => this.commit(field), pause);
    this.onchange?.();
  }

  commit(field, { done = false } = {}) {
    if (field.composing) return;
    clearTimeout(field.timer);
    field.since = 0;
    const [text, base] = [field.input.value, field.seen];
    if (text !== base || (done && field.typed)) {
      field.seen = text;
      field.sent = true;
      const write = { key: field.key, field: field.path, text, base, done };
      this.send("write", { ...write, near: this.near(write) });
    }
    if (done) field.typed = false;
  }

  flush() { this.leave(); }

  // Show new text from the draft, unless this one has not arrived there, or is only how the draft stores what is being
  // typed; `all`: then too.
  show(input, text, all) {
    const field = input.field;
    if (this.dirty(field) || this.outboxes.some((outbox) => outbox.writing(field))) return;
    if (field.sent) { field.sent = false; field.stored = text; }
    if (text === field.stored && field.typed && document.activeElement === input && !all) return;
    field.seen = field.stored = text;
    field.typed = false;
    if (input.value !== text) replaceWhole(input, text);
  }

  // --- what a closed tab or a dead kernel must not lose ---

  remember() {
    const typed = [...this.fields].filter((field) => !field.composing && this.dirty(field)).map((field) => {
      const write = { key: field.key, field: field.path, text: field.input.value, base: field.seen };
      return { ...write, near: this.near(write) };
    });
    for (const outbox of this.outboxes) this.keep(outbox, outbox === this.outbox ? typed : []);
    this.recovered = this.recovered.filter((outbox) => outbox.lasting.length);
  }

  // Once the key is on screen: looking for what is new in a long text takes a moment.
  rememberSoon() {
    this.remembering ||= requestAnimationFrame(() => setTimeout(() => { this.remembering = 0; this.remember(); }));
  }

  keep({ client, lasting, kept }, typed) {
    const copy = this.copy(client);
    if (lasting.length || typed.length) copy.write({ entries: lasting, typed, kept });
    else copy.forget();
  }

  copy(client) {
    if (!this.copies.has(client)) this.copies.set(client, new Copy(this.storage + client));
    return this.copies.get(client);
  }

  // Short texts of the sibling fields: they identify the place when keys have changed.
  near(write) {
    const siblings = [...this.fields].filter((field) => field.key === write.key && !same(field.path, write.field));
    return siblings.filter((field) => field.seen.length < NEAR).map((field) => [field.path, field.seen]);
  }

  // Take over what pages that are gone had not seen saved; `then` is called for each.
  recover(then) {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.storage) && name !== this.storage + this.outbox.client);
    for (const name of names) {
      const client = name.slice(this.storage.length);
      const take = () => {
        const kept = this.copy(client).read();
        if (!kept || this.recovered.some((outbox) => outbox.client === client)) return;
        const outbox = Outbox.of(client, Array.isArray(kept) ? { typed: kept } : kept);
        this.recovered.push(outbox);
        then(outbox);
      };
      if (!navigator.locks) take();
      else navigator.locks.request(`embedai:${client}`, { ifAvailable: true }, (lock) => { if (lock) { take(); return new Promise(() => {}); } });
    }
  }
}

// Replace a text; the caret stays where it is between the same letters.
function replaceWhole(input, text) {
  const { value, selectionStart, selectionEnd } = input;
  const [start] = unchanged(value, text);
  const moved = (at) => (at <= start ? at : Math.max(start, at + text.length - value.length));
  input.value = text;
  if (document.activeElement === input) input.setSelectionRange(moved(selectionStart), moved(selectionEnd));
}
