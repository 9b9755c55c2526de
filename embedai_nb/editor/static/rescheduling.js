// The date of the issue: typing one changes nothing until it is confirmed, and a published issue is asked about first.

class Rescheduling {
  constructor(editor) {
    this.editor = editor;
    this.waiting = ""; // a date that was typed and not confirmed
  }

  // The parts around the date field.
  bind(input, date) {
    const { words } = this.editor;
    this.input = input;
    this.button = button(words.reschedule, () => this.confirm(), { class: "embedai-small embedai-reschedule" });
    this.said = el("span", { class: "embedai-unconfirmed", role: "status" });
    input.value = this.waiting || date;
    input.addEventListener("input", () => this.typed(input.value));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.altKey) { event.preventDefault(); this.confirm(); }
      if (event.key === "Escape") this.drop();
    });
    this.showWaiting();
    return [this.said, this.button];
  }

  get date() { return this.editor.model.get("issue").date; }

  typed(value) {
    this.waiting = value && value !== this.date ? value : "";
    this.showWaiting();
    this.editor.publishing.show();
  }

  // The date that the issue has now.
  show(input, date) {
    if (this.known === date) return;
    this.known = date;
    this.waiting = "";
    input.value = date;
    this.showWaiting();
  }

  showWaiting() {
    put(this.said, this.waiting ? this.editor.words["reschedule-unconfirmed"] : "");
    this.button.classList.toggle("embedai-primary", Boolean(this.waiting));
  }

  drop() {
    this.input.value = this.date;
    this.typed("");
    this.editor.publishing.close();
  }

  confirm() {
    const { publishing } = this.editor, { files = {} } = publishing.publication;
    if (!this.waiting) return;
    if (files.markdown) publishing.open("reschedule", { wanted: true });
    else this.editor.command("reschedule", { date: this.waiting });
  }

  // Rename, and publish again once that is done.
  republish() {
    const { editor } = this, wanted = this.waiting;
    remember(seenOf(wanted), [...editor.publishing.seen]);
    editor.publishing.close();
    editor.publishing.then = {
      number: editor.command("reschedule", { date: wanted }),
      then: (date) => { if (date === wanted) editor.publishing.publish(); },
    };
  }
}

Publishing.prototype.rescheduleDrawer = function rescheduleDrawer() {
  const { words, rescheduling } = this.editor, { renames = [] } = this.publication, old = rescheduling.date, wanted = rescheduling.waiting;
  const renamed = (path) => filled(words["reschedule-renames"], { old: path, new: path.replace(old, wanted) });
  const parts = () => [
    el("ul", {}, ...renames.map((path) => el("li", {}, renamed(path)))),
    el("p", {}, filled(words["reschedule-consequence"], { old })),
    el("div", { class: "embedai-tools" },
      button(filled(words["reschedule-do"], { new: wanted }), () => rescheduling.republish(), { class: "embedai-primary embedai-reschedule-do" }),
      button(words["reschedule-drop"], () => rescheduling.drop(), { class: "embedai-reschedule-drop" }))];
  return { content: [renames, wanted], title: filled(words["reschedule-published"], { old }), parts: wanted ? parts : null };
};
