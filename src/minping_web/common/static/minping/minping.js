/* Small helps in the browser. Every page works without them; nothing here decides anything.
   data-filter-table="#id"   an input that hides rows of a table while one types
   data-confirm="text"       asks before a form is sent or a link is followed
   data-copy="#id"           copies the text of an element
   data-auto-submit          a form of filters that sends itself when a choice changes
   data-job-events="/..."    progress of a background job by server-sent events
   data-filter-menu          the box above a long menu; Ctrl+K goes there, Enter opens the first hit
   ?                         opens the help of the page */
"use strict";
(() => {
  const chinese = document.documentElement.lang.startsWith("zh");
  const words = chinese
    ? { sure: "请确认", yes: "确定", no: "取消", copied: "已复制", rows: (n) => `显示 ${n} 行`, of: (a, b) => `${a} / ${b}` }
    : { sure: "Please confirm", yes: "Yes, go on", no: "Cancel", copied: "Copied", rows: (n) => `${n} rows shown`, of: (a, b) => `${a} of ${b}` };
  const number = new Intl.NumberFormat(chinese ? "zh-CN" : "en");
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

  /* --- help, menus ------------------------------------------------------------------------ */
  document.addEventListener("keydown", (event) => {
    const help = document.querySelector("details.help");
    if (event.key === "?" && help && !typing(event.target) && !event.ctrlKey && !event.metaKey) {
      help.open = !help.open;
      if (help.open) { help.scrollIntoView({ block: "nearest" }); help.querySelector("summary").focus(); }
      event.preventDefault();
    }
    if (event.key === "Escape") closeMenu(document.querySelector("details.user-menu[open]"), true);
  });
  const closeMenu = (menu, back) => {
    if (!menu) return;
    menu.open = false;
    if (back) menu.querySelector("summary").focus();
  };
  document.addEventListener("click", (event) => {
    const menu = document.querySelector("details.user-menu[open]");
    if (menu && !menu.contains(event.target)) closeMenu(menu, false);
  });

  /* --- a long menu: a box that filters it, groups that stay as they were left ------------------ */
  const kept = {
    read() { try { return JSON.parse(localStorage.getItem("minping-menu")) || []; } catch { return []; } },
    write(names) { try { localStorage.setItem("minping-menu", JSON.stringify(names)); } catch { /* not kept */ } },
  };
  const nameOf = (group) => group.querySelector("summary").textContent.trim();
  const filterMenu = (menu, wanted) => {
    const before = menu.dataset.filtered;
    all("details.menu-group", menu).forEach((group) => { if (!before) group.dataset.was = group.open ? "open" : ""; });
    let hits = 0;
    all("li", menu).forEach((line) => {
      line.hidden = !line.textContent.toLocaleLowerCase().includes(wanted);
      if (!line.hidden) hits += 1;
    });
    all("details.menu-group", menu).forEach((group) => {
      group.hidden = !group.querySelector("li:not([hidden])");
      group.open = wanted ? !group.hidden : group.dataset.was === "open";
    });
    menu.querySelector(".menu-none").hidden = hits > 0;
    if (wanted) menu.dataset.filtered = "yes"; else delete menu.dataset.filtered;
  };
  const prepareMenu = (menu) => {
    const box = menu.querySelector("[data-filter-menu]");
    if (!box) return;
    const input = box.querySelector("input");
    const first = () => menu.querySelector("li:not([hidden]) a");
    box.hidden = false;
    input.addEventListener("input", () => filterMenu(menu, input.value.trim().toLocaleLowerCase()));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && input.value.trim() && first()) first().click();
      if (event.key === "ArrowDown" && first()) first().focus();
      if (event.key === "Escape") { input.value = ""; filterMenu(menu, ""); }
      if (["Enter", "ArrowDown"].includes(event.key)) event.preventDefault();
    });
    all("details.menu-group", menu).forEach((group) => {
      if (kept.read().includes(nameOf(group))) group.open = true;
      group.querySelector("summary").addEventListener("click", () => {
        if (menu.dataset.filtered) return;
        const others = kept.read().filter((name) => name !== nameOf(group));
        kept.write(group.open ? others : [...others, nameOf(group)]);
      });
    });
    const here = menu.querySelector("[aria-current]");
    const stays = menu.querySelector(".menu-stays");
    if (here && stays) stays.scrollTop = here.offsetTop - stays.clientHeight / 2;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const phone = document.querySelector("details.menu-phone");
    if (phone?.checkVisibility?.()) phone.open = true;
    const input = all("[data-filter-menu] input").find((one) => one.offsetParent);
    if (!input) return;
    input.focus();
    input.select();
    event.preventDefault();
  });

  /* --- tabs: on the phone the open one may lie outside ------------------------------------- */
  all("nav.tabs [aria-current]").forEach((tab) => {
    const bar = tab.closest("nav");
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  });

  /* --- tables ------------------------------------------------------------------------------ */
  /* Laid out as cards on the phone, a table would lose its meaning for screen readers: say it again. */
  const keepMeaning = (table) => {
    const roles = [["thead, tbody, tfoot", "rowgroup"], ["tr", "row"], ["td", "cell"], ["thead th", "columnheader"], ["tbody th", "rowheader"]];
    table.setAttribute("role", "table");
    all("td", table).filter((cell) => !cell.childElementCount && !cell.textContent.trim()).forEach((cell) => cell.replaceChildren());
    roles.forEach(([selector, role]) => all(selector, table).forEach((part) => part.setAttribute("role", role)));
  };
  const scrollIfWide = () => all(".table-wrap").forEach((wrap) => {
    wrap.classList.remove("wide");
    const wide = wrap.scrollWidth > wrap.clientWidth + 1;
    wrap.classList.toggle("wide", wide);
    if (wide) wrap.tabIndex = 0; else wrap.removeAttribute("tabindex");
  });
  const filterTable = (input) => {
    const table = document.querySelector(input.dataset.filterTable);
    if (!table || input.dataset.ready) return;
    input.dataset.ready = "yes";
    const note = Object.assign(document.createElement("span"), { className: "unseen" });
    note.setAttribute("aria-live", "polite");
    input.after(note);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      const rows = all("tbody tr", table);
      rows.forEach((row) => { row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted); });
      note.textContent = words.rows(rows.filter((row) => !row.hidden).length);
    });
  };

  /* --- confirmation -------------------------------------------------------------------------- */
  const ask = (text, danger) => new Promise((answer) => {
    const dialog = document.createElement("dialog");
    const form = Object.assign(document.createElement("form"), { method: "dialog" });
    const title = Object.assign(document.createElement("h2"), { textContent: words.sure, id: "ask-title" });
    const body = Object.assign(document.createElement("p"), { textContent: text });
    const actions = Object.assign(document.createElement("div"), { className: "form-actions" });
    const yes = Object.assign(document.createElement("button"), { value: "yes", textContent: words.yes, className: danger ? "danger" : "primary" });
    const no = Object.assign(document.createElement("button"), { value: "no", textContent: words.no, autofocus: true });
    dialog.setAttribute("aria-labelledby", "ask-title");
    actions.append(yes, no);
    form.append(title, body, actions);
    dialog.append(form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => { answer(dialog.returnValue === "yes"); dialog.remove(); });
    dialog.showModal();
  });
  const sure = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const button = event.submitter;
    const text = button?.dataset.confirm || event.target.dataset.confirm;
    if (!text || sure.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!await ask(text, button?.classList.contains("danger"))) return;
    sure.add(event.target);
    event.target.requestSubmit(button);
    sure.delete(event.target);
  }, true);
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-confirm]");
    if (!link) return;
    event.preventDefault();
    if (await ask(link.dataset.confirm, link.classList.contains("danger"))) location.assign(link.href);
  });

  /* --- copy, filters --------------------------------------------------------------------------- */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    await navigator.clipboard.writeText((source.value ?? source.innerText).trim());
    const before = button.textContent;
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = before; }, 1600);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto-submit]");
    if (form && event.target.matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
  });

  /* --- background jobs ---------------------------------------------------------------------------- */
  const tones = { done: "ok", failed: "bad", running: "info" };
  const showJob = (box, told) => {
    const part = (name) => box.querySelector(`[data-job=${name}]`);
    const bar = part("bar");
    bar.max = told.total || 1;
    if (told.state === "done") bar.value = bar.max;
    else if (told.total) bar.value = told.done;
    part("state").textContent = told.state_label;
    part("state").className = `tag ${tones[told.state] || "off"}`;
    part("count").textContent = told.total ? words.of(number.format(told.done), number.format(told.total)) : "";
    part("note").textContent = told.note || "";
  };
  const followJob = (box) => {
    if (box.dataset.followed) return;
    box.dataset.followed = "yes";
    const source = new EventSource(box.dataset.jobEvents);
    source.onmessage = (event) => {
      const told = JSON.parse(event.data);
      showJob(box, told);
      if (!["done", "failed", "cancelled"].includes(told.state)) return;
      source.close();
      if (box.dataset.jobReload !== "no") setTimeout(() => location.reload(), 700);
    };
  };

  all("nav.menu, .menu-phone nav").forEach(prepareMenu);
  all("table.data").forEach(keepMeaning);
  all("[data-filter-table]").forEach(filterTable);
  all("[data-job-events]").forEach(followJob);
  all("form:not([data-sample]) .error-summary").slice(0, 1).forEach((summary) => summary.focus());
  scrollIfWide();
  addEventListener("resize", scrollIfWide);
})();
