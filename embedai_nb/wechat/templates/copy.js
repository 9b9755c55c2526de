"use strict";
const said = document.getElementById("said");
for (const button of document.querySelectorAll("button[data-copies]")) {
  const source = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", () => {
    const put = event => {
      event.clipboardData.setData("text/plain", source.innerText);
      if (source.id === "article") event.clipboardData.setData("text/html", source.innerHTML);
      event.preventDefault();
    };
    getSelection().selectAllChildren(source);
    document.addEventListener("copy", put);
    const done = document.execCommand("copy");
    document.removeEventListener("copy", put);
    if (done) getSelection().removeAllRanges();
    said.textContent = done ? `{{ say("copied", name="${button.dataset.name}") | safe }}` : "{{ say("refused") | safe }}";
  });
}
