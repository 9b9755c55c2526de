// Panel for a draft that git could not merge: what to choose field by field, and what is kept of both in any case.

class Unmerged extends Conflict {
  name(which) { return this.trouble[which]; }

  show(trouble) {
    if (same(trouble, this.trouble)) return this.element;
    this.trouble = trouble;
    this.differences = trouble.differences;
    const { words } = this.editor;
    const all = (side) => button(filled(words["unmerged-all"], { who: this.name(side) }), () => {
      for (const radio of this.element.querySelectorAll(`input[value=${side}]`)) { radio.checked = true; radio.onchange(); }
    });
    const write = (word, stage) => button(words[word], () => this.write(stage), { class: `embedai-${word} ${stage === trouble.stages ? "embedai-resolve" : ""}` });
    const kept = ["ours", "theirs"].filter((side) => trouble.added[side].length).map((side) =>
      el("p", { class: "embedai-kept" }, filled(words["unmerged-kept"], { who: this.name(side), what: trouble.added[side].join(words.semicolon) })));
    this.element.replaceChildren(el("h2", {}, words.unmerged), el("p", {}, trouble.what), ...kept,
      el("p", {}, words[trouble.differences.length ? "unmerged-explained" : "unmerged-nothing"]),
      el("div", { class: "embedai-tools" }, all("ours"), all("theirs"), write("unmerged-write", false), trouble.stages ? write("unmerged-stage", true) : null),
      ...trouble.differences.map((difference) => this.row(difference)));
    return this.element;
  }

  write(stage) {
    const choices = Object.fromEntries(this.differences.map((each) => [each.name, this.chosen[each.name] ?? each.suggested]));
    this.editor.command("resolve_unmerged", { choices, stage });
  }
}
