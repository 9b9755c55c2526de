// The selection: commands, fields, preview, findings.

const LONG_TEXT = 20_000; // characters from which a field scrolls by itself

class Fields {
  constructor(editor) {
    this.editor = editor;
    this.where = el("h2", { class: "embedai-where" });
    this.tools = el("div", { class: "embedai-tools", role: "toolbar" });
    this.form = el("div", { class: "embedai-form" });
    this.preview = new Page(editor, editor.words.preview);
    this.findings = el("div", { class: "embedai-findings" });
    this.earlier = el("p", { class: "embedai-before", role: "status" });
    this.beside = el("section", { class: "embedai-beside", tabIndex: 0, "aria-label": editor.words.preview },
      el("h3", {}, editor.words.preview), this.preview.element);
    this.element = el("div", { class: "embedai-detail" },
      el("div", { class: "embedai-fields" }, el("div", { class: "embedai-selected" }, this.where, this.earlier, this.tools), this.form, this.findings),
      this.beside);
    this.inputs = new Map();
    this.element.addEventListener("focusin", (event) => { if (event.target.field) this.last = event.target; });
  }

  focus(path) {
    const name = path && JSON.stringify(path);
    const input = (name && this.inputs.get(name)) || this.inputs.values().next().value;
    input?.focus();
    input?.scrollIntoView({ block: "nearest" });
  }

  show(detail, outline, all) {
    detail = { ...detail, fields: detail.fields.filter((field) => !field.optional || this.requested === detail.key) };
    const shape = [detail.key, detail.kind, detail.fields.map((f) => [f.path, f.label, f.own, f.needed, f.omitted])];
    this.showTools(detail, outline);
    if (!same(shape, this.shape)) this.build(detail, shape);
    this.element.dataset.key = detail.key;
    for (const field of detail.fields) {
      const input = this.inputs.get(JSON.stringify(field.path));
      input.placeholder = field.placeholder;
      if (field.date) this.editor.rescheduling.show(input, field.text);
      else this.editor.typing.show(input, field.text, all);
      this.grow(input);
    }
    if (this.labels) this.labels.replaceChildren(...(detail.labels ?? []).map((label) => el("option", { value: label })));
  }

  // Rebuild the fields; those that stay keep their element, caret and focus.
  build(detail, shape) {
    const moved = this.shape?.[0] !== shape[0];
    if (moved) for (const scrolled of [this.element.parentElement, this.beside]) scrolled?.scrollTo(0, 0);
    const before = this.inputs;
    this.shape = shape;
    this.inputs = new Map();
    const focused = this.element.contains(document.activeElement) ? document.activeElement : null;
    const entries = detail.fields.map((field) => this.field(detail, field));
    if (detail.kind === "item") entries.push(["adding", () => this.adding(detail)]);
    arrange(this.form, entries);
    for (const [name, input] of before) {
      if (this.inputs.get(name) !== input && input.field) this.editor.typing.release(input);
    }
    this.refocus(focused);
    if (this.wanted) { this.focus(this.wanted); this.wanted = null; }
  }

  // Restore the focus: where it was, else in the field of the same name, else in the outline.
  refocus(focused) {
    if (!focused || document.activeElement === focused) return;
    const alike = focused.dataset.field && [...this.inputs.values()].find((input) => input.dataset.field === focused.dataset.field);
    (focused.isConnected ? focused : alike ?? this.editor.outline.list).focus({ preventScroll: true });
  }

  field(detail, field) {
    const name = JSON.stringify(field.path);
    const id = [detail.key, name, field.omitted, field.needed].join(" ");
    const make = () => this.makeField(detail, field);
    return [id, make, (row) => {
      this.inputs.set(name, row.input);
      if (row.own) row.own.hidden = !field.own;
      row.classList.toggle("embedai-wide", Boolean(field.wide));
    }];
  }

  makeField(detail, field) {
    const { editor } = this, { words, typing } = editor;
    const id = identifier();
    const input = field.date ? el("input", { type: "date", id }) : el("textarea", { id, rows: field.lines ? 2 : 1 });
    input.dataset.field = field.path.join(".");
    input.spellcheck = false;
    if (field.url) input.inputMode = "url";
    if (field.lines) input.dataset.rich = ""; // Markdown may stand in it
    if (field.needed) input.setAttribute("aria-required", "true");
    if (field.omitted) input.disabled = true;
    const label = el("label", { htmlFor: id }, field.label);
    if (field.needed) label.append(el("span", { class: "embedai-needed" }, words.needed));
    const extras = this.extras(detail, field, input);
    const row = el("div", { class: "embedai-field" }, el("div", { class: "embedai-label" }, label, ...extras), input);
    row.input = input;
    row.own = extras.find((extra) => extra.classList.contains("embedai-own"));
    if (!field.date) {
      typing.bind(input, detail.key, field.path, field.text);
      input.addEventListener("input", () => this.grow(input));
      input.addEventListener("keydown", (event) => this.keydown(event, field));
    }
    return row;
  }

  // Enter in a single-line field moves to the next field.
  keydown(event, field) {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || field.lines) return;
    event.preventDefault();
    const inputs = [...this.inputs.values()], summary = inputs.find((input) => input.dataset.rich !== undefined && input.ariaRequired === "true");
    if (field.path[0] === "source" && summary) summary.focus(); // she writes it next, wherever it is published
    else inputs[(inputs.indexOf(event.target) + 1) % inputs.length]?.focus();
  }

  grow(input) {
    if (input.tagName !== "TEXTAREA") return;
    input.classList.toggle("embedai-long", input.textLength > LONG_TEXT); // as high as its content, each key would measure all of it
    if (CSS.supports("field-sizing", "content")) return;
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  }

  // Small buttons after a field's label.
  extras(detail, field, input) {
    const { editor } = this, { words } = editor, key = detail.key;
    const small = (word, sign, action) => button(sign, action, { class: "embedai-small", title: word, "aria-label": filled(words.labelled, { name: field.label, text: word }) });
    const found = [];
    if (field.date) {
      found.push(...editor.rescheduling.bind(input, field.text));
    }
    if (field.url) {
      found.push(small(words["open-url"], "↗", () => {
        if (/^https?:\/\//.test(input.value)) window.open(input.value, "_blank", "noopener");
      }));
    }
    if (field.link !== undefined && field.url) {
      found.push(small(words["remove-link"], "×", () => editor.command("remove_link", { key, index: field.link })));
    }
    if (field.own !== undefined) {
      const label = field.path[1];
      found.push(el("span", { class: "embedai-own" },
        small(words.up, "↑", () => editor.command("move_label", { key, label, by: -1 })),
        small(words.down, "↓", () => editor.command("move_label", { key, label, by: 1 })),
        small(words["rename-label"], "✎", (event) => this.rename(event.currentTarget, key, label)),
        small(words["remove-label"], "×", () => editor.command("remove_label", { key, label }))));
    }
    if (field.omit) {
      const id = identifier();
      found.push(el("span", { class: "embedai-omit" },
        el("input", { type: "checkbox", id, checked: field.omitted, onchange: (event) => editor.command("omit", { part: field.omit, omitted: event.target.checked }) }),
        el("label", { htmlFor: id }, words.omit)));
    }
    return found;
  }

  rename(before, key, label) {
    const { editor } = this;
    const input = el("input", {
      type: "text", value: label, class: "embedai-rename", "aria-label": editor.words["rename-label"],
      onkeydown: (event) => {
        if (event.key === "Escape") { input.value = label; input.blur(); }
        if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); input.blur(); }
      },
      onblur: () => {
        const name = input.value.trim();
        input.remove();
        if (name && name !== label) {
          this.wanted = ["fields", name];
          editor.command("rename_label", { key, label, name });
        }
      },
    });
    before.before(input);
    input.select();
  }

  // Add a label: a known one from the list, or any other.
  adding(detail) {
    const { editor } = this, { words } = editor, key = detail.key, id = identifier(), list = identifier();
    this.labels = el("datalist", { id: list });
    const input = el("input", { type: "text", id, placeholder: words["add-label-hint"], class: "embedai-new-label" });
    input.setAttribute("list", list);
    const add = () => {
      const label = input.value.trim().replace(/[:：]+$/, "");
      if (!label) { input.focus(); return; }
      input.value = "";
      this.wanted = ["fields", label];
      editor.command("add_label", { key: this.shape[0], label });
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); add(); }
    });
    const row = el("div", { class: "embedai-adding embedai-wide" }, el("label", { htmlFor: id }, words["add-label"]), input, this.labels,
      button("+", add, { class: "embedai-small", "aria-label": words["add-label"] }),
      button(words["add-text"], () => this.request(), { class: "embedai-small embedai-add-text" }),
      button(words["add-link"], () => editor.command("add_link", { key: this.shape[0] }), { class: "embedai-small" }));
    return row;
  }

  // Show the text without label, which items that need a summary seldom have.
  request() {
    this.requested = this.shape[0];
    this.wanted = ["text"];
    this.editor.refresh();
    if (this.wanted) { this.focus(this.wanted); this.wanted = null; } // it was there
  }

  showTools(detail, outline) {
    const { editor } = this, { words } = editor, key = detail.key;
    const part = outline.parts.find((each) => each.key === detail.section);
    const rows = part ? part.rows : outline.warmups;
    const at = rows.findIndex((row) => row.key === key);
    const place = part ? part.name || words["untitled-section"] : { head: words.head, closing: words.closing }[key] ?? words.warmups;
    put(this.where, at < 0 ? place : `${place} ${at + 1}`);
    const kinds = { item: "item", raw: "entry", warmup: "entry", section: "section" };
    const kind = kinds[detail.kind];
    const shape = [key, kind, detail.status, detail.pending, detail.section, outline.parts.map((each) => [each.key, each.name])];
    if (same(shape, this.toolShape)) return;
    this.toolShape = shape;
    const tool = (name, sign, command, args) => [name, () => button(sign, () => editor.command(command, { key: this.shape[0], ...args }), { title: words[name], "aria-label": words[name], class: `embedai-${name}` })];
    const tools = [];
    if (kind === "item") {
      const ready = detail.status === "ready";
      tools.push(["ready", () => button("", () => editor.toggleReady(), { class: "embedai-ready" }), (element) => {
        put(element, ready ? `✓ ${words.ready}` : words["mark-ready"]);
        element.setAttribute("aria-pressed", ready);
        element.title = ready ? words["mark-draft"] : words["mark-ready"];
      }]);
    }
    if (detail.pending) tools.push(tool("ask", "↻", "ask"));
    if (kind) tools.push(tool("up", "↑", "move", { by: -1 }), tool("down", "↓", "move", { by: 1 }));
    if (kind && kind !== "section" && part) {
      tools.push(["send", () => el("select", { class: "embedai-send", "aria-label": words.send, onchange: (event) => {
        const section = event.target.value;
        event.target.value = "";
        if (section) editor.command("send", { key: this.shape[0], section });
      } }), (select) => {
        const others = outline.parts.filter((each) => each.key !== part.key);
        select.replaceChildren(el("option", { value: "" }, words["send-to"]),
          ...others.map((each) => el("option", { value: each.key }, each.name || words["untitled-section"])));
      }]);
    }
    if (kind && kind !== "section") tools.push(tool("duplicate", words.duplicate, "duplicate"));
    if (kind) tools.push(tool("delete", words.delete, "delete"));
    arrange(this.tools, tools);
  }

  // Show it in the header, without changing its height: it appears while one types.
  showEarlier(found) {
    if (same(found, this.before)) return;
    this.before = found;
    const said = (one) => filled(this.editor.words[one.says], one);
    this.earlier.title = found.map((one) => said(one) + one.title).join("\n");
    this.earlier.replaceChildren(...found.slice(0, 1).flatMap((one) => [said(one), leading(one.url, one.title)]));
  }

  showFindings(findings, key) {
    if (findings === null) { this.findings.replaceChildren(); return; }
    const here = findings.filter((finding) => finding.key === key);
    if (same([here, key], this.found)) return;
    this.found = [here, key];
    this.findings.replaceChildren(...here.map((finding) => findingRow(this.editor, finding, false)));
  }
}

function findingRow(editor, finding, placed) {
  const { words } = editor;
  const mend = finding.fix && button(filled(words.labelled, { name: words.fix, text: finding.fix }), () => editor.command("fix", { rule: finding.rule, key: finding.key, field: finding.field }), { class: "embedai-small" });
  const why = el("input", { hidden: true, placeholder: words["waive-why"], "aria-label": words["waive-why"], class: "embedai-why", onkeydown: (event) => {
    if (event.key === "Enter" && !event.isComposing && why.value.trim()) editor.command("waive", { rule: finding.rule, key: finding.key, reason: why.value });
    if (event.key === "Escape") why.hidden = true;
  } });
  const waive = finding.waivable && button(words.waive, () => { why.hidden = false; why.focus(); }, { class: "embedai-small" });
  const go = button(placed ? finding.where || words.head : finding.message, () => editor.go(finding.key, finding.field), { class: "embedai-go" });
  return el("div", { class: `embedai-finding embedai-${finding.severity}`, title: finding.rule },
    el("span", { class: "embedai-severity" }, words[`severity-${finding.severity}`]), el("span", { class: "embedai-message" }, go, placed ? el("span", {}, finding.message) : null), mend || null, why, waive || null);
}
