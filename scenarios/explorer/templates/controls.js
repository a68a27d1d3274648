// Controls, sentence and figures around the model; the state stands in the address.
const D = JSON.parse(document.getElementById("explorer-data").textContent);
const T = D.texts, model = explorerModel(D, MODEL);
const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
const term = (group, name) => (T.terms[group] && T.terms[group][name]) || name;
const supplyName = ({ id }) => {
  const stage = id.split(".")[0], word = term("stage", stage);
  return word === stage ? id : `${word} (${id})`;
};
const element = (id) => document.getElementById(id);
const shown = (value) => value / D.scale;

function tag(name, attributes, ...inside) {
  const found = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) found.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") found[key] = value;
    else if (value != null) found.setAttribute(key, value);
  }
  found.append(...inside.filter((one) => one != null));
  return found;
}
let serial = 0;
function labelled(words, control, more) {
  const id = "x-c" + serial++;
  control.id = id;
  return tag("div", { class: "x-field " + ((more && more.class) || "") }, tag("label", { for: id }, words), control);
}

// ---- state
function fromAddress() {
  const found = /^#s=(.*)$/.exec(location.hash);
  if (!found) return null;
  try { return JSON.parse(decodeURIComponent(found[1])); } catch { return null; }
}
let state = model.sound(fromAddress());
let found = null, chosen = null, added = new Set(), locks = new Set(), held = null;
let timer = 0, pending = false, waiting = false, stamp = "";

function address() { return "#s=" + encodeURIComponent(JSON.stringify(model.packed(state))); }
function remember() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    stamp = address();
    history.replaceState(null, "", stamp);
    element("x-said").textContent = element("x-finding").textContent;
  }, 350);
}
addEventListener("hashchange", () => {
  if (location.hash === stamp || !location.hash.startsWith("#s=")) return;
  state = model.sound(fromAddress());
  build();
  paint();
});

function change(hand) {
  model.settle(state.a, hand || null);
  waiting = true;
  if (!pending) frame_();
}
// at once, and no more than once a frame
function frame_() {
  if (!waiting) return;
  waiting = false;
  pending = true;
  paint();
  requestAnimationFrame(() => { pending = false; frame_(); });
}

// ---- names of the two sides
const scenario = (side) => D.scenarios[side.scenario];
function describe(side) {
  const told = [];
  for (const [id, one] of Object.entries(side.supplies)) {
    const option = one.option !== undefined ? model.supplyOf.get(id).options[one.option] : null;
    if (option) told.push(option.label);
    else {
      const parts = Object.entries(one.blend || one.shares).sort((x, y) => y[1] - x[1]).slice(0, 2);
      const word = (key) => (one.blend ? D.mixes[key] : term("technology", key));
      told.push(parts.map(([key, share]) => percent(share) + " " + word(key)).join(T.finding.comma));
    }
  }
  for (const [id, [share]] of Object.entries(side.levers)) told.push(model.leverOf.get(id).label + " " + percent(share));
  for (const [id, [v, s]] of Object.entries(side.inputs)) {
    const rule = model.ruleOf(side, id);
    const times = s !== 1 && rule.kind !== "constant" ? (s === 0 ? ` (${T.controls.certain})` : ` (${fill(T.controls.times, { x: short(s) })})`) : "";
    told.push(rule.label + " " + short(v) + (rule.units === "1" ? "" : "\u00a0" + rule.units) + times);
  }
  if (!told.length) return "";
  return told.length === 1 ? told[0] : fill(T.finding.more, { what: told[0], count: told.length - 1, all: told.length });
}
function nameOf(side) {
  const what = describe(side), name = scenario(side).label;
  return what ? fill(T.finding.with, { name, what }) : name;
}

// ---- controls
const form = element("x-controls");
form.addEventListener("submit", (event) => event.preventDefault());
const blocks = {};

function slider(words, low, high, places, get, set, hint) {
  const range = tag("input", { type: "range", min: 0, max: 200, step: 1, "aria-label": words });
  const number = tag("input", { type: "number", step: "any", "aria-label": words });
  const show = (except) => {
    const value = get();
    if (except !== range) range.value = String(Math.round((value - low) / (high - low) * 200));
    if (except !== number) number.value = String(Number(value.toPrecision(6)));
    range.setAttribute("aria-valuetext", String(Number(value.toPrecision(4))));
  };
  range.addEventListener("input", () => {
    const raw = low + (high - low) * Number(range.value) / 200;
    set(Number(raw.toPrecision(places)));
    show(range);
  });
  number.addEventListener("input", () => {
    if (number.value !== "" && Number.isFinite(Number(number.value))) { set(Number(number.value)); show(number); }
  });
  number.addEventListener("change", () => show());
  show();
  return { row: tag("div", { class: "x-slide" }, range, number), show, hint };
}

function build() {
  serial = 0;
  form.replaceChildren();
  const a = state.a;
  const choice = (value) => D.scenarios.map((one, i) => (one.member ? null : tag("option", { value: String(i), ...(i === value ? { selected: "" } : {}) }, one.label)));
  const from = tag("select", { onchange() { state.a = model.side({ s: D.scenarios[this.value].name }, 0); added = new Set(); rebuild(); } }, ...choice(a.scenario));
  const other = tag("select", { onchange() {
    if (this.value !== "held") state.b = model.side({ s: D.scenarios[this.value].name }, 0);
    else if (held) state.b = held;
    change();
  } }, ...choice(model.isMoved(state.b) ? -1 : state.b.scenario));
  if (model.isMoved(state.b)) held = state.b;
  if (held) other.prepend(tag("option", { value: "held", ...(model.isMoved(state.b) ? { selected: "" } : {}) }, fill(T.controls.held, { name: nameOf(held) })));
  const first = tag("fieldset", {}, tag("legend", {}, T.controls.title), labelled(T.controls.scenario, from), labelled(T.controls.other, other));
  if (D.years.length) {
    const years = tag("select", { onchange() { state.year = Number(this.value); change(); } },
      ...D.years.map((year) => tag("option", { value: String(year), ...(year === state.year ? { selected: "" } : {}) }, String(year))));
    first.append(labelled(T.controls.year, years));
  }
  first.append(tag("div", { class: "x-buttons" },
    tag("button", { type: "button", id: "x-reset", onclick() { state.a = model.side({ s: scenario(state.a).name }, 0); rebuild("x-reset"); } }, T.controls.reset),
    tag("button", { type: "button", id: "x-hold", onclick() { held = state.b = JSON.parse(JSON.stringify(state.a)); rebuild("x-hold"); } }, T.controls.hold)));
  if (D.leftOut.length) first.append(tag("p", { class: "x-note" }, fill(T.controls.left_out, { names: D.leftOut.join(", ") })));
  form.append(first);
  if (scenario(a).fixed) first.append(tag("p", { class: "x-note" }, T.controls.fixed));
  else {
    for (const supply of D.supplies) form.append(supplyBlock(supply));
    if (D.levers.length) form.append(leverBlock());
    form.append(inputBlock());
  }
  const limit = tag("input", { type: "number", step: "any", value: state.threshold === null ? "" : String(shown(state.threshold)), oninput() {
    state.threshold = this.value === "" || !Number.isFinite(Number(this.value)) ? null : Number(this.value) * D.scale;
    change();
  } });
  const level = tag("input", { type: "number", min: 50, max: 99.9, step: "any", value: String(Number((100 * state.probability).toPrecision(8))), oninput() {
    const p = Number(this.value) / 100;
    if (p >= 0.5 && p < 1 && 1 / (1 - p) <= D.draws) { state.probability = p; change(); }
  } });
  form.append(tag("fieldset", {}, tag("legend", {}, T.controls.analysis), tag("div", { class: "x-pair" },
    labelled(fill(T.controls.threshold, { units: D.shown }), limit), labelled(T.controls.probability, level))));
}
function rebuild(focus) {
  model.settle(state.a, null);
  const open = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.keep : null;
  build();
  change();
  const again = focus ? element(focus) : open ? form.querySelector(`[data-keep="${CSS.escape(open)}"]`) : null;
  if (again) again.focus();
}

function current(supply) {
  const own = scenario(state.a);
  return state.a.supplies[supply.id] || { option: own.supplies[supply.id], losses: null };
}
// shares that a supply is shown by: technologies, or mixes
function partsOf(supply) {
  const now = current(supply);
  if (now.blend) return { kind: "blend", shares: { ...now.blend }, losses: now.losses };
  if (now.shares) return { kind: "shares", shares: { ...now.shares }, set: now.set, stated: now.stated, losses: now.losses };
  const option = supply.options[now.option];
  if (option.shares && D.structures[scenario(state.a).cells[0][0]].technologies[option.set]) return { kind: "shares", shares: { ...option.shares }, set: option.set, stated: option.defaultLosses, losses: now.losses };
  if (option.blend) return { kind: "blend", shares: { ...option.blend }, losses: now.losses };
  return null;
}
function putSupply(supply, made) {
  if (made) state.a.supplies[supply.id] = made;
  else delete state.a.supplies[supply.id];
}
function even(shares) {
  // what a config says adds up to one to the last digit that is shown
  const keys = Object.keys(shares);
  for (const key of keys) shares[key] = Math.round(shares[key] * 1e4) / 1e4;
  const most = keys.reduce((x, y) => (shares[y] > shares[x] ? y : x));
  const rest = keys.reduce((sum, key) => (key === most ? sum : sum + shares[key]), 0);
  shares[most] = Math.max(0, Math.round((1 - rest) * 1e10) / 1e10);
  return shares;
}
// others give way in proportion; what is held stays
function shift(shares, key, wanted, heldKeys) {
  const others = Object.keys(shares).filter((one) => one !== key && !heldKeys.has(one));
  const fixed = Object.keys(shares).filter((one) => one !== key && heldKeys.has(one)).reduce((sum, one) => sum + shares[one], 0);
  if (!others.length) return shares;
  shares[key] = Math.min(Math.max(wanted, 0), Math.max(1 - fixed, 0));
  const left = Math.max(1 - fixed - shares[key], 0), before = others.reduce((sum, one) => sum + shares[one], 0);
  for (const one of others) shares[one] = before > 1e-12 ? shares[one] / before * left : left / others.length;
  const exact = {};
  for (const one of Object.keys(shares)) exact[one] = shares[one];
  const digits = Math.round(shares[key] * 1e4) / 1e4;
  exact[key] = digits;
  return even(exact);
}

function supplyBlock(supply) {
  const now = current(supply), own = scenario(state.a);
  const structure = D.structures[own.cells[0][0]];
  const box = tag("fieldset", {}, tag("legend", {}, fill(T.controls.supply, { name: supplyName(supply) })));
  const parts = partsOf(supply);
  const sets = Object.keys(structure.technologies);
  const select = tag("select", { "data-keep": "s" + supply.id, onchange() {
    if (this.value === "blend") {
      const start = parts && parts.kind === "blend" ? parts.shares : { [firstMix(supply)]: 1 };
      putSupply(supply, { blend: start, losses: null });
    } else if (this.value.startsWith("set:")) {
      const set = this.value.slice(4), known = structure.technologies[set];
      const option = supply.options.find((one) => one.shares && one.set === set);
      const start = parts && parts.kind === "shares" ? Object.fromEntries(Object.entries(parts.shares).filter(([word]) => word in known)) : { ...(option ? option.shares : D.starts[set]) };
      if (!Object.keys(start).length) for (const word of Object.keys(known)) start[word] = 1 / Object.keys(known).length;
      const sum = Object.values(start).reduce((x, y) => x + y, 0);
      for (const word of Object.keys(start)) start[word] /= sum;
      putSupply(supply, { shares: even(start), set, stated: (option && option.defaultLosses) || Object.keys(structure.losses)[0] || null, losses: null });
    } else {
      const option = Number(this.value);
      putSupply(supply, option === own.supplies[supply.id] ? null : { option, losses: null });
    }
    rebuild();
  } },
  ...supply.options.map((one, i) => tag("option", { value: String(i), ...(now.option === i ? { selected: "" } : {}) }, one.label)),
  ...sets.map((set) => tag("option", { value: "set:" + set, ...(now.set === set ? { selected: "" } : {}) }, T.controls.technologies + (sets.length > 1 ? ` (${set})` : ""))),
  Object.keys(structure.mixes).length > 1 || now.blend ? tag("option", { value: "blend", ...(now.blend ? { selected: "" } : {}) }, T.controls.blend) : null);
  box.append(labelled(T.controls.choose, select));
  if (parts) box.append(shareRows(supply, parts, structure));
  lossesRow(supply, box, structure);
  return box;
}
function firstMix(supply) {
  const now = current(supply), option = now.option !== undefined ? supply.options[now.option] : null;
  return option && option.stated.mix && option.stated.mix in D.mixes ? option.stated.mix : Object.keys(D.mixes)[0];
}
function shareRows(supply, parts, structure) {
  const box = tag("div", { role: "group", "aria-label": fill(T.controls.supply, { name: supplyName(supply) }), class: parts.kind === "blend" ? "x-blend" : "x-mix" });
  const known = parts.kind === "shares" ? Object.keys(structure.technologies[parts.set]) : Object.keys(parts.shares);
  const shares = Object.fromEntries(known.map((key) => [key, parts.shares[key] || 0]));
  const rows = {}, sum = tag("p", { class: "x-sum" });
  const lockId = (key) => supply.id + "|" + parts.kind + "|" + key;
  const show = (except) => {
    for (const [key, { range, number }] of Object.entries(rows)) {
      if (range !== except) range.value = String(Math.round(shares[key] * 1000));
      if (number !== except) number.value = String(Number((100 * shares[key]).toFixed(2)));
      range.setAttribute("aria-valuetext", percent(shares[key]));
    }
    sum.textContent = fill(T.controls.sum, { sum: Number((100 * Object.values(shares).reduce((x, y) => x + y, 0)).toFixed(6)) + "\u00a0%" });
  };
  const put = () => {
    const kept = Object.fromEntries(Object.entries(shares).filter(([, share]) => share > 0));
    putSupply(supply, parts.kind === "blend" ? { blend: kept, losses: current(supply).losses ?? null } : { shares: kept, set: parts.set, stated: parts.stated, losses: current(supply).losses ?? null });
    box.closest("fieldset").querySelector("select").value = parts.kind === "blend" ? "blend" : "set:" + parts.set;
    change();
  };
  for (const key of known) {
    const name = parts.kind === "blend" ? D.mixes[key] : term("technology", key);
    const words = fill(T.controls.share, { name });
    const range = tag("input", { type: "range", min: 0, max: 1000, step: 5, "aria-label": words });
    const number = tag("input", { type: "number", min: 0, max: 100, step: "any", "aria-label": words + " (%)" });
    const held = () => new Set(known.filter((one) => locks.has(lockId(one))));
    range.addEventListener("input", () => { Object.assign(shares, shift({ ...shares }, key, Number(range.value) / 1000, held())); show(range); put(); });
    range.addEventListener("change", () => show());
    number.addEventListener("input", () => {
      if (number.value === "" || !Number.isFinite(Number(number.value))) return;
      Object.assign(shares, shift({ ...shares }, key, Number(number.value) / 100, held()));
      show(number);
      put();
    });
    number.addEventListener("change", () => show());
    const lock = tag("input", { type: "checkbox", "aria-label": fill(T.controls.lock, { name }), checked: locks.has(lockId(key)), onchange() {
      if (this.checked) locks.add(lockId(key)); else locks.delete(lockId(key));
      range.disabled = number.disabled = this.checked;
    } });
    range.disabled = number.disabled = locks.has(lockId(key));
    rows[key] = { range, number };
    box.append(tag("div", { class: "x-share" }, tag("span", {}, name), range, number, tag("label", { class: "x-lock" }, lock, " " + T.controls.locked)));
  }
  box.append(sum);
  if (parts.kind === "blend") {
    const more = Object.keys(structure.mixes).filter((key) => !known.includes(key));
    if (more.length) box.append(labelled(T.controls.part, tag("select", { "data-keep": "p" + supply.id, onchange() {
      const made = { ...shares, [this.value]: 0 };
      const both = shift(made, this.value, 0.1, new Set());
      putSupply(supply, { blend: both, losses: null });
      rebuild();
    } }, tag("option", { value: "", selected: "", disabled: true }, "–"), ...more.map((key) => tag("option", { value: key }, D.mixes[key])))));
  }
  show();
  return box;
}
function lossesRow(supply, box, structure) {
  const now = current(supply);
  const may = now.option !== undefined ? supply.options[now.option].losses
    : now.blend ? Object.keys(now.blend).every((mix) => structure.mixes[mix][1] != null) : true;
  if (!may) return;
  const range = tag("input", { type: "range", min: 0, max: 200, step: 1, "aria-label": `${T.controls.losses} ${supplyName(supply)}` });
  const number = tag("input", { type: "number", min: 0, max: 50, step: "any", "aria-label": `${T.controls.losses} ${supplyName(supply)}` });
  const stated = tag("input", { type: "checkbox" });
  const show = () => {
    const losses = current(supply).losses;
    stated.checked = losses == null;
    range.disabled = number.disabled = losses == null;
    range.value = String(Math.round((losses || 0) * 1000));
    number.value = losses == null ? "" : String(Number((100 * losses).toPrecision(6)));
  };
  const put = (losses) => {
    const state_ = { ...current(supply), losses };
    putSupply(supply, state_.option === scenario(state.a).supplies[supply.id] && losses == null ? null : state_);
    change();
  };
  range.addEventListener("input", () => { put(Number(range.value) / 1000); number.value = String(Number(range.value) / 10); });
  number.addEventListener("input", () => { if (number.value !== "" && Number(number.value) >= 0 && Number(number.value) <= 50) { put(Number(number.value) / 100); range.value = String(Number(number.value) * 10); } });
  stated.addEventListener("change", () => { put(stated.checked ? null : 0.05); show(); });
  show();
  box.append(tag("div", { class: "x-field" }, tag("div", { class: "x-name" }, tag("span", {}, T.controls.losses), tag("label", { class: "x-lock" }, stated, " " + T.controls.as_stated)), tag("div", { class: "x-slide" }, range, number)));
}

function leverBlock() {
  const box = tag("fieldset", {}, tag("legend", {}, T.controls.levers));
  const own = scenario(state.a), shows = [];
  const whole = (id) => (state.a.levers[id] ? state.a.levers[id][0] : own.levers[id] !== undefined ? own.adopted[id] : 0);
  for (const lever of D.levers) {
    if (own.levers[lever.id] === false) continue;
    const full = () => (state.a.levers[lever.id] ? state.a.levers[lever.id][1] : D.years.length ? D.years[D.years.length - 1] : null);
    const note = tag("span", { class: "x-word" });
    const put = (share, year) => { state.a.levers[lever.id] = [share, year]; change(lever.id); shows.forEach((show) => show()); };
    const part = slider(fill(T.controls.adoption, { name: lever.label }), 0, 100, 4, () => 100 * whole(lever.id), (x) => put(Math.min(Math.max(x, 0), 100) / 100, full()));
    const one = tag("div", { class: "x-one" }, tag("div", { class: "x-name" }, tag("span", {}, lever.label), note), part.row);
    shows.push(() => {
      if (document.activeElement === null || !one.contains(document.activeElement)) part.show();
      note.textContent = state.a.levers[lever.id] ? "" : own.levers[lever.id] !== undefined ? T.controls.from_scenario : "";
    });
    if (D.years.length) {
      const later = D.years.filter((year) => !lever.available || year > lever.available);
      part.row.classList.add("x-lever");
      part.row.append(tag("select", { "aria-label": lever.label, onchange() { put(whole(lever.id), Number(this.value)); } },
        ...later.map((year) => tag("option", { value: String(year), ...(year === full() ? { selected: "" } : {}) }, fill(T.controls.full, { year })))));
    }
    shows[shows.length - 1]();
    box.append(one);
  }
  return box;
}

function inputBlock() {
  const own = scenario(state.a), ids = Object.keys(own.inputs);
  const box = tag("fieldset", {}, tag("legend", {}, T.controls.inputs));
  const listed = ids.length <= 8 ? ids : [...new Set([...leading(ids), ...Object.keys(state.a.inputs), ...added])];
  for (const id of listed) box.append(inputRow(id));
  const rest = ids.filter((id) => !listed.includes(id));
  if (rest.length) {
    rest.sort((x, y) => D.rules[own.inputs[x]].label.localeCompare(D.rules[own.inputs[y]].label));
    box.append(labelled(T.controls.add, tag("select", { "data-keep": "add", onchange() { added.add(this.value); rebuild(); } },
      tag("option", { value: "", selected: "", disabled: true }, T.controls.pick), ...rest.map((id) => tag("option", { value: id }, `${D.rules[own.inputs[id]].label} (${id})`)))));
  }
  for (const [why, names] of Object.entries(D.kept)) {
    if (names.length) box.append(tag("p", { class: "x-note" }, fill(T.controls.kept[why], { names: names.slice(0, 6).join(T.finding.comma) + (names.length > 6 ? " …" : ""), count: names.length })));
  }
  return box;
}
function leading(ids) {
  const cell = model.cellOf(state.a, state.year);
  if (cell === null) return ids.slice(0, 5);
  const bare = model.side({ s: scenario(state.a).name }, 0);
  const order = model.drivers(bare, cell).sort((x, y) => y.share - x.share).map((one) => one.column);
  return order.filter((id) => ids.includes(id)).slice(0, 5);
}
function inputRow(id) {
  const rule = model.ruleOf(state.a, id), c = rule.point;
  const units = rule.kind === "path" ? "×" : rule.units === "1" ? "" : rule.units;
  const now = () => state.a.inputs[id] || [c, 1];
  const put = (v, s) => {
    const pair = model.clampInput(rule, v, s);
    if (model.unmoved(rule, ...pair)) delete state.a.inputs[id];
    else state.a.inputs[id] = pair;
    change();
  };
  const box = tag("div", { class: "x-one", role: "group", "aria-label": rule.label });
  const reset = tag("button", { type: "button", "aria-label": fill(T.controls.reset_one, { name: rule.label }), onclick() { put(c, 1); value && value.show(); spread && spread(); } }, "↺");
  box.append(tag("div", { class: "x-name" }, tag("span", {}, rule.label, " ", tag("span", { class: "x-word" }, units)), reset));
  let low = c - 3 * (rule.sd || 1), high = c + 3 * (rule.sd || 1);
  if (rule.kind === "path") [low, high] = [0, 2];
  else if (c !== 0) [low, high] = c > 0 ? [0.5 * c, 1.5 * c] : [1.5 * c, 0.5 * c];
  else if (rule.kind === "constant") [low, high] = rule.roof === 1 ? [0, 1] : [0, 1];
  if (rule.floor != null) low = Math.max(low, rule.floor);
  if (rule.roof != null) high = Math.min(high, rule.roof);
  if (rule.kind === "constant" && rule.roof === 1 && units === "") [low, high] = [0, 1];
  if (!(high > low)) high = low + Math.max(Math.abs(low), 1);
  let value = null, spread = null;
  if (rule.kind !== "fixed") {
    value = slider(fill(T.controls.value, { name: rule.label }), low, high, 4, () => now()[0], (v) => put(v, now()[1]));
    box.append(value.row);
  }
  if (rule.kind === "affine" || rule.kind === "log" || rule.kind === "fixed") {
    const range = tag("input", { type: "range", min: 0, max: 2, step: rule.kind === "fixed" ? 1 : 0.05, "aria-label": fill(T.controls.spread, { name: rule.label }) });
    if (rule.kind === "fixed") range.max = "1";
    const told = tag("span", { class: "x-word" });
    spread = () => {
      const s = now()[1];
      range.value = String(s);
      told.textContent = s === 0 ? T.controls.certain : fill(T.controls.times, { x: short(s) });
      range.setAttribute("aria-valuetext", told.textContent);
    };
    range.addEventListener("input", () => { put(now()[0], Number(range.value)); spread(); if (value) value.show(); });
    spread();
    box.append(tag("div", { class: "x-slide" }, range, told));
  }
  return box;
}

// ---- figures
const views = element("x-result");
const figures = {};
function figure(key, more) {
  const svg = mark("svg", { role: more && more.choose ? "group" : "img", id: "x-" + key });
  const head = tag("h2", {}, T.figures[key]);
  const extra = tag("div", {});
  const box = tag("figure", { class: (more && more.class) || "" }, head, more && more.key ? tag("p", { class: "x-key" }, tag("span", { class: "x-a" }), tag("span", { class: "x-b" })) : null, svg, extra);
  figures[key] = { box, svg, head, extra, width: 420 };
  views.append(box);
  return figures[key];
}
figure("densities", { key: true });
figure("difference");
figure("stages", { choose: true });
figure("drivers");
if (D.years.length > 1) figure("fan", { class: "x-wide" });
const numbers = tag("figure", { class: "x-wide" });
views.append(numbers);
figures.drivers.extra.append(tag("p", { class: "x-note" }, T.figures.drivers_note));
function measure() {
  for (const one of Object.values(figures)) one.width = Math.max(Math.round(one.box.clientWidth), 260);
}
new ResizeObserver(() => { measure(); if (found) draw(); }).observe(views);

function pick(event) {
  const group = event.target.closest("[data-key]");
  if (!group || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  chosen = chosen === group.dataset.key ? null : group.dataset.key;
  draw();
  const again = figures.stages.svg.querySelector(`[data-key="${CSS.escape(group.dataset.key)}"]`);
  if (again && event.type === "keydown") again.focus();
}
figures.stages.svg.addEventListener("click", pick);
figures.stages.svg.addEventListener("keydown", pick);

function inUnits(one) {
  return { mean: shown(one.mean), sd: shown(one.sd), median: shown(one.median), low: shown(one.low), high: shown(one.high), sorted: one.sorted.map(shown) };
}

function paint(first) {
  found = model.answer(state);
  found.drivers = found.a && !found.a.bad ? model.drivers(state.a, found.a.cell) : null;
  if (figures.fan) found.fan = model.fans(state, found.a);
  draw();
  if (!first) remember();
}

function sentence() {
  const { a, b } = found, p = Number((100 * state.probability).toPrecision(6));
  for (const [one, side] of [[a, state.a], [b, state.b]]) {
    if (!one) return [fill(T.finding.no_year, { name: scenario(side).label, year: state.year }), true];
    if (one.bad) return [T.finding.bad, true];
  }
  const places = decimalsOf(shown(a.high - a.low) / 2), told = (x) => fixed(shown(x), places);
  let words = fill(T.finding.alone, { a: nameOf(state.a), mean: told(a.mean), units: D.shown, p, low: told(a.low), high: told(a.high) });
  words += fill(T.finding.lower, { b: nameOf(state.b), share: percent(found.lower) });
  if (state.threshold !== null) words += fill(T.finding.below, { limit: short(shown(state.threshold)), units: D.shown, share: percent(a.below) });
  return [words + T.finding.stop, false];
}

function draw() {
  const [words, bad] = sentence();
  const finding = element("x-finding");
  finding.textContent = words;
  finding.classList.toggle("x-bad", bad);
  views.hidden = bad;
  if (bad) return;
  const { a, b, difference } = found, p = Number((100 * state.probability).toPrecision(6));
  const A = inUnits(a), B = inUnits(b), gap = inUnits(difference);
  const limit = state.threshold === null ? [] : [{ value: shown(state.threshold), label: `${T.figures.limit} ${short(shown(state.threshold))}`, dash: "5 4" }];
  const keys = figures.densities.box.querySelectorAll(".x-key span");
  keys[0].textContent = "A: " + nameOf(state.a);
  keys[1].textContent = "B: " + nameOf(state.b);
  drawDensities(figures.densities.svg, figures.densities.width, [{ one: A, colour: BLUE }, { one: B, colour: ORANGE }], { units: D.shown, marks: limit });
  figures.densities.svg.setAttribute("aria-label", fill(T.figures.densities_alt, { p }));
  drawDensities(figures.difference.svg, figures.difference.width, [{ one: gap, colour: "#009e73" }], { units: D.shown, marks: [{ value: 0, label: `${T.numbers.lower} ${percent(found.lower)}` }] });
  figures.difference.svg.setAttribute("aria-label", fill(T.figures.difference_alt, { p }));
  drawStages(a, b);
  drawDrivers();
  if (figures.fan) drawYears(limit);
  drawNumbers(A, B, gap, p);
}
function drawStages(a, b) {
  const rows = new Map();
  for (const [one, j] of [[a, 0], [b, 1]]) for (const stage of one.stages) {
    if (!rows.has(stage.stage)) rows.set(stage.stage, { key: stage.stage, label: term("stage", stage.stage), values: [0, 0], flows: new Map() });
    const row = rows.get(stage.stage);
    row.values[j] += shown(stage.value);
    for (const flow of stage.flows) {
      const key = flow.name + "|" + flow.source;
      const line_ = row.flows.get(key) || { name: flow.name, source: flow.source, values: [0, 0] };
      line_.values[j] += shown(flow.value);
      row.flows.set(key, line_);
    }
  }
  const list = [...rows.values()], most = Math.max(...list.flatMap((row) => row.values.map(Math.abs)));
  const places = decimalsOf(most / 10), told = (x) => fixed(x, places);
  for (const row of list) row.said = `${row.label}: A ${told(row.values[0])}, B ${told(row.values[1])} ${D.shown}`;
  const one = figures.stages;
  drawBars(one.svg, one.width, list, { pitch: 36, colours: [BLUE, ORANGE], told, choose: true, chosen });
  one.svg.setAttribute("aria-label", T.figures.stages_alt);
  const row = rows.get(chosen);
  if (!row) { one.extra.replaceChildren(tag("p", { class: "x-note" }, T.figures.stages_hint)); return; }
  const lines = [...row.flows.values()].sort((x, y) => Math.max(...y.values.map(Math.abs)) - Math.max(...x.values.map(Math.abs)));
  const small = decimalsOf(Math.max(...lines.flatMap((x) => x.values.map(Math.abs))) / 10);
  one.extra.replaceChildren(tag("div", { class: "x-scroll", tabindex: "0", role: "region", "aria-label": fill(T.figures.flows, { name: row.label }) }, tag("table", {},
    tag("caption", {}, fill(T.figures.flows, { name: row.label }) + ` (${D.shown})`),
    tag("thead", {}, tag("tr", {}, ...[T.figures.flow, T.figures.source, "A", "B"].map((x) => tag("th", { scope: "col" }, x)))),
    tag("tbody", {}, ...lines.map((x) => tag("tr", {}, tag("th", { scope: "row" }, x.name), tag("td", { class: "x-text" }, term("source", x.source)), ...x.values.map((value) => tag("td", {}, fixed(value, small)))))))));
}
function drawDrivers() {
  const list = found.drivers.filter((one) => Math.abs(one.share) > 5e-4).sort((x, y) => y.share - x.share).slice(0, 8);
  const rows = list.map((one) => ({ key: one.column, label: one.label, values: [one.share] }));
  drawBars(figures.drivers.svg, figures.drivers.width, rows, { pitch: 22, colours: [BLUE], told: percent });
  figures.drivers.svg.setAttribute("aria-label", T.figures.drivers_alt + ": " + list.slice(0, 5).map((one) => `${one.label} ${percent(one.share)}`).join(", "));
}
function drawYears(limit) {
  const good = (points) => points.filter((point) => !point.bad).map((point) => ({ year: point.year, median: shown(point.median), low: shown(point.low), high: shown(point.high) }));
  const sides = [{ colour: ORANGE, points: good(found.fan.b) }, { colour: BLUE, points: good(found.fan.a) }].filter((side) => side.points.length);
  if (sides.length) drawFan(figures.fan.svg, figures.fan.width, sides, { units: D.shown, marks: limit, year: state.year });
  figures.fan.svg.setAttribute("aria-label", T.figures.fan_alt);
}
function drawNumbers(A, B, gap, p) {
  const places = Math.max(decimalsOf((A.high - A.low) / 2), decimalsOf((gap.high - gap.low) / 2)), told = (x) => fixed(x, Math.min(places, 6));
  const both = (one) => `${told(one.low)} – ${told(one.high)}`;
  const rows = [
    [T.numbers.mean, told(A.mean), told(B.mean), told(gap.mean)],
    [T.numbers.median, told(A.median), told(B.median), told(gap.median)],
    [T.numbers.sd, told(A.sd), told(B.sd), told(gap.sd)],
    [fill(T.numbers.interval, { p }), both(A), both(B), both(gap)],
    [T.numbers.lower, percent(found.lower), "", ""],
  ];
  if (state.threshold !== null) rows.push([T.numbers.below, percent(found.a.below), percent(found.b.below), ""]);
  numbers.replaceChildren(tag("h2", {}, T.figures.numbers), tag("div", { class: "x-scroll", tabindex: "0", role: "region", "aria-label": T.figures.numbers }, tag("table", {},
    tag("thead", {}, tag("tr", {}, ...[`${T.numbers.quantity} (${D.shown})`, "A", "B", T.numbers.difference].map((x) => tag("th", { scope: "col" }, x)))),
    tag("tbody", {}, ...rows.map((row) => tag("tr", {}, tag("th", { scope: "row" }, row[0]), ...row.slice(1).map((x) => tag("td", {}, x))))))));
}

// ---- from looking to record
const recordText = () => model.record(state, nameOf(state.a), nameOf(state.b));
function csv() {
  const rows = [["measure", "side", "scenario", "year", "stage", "flow", "value", "units"]];
  const year = state.year === null ? "" : state.year;
  for (const [one, side, word] of [[found.a, state.a, "A"], [found.b, state.b, "B"]]) {
    const put = (measure, value, units, stage = "", flow = "", when = year) => rows.push([measure, word, nameOf(side), when, stage, flow, value, units]);
    for (const measure of ["mean", "sd", "median", "low", "high"]) put(measure, one[measure], D.units);
    if (one.below !== undefined) put("probability_below", one.below, "1");
    for (const stage of one.stages) for (const flow of stage.flows) put("mean", flow.value, D.units, stage.stage, flow.name);
    if (found.fan) for (const point of found.fan[word.toLowerCase()]) for (const measure of ["mean", "median", "low", "high"]) put(measure, point[measure], D.units, "", "", point.year);
  }
  for (const measure of ["mean", "sd", "median", "low", "high"]) rows.push([measure, "A-B", "", year, "", "", found.difference[measure], D.units]);
  rows.push(["probability_lower", "A-B", "", year, "", "", found.lower, "1"]);
  // a text that a spreadsheet would take for a formula is shown as text
  const cell = (value) => {
    if (typeof value !== "string") return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) && value !== "A-B" ? "'" + value : value;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
function picture() {
  const list = Object.values(figures).filter((one) => one.svg.childNodes.length);
  const width = Math.max(...list.map((one) => one.width)) + 32;
  const whole = mark("svg", { xmlns: SPACE, width, "font-family": FONT });
  let y = 20;
  const put = (words, more) => { whole.append(text(words, 16, y, more)); y += 18; };
  put(D.title, { "font-size": 15, "font-weight": 600 });
  let rest = element("x-finding").textContent;
  while (rest) {
    let kept = rest;
    while (wide(kept) > width - 40) kept = kept.slice(0, Math.max(kept.lastIndexOf(" ") > 0 ? kept.lastIndexOf(" ") : kept.length - 1, 1));
    put(kept.trim());
    rest = rest.slice(kept.length);
  }
  put("A: " + nameOf(state.a), { fill: BLUE });
  put("B: " + nameOf(state.b), { fill: DARK });
  for (const one of list) {
    y += 8;
    put(one.head.textContent, { "font-weight": 600, "font-size": 13 });
    const box = one.svg.getAttribute("viewBox").split(" ").map(Number);
    const inner = mark("g", { transform: `translate(16 ${y - 12})` }, ...Array.from(one.svg.childNodes, (node) => node.cloneNode(true)));
    for (const node of inner.querySelectorAll("[role]")) for (const word of ["role", "tabindex", "aria-pressed", "aria-label", "data-key"]) node.removeAttribute(word);
    whole.append(inner);
    y += box[3] + 8;
  }
  whole.setAttribute("height", y);
  whole.setAttribute("viewBox", `0 0 ${width} ${y}`);
  whole.prepend(mark("rect", { width, height: y, fill: "#fff" }));
  return { text: new XMLSerializer().serializeToString(whole), width, height: y };
}
function save(name, content, type) {
  const link = tag("a", { href: URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function savePng() {
  const made = picture(), image = new Image();
  const url = URL.createObjectURL(new Blob([made.text], { type: "image/svg+xml" }));
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = 2 * made.width;
    canvas.height = 2 * made.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(url);
    canvas.toBlob((blob) => save(D.name + ".png", blob));
  };
  image.src = url;
}
async function copy(words) {
  try { await navigator.clipboard.writeText(words); }
  catch {
    area.value = words;
    area.select();
    document.execCommand("copy");
  }
  element("x-said").textContent = T.record.copied;
  said.textContent = T.record.copied;
  setTimeout(() => { said.textContent = ""; }, 2500);
}
const area = tag("textarea", { readonly: "", spellcheck: "false", hidden: "", "aria-label": T.record.text });
const hint = tag("p", { class: "x-note", hidden: "" });
const said = tag("span", { class: "x-word" });
const button = (key, act) => tag("button", { type: "button", id: "x-" + key, onclick: act }, T.record[key]);
element("x-record").append(tag("h2", {}, T.record.title), tag("div", { class: "x-buttons" },
  button("link", () => copy(location.href.split("#")[0] + address())),
  button("yaml", () => {
    const made = recordText();
    area.hidden = hint.hidden = false;
    area.value = made.scenarios;
    hint.textContent = made.scenarios ? fill(T.record.hint, { run: made.run }) : fill(T.record.unmoved, made);
    area.hidden = !made.scenarios;
    if (made.scenarios) copy(made.scenarios);
  }),
  button("study", () => save(D.name + "_explored.yaml", recordText().study, "application/yaml")),
  button("csv", () => save(D.name + ".csv", "\ufeff" + csv(), "text/csv")),
  button("svg", () => save(D.name + ".svg", picture().text, "image/svg+xml")),
  button("png", savePng),
  button("print", () => print()), said), hint, area);

build();
measure();
paint(true);
// what the controls do can be done from the console too
window.potline = {
  get state() { return model.packed(state); },
  set(raw) { state = model.sound(raw); build(); paint(); return found; },
  get answer() { return found; },
  sound: (raw) => model.packed(model.sound(raw)),
  ask: (raw) => { const one = model.sound(raw); const told = model.answer(one); return { ...told, drivers: told.a && !told.a.bad ? model.drivers(one.a, told.a.cell) : null }; },
  record: (raw) => model.record(raw ? model.sound(raw) : state, "A", "B"),
  data: D,
};
