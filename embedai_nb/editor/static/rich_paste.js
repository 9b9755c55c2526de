// Rich paste: HTML on the clipboard becomes Markdown.  Its plain text is there at once and the kernel's Markdown takes its
// place, so that nothing is lost without a kernel, and undo gives the plain text.  Shift pastes plain text.

class RichPaste {
  constructor(requests, images) {
    this.requests = requests;
    this.images = images;
    this.plain = false; // whether Shift was held
  }

  keydown(event) { if (!/^(Control|Shift|Meta)/.test(event.key)) this.plain = event.shiftKey; }

  pasted(event) {
    const input = event.target, { clipboardData: data } = event, { plain } = this;
    this.plain = false;
    if (!input.matches?.("textarea[data-rich]")) return;
    const html = data.getData("text/html"), text = data.getData("text/plain").replace(/\r\n?/g, "\n");
    if (data.files.length && !text.trim()) {
      event.preventDefault();
      this.images.add([...data.files], input);
    } else if (html && !plain) {
      event.preventDefault();
      this.insert(input, text, html);
    }
  }

  insert(input, text, html) {
    const { selectionStart: at, selectionEnd } = input;
    replaceText(input, at, selectionEnd, text);
    input.setSelectionRange(at + text.length, at + text.length);
    this.requests.ask("convert_html", { html }, (answer) => afterComposing(input, () => this.settle(input, at, text, answer)));
  }

  // Put the Markdown in the place of the plain text, unless somebody has changed that meanwhile.
  settle(input, at, text, { markdown, images = [], lost = 0 }) {
    if (markdown === undefined || !input.isConnected) return;
    if (input.value.slice(at, at + text.length) !== text) at = text ? input.value.indexOf(text) : -1;
    if (at < 0) return;
    if (markdown !== text) replaceText(input, at, at + text.length, markdown);
    this.images.offer(images, lost, input);
  }
}
