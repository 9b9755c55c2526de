// The search, over files that lie beside this one: see search_index.py, which writes them.
"use strict";
{
  const SHARDS = 32, FIRST = 0x100, ENOUGH = 30, AT_ONCE = 6, MOST_SEGMENTS = 8, AROUND = 60;
  const UNITS = "h1, main > *:not(section, .warmups), .warmups > li, section > *";
  const BLOCKS = "h1, h2, h3, p, li, td, th, pre, blockquote";

  const form = document.querySelector("form[role=search]");
  const field = form.elements.q;
  const results = document.getElementById("results");
  const contents = document.getElementById("contents");
  const status = results.querySelector("[role=status]");
  const list = results.querySelector("ol");
  const more = results.querySelector("button");
  const words = results.dataset;

  // --- which issues may hold the terms ---

  const shard = gram => [...gram].reduce((total, sign) => total * 31 + sign.codePointAt(0), 0) % SHARDS;

  const fetched = new Map();
  function get(path, kind) {
    if (!fetched.has(path)) {
      const answer = fetch(path).then(response => {
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
        return response[kind]();
      });
      answer.catch(() => fetched.delete(path));
      fetched.set(path, answer);
    }
    return fetched.get(path);
  }

  // Their dates, the newest first.
  async function candidates(segment, wanted) {
    const folder = `search/${segment}`;
    const dates = get(`${folder}/issues.json`, "json");
    const found = await Promise.all(wanted.map(async gram => {
      const index = await get(`${folder}/${shard(gram)}.json`, "json");
      return Object.hasOwn(index, gram) ? [...index[gram]] : [];
    }));
    const rest = found.slice(1).map(signs => new Set(signs));
    const numbers = found[0].filter(sign => rest.every(signs => signs.has(sign)));
    return Promise.all(numbers.map(async sign => (await dates)[sign.codePointAt(0) - FIRST]));
  }

  // --- the items of an issue that do hold them ---

  // The text of an element, a space between its blocks.
  function textOf(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    let text = "", before = null;
    while (walker.nextNode()) {
      const block = walker.currentNode.parentElement.closest(BLOCKS);
      text += (block !== before && text ? " " : "") + walker.currentNode.data;
      before = block;
    }
    return text;
  }

  const parsed = new Map();
  async function unitsOf(date, folding) {
    if (!parsed.has(date)) {
      const page = new DOMParser().parseFromString(await get(`${date}.html`, "text"), "text/html");
      const issue = page.querySelector("h1")?.firstChild?.textContent.trim() || date;
      parsed.set(date, [...page.querySelectorAll(UNITS)].map(unit => {
        const section = unit.closest("section");
        const heading = unit.querySelector("h3");
        const title = heading ? textOf(heading).trim() : issue;
        heading?.remove();
        const text = textOf(unit).trim();
        const place = unit.id || section?.id || "";
        return {
          url: `${date}.html${place && "#" + encodeURIComponent(place)}`,
          date, title, text,
          section: section?.querySelector("h2")?.textContent ?? "",
          compared: folding.fold(heading ? `${title} ${text}` : text).result,
        };
      }));
    }
    return parsed.get(date);
  }

  async function hits(date, { terms, folding }) {
    const found = (await unitsOf(date, folding)).filter(unit => terms.every(({ pattern }) => unit.compared.search(pattern) >= 0));
    return found.map(unit => ({ ...unit, ranges: text => ranges(text, terms, folding) }));
  }

  // --- showing them ---

  function make(tag, ...children) {
    const element = document.createElement(tag);
    element.append(...children);
    return element;
  }

  function marked(text, found) {
    const parts = [];
    let at = 0;
    for (const [start, end] of found) {
      if (start < at) continue;
      parts.push(text.slice(at, start), make("mark", text.slice(start, end)));
      at = end;
    }
    return [...parts, text.slice(at)];
  }

  // Where the terms stand in a text, in order.
  function ranges(text, terms, folding) {
    const { result, places } = folding.fold(text);
    const found = terms.flatMap(({ pattern }) => [...result.matchAll(pattern)].map(({ 0: match, index }) => {
      const end = index + match.length;
      return [places[index], Math.max(places[end], places[end - 1] + 1)];
    }));
    return found.sort((a, b) => a[0] - b[0]);
  }

  // What stands around the first match, without cutting a character in two.
  function excerpt({ text, ranges }) {
    const first = ranges(text)[0]?.[0] ?? 0;
    const before = [...text.slice(0, first)], after = [...text.slice(first)];
    const start = before.length > AROUND ? "…" + before.slice(-AROUND / 2).join("") : before.join("");
    const end = after.length > 2 * AROUND ? after.slice(0, 2 * AROUND).join("") + "…" : after.join("");
    return start + end;
  }

  function shown(hit) {
    const link = make("a", ...marked(hit.title, hit.ranges(hit.title)));
    link.href = hit.url;
    const about = make("p", [hit.date, hit.section].filter(Boolean).join(" · "));
    about.className = "by";
    const text = excerpt(hit);
    return make("li", make("h2", link), about, make("p", ...marked(text, hit.ranges(text))));
  }

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // --- from the newest issue back, as far as is wanted ---

  let running = 0;

  // Rare words lead far back, so ever more segments are asked at once.
  async function* issuesWith(wanted) {
    if (!wanted.terms.length) return;
    const pairs = [...new Set(wanted.terms.flatMap(({ grams }) => grams))];
    let size = 1;
    for (let end = Number(form.dataset.segments); end > 0; end -= size, size = Math.min(2 * size, MOST_SEGMENTS)) {
      const numbers = Array.from({ length: Math.min(size, end) }, (_, n) => end - 1 - n);
      const dates = (await Promise.all(numbers.map(segment => candidates(segment, pairs)))).flat();
      for (let n = 0; n < dates.length; n += AT_ONCE) {
        const found = await Promise.all(dates.slice(n, n + AT_ONCE).map(date => hits(date, wanted)));
        yield { found: found.flat(), last: end <= size && n + AT_ONCE >= dates.length };
      }
    }
  }

  async function advance(issues, query, run) {
    more.hidden = true;
    status.textContent = words.searching;
    const goal = list.children.length + ENOUGH;
    let step;
    do {
      step = await issues.next();
      if (run !== running) return;
      list.append(...(step.value?.found ?? []).map(shown));
    } while (!step.done && list.children.length < goal);
    const count = list.children.length, all = step.done || step.value.last;
    status.textContent = filled(count ? (all ? words.found : words.foundMore) : words.nothing, { count, query });
    more.hidden = all;
    more.onclick = () => attempt(() => advance(issues, query, run), run);
  }

  async function attempt(action, run) {
    try {
      await action();
    } catch {
      if (run === running) status.textContent = words.unreachable;
    }
  }

  // Show the index again where nothing is asked.
  function search() {
    const query = field.value.trim(), run = ++running;
    results.hidden = !query;
    contents.hidden = !!query;
    list.replaceChildren();
    history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : location.pathname);
    if (query) attempt(() => begin(query, run), run);
  }

  async function begin(query, run) {
    const folding = searchTerms(await get("search/folding.json", "json")), terms = folding.terms(query);
    if (run === running) await advance(issuesWith({ terms, folding }), query, run);
  }

  let waiting;
  function soon(event) {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(search, 200);
  }

  form.addEventListener("submit", event => { event.preventDefault(); clearTimeout(waiting); search(); });
  field.addEventListener("input", soon);
  field.addEventListener("compositionend", soon);
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) search();
}
