/* The editor of questionnaires: the preview follows what is typed. Without this script a button shows it. */
"use strict";
(() => {
  const form = document.getElementById("editor");
  if (!form || !window.DOMParser) return;
  const pane = document.getElementById("live-preview");
  let timer = 0;
  let asked = 0;
  let changed = false;

  const show = (text) => {
    const told = new DOMParser().parseFromString(text, "text/html");
    told.querySelectorAll("[data-live]").forEach((part) => {
      const name = part.dataset.live;
      const places = name === "preview" ? [pane] : document.querySelectorAll(`[data-findings="${name}"]`);
      places.forEach((place) => place.replaceChildren(...[...part.cloneNode(true).childNodes]));
    });
  };
  const refresh = async () => {
    const mine = ++asked;
    const sent = new FormData(form);
    sent.delete("act");
    try {
      const answer = await fetch(`${form.dataset.preview}?part=1`, { method: "POST", body: sent });
      if (answer.ok && !answer.redirected && mine === asked) show(await answer.text());
    } catch { /* offline: the preview stays as it was */ }
  };
  const later = () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(refresh, 400);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => { changed = false; });
  form.querySelectorAll("[data-plain]").forEach((button) => { button.hidden = true; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
