/* Small helps on pages of rounds. Both pages work without them; nothing here decides anything.
   form[data-forecast="/..."]   the forecast beside the form follows what is typed
   [data-live-round="/..."]     figures marked data-live="name" follow the round by server-sent events */
"use strict";
(() => {
  const form = document.querySelector("form[data-forecast]");
  const target = document.querySelector("#forecast");
  let waiting = 0;
  let newest = 0;
  const refresh = async () => {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("csrfmiddlewaretoken");
    const mine = ++newest;
    const answer = await fetch(`${form.dataset.forecast}?${fields}`, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine === newest && answer.ok) target.replaceChildren(...page.body.childNodes);
  };
  if (form && target) form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 400);
  });

  const live = document.querySelector("[data-live-round]");
  if (live && "EventSource" in window) {
    const source = new EventSource(live.dataset.liveRound);
    source.onmessage = (event) => {
      for (const [name, value] of Object.entries(JSON.parse(event.data))) {
        document.querySelectorAll(`[data-live="${name}"]`).forEach((part) => { part.textContent = value; });
      }
    };
    addEventListener("pagehide", () => source.close());
  }
})();
