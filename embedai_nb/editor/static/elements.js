// Create DOM elements; reconcile lists by key, so that an element with the focus is never replaced.

function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name in element && !name.startsWith("aria")) element[name] = value;
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function button(text, onclick, properties = {}) {
  return el("button", { type: "button", onclick, ...properties }, text);
}

// Reconcile the children of an element with a list of [key, make, update], in this order.
function arrange(parent, entries) {
  const known = (parent.known ??= new Map());
  const wanted = new Set(entries.map(([key]) => key));
  for (const [key, child] of known) {
    if (!wanted.has(key)) { child.remove(); known.delete(key); }
  }
  let before = parent.firstChild;
  for (const [key, make, update] of entries) {
    let child = known.get(key);
    if (!child) known.set(key, (child = make()));
    update?.(child);
    if (child === before) before = before.nextSibling;
    else parent.insertBefore(child, before);
  }
}

// A link, or plain text where the URL is not http(s).
function leading(url, ...children) {
  const page = /^https?:\/\//i.test(url);
  return page ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children) : el("span", {}, ...children);
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A word of the form with its values; one that depends on `count` comes as two, for one and for other numbers.
function filled(word, values) {
  const template = Array.isArray(word) ? word[values.count === 1 ? 0 : 1] : word;
  return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const same = (a, b) => a === b || JSON.stringify(a) === JSON.stringify(b);

let identifiers = 0;
const identifier = () => `embedai-${++identifiers}`;
