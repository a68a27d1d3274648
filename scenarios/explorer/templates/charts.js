// Charts as plain SVG at the size they are seen in, so that text stays readable.
const BLUE = "#0072b2", ORANGE = "#e69f00", DARK = "#8a5a00", INK = "#1f2328", GREY = "#57606a", GRID = "#d8dee4";
const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const SPACE = "http://www.w3.org/2000/svg";

function mark(name, attributes, ...inside) {
  const found = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) found.setAttribute(key, value);
  found.append(...inside);
  return found;
}
const text = (words, x, y, more) => mark("text", { x, y, fill: INK, "font-size": 12, ...more }, words);
const line = (x1, y1, x2, y2, more) => mark("line", { x1, y1, x2, y2, stroke: GRID, ...more });

function minus(words) { return words.replace(/-/g, "\u2212"); }
function fixed(value, places) {
  const rounded = Number(value.toFixed(places));
  return minus((rounded === 0 ? 0 : rounded).toFixed(places));
}
function decimalsOf(size) {
  if (!(size > 0)) return 2;
  return Math.min(Math.max(1 - Math.floor(Math.log10(Number(size.toExponential(1)))), 0), 8);
}
function percent(x) {
  if (x === 0 || x === 1) return 100 * x + "\u00a0%";
  if (x > 0.999) return "> 99.9\u00a0%";
  if (x < 0.001) return "< 0.1\u00a0%";
  return (100 * x).toFixed(x >= 0.01 && x <= 0.99 ? 0 : 1) + "\u00a0%";
}
function short(value) {
  if (value === 0) return "0";
  return minus(String(Number(value.toPrecision(4))));
}

function ticks(low, high, most) {
  const raw = (high - low) / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((x) => x * power).find((x) => x >= raw);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return { found, places: Math.max(0, Math.ceil(-Math.log10(step) + (String(step / power).includes(".") ? 0.5 : 0) - 1e-9)) };
}

// density over equal steps: counts smoothed by a normal curve (Silverman's width)
function density(one, low, high, steps) {
  const { sorted, sd } = one, n = sorted.length;
  const quarter = (sorted[Math.floor(0.75 * n)] - sorted[Math.floor(0.25 * n)]) / 1.34;
  const width = 0.9 * (quarter > 0 ? Math.min(sd, quarter) : sd) * n ** -0.2;
  const step = (high - low) / steps, counts = new Float64Array(steps + 1), found = new Float64Array(steps + 1);
  if (!(width > 0)) return null;
  for (let i = 0; i < n; i++) {
    const at = (sorted[i] - low) / step, k = Math.floor(at);
    if (k < 0 || k >= steps) continue;
    counts[k] += 1 - (at - k);
    counts[k + 1] += at - k;
  }
  const spread = Math.max(width / step, 0.6), reach = Math.min(Math.ceil(4 * spread), steps);
  const bell = new Float64Array(reach + 1);
  for (let j = 0; j <= reach; j++) bell[j] = Math.exp(-0.5 * (j / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI)) / step / n;
  for (let k = 0; k <= steps; k++) {
    if (!counts[k]) continue;
    for (let j = Math.max(0, k - reach); j <= Math.min(steps, k + reach); j++) found[j] += counts[k] * bell[Math.abs(j - k)];
  }
  return found;
}

function curve(svg, values, x, top, base, peak, colour, fill) {
  const height = (base - top) / peak, steps = values.length - 1;
  let path = "";
  for (let i = 0; i <= steps; i++) path += (i ? "L" : "M") + x(i / steps).toFixed(1) + " " + (base - values[i] * height).toFixed(1);
  svg.append(mark("path", { d: path + `L${x(1).toFixed(1)} ${base}L${x(0).toFixed(1)} ${base}Z`, fill: colour, "fill-opacity": fill, stroke: "none" }));
  svg.append(mark("path", { d: path, fill: "none", stroke: colour, "stroke-width": 1.8 }));
}

function frame(svg, width, height) {
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("font-family", FONT);
  svg.replaceChildren();
}
function axis(svg, low, high, left, right, top, base, units) {
  const x = (value) => left + (value - low) / (high - low) * (right - left);
  const { found, places } = ticks(low, high, Math.max(3, Math.floor((right - left) / 75)));
  for (const tick of found) {
    svg.append(line(x(tick), top, x(tick), base, {}));
    const words = fixed(tick, places), half = wide(words) / 2;
    const at = Math.min(Math.max(x(tick), left + half - 4), right - half + 4);
    svg.append(text(words, at, base + 15, { "text-anchor": "middle", fill: GREY }));
  }
  svg.append(text(units, right, base + 31, { "text-anchor": "end", fill: GREY }));
  return x;
}

// rows: [{ one, colour, dark, name }]; a density with an interval below for each
function drawDensities(svg, width, rows, more) {
  const height = 150 + 20 * rows.length, top = 8, base = 108, left = 6, right = width - 6;
  frame(svg, width, height + 8);
  let low = Infinity, high = -Infinity;
  for (const { one } of rows) {
    const n = one.sorted.length, pad = 0.05 * (one.high - one.low);
    low = Math.min(low, one.sorted[Math.floor(0.002 * n)] - pad);
    high = Math.max(high, one.sorted[Math.ceil(0.998 * n) - 1] + pad);
  }
  for (const at of more.marks) {
    low = Math.min(low, at.value);
    high = Math.max(high, at.value);
  }
  if (!(high > low)) { low -= Math.abs(low) * 0.01 || 1; high += Math.abs(high) * 0.01 || 1; }
  const margin = 0.03 * (high - low);
  low -= margin;
  high += margin;
  const bottom = base + 12 + 20 * rows.length;
  const x = axis(svg, low, high, left, right, top, bottom, more.units);
  const curves = rows.map(({ one }) => density(one, low, high, 220));
  const peak = Math.max(...curves.map((values) => (values ? Math.max(...values) : 0))) || 1;
  curves.forEach((values, i) => {
    if (values) curve(svg, values, (t) => left + t * (right - left), top + 6, base, peak, rows[i].colour, 0.16);
  });
  svg.append(line(left, base, right, base, { stroke: "#8c959f" }));
  rows.forEach(({ one, colour }, i) => {
    const y = base + 16 + 20 * i;
    svg.append(line(x(one.low), y, x(one.high), y, { stroke: colour, "stroke-width": 3 }));
    for (const end of [one.low, one.high]) svg.append(line(x(end), y - 5, x(end), y + 5, { stroke: colour, "stroke-width": 2 }));
    svg.append(mark("circle", { cx: x(one.mean), cy: y, r: 4.5, fill: colour, stroke: "#fff", "stroke-width": 1.2 }));
  });
  for (const at of more.marks) {
    svg.append(line(x(at.value), top, x(at.value), bottom, { stroke: INK, "stroke-dasharray": at.dash || null, "stroke-width": 1.2 }));
    if (at.label) {
      const end = x(at.value) > width / 2;
      svg.append(text(at.label, x(at.value) + (end ? -4 : 4), top + 11, { "text-anchor": end ? "end" : "start", fill: INK }));
    }
  }
}

// rows: [{ key, label, values: [a, b] }]; bars of two colours with their numbers
function drawBars(svg, width, rows, more) {
  const longest = Math.max(60, ...rows.map(({ label }) => wide(label) + 10));
  const left = Math.min(Math.ceil(longest), Math.floor(width * 0.45)), right = width - 62, pitch = more.pitch;
  frame(svg, width, pitch * rows.length + 8);
  let low = 0, high = 0;
  for (const { values } of rows) for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
  if (high === low) high = 1;
  const x = (value) => left + (value - low) / (high - low) * (right - left);
  rows.forEach(({ key, label, values, said }, i) => {
    const y = 4 + i * pitch, each = (pitch - 8) / values.length;
    const group = mark("g", more.choose ? { role: "button", tabindex: "0", "aria-pressed": String(more.chosen === key), "aria-label": said, "data-key": key } : {});
    if (more.choose) {
      group.append(mark("rect", { x: 0, y: y - 2, width, height: pitch - 2, fill: more.chosen === key ? "#eef5fb" : "transparent" }));
    }
    const words = cut(label, left - 8);
    if (words !== label) group.append(mark("title", {}, label));
    group.append(text(words, left - 8, y + (pitch - 8) / 2 + 4, { "text-anchor": "end" }));
    values.forEach((value, j) => {
      const from = x(Math.min(0, value)), to = x(Math.max(0, value)), middle = y + each * j;
      group.append(mark("rect", { x: from, y: middle + 1, width: Math.max(to - from, 0.5), height: Math.max(each - 2, 2), fill: more.colours[j] }));
      if (each >= 9) group.append(text(more.told(value), to + 4, middle + each / 2 + 4, { "font-size": 11 }));
    });
    svg.append(group);
  });
  svg.append(line(x(0), 0, x(0), pitch * rows.length + 2, { stroke: "#8c959f" }));
}

let ruler = null;
const widths = new Map();
function wide(words) {
  if (!widths.has(words)) {
    if (!ruler) { ruler = document.createElement("canvas").getContext("2d"); ruler.font = "12px " + FONT; }
    widths.set(words, ruler.measureText(words).width);
  }
  return widths.get(words);
}
function cut(words, most) {
  if (wide(words) <= most) return words;
  let kept = words;
  while (kept && wide(kept + "…") > most) kept = kept.slice(0, -1);
  return kept.trimEnd() + "…";
}

// sides: [{ colour, points: [{ year, median, low, high }] }]
function drawFan(svg, width, sides, more) {
  const height = 230, top = 8, base = 188, left = 46, right = width - 22;
  frame(svg, width, height);
  const every = sides.flatMap((side) => side.points);
  const years = every.map((point) => point.year);
  const first = Math.min(...years), last = Math.max(...years);
  let low = Math.min(0, ...every.map((point) => point.low)), high = Math.max(...every.map((point) => point.high), ...more.marks.map((m) => m.value));
  if (!(high > low)) high = low + 1;
  high += 0.04 * (high - low);
  const x = (year) => left + (last > first ? (year - first) / (last - first) : 0.5) * (right - left);
  const y = (value) => base - (value - low) / (high - low) * (base - top);
  const { found, places } = ticks(low, high, 5);
  for (const tick of found) {
    svg.append(line(left, y(tick), right, y(tick), {}));
    svg.append(text(fixed(tick, places), left - 6, y(tick) + 4, { "text-anchor": "end", fill: GREY }));
  }
  for (const year of new Set(years)) svg.append(text(String(year), x(year), base + 16, { "text-anchor": "middle", fill: GREY }));
  svg.append(text(more.units, right, base + 34, { "text-anchor": "end", fill: GREY }));
  if (more.year !== null) svg.append(line(x(more.year), top, x(more.year), base, { stroke: "#8c959f", "stroke-dasharray": "3 3" }));
  for (const { colour, points } of sides) {
    const up = points.map((point) => `${x(point.year).toFixed(1)} ${y(point.high).toFixed(1)}`);
    const down = points.map((point) => `${x(point.year).toFixed(1)} ${y(point.low).toFixed(1)}`).reverse();
    svg.append(mark("path", { d: `M${[...up, ...down].join("L")}Z`, fill: colour, "fill-opacity": 0.18, stroke: "none" }));
    const middle = points.map((point) => `${x(point.year).toFixed(1)} ${y(point.median).toFixed(1)}`);
    svg.append(mark("path", { d: `M${middle.join("L")}`, fill: "none", stroke: colour, "stroke-width": 2 }));
    for (const point of points) svg.append(mark("circle", { cx: x(point.year), cy: y(point.median), r: 3, fill: colour }));
  }
  for (const at of more.marks) svg.append(line(left, y(at.value), right, y(at.value), { stroke: INK, "stroke-dasharray": "5 4" }));
}
