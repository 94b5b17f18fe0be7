/* The small task of the open link: find n so that SHA-256(challenge ":" n) begins with some zero bits.
   SHA-256 by FIPS 180-4, written for old browsers and for pages without HTTPS, where the browser's own is missing.
   Works in short pieces, so that the page stays quick. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-work]");
  if (!form) { return; }
  var challenge = form.getAttribute("data-work"), bits = Number(challenge.split(".")[2]);
  var solution = form.elements.solution, button = form.querySelector("button"), label = button.textContent;
  var n = 0, wanted = false, PIECE = 12;

  function constants(count, power) {
    var found = [], candidate = 2, i, prime;
    while (found.length < count) {
      prime = true;
      for (i = 2; i * i <= candidate; i += 1) { if (candidate % i === 0) { prime = false; break; } }
      if (prime) { found.push(fraction(Math.pow(candidate, power))); }
      candidate += 1;
    }
    return found;
  }
  function fraction(value) { return ((value - Math.floor(value)) * 4294967296) | 0; }
  var START = constants(8, 1 / 2), ROUND = constants(64, 1 / 3), words = new Array(64);
  function turn(value, by) { return (value >>> by) | (value << (32 - by)); }

  function block(state, text, at) {
    var i, a, b, c, d, e, f, g, h, s, t;
    for (i = 0; i < 16; i += 1) {
      words[i] = (text[at + 4 * i] << 24) | (text[at + 4 * i + 1] << 16) | (text[at + 4 * i + 2] << 8) | text[at + 4 * i + 3];
    }
    for (i = 16; i < 64; i += 1) {
      s = words[i - 15]; t = words[i - 2];
      words[i] = (words[i - 16] + words[i - 7] + (turn(s, 7) ^ turn(s, 18) ^ (s >>> 3)) + (turn(t, 17) ^ turn(t, 19) ^ (t >>> 10))) | 0;
    }
    a = state[0]; b = state[1]; c = state[2]; d = state[3]; e = state[4]; f = state[5]; g = state[6]; h = state[7];
    for (i = 0; i < 64; i += 1) {
      s = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
      t = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + s) | 0; d = c; c = b; b = a; a = (s + t) | 0;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
    for (i = 0; i < 8; i += 1) { state[i] |= 0; }
  }
  function first(text) {
    var bytes = [], state = START.slice(), i, length = text.length * 8;
    for (i = 0; i < text.length; i += 1) { bytes.push(text.charCodeAt(i)); }
    bytes.push(128);
    while (bytes.length % 64 !== 56) { bytes.push(0); }
    bytes.push(0, 0, 0, 0, (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255);
    for (i = 0; i < bytes.length; i += 64) { block(state, bytes, i); }
    return state[0] >>> 0;
  }

  function search() {
    var until = Date.now() + PIECE;
    do {
      if (first(challenge + ":" + n) >>> (32 - bits) === 0) { found(); return; }
      n += 1;
    } while (Date.now() < until);
    setTimeout(search, 0);
  }
  function found() {
    solution.value = String(n);
    button.removeAttribute("aria-disabled");
    if (wanted) { form.submit(); }
  }
  form.addEventListener("submit", function (event) {
    if (solution.value) { return; }
    event.preventDefault();
    wanted = true;
    button.setAttribute("aria-disabled", "true");
    button.textContent = form.getAttribute("data-working");
  });
  window.addEventListener("pageshow", function (event) { if (event.persisted) { window.location.reload(); } });
  button.textContent = label;
  form.hidden = false;
  var without = document.querySelector("[data-without-work]");
  if (without) { without.hidden = true; }
  search();
})();
