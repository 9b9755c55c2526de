// What serves writing: marks by key, rich paste, images, drag and drop, a preview that follows.

class Writing {
  constructor(editor) {
    this.editor = editor;
    this.requests = new Requests(editor);
    this.images = new Images(editor, this.requests);
    this.pasting = new RichPaste(this.requests, this.images);
    this.dragging = new Dragging(editor);
    this.following = new Following(editor.fields);
    editor.pasteText.dataset.rich = "";
    const { root } = editor;
    root.addEventListener("keydown", (event) => this.keydown(event), true);
    root.addEventListener("paste", (event) => this.pasting.pasted(event));
    root.addEventListener("dragover", (event) => this.over(event));
    root.addEventListener("drop", (event) => this.drop(event));
  }

  refresh() { this.requests.settle(this.editor.model.get("answer")); }

  end() {
    this.images.end();
    this.following.end();
  }

  keydown(event) {
    this.pasting.keydown(event);
    if (event.target.matches?.("textarea[data-rich]")) markKey(event);
  }

  // Files never replace the page; only images have a place, in a field.
  over(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = event.target.closest("textarea[data-rich]") ? "copy" : "none";
  }

  drop(event) {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    const input = event.target.closest("textarea[data-rich]");
    if (!input) return;
    const found = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    input.focus();
    this.images.add([...event.dataTransfer.files], input, found?.offsetNode === input ? found.offset : input.selectionEnd);
  }
}
