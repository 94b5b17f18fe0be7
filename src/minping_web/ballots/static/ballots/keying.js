/* Keying of paper forms by digits: a digit jumps on, Enter or minus leaves a field empty, arrows go back and forth.
   Without this script the tabulator does the same. */
"use strict";
(() => {
  const form = document.querySelector("form[data-keying]");
  if (!form) return;
  const stops = [...form.querySelectorAll("input[data-boxes], textarea, button.primary")];
  const go = (from, step) => {
    const next = stops[stops.indexOf(from) + step];
    if (next) { next.focus(); if (next.select) next.select(); }
  };
  form.addEventListener("input", (event) => {
    const field = event.target, boxes = Number(field.dataset.boxes);
    if (!boxes) return;
    const typed = field.value.replace(/\D/g, "");
    field.value = typed;
    const known = Number(typed) >= 1 && Number(typed) <= boxes;
    field.setAttribute("aria-invalid", String(typed !== "" && !known));
    show(field, known ? Number(typed) : 0);
    if (known && typed.length >= String(boxes).length) go(field, 1);
  });
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.dataset.boxes) return;
    if (event.key === "Enter" || event.key === "-") { event.preventDefault(); go(field, 1); }
    if (event.key === "ArrowDown") { event.preventDefault(); go(field, 1); }
    if (event.key === "ArrowUp") { event.preventDefault(); go(field, -1); }
  });
  const show = (field, place) => {
    const list = document.getElementById(`${field.name}-boxes`);
    [...list.children].forEach((item, at) => item.toggleAttribute("data-typed", at + 1 === place));
  };
  form.querySelectorAll("input[data-boxes]").forEach((field) => show(field, Number(field.value)));
})();
