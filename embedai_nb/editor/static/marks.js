// The marks of Markdown by key: Ctrl+B bold, Ctrl+I italic, Ctrl+K a link, Ctrl+E or Ctrl+` code; the same key takes them away.

const MARKS = { KeyB: "**", KeyI: "*", KeyE: "`", Backquote: "`" };
const APPLE = /^(Mac|iP)/.test(navigator.platform); // where Ctrl+B, E and K move the caret
const LINK = /(?<!!)\[((?:[^[\]\n\\]|\\.)*)\]\((?:[^()\s]|\([^()\s]*\))*\)/g;

// Handle a key in a field; returns whether it was one of these.
function markKey(event) {
  const { target: input, code } = event, pressed = APPLE ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (!pressed || event.altKey || event.shiftKey || event.isComposing || input.field?.composing) return false;
  if (code !== "KeyK" && !MARKS[code]) return false;
  event.preventDefault();
  const [start, end] = trimmed(input);
  if (code === "KeyK") toggleLink(input, start, end);
  else if (!input.value.slice(start, end).includes("\n")) toggleMark(input, start, end, MARKS[code]);
  else if (MARKS[code] === "`") toggleFence(input, start, end);
  else toggleLines(input, start, end, MARKS[code]);
  return true;
}

// What is selected, without the white space at its edges: a mark beside a space is none.
function trimmed({ value, selectionStart: start, selectionEnd: end }) {
  const selected = value.slice(start, end);
  if (!selected.trim()) return [start, end];
  return [start + selected.length - selected.trimStart().length, end - selected.length + selected.trimEnd().length];
}

function toggleMark(input, start, end, mark) {
  const { value } = input, { length } = mark, selected = value.slice(start, end);
  if (isMarked(signsBefore(value.slice(0, start), mark), signsAfter(value.slice(end), mark), mark)) {
    substitute(input, start - length, end + length, selected);
  } else if (hasMark(selected, mark)) {
    substitute(input, start, end, selected.slice(length, -length));
  } else {
    const [before, after] = mark === "`" && selected.includes("`") ? ["`` ", " ``"] : [mark, mark];
    substitute(input, start, end, before + selected + after, before.length, after.length);
  }
}

// Several lines one by one: no emphasis reaches over a blank line.
function toggleLines(input, start, end, mark) {
  const lines = input.value.slice(start, end).split("\n").map((line) => /^(\s*(?:[-*+] |\d+[.)] )?)(.*?)(\s*)$/.exec(line).slice(1));
  const all = lines.every(([, text]) => !text || hasMark(text, mark));
  const toggled = ([before, text, after]) => before + (!text ? "" : all ? text.slice(mark.length, -mark.length) : mark + text + mark) + after;
  substitute(input, start, end, lines.map(toggled).join("\n"));
}

// Several lines of code: a block of them.
function toggleFence(input, start, end) {
  const { value } = input, from = value.lastIndexOf("\n", start - 1) + 1, to = value.indexOf("\n", end);
  const lines = value.slice(from, to < 0 ? value.length : to), fenced = /^```[^\n]*\n([^]*?)\n?```$/.exec(lines);
  substitute(input, from, from + lines.length, fenced ? fenced[1] : `\`\`\`\n${lines}\n\`\`\``);
}

// Make a link of what is selected, its address still to be typed; or leave of the link that the caret is in its text.
function toggleLink(input, start, end) {
  const { value } = input, selected = value.slice(start, end);
  const link = [...value.matchAll(LINK)].find((found) => found.index <= start && end <= found.index + found[0].length);
  if (link) substitute(input, link.index, link.index + link[0].length, link[1]);
  else if (/^https?:\/\/\S+$/.test(selected)) substitute(input, start, end, `[](${selected})`, 1, selected.length + 3);
  else substitute(input, start, end, `[${selected}]()`, selected ? selected.length + 3 : 1, selected ? 1 : 3);
}

const signs = (pattern, text) => pattern.exec(text)[0].length;
const signsBefore = (text, mark) => signs(mark === "`" ? /`*$/ : /\**$/, text);
const signsAfter = (text, mark) => signs(mark === "`" ? /^`*/ : /^\**/, text);
const hasMark = (text, mark) => text.length > 2 * mark.length && isMarked(signsAfter(text, mark), signsBefore(text, mark), mark);

// Whether so many signs on both sides hold the mark: *** is bold and italic at once.
function isMarked(left, right, mark) {
  const depth = Math.min(left, right);
  return mark === "**" ? depth >= 2 : depth % 2 === 1;
}

// Replace a range, and select what replaces it but for so many characters at its edges.
function substitute(input, start, end, text, before = 0, after = 0) {
  replaceText(input, start, end, text);
  input.setSelectionRange(start + before, start + text.length - after);
}
