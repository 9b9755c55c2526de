// The outbox: everything that the kernel is told, numbered and in this order, until its effect is on disk.  It outlives
// kernels: a new one is told all of it again, and handles each message once.

const PASSING = new Set(["select", "show", "search", "open_file", "issues", "publish", "upload", "ask", "retry", "convert_html", "save_image", "fetch_images", "show_image", "inbox_load", "inbox_fetch"]); // done when they are handled: nothing of them has to be kept

class Outbox {
  constructor(client = Math.random().toString(36).slice(2)) {
    this.client = client;
    this.entries = [];
    this.number = this.handled = this.kept = 0;
  }

  // Continue the outbox of a page that is gone.
  static of(client, { entries = [], typed = [], kept = 0 }) {
    const outbox = new Outbox(client);
    Object.assign(outbox, { entries, kept, handled: kept, number: Math.max(kept, ...entries.map((entry) => entry.number)) });
    for (const write of typed) outbox.add("write", { ...write, done: true });
    return outbox;
  }

  add(command, args) {
    const entry = { number: ++this.number, command, arguments: args };
    if (command === "write") this.merge(entry);
    this.entries.push(entry);
    return entry;
  }

  // Text in the same field replaces what the kernel has handled, or hasn't been told; both bases stay possible.
  merge(entry) {
    const last = this.entries.at(-1), write = entry.arguments;
    write.bases = [write.base];
    if (last?.command !== "write" || !this.same(last.arguments, write) || (last.told && last.number > this.handled)) return;
    this.entries.pop();
    write.bases = [...new Set([last.arguments.bases[0], write.base])];
    if (!last.told) write.base = last.arguments.base;
  }

  same(write, other) { return write.key === other.key && same(write.field, other.field); }

  // What the kernel is told of an entry: also which message it has to have handled before.
  message(entry, again) {
    const at = this.entries.indexOf(entry), { number, command } = entry;
    const after = at > 0 ? this.entries[at - 1].number : Math.min(this.kept, number - 1);
    entry.told = Date.now();
    const { bases, base, near, ...rest } = entry.arguments;
    if (command !== "write") return { client: this.client, number, after, command, arguments: entry.arguments };
    return again ? { client: this.client, number, after, command: "recover", arguments: { ...rest, bases, near } }
      : { client: this.client, number, after, command, arguments: { ...rest, base } };
  }

  // The kernel has handled messages up to one number, and those up to another are on disk; returns whether a command was among them.
  acknowledge(handled = 0, kept = 0) {
    const now = this.entries.filter((entry) => entry.number > this.handled && entry.number <= handled);
    this.handled = Math.max(this.handled, handled);
    this.kept = Math.max(this.kept, kept);
    this.entries = this.entries.filter((entry) => entry.number > this.kept && (entry.number > this.handled || !PASSING.has(entry.command)));
    return now.some((entry) => entry.command !== "write");
  }

  waits(number) { return this.unhandled.some((entry) => entry.number === number); }

  get unhandled() { return this.entries.filter((entry) => entry.number > this.handled); }

  // The text of a field that is on its way.
  writing(field) { return this.unhandled.findLast((entry) => entry.command === "write" && this.same(entry.arguments, { key: field.key, field: field.path }))?.arguments; }

  // A kernel that may know nothing is going to be told everything again.
  again() { this.handled = this.kept; }

  get lasting() { return this.entries.filter((entry) => !PASSING.has(entry.command)); }

  get asked() { return Math.min(...this.unhandled.filter((entry) => entry.told).map((entry) => entry.told)); }
}
