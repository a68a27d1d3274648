"use strict";
(function () {
  const all = (query, from) => Array.from((from || document).querySelectorAll(query));
  const said = document.getElementById("said");
  const focus = document.getElementById("focus");
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const chosen = (id) => {
    const box = document.getElementById(id);
    if (!box) return null;
    return new Set(all("input:checked", box).map((input) => input.value));
  };

  // what is hidden, for whichever of three reasons: not picked, not in focus, filtered
  function show() {
    const scenarios = chosen("picker");
    const years = chosen("years");
    const picked = (data) =>
      (!scenarios || !data.scenario || scenarios.has(data.scenario)) &&
      (!years || !data.year || years.has(data.year));
    for (const sheet of all(".sheet")) {
      const filter = sheet.querySelector(".filter");
      const words = filter ? filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean) : [];
      for (const row of all("tbody tr", sheet)) {
        const data = row.dataset;
        const inFocus = !data.focus || !focus || data.focus === focus.value;
        const text = words.length ? row.textContent.toLowerCase() : "";
        row.hidden = !(picked(data) && inFocus && words.every((word) => text.includes(word)));
      }
    }
    for (const cell of all("[data-column]")) {
      cell.hidden = Boolean(scenarios) && !scenarios.has(cell.dataset.column);
    }
    heads();
    for (const chart of all("svg[data-rows]")) close(chart, picked);
  }

  // a table whose columns are scenarios hides the heads of those that are not picked
  function heads() {
    for (const table of all("table")) {
      const first = table.querySelector("tbody tr");
      if (!first || !first.querySelector("[data-column]")) continue;
      const top = all("thead th", table);
      Array.from(first.cells).forEach((cell, i) => { top[i].hidden = cell.hidden; });
    }
  }

  // rows of a chart close up over those that are not picked
  function close(chart, picked) {
    const [top, pitch, foot] = chart.dataset.rows.split(" ").map(Number);
    let place = 0;
    for (const slot of all(".slot", chart)) {
      const visible = picked(slot.querySelector(".row").dataset);
      slot.toggleAttribute("hidden", !visible);
      slot.style.display = visible ? "" : "none";
      if (visible) slot.setAttribute("transform", "translate(0 " + (top + pitch * place++) + ")");
    }
    const bottom = top + pitch * Math.max(place, 1) + foot;
    const box = chart.viewBox.baseVal;
    chart.setAttribute("viewBox", "0 0 " + box.width + " " + bottom);
    for (const line of all(".grid, .zero", chart)) line.setAttribute("y2", bottom);
  }

  function name() {
    if (!focus || focus.selectedIndex < 0) return;
    const text = focus.options[focus.selectedIndex].textContent;
    for (const place of all(".focused")) place.textContent = text;
    for (const place of all(".focused-in-print")) place.textContent = " – " + text;
  }

  function sort(table, column, button) {
    const head = button.closest("th");
    const up = head.getAttribute("aria-sort") !== "ascending";
    for (const other of all("th[aria-sort]", table)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const key = (row) => {
      const cell = row.cells[column];
      const stated = cell.dataset.sort;
      const text = stated === undefined ? cell.textContent : stated;
      const number = text.trim() === "" ? NaN : Number(text === "inf" ? Infinity : text === "-inf" ? -Infinity : text);
      return { number: number, text: text, none: text === "nan" };
    };
    const rows = Array.from(body.rows).map((row, i) => ({ row: row, key: key(row), i: i }));
    rows.sort((a, b) => {
      const last = "last" in a.row.dataset;
      if (last !== "last" in b.row.dataset) return last ? 1 : -1;
      if (a.key.none !== b.key.none) return a.key.none ? 1 : -1;
      const both = !Number.isNaN(a.key.number) && !Number.isNaN(b.key.number);
      const gap = both ? (a.key.number < b.key.number ? -1 : a.key.number > b.key.number ? 1 : 0) : collator.compare(a.key.text, b.key.text);
      return (up ? gap : -gap) || a.i - b.i;
    });
    body.append(...rows.map((entry) => entry.row));
  }

  for (const table of all("table.sortable")) {
    all("thead th", table).forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table, column, button));
    });
  }

  for (const sheet of all(".sheet")) {
    const tools = sheet.querySelector(".tools");
    if (tools.children.length) tools.hidden = false;
    const filter = sheet.querySelector(".filter");
    if (filter) filter.addEventListener("input", () => {
      show();
      const rows = all("tbody tr", sheet);
      const seen = rows.filter((row) => !row.hidden).length;
      said.textContent = said.dataset.rows.replace("#1", seen).replace("#2", rows.length);
    });
    const shares = sheet.querySelector(".shares");
    if (shares) shares.addEventListener("change", () => {
      for (const cell of all("[data-other]", sheet)) {
        const other = cell.dataset.other;
        cell.dataset.other = cell.textContent;
        cell.textContent = other;
      }
    });
  }

  // figures that say the same in two ways: one at a time, a switch above the first
  const picks = {};
  for (const figure of all("figure[data-pick]")) {
    (picks[figure.dataset.pick] = picks[figure.dataset.pick] || []).push(figure);
  }
  for (const figures of Object.values(picks)) {
    const bar = document.createElement("div");
    bar.className = "switch";
    figures.forEach((figure, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = figure.dataset.picked;
      const choose = () => figures.forEach((one, j) => {
        one.classList.toggle("off", one !== figure);
        one.hidden = one !== figure;
        if (bar.children[j]) bar.children[j].setAttribute("aria-pressed", String(one === figure));
      });
      button.addEventListener("click", choose);
      bar.append(button);
    });
    figures[0].before(bar);
    bar.children[0].click();
  }

  const controls = document.getElementById("controls");
  if (controls) {
    controls.hidden = false;
    controls.addEventListener("submit", (event) => event.preventDefault());
    controls.addEventListener("change", () => { name(); show(); });
    for (const button of all("[data-all]", controls)) button.addEventListener("click", () => {
      for (const input of all("#picker input", controls)) input.checked = Boolean(button.dataset.all);
      show();
    });
  }

  // an annex opens when it is asked for, and all of them in print
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.querySelector(":scope > details");
    if (folded) folded.open = true;
  };
  window.addEventListener("hashchange", open);
  window.addEventListener("beforeprint", () => { for (const one of all(".annex > details")) one.open = true; });
  open();

  // marks tell their value where they are pointed at
  const tip = document.getElementById("tip");
  for (const title of all("svg.chart title")) {
    title.parentNode.dataset.tip = title.textContent;
    title.remove();
  }
  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const x = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    const below = event.clientY + 18;
    const above = event.clientY - tip.offsetHeight - 12;
    tip.style.left = Math.max(x, 8) + "px";
    tip.style.top = (below + tip.offsetHeight > window.innerHeight ? above : below) + "px";
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  name();
  show();
})();
