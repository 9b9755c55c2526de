// A copy, in localStorage, of what a page has not seen saved.  A long text is in it whole once, and what was changed since as
// an edit of that: else each key would write all of it again.

const EDIT = "embedai-edit"; // [number of a whole text, characters kept at its start, at its end, what is between them now]

class Copy {
  constructor(name) {
    this.name = name;
    this.wholes = new Map(); // number → text
    this.number = 0;
  }

  whole(number) { return `embedai-whole:${number}:${this.name}`; }

  write(content) {
    const used = new Set();
    const packed = (_, value) => (typeof value === "string" && value.length > LONG_TEXT ? this.edit(value, used) : value);
    try {
      localStorage.setItem(this.name, JSON.stringify(content, packed));
    } catch { return; } // full or forbidden: the draft is the place that counts
    for (const number of [...this.wholes.keys()]) if (!used.has(number)) this.drop(number);
  }

  edit(text, used) {
    let edit;
    for (const [number, whole] of this.wholes) {
      const [start, end] = unchanged(whole, text);
      if (text.length - start - end <= LONG_TEXT) { edit = [number, start, end, text.slice(start, text.length - end)]; break; }
    }
    edit ??= [this.add(text), text.length, 0, ""];
    used.add(edit[0]);
    return { [EDIT]: edit };
  }

  add(text) {
    const number = ++this.number;
    localStorage.setItem(this.whole(number), text);
    this.wholes.set(number, text);
    return number;
  }

  // What was written by this page, or by one that is gone; null if there is nothing, or not all of it.
  read() {
    const unpacked = (_, value) => (value?.[EDIT] ? this.text(...value[EDIT]) : value);
    try { return JSON.parse(localStorage.getItem(this.name), unpacked); } catch { return null; }
  }

  text(number, start, end, between) {
    const whole = this.wholes.get(number) ?? localStorage.getItem(this.whole(number));
    const text = whole.slice(0, start) + between + whole.slice(whole.length - end); // fails where it is gone
    this.wholes.set(number, whole);
    this.number = Math.max(this.number, number);
    return text;
  }

  forget() {
    removed(this.name);
    for (const number of [...this.wholes.keys()]) this.drop(number);
  }

  drop(number) {
    this.wholes.delete(number);
    removed(this.whole(number));
  }
}

function removed(name) {
  try { localStorage.removeItem(name); } catch { /* forbidden: nothing is there */ }
}

// How many characters two texts have in common at their start, and how many behind these at their end.
function unchanged(before, after) {
  let start = 0, end = 0;
  const most = Math.min(before.length, after.length);
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  while (end < most - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++;
  return [start, end];
}
