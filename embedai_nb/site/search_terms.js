// Fold texts, parse queries, find their terms: what text/folding.py and text/search_terms.py do, line by line.
"use strict";

// With the characters that Unicode does not fold: `folding` in search_index.py.
function searchTerms(conversions) {
  const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]/u;
  const ACCENT = /[\u0300-\u036f]/gu;
  const IDEOGRAPHS = "\\u3005-\\u3007\\u3041-\\u3096\\u309d-\\u309f\\u30a1-\\u30fa\\u30fc-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff"
    + "\\uac00-\\ud7a3\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
  const WORD = "[\\p{L}\\p{N}]", MARK = "[^\\p{L}\\p{N}]";
  const LETTER = `(?:(?![0-9${IDEOGRAPHS}])${WORD})`;
  const NUMBER = "[0-9]+(?:\\.[0-9]+)*", SHORT_NUMBER = "[0-9]{1,2}(?:\\.[0-9]+)*", GAP = "[\\s-]+";
  const UNIT = "[numkgtp]?(?:m|s|w|v|a|j|g|b|hz|bit|byte|bps|ah|wh|ops|flops)|[kmgt]ib|bits|bytes|fps|dpi|ppm|rpm|min|db|dbm|mm2|k|x";
  const PARTS = new RegExp(`[${IDEOGRAPHS}]+|${NUMBER}|${LETTER}+`, "gu");
  const TERM = new RegExp(
    `[${IDEOGRAPHS}]+`
    + `|${NUMBER}${GAP}(?:${UNIT})(?!${WORD})`
    + `|(?:${NUMBER}|${LETTER}+)+`
    + `(?:(?<=${LETTER})${GAP}${SHORT_NUMBER}(?!${WORD}|\\.[0-9]|${GAP}(?:${UNIT})(?!${WORD})))?`
    + `(?:[+#]+(?!${WORD}))?`, "gu");
  const BETWEEN = new RegExp(`(?<=${LETTER})${MARK}+(?=[0-9])|(?<=[0-9])${MARK}+(?=${LETTER})`, "gu");
  const known = new Map();

  function foldSign(sign) {
    if (!known.has(sign)) {
      const letters = INVISIBLE.test(sign) ? "" : sign.normalize("NFKD").toUpperCase().toLowerCase().replace(ACCENT, "").normalize("NFC");
      known.set(sign, [...letters].map(letter => conversions[letter] ?? letter).join(""));
    }
    return known.get(sign);
  }

  // The folded text, and for each place in it the place in `text`.
  function fold(text) {
    let result = "", at = 0;
    const places = [];
    for (const sign of text) {
      for (const unit of foldSign(sign).split("")) {
        result += unit;
        places.push(at);
      }
      at += sign.length;
    }
    places.push(at);
    return { result, places };
  }

  const escaped = text => text.replace(/[.+]/g, "\\$&");

  function pattern(parts) {
    const signs = /^[+#]/.test(parts.at(-1)) ? parts.at(-1) : "";
    const words = signs ? parts.slice(0, -1) : parts, first = words[0], last = words.at(-1);
    if (new RegExp(`^[${IDEOGRAPHS}]`, "u").test(first)) return new RegExp(first, "gu");
    const before = first < ":" ? "(?<![0-9])(?<![0-9]\\.)" : `(?<!${LETTER})`;
    const whole = !signs && last.split(".").at(-1).length <= 2;
    const after = whole ? (last < ":" ? "(?!\\.?[0-9])" : `(?!${LETTER})`) : "";
    return new RegExp(before + words.map(escaped).join(`${MARK}*`) + escaped(signs) + after, "gu");
  }

  // Characters and pairs of neighbouring characters within the words of a text.
  function grams(text) {
    const words = text.replace(BETWEEN, "").match(new RegExp(`${WORD}+`, "gu")) ?? [];
    return words.flatMap(word => {
      const signs = [...word];
      return signs.length < 2 ? signs : signs.slice(1).map((sign, n) => signs[n] + sign);
    });
  }

  // The terms of a query: the pattern of each, and pairs of characters that a text with it has.
  function terms(query) {
    const found = new Set(fold(query).result.match(TERM) ?? []);
    return [...found].map(term => {
      const signs = /[+#]*$/.exec(term)[0];
      const parts = [...term.match(PARTS), ...(signs ? [signs] : [])];
      return { pattern: pattern(parts), grams: grams(parts.join("")) };
    });
  }

  return { fold, terms };
}
