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
    said.textContent = done ? `${button.dataset.name}已复制，到公众号后台粘贴。` : "浏览器不让复制；已经选中，请按 Ctrl+C 或 ⌘C。";
  });
}
