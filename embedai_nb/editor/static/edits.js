// Edit the text of a field as typing does: the browser's own undo takes it back, and it is saved like typed text.

// Replace a range; the selection stays where it was in the rest of the text, behind what replaces it.
function replaceText(input, start, end, text) {
  const { selectionStart, selectionEnd, scrollTop } = input, grown = text.length - (end - start);
  const moved = (at) => (at >= end ? at + grown : at > start ? start + text.length : at);
  if (!typedInto(input, start, end, text)) {
    input.setRangeText(text, start, end);
    input.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
  }
  input.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  input.scrollTop = scrollTop;
}

// By the one interface that keeps the browser's undo; it works only where the caret is.
function typedInto(input, start, end, text) {
  if (document.activeElement !== input) return false;
  input.setSelectionRange(start, end);
  return document.execCommand(text ? "insertText" : "delete", false, text);
}

// Once no input method is composing in it: its half-typed text belongs to it alone.
function afterComposing(input, then) {
  if (input.field?.composing) input.addEventListener("compositionend", () => setTimeout(then), { once: true });
  else then();
}
