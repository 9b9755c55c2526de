// Panels for a conflict of two versions, a draft that cannot be parsed, and a missing draft.

class Conflict {
  constructor(editor) {
    this.editor = editor;
    this.element = el("div", { class: "embedai-conflict" });
    this.chosen = {};
  }

  show(differences) {
    if (same(differences, this.differences)) return;
    this.differences = differences;
    const { words } = this.editor;
    const rows = differences.map((difference) => this.row(difference));
    const all = (side) => button(words[`all-${side}`], () => {
      for (const radio of this.element.querySelectorAll(`input[value=${side}]`)) { radio.checked = true; radio.onchange(); }
    });
    this.element.replaceChildren(el("h2", {}, words.conflict), el("p", {}, words["conflict-explained"]),
      el("div", { class: "embedai-tools" }, all("ours"), all("theirs"), button(words.resolve, () => this.resolve(), { class: "embedai-resolve" })), ...rows);
  }

  name(which) { return this.editor.words[which]; }

  row(difference) {
    const { words } = this.editor, name = identifier();
    const side = (which) => {
      const id = identifier();
      const radio = el("input", { type: "radio", name, id, value: which, checked: (this.chosen[difference.name] ?? difference.suggested) === which });
      radio.onchange = () => { this.chosen[difference.name] = which; };
      const text = difference[which];
      const quiet = text === null ? words.absent : text === "" ? words.empty : "";
      return el("label", { class: "embedai-side", htmlFor: id }, el("span", { class: "embedai-which" }, radio, this.name(which)),
        el("span", { class: quiet ? "embedai-quiet" : "embedai-text" }, ...(quiet ? [quiet] : marked(text, difference[which === "ours" ? "theirs" : "ours"] ?? ""))));
    };
    return el("fieldset", { class: "embedai-difference", "data-name": difference.name },
      el("legend", {}, [difference.where, difference.label].filter(Boolean).join(" · "), difference.both ? el("span", { class: "embedai-needed" }, words["both-changed"]) : null),
      el("div", { class: "embedai-sides" }, side("ours"), side("theirs")));
  }

  resolve() {
    const choices = Object.fromEntries(this.differences.map((each) => [each.name, this.chosen[each.name] ?? each.suggested]));
    this.chosen = {};
    this.editor.command("resolve", { choices });
    this.editor.show("edit");
  }
}

// Mark what differs from the other text: all between the common prefix and suffix.
function marked(text, other) {
  let start = 0, end = 0;
  const [mine, theirs] = [[...text], [...other]];
  while (start < mine.length && mine[start] === theirs[start]) start++;
  while (end < mine.length - start && end < theirs.length - start && mine.at(-1 - end) === theirs.at(-1 - end)) end++;
  const middle = mine.slice(start, mine.length - end).join("");
  return [mine.slice(0, start).join(""), middle ? el("mark", {}, middle) : "", mine.slice(mine.length - end).join("")];
}

function brokenPanel(editor, trouble) {
  const { words } = editor;
  const lines = trouble.text.split("\n");
  const code = el("ol", { class: "embedai-code" }, ...lines.map((line, n) => el("li", { class: n + 1 === trouble.line ? "embedai-wrong" : "" }, line || " ")));
  requestAnimationFrame(() => code.querySelector(".embedai-wrong")?.scrollIntoView({ block: "center" }));
  return el("div", { class: "embedai-panel" }, el("h2", {}, words.broken), el("p", { class: "embedai-failed" }, trouble.error), el("p", {}, words[trouble.merging ? "broken-merging-explained" : "broken-explained"]),
    el("div", { class: "embedai-tools" }, button(words.reread, () => editor.command("reread")),
      trouble.good === null ? el("span", {}, trouble.merging || words["no-good-copy"]) : button(words.restore, () => editor.command("restore"))), code);
}

function missingPanel(editor, trouble) {
  const { words } = editor;
  return el("div", { class: "embedai-panel" }, el("h2", {}, filled(words.labelled, { name: words.missing, text: trouble.date })),
    el("div", { class: "embedai-tools" }, button(words.create, () => editor.command("create"))),
    el("p", {}, words["missing-explained"]),
    el("div", { class: "embedai-tools embedai-dates" }, ...[...trouble.dates].reverse().map((date) => button(date, () => editor.publishing.goTo(date)))));
}
