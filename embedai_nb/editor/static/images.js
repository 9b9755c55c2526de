// Images: pasted or dropped ones are saved beside the draft, ones from elsewhere when that is wished; previews show them.

const LARGEST_IMAGE = 5_000_000; // bytes, as the kernel has it

class Images {
  constructor(editor, requests) {
    this.editor = editor;
    this.requests = requests;
    this.urls = new Map(); // address in a text → blob URL, or null while it is on its way
  }

  // Save files and put them where the caret is.
  async add(files, input, at = null) {
    const { editor } = this, { words } = editor;
    if (at !== null) input.setSelectionRange(at, at);
    for (const file of files) {
      if (!file.type.startsWith("image/")) { editor.tell(words["image-unknown"]); continue; }
      if (file.size > LARGEST_IMAGE) { editor.tell(filled(words["image-large"], { limit: LARGEST_IMAGE / 1e6 })); continue; }
      editor.tell(words["image-saving"]);
      const data = await base64Of(file);
      await new Promise((resolve) => this.requests.ask("save_image", { data }, (answer) => { this.added(answer, input); resolve(); }));
    }
  }

  added({ failed, address }, input) {
    const { editor } = this;
    if (failed) { editor.tell(failed); return; }
    const text = `![](${address})`;
    if (!input.isConnected) { // another item is on screen by now
      editor.tell(editor.words["image-saved-unplaced"], el("input", { type: "text", readOnly: true, value: text, "aria-label": editor.words["image-saved-unplaced"] }));
      return;
    }
    afterComposing(input, () => { replaceText(input, input.selectionEnd, input.selectionEnd, text); });
    editor.tell(filled(editor.words["image-saved"], { address }));
  }

  // Offer to save the images of what was pasted.
  offer(urls, lost, input) {
    const { editor } = this, { words } = editor, said = [];
    if (urls.length) said.push(filled(words["images-elsewhere"], { count: urls.length }));
    if (lost) said.push(filled(words["images-lost"], { count: lost }));
    const place = input.field && { key: input.field.key, field: input.field.path };
    const save = urls.length && place && button(words["images-save"], () => this.fetch(urls, input, place), { class: "embedai-save-images" });
    if (said.length) editor.tell(said.reduce((first, second) => filled(words.sentences, { first, second })), save || null);
  }

  fetch(urls, input, place) {
    const { editor } = this, { words } = editor;
    editor.tell(words["image-saving"]);
    this.requests.ask("fetch_images", { urls }, ({ failed, addresses = {}, failures = {} }) => {
      this.rename(addresses, input, place);
      const reasons = [...new Set(Object.values(failures))].join(words.semicolon), count = Object.keys(addresses).length;
      editor.tell(failed ?? filled(words[!reasons ? "images-saved" : count ? "images-saved-some" : "images-failed"], { count, reasons }));
    });
  }

  // Give images their new addresses: in the field, or where it is no longer on screen, in the draft.
  rename(addresses, input, place) {
    if (!Object.keys(addresses).length) return;
    if (!input.isConnected || !same(input.field.path, place.field) || input.field.key !== place.key) {
      this.editor.send("replace_addresses", { ...place, addresses });
      return;
    }
    afterComposing(input, () => {
      for (const [old, now] of Object.entries(addresses)) {
        for (let at; (at = input.value.indexOf(`](${old})`)) >= 0;) replaceText(input, at, at + old.length + 3, `](${now})`);
      }
    });
  }

  // Let a preview show the images that lie beside the draft; it loads no others.
  show(content, body) {
    for (const image of content.querySelectorAll("img")) {
      const address = image.getAttribute("src") ?? "";
      if (address.startsWith("blob:")) continue;
      image.removeAttribute("src");
      image.dataset.address = address;
      if (this.urls.get(address)) image.src = this.urls.get(address);
      else if (/^images\//.test(address)) this.load(address, body);
    }
  }

  load(address, body) {
    if (this.urls.has(address)) return;
    this.urls.set(address, null);
    this.requests.ask("show_image", { address }, async ({ data }) => {
      if (!data) { this.urls.delete(address); return; }
      const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
      this.urls.set(address, URL.createObjectURL(new Blob([bytes])));
      for (const image of body.querySelectorAll("img[data-address]")) {
        if (image.dataset.address === address) image.src = this.urls.get(address);
      }
    });
  }

  end() { for (const url of this.urls.values()) if (url) URL.revokeObjectURL(url); }
}

function base64Of(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => resolve("");
    reader.readAsDataURL(file);
  });
}
