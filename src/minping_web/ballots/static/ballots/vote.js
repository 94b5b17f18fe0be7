/* Small helps on the resident's page, in the words of old browsers. Everything works without them: the server
   counts a form once however often it is sent. Nothing is kept and nothing is fetched.
   - leaving with answers that were not sent: the browser asks
   - a second press while the first is under way does nothing for some seconds
   - no connection: says so and keeps the answers
   - the receipt can be copied */
(function () {
  "use strict";
  var WAIT = 12000;
  var form = document.querySelector("form[data-vote]");
  if (form) { watch(form); }
  var copy = document.querySelector("[data-copy-receipt]");
  if (copy) { offerCopy(copy); }

  function watch(form) {
    var changed = false, sending = false, timer = 0;
    var button = form.querySelector("button"), state = form.querySelector("[data-state]"), label = button.textContent;
    function say(text) { state.textContent = text; state.hidden = !text; }
    function rest() {
      sending = false;
      clearTimeout(timer);
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    }
    form.addEventListener("change", function () { changed = true; });
    form.addEventListener("input", function () { changed = true; });
    form.addEventListener("submit", function (event) {
      if (sending) { event.preventDefault(); return; }
      if (navigator.onLine === false) {
        event.preventDefault();
        say(form.getAttribute("data-offline"));
        return;
      }
      sending = true;
      button.setAttribute("aria-disabled", "true");
      button.textContent = form.getAttribute("data-sending");
      say("");
      timer = setTimeout(function () { rest(); say(form.getAttribute("data-slow")); }, WAIT);
    });
    window.addEventListener("online", function () { say(""); });
    window.addEventListener("beforeunload", function (event) {
      if (!changed || sending) { return; }
      event.preventDefault();
      event.returnValue = "";
    });
    window.addEventListener("pageshow", function (event) {
      /* Shown again from memory: the form was sent already, and a new one is needed to change an answer. */
      if (event.persisted && sending) { changed = false; window.location.reload(); }
      else { rest(); }
    });
  }

  function offerCopy(button) {
    var text = document.getElementById("receipt").getAttribute("data-receipt");
    var before = button.textContent;
    button.hidden = false;
    button.addEventListener("click", function () {
      if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done, byHand); }
      else { byHand(); }
    });
    function byHand() {
      var area = document.createElement("textarea");
      area.value = text;
      area.setAttribute("readonly", "");
      document.body.appendChild(area);
      area.select();
      try { if (document.execCommand("copy")) { done(); } } finally { document.body.removeChild(area); button.focus(); }
    }
    function done() {
      button.textContent = button.getAttribute("data-copied");
      setTimeout(function () { button.textContent = before; }, 2000);
    }
  }
})();
