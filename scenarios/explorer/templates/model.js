// The study's model: state of the controls in, draws and their statistics out.
function explorerModel(D, MODEL) {
  const draws = D.draws;
  const places = new Map(D.slots.map((slot, i) => [slot, i]));
  const scenarioOf = new Map(D.scenarios.map((one, i) => [one.name, i]).filter(([, i]) => !D.scenarios[i].member));
  const supplyOf = new Map(D.supplies.map((one) => [one.id, one]));
  const leverOf = new Map(D.levers.map((one) => [one.id, one]));

  // ---- draws of the inputs: 48-bit integers over the range of each
  function unpack([low, reach, text]) {
    const found = new Float64Array(draws);
    if (!text) return found.fill(low);
    const bytes = atob(text);
    const top = 2 ** 48 - 1;
    for (let i = 0, j = 0; i < draws; i++, j += 6) {
      const lower = bytes.charCodeAt(j) + 256 * bytes.charCodeAt(j + 1) + 65536 * bytes.charCodeAt(j + 2);
      const upper = bytes.charCodeAt(j + 3) + 256 * bytes.charCodeAt(j + 4) + 65536 * bytes.charCodeAt(j + 5);
      found[i] = low + reach * ((lower + 16777216 * upper) / top);
    }
    return found;
  }

  // ---- two sets of points at which the model is asked: the draws, and the means with
  // each column a little up and down, for the first-order shares
  const STEP = 1e-4;
  function points(n, leaf, away) {
    const leaves = new Map(), forms = new Map(), numbers = new Map(), contexts = new Map();
    const self = {
      n, away, contexts,
      number(value) {
        if (!numbers.has(value)) {
          if (numbers.size > 200) numbers.clear();
          numbers.set(value, new Float64Array(n).fill(value));
        }
        return numbers.get(value);
      },
      leaf(k) {
        if (!leaves.has(k)) leaves.set(k, leaf(k));
        return leaves.get(k);
      },
      form(k) {
        if (!forms.has(k)) {
          const [constant, parts] = D.forms[k];
          if (!parts.length) forms.set(k, self.number(constant));
          else if (!constant && parts.length === 1 && parts[0][0] === 1) forms.set(k, self.leaf(parts[0][1]));
          else {
            const found = new Float64Array(n).fill(constant);
            for (const [weight, which] of parts) {
              const values = self.leaf(which);
              for (let i = 0; i < n; i++) found[i] += weight * values[i];
            }
            forms.set(k, found);
          }
        }
        return forms.get(k);
      },
    };
    return self;
  }
  const drawn = points(draws, (k) => unpack(D.values[k]), false);
  const steps = D.columns.map(() => STEP);
  D.leaves.forEach(([column, , , atoms]) => { if (atoms) steps[column] = 1; });
  const about = points(1 + 2 * D.columns.length, (k) => {
    const [column, mean, sd] = D.leaves[k];
    const found = new Float64Array(1 + 2 * D.columns.length).fill(mean);
    found[1 + 2 * column] += steps[column] * sd;
    found[2 + 2 * column] -= steps[column] * sd;
    return found;
  }, true);

  // ---- inputs that are moved
  const isNumber = (x) => typeof x === "number" && Number.isFinite(x);
  const ruleOf = (side, id) => {
    const k = D.scenarios[side.scenario].inputs[id];
    return k === undefined ? null : D.rules[k];
  };
  const stretch = (rule, v, s) => (rule.ratio ? s * v / rule.point : s);

  function clampInput(rule, v, s) {
    if (!isNumber(v)) v = rule.point;
    if (!isNumber(s) || s < 0) s = 1;
    s = Math.min(s, 3);
    const c = rule.point;
    if (rule.kind === "constant") {
      if (rule.floor != null) v = Math.max(v, rule.floor);
      if (rule.roof != null) v = Math.min(v, rule.roof);
      return [v, 1];
    }
    if (rule.kind === "path") return [Math.max(v, 0), 1];
    if (rule.floor != null) v = Math.max(v, rule.floor);
    if (rule.roof != null) v = Math.min(v, rule.roof);
    if (rule.kind === "fixed") return s === 0 ? [v, 0] : [c, 1];
    if (rule.kind === "log") {
      if (!(v > 0)) return [c, s];
      return [v, s];
    }
    if (rule.widest) s = Math.min(s, rule.widest);
    if (rule.ratio) {
      if (Math.sign(v) !== Math.sign(c)) v = c * 1e-6;
      const room = 1 - 1e-9;
      if (rule.floor != null && rule.low != null && rule.low < c) s = Math.min(s, Math.max(c / (c - rule.low), 1));
      if (rule.roof != null && rule.high != null) v = Math.min(v, (rule.roof * room) / (1 + s * (rule.high - c) / c));
    } else if (rule.low != null || rule.high != null) {
      if (rule.floor != null && rule.low != null && v + s * (rule.low - c) < rule.floor) v = rule.floor - s * (rule.low - c);
    }
    return [v, s];
  }
  const unmoved = (rule, v, s) => v === rule.point && s === 1;

  function movedInput(rule, x, v, s, at) {
    const n = at.n, f = rule.factor, c = rule.point;
    if (rule.kind === "constant" || s === 0) return at.number(v * f);
    const found = new Float64Array(n);
    if (rule.kind === "path") {
      for (let i = 0; i < n; i++) found[i] = x[i] * v;
    } else if (rule.kind === "log") {
      const m = rule.median, by = v / c, sigma = Math.log(rule.gsd);
      if (!at.away) {
        for (let i = 0; i < n; i++) found[i] = m * by * Math.exp(s * Math.log(x[i] / f / m)) * f;
      } else {
        // about the mean of the law it has become, in steps of its own sd
        const before = m * Math.exp(sigma * sigma / 2), wide = before * Math.sqrt(Math.expm1(sigma * sigma));
        const t = s * sigma, mean = m * by * Math.exp(t * t / 2), sd = mean * Math.sqrt(Math.expm1(t * t));
        for (let i = 0; i < n; i++) found[i] = (mean + (x[i] / f - before) / wide * sd) * f;
      }
    } else {
      const a = stretch(rule, v, s);
      for (let i = 0; i < n; i++) found[i] = (v + a * (x[i] / f - c)) * f;
    }
    return found;
  }

  // the change of a scenario that says the same
  function statedInput(rule, v, s) {
    if (rule.kind === "constant" || s === 0) return { value: v };
    const c = rule.point;
    if (rule.kind === "log") return { lognormal: { median: rule.median * (v / c), gsd: Math.exp(s * Math.log(rule.gsd)) }, point: v };
    const a = stretch(rule, v, s), scaled = rule.ratio && s === 1;
    const moving = rule.offset !== undefined || rule.negate;
    const place = (p) => (moving || scaled ? a * p : v + a * (p - c));
    const each = (value, how) => (Array.isArray(value) ? value.map(how) : how(value));
    const told = {};
    for (const [name, role, value] of rule.parameters) {
      if (role === "place") told[name] = each(value, place);
      else if (role === "width") told[name] = Math.abs(a) * value;
      else if (role === "percent") told[name] = s * value;
      else told[name] = value;
    }
    if (rule.bounds) {
      told.bounds = {};
      for (const end of ["low", "high"]) if (rule.bounds[end] != null) told.bounds[end] = place(rule.bounds[end]);
    }
    if (rule.negate) told.negate = true;
    if (moving) {
      const offset = scaled ? a * (rule.offset || 0) : v + a * ((rule.offset || 0) - c);
      if (offset) told.offset = offset;
    }
    const found = { [rule.family]: told };
    if (rule.repointed) found.point = v;
    return found;
  }

  // ---- levers: full from a year on, in a line from when they are to be had
  function leverPath(lever, adoption, full) {
    if (!D.years.length) return null;
    const first = D.years[0], last = D.years[D.years.length - 1];
    const start = Math.max(first, lever.available || first);
    if (!(full > start)) {
      if (start <= first) return { [first]: adoption, [last]: adoption };
      full = start + 1;
    }
    const path = { [first]: 0 };
    path[start] = 0;
    path[full] = adoption;
    if (last > full) path[last] = adoption;
    return path;
  }
  function onPath(path, year) {
    const knots = Object.keys(path).map(Number).sort((a, b) => a - b);
    let before = knots[0];
    for (const knot of knots) if (knot <= year) before = knot;
    if (before === year) return path[before];
    const behind = knots.find((knot) => knot > year);
    if (behind === undefined) return path[before];
    const share = (year - before) / (behind - before);
    return (1 - share) * path[before] + share * path[behind];
  }
  function adoption(name, [share, full], year) {
    const path = leverPath(leverOf.get(name), share, full);
    return path ? onPath(path, year) : share;
  }

  // ---- one side of the comparison in one year
  const yearsOf = (side) => D.scenarios[side.scenario].years;
  function cellOf(side, year) {
    const own = yearsOf(side);
    if (!own.length) return 0;
    const i = own.indexOf(year);
    return i < 0 ? null : i;
  }

  function context(side, cell, at) {
    const [structure, fill] = D.scenarios[side.scenario].cells[cell];
    const key = structure + "|" + fill + "|" + JSON.stringify(side.inputs);
    let found = at.contexts.get(key);
    if (!found) {
      found = { kind: D.structures[structure], slots: new Array(D.slots.length), done: new Map() };
      D.fills[fill].forEach((form, slot) => { if (form >= 0) found.slots[slot] = at.form(form); });
      for (const [id, [v, s]] of Object.entries(side.inputs)) {
        const rule = ruleOf(side, id), slot = places.get("input:" + id);
        if (rule && found.slots[slot]) found.slots[slot] = movedInput(rule, found.slots[slot], v, s, at);
      }
      if (at.contexts.size > 30) at.contexts.delete(at.contexts.keys().next().value);
      at.contexts.set(key, found);
    }
    return found;
  }

  function element(here, k, at) {
    if (!here.done.has(k)) {
      const found = new Float64Array(at.n);
      MODEL.elements[k](here.slots, at.n, found);
      here.done.set(k, found);
    }
    return here.done.get(k);
  }

  function withLosses(here, parts, losses, at) {
    if (losses == null || parts[1] == null) return element(here, parts[0], at);
    const bare = element(here, parts[1], at), more = element(here, parts[2], at);
    const found = new Float64Array(at.n);
    for (let i = 0; i < at.n; i++) found[i] = bare[i] + losses * more[i];
    return found;
  }

  function supplyValues(here, side, id, at) {
    const state = side.supplies[id] || { option: D.scenarios[side.scenario].supplies[id] };
    const n = at.n;
    if (state.option !== undefined) {
      const parts = here.kind.options[id][state.option];
      for (const k of parts[3]) {
        const room = element(here, k, at);
        for (let i = 0; i < n; i++) if (!(room[i] > 0)) here.bad = true;
      }
      return withLosses(here, parts, state.losses, at);
    }
    const found = new Float64Array(n);
    if (state.blend) {
      for (const [mix, share] of Object.entries(state.blend)) {
        if (!share) continue;
        const values = withLosses(here, here.kind.mixes[mix], state.losses, at);
        for (let i = 0; i < n; i++) found[i] += share * values[i];
      }
      return found;
    }
    for (const [word, share] of Object.entries(state.shares)) {
      if (!share) continue;
      const values = element(here, here.kind.technologies[state.set][word], at);
      for (let i = 0; i < n; i++) found[i] += share * values[i];
    }
    if (state.losses != null) for (let i = 0; i < n; i++) found[i] *= 1 + state.losses;
    else if (state.stated) {
      const losses = element(here, here.kind.losses[state.stated], at);
      for (let i = 0; i < n; i++) found[i] *= 1 + losses[i];
    }
    return found;
  }

  const unmovedSide = (scenario) => ({ scenario, inputs: {}, supplies: {}, levers: {} });
  // a fleet: its members weighted, flow by flow
  function evaluateFleet(own, cell, at) {
    const values = new Float64Array(at.n), flows = [], names = [];
    let bad = false;
    for (const [weight, place] of own.members) {
      const member = unmovedSide(place);
      const found = evaluate(member, cellOf(member, own.years[cell]), at);
      for (let i = 0; i < at.n; i++) values[i] += weight * found.values[i];
      found.flows.forEach((flow, i) => { flows.push(weight * flow); names.push(found.names[i]); });
      bad = bad || found.bad;
    }
    return { values, flows, names, bad };
  }

  function evaluate(side, cell, at) {
    const own = D.scenarios[side.scenario];
    if (own.members) return evaluateFleet(own, cell, at);
    const here = context(side, cell, at);
    here.bad = false;
    const slots = here.slots.slice();
    const year = yearsOf(side)[cell];
    for (const [name, use] of Object.entries(side.levers)) {
      const slot = places.get("lever:" + name);
      if (slot !== undefined) slots[slot] = at.number(adoption(name, use, year));
    }
    for (const one of D.supplies) {
      const slot = places.get("supply:" + one.id);
      if (slot !== undefined) slots[slot] = supplyValues(here, side, one.id, at);
    }
    const values = new Float64Array(at.n), flows = new Float64Array(here.kind.flows.length);
    const bad = MODEL.cells[here.kind.cell](slots, at.n, values, flows) || here.bad;
    let finite = true;
    for (let i = 0; i < at.n; i++) if (!Number.isFinite(values[i])) finite = false;
    return { values, flows, names: here.kind.flows, bad: Boolean(bad) || !finite };
  }

  // ---- statistics as the engine reads them: order statistics, JCGM 101, 7.7
  const rank = (level, n) => Math.max(Math.ceil(Math.round(level * n * 1e6) / 1e6), 1) - 1;
  function ends(n, p) {
    const span = Math.min(Math.floor(p * n + 0.5), n - 1);
    const first = Math.max(Math.floor((n - span + 1) / 2) - 1, 0);
    return [first, first + span];
  }
  function statistics(values, p) {
    const sorted = values.slice().sort(), n = values.length;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[i];
    const mean = sum / n, [low, high] = ends(n, p);
    let square = 0;
    for (let i = 0; i < n; i++) square += (values[i] - mean) * (values[i] - mean);
    return { mean, sd: Math.sqrt(square / (n - 1)), median: sorted[rank(0.5, n)], low: sorted[low], high: sorted[high], sorted };
  }
  const share = (values, test) => {
    let count = 0;
    for (let i = 0; i < values.length; i++) if (test(values[i], i)) count++;
    return count / values.length;
  };

  // ---- what drives it: first-order shares of the variance at the means
  function drivers(side, cell) {
    const { values } = evaluate(side, cell, about);
    const n = D.columns.length, effects = new Float64Array(n), parts = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      effects[j] = (values[1 + 2 * j] - values[2 + 2 * j]) / (2 * steps[j]);
      parts[j] = effects[j] * effects[j];
    }
    for (const [i, j, r] of D.ties) {
      const both = r * effects[i] * effects[j];
      parts[i] += both;
      parts[j] += both;
    }
    const whole = parts.reduce((a, b) => a + b, 0);
    return Array.from(parts, (part, j) => ({ column: D.columns[j][0], label: D.columns[j][1], share: whole > 0 ? part / whole : 0 }));
  }

  function grouped(flows, names) {
    const stages = new Map();
    names.forEach(([stage, name, source], i) => {
      if (!stages.has(stage)) stages.set(stage, { stage, value: 0, flows: new Map() });
      const one = stages.get(stage);
      one.value += flows[i];
      const key = name + "|" + source;
      const line = one.flows.get(key) || { name, source, value: 0 };
      line.value += flows[i];
      one.flows.set(key, line);
    });
    return Array.from(stages.values(), (one) => ({ ...one, flows: Array.from(one.flows.values()) }));
  }

  function answerOf(side, year, p) {
    const cell = cellOf(side, year);
    if (cell === null) return null;
    const found = evaluate(side, cell, drawn);
    if (found.bad) return { bad: true };
    return { ...statistics(found.values, p), values: found.values, stages: grouped(found.flows, found.names), cell };
  }

  function answer(state) {
    const { year, probability, threshold } = state;
    const a = answerOf(state.a, year, probability), b = kept("b", state.b, year, probability, answerOf);
    const found = { a, b, difference: null };
    for (const one of [a, b]) if (one && !one.bad && threshold != null) one.below = share(one.values, (x) => x < threshold);
    if (a && b && !a.bad && !b.bad) {
      const gap = new Float64Array(draws);
      for (let i = 0; i < draws; i++) gap[i] = a.values[i] - b.values[i];
      found.difference = { ...statistics(gap, probability), values: gap };
      found.lower = share(a.values, (x, i) => x < b.values[i]);
      found.higher = share(a.values, (x, i) => x > b.values[i]);
    }
    return found;
  }

  // the side that stands still is not asked again
  const last = new Map();
  function kept(place, side, year, p, ask) {
    const key = JSON.stringify([side, year, p]);
    if (!last.has(place) || last.get(place).key !== key) last.set(place, { key, found: ask(side, year, p) });
    return last.get(place).found;
  }
  const fans = (state, a) => ({ a: fan(state.a, state.probability, a), b: kept("fan", state.b, null, state.probability, (side, year, p) => fan(side, p)) });

  function fan(side, p, known) {
    return yearsOf(side).map((year, cell) => {
      const here = known && known.cell === cell ? known : evaluate(side, cell, drawn);
      if (here.bad) return { year, bad: true };
      const { mean, median, low, high } = here === known ? known : statistics(here.values, p);
      return { year, mean, median, low, high };
    });
  }

  // ---- state: what the address holds, with everything unknown or impossible dropped
  function sound(raw) {
    const state = { a: side(raw && raw.a, D.reference === 0 && D.scenarios.length > 1 ? 1 : 0), b: side(raw && raw.b, D.reference) };
    const probability = raw && raw.p;
    state.probability = isNumber(probability) && probability >= 0.5 && 1 / (1 - probability) <= draws && probability < 1 ? probability : D.probability;
    state.threshold = raw && isNumber(raw.t) ? raw.t : null;
    state.year = raw && D.years.includes(raw.y) ? raw.y : D.years.length ? D.years[D.years.length - 1] : null;
    return state;
  }
  function side(raw, otherwise) {
    const name = raw && typeof raw.s === "string" && scenarioOf.has(raw.s) ? scenarioOf.get(raw.s) : otherwise;
    const found = { scenario: name, inputs: {}, supplies: {}, levers: {} };
    const own = D.scenarios[name];
    if (own.fixed) return found;
    for (const [id, pair] of Object.entries((raw && raw.i) || {})) {
      const rule = ruleOf(found, id);
      if (!rule || !Array.isArray(pair)) continue;
      const [v, s] = clampInput(rule, pair[0], pair[1]);
      if (!unmoved(rule, v, s)) found.inputs[id] = [v, s];
    }
    for (const [id, given] of Object.entries((raw && raw.p) || {})) {
      const made = supplyOf.has(id) && given ? supplyState(supplyOf.get(id), given, own) : null;
      if (made) found.supplies[id] = made;
    }
    for (const [id, pair] of Object.entries((raw && raw.l) || {})) {
      if (!leverOf.has(id) || own.levers[id] === false || !Array.isArray(pair) || !isNumber(pair[0])) continue;
      const full = isNumber(pair[1]) ? pair[1] : null;
      found.levers[id] = [Math.min(Math.max(pair[0], 0), 1), D.years.length ? (D.years.includes(full) ? full : D.years[D.years.length - 1]) : null];
    }
    settle(found, null);
    return found;
  }
  const tidy = (shares, known) => {
    const kept = Object.entries(shares || {}).filter(([word, x]) => known(word) && isNumber(x) && x > 0);
    const sum = kept.reduce((a, [, x]) => a + x, 0);
    return sum > 0 ? Object.fromEntries(kept.map(([word, x]) => [word, Math.abs(sum - 1) < 1e-9 ? x : x / sum])) : null;
  };
  function supplyState(supply, given, own) {
    let losses = isNumber(given.losses) ? Math.min(Math.max(given.losses, 0), 0.5) : null;
    const structure = D.structures[own.cells[0][0]];
    if (Number.isInteger(given.option) && supply.options[given.option]) {
      if (!supply.options[given.option].losses) losses = null;
      if (given.option === own.supplies[supply.id] && losses === null) return null;
      return { option: given.option, losses };
    }
    if (given.blend) {
      const blend = tidy(given.blend, (word) => Object.hasOwn(structure.mixes, word));
      if (!blend) return null;
      if (Object.keys(blend).some((mix) => structure.mixes[mix][1] == null)) losses = null;
      return { blend, losses };
    }
    if (given.shares && Object.hasOwn(structure.technologies, given.set)) {
      const shares = tidy(given.shares, (word) => Object.hasOwn(structure.technologies[given.set], word));
      const stated = Object.hasOwn(structure.losses, given.stated) ? given.stated : null;
      return shares && { shares, set: given.set, stated, losses };
    }
    return null;
  }
  // levers that replace the same, or serve the same need, give way to the one in hand
  function settle(side, hand) {
    const own = D.scenarios[side.scenario];
    if (own.fixed) return;
    const years = own.years.length ? own.years : [null];
    const last = D.years.length ? D.years[D.years.length - 1] : null;
    const before = (id, k) => {
      const form = D.fills[own.cells[k][1]][places.get("lever:" + id)];
      if (form === undefined || form < 0) return 0;
      return D.forms[form][1].reduce((sum, [weight, leaf]) => sum + weight * D.leaves[leaf][1], D.forms[form][0]);
    };
    const place = (id) => (id === hand ? 0 : side.levers[id] ? 1 : 2);
    const order = D.levers.filter((one) => side.levers[one.id] || own.levers[one.id] !== undefined);
    order.sort((x, y) => place(x.id) - place(y.id));
    const gone = new Set(), room = {};
    for (const one of order) {
      const use = side.levers[one.id];
      if (use && !use[0]) continue;
      if (gone.has(one.id)) { side.levers[one.id] = [0, last]; continue; }
      for (const other of one.against) gone.add(other);
      if (!one.exclusive) continue;
      const left = (room[one.exclusive] = room[one.exclusive] || years.map(() => 1));
      const full = use ? use[1] : last;
      const mine = (share) => years.map((year, k) => (use || share !== null ? adoption(one.id, [share === null ? use[0] : share, full], year) : before(one.id, k)));
      let taken = mine(null);
      if (taken.some((x, k) => x > left[k] + 1e-9)) {
        const whole = mine(1), most = Math.min(...whole.map((x, k) => (x > 0 ? left[k] / x : 1)));
        const share = Math.max(Math.min(use ? use[0] : own.adopted[one.id], most), 0);
        side.levers[one.id] = [share, full];
        taken = mine(share);
      }
      taken.forEach((x, k) => { left[k] -= x; });
    }
  }
  const bare = (side) => {
    const found = { s: D.scenarios[side.scenario].name };
    for (const [word, key] of [["inputs", "i"], ["supplies", "p"], ["levers", "l"]]) {
      if (Object.keys(side[word]).length) found[key] = side[word];
    }
    return found;
  };
  function packed(state) {
    const found = { a: bare(state.a), b: bare(state.b) };
    if (state.probability !== D.probability) found.p = state.probability;
    if (state.threshold !== null) found.t = state.threshold;
    if (state.year !== null) found.y = state.year;
    return found;
  }
  const isMoved = (side) => ["inputs", "supplies", "levers"].some((word) => Object.keys(side[word]).length);

  // ---- the state as a scenario of the study
  function statedScenario(side, label) {
    const own = D.scenarios[side.scenario];
    const found = JSON.parse(JSON.stringify(own.stated));
    delete found.reference;
    found.label = label;
    const set = found.set || {}, scale = found.scale || {}, levers = found.levers || {};
    for (const [id, [v, s]] of Object.entries(side.inputs)) {
      const rule = ruleOf(side, id);
      if (rule.kind === "path") scale[id] = { value: rule.scale * v };
      else set[id] = statedInput(rule, v, s);
    }
    for (const [id, state] of Object.entries(side.supplies)) {
      const supply = supplyOf.get(id);
      let told;
      if (state.option !== undefined) told = { ...supply.options[state.option].stated };
      else if (state.blend) told = { blend: state.blend };
      else {
        told = { shares: state.shares, factor_set: state.set };
        if (state.stated) told.losses = state.stated;
      }
      if (state.losses != null) told.losses = state.losses;
      set[id] = told;
    }
    for (const [id, [share, full]] of Object.entries(side.levers)) {
      if (!share) { delete levers[id]; continue; }
      const path = leverPath(leverOf.get(id), share, full);
      levers[id] = path ? { pathway: Object.fromEntries(Object.entries(path).map(([y, x]) => [y, { value: x }])) } : { value: share };
    }
    for (const [word, what] of [["set", set], ["scale", scale], ["levers", levers]]) {
      if (Object.keys(what).length) found[word] = what;
      else delete found[word];
    }
    return found;
  }

  const plainKey = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$|^[0-9]{1,9}$/;
  const words = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null"]);
  const yamlKey = (key) => (plainKey.test(key) && !words.has(key.toLowerCase()) ? key : JSON.stringify(key));
  function yamlNumber(value) {
    const text = String(value);
    return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
  }
  function yamlFlow(value) {
    if (Array.isArray(value)) return "[" + value.map(yamlFlow).join(", ") + "]";
    if (value && typeof value === "object") return "{" + Object.entries(value).map(([k, v]) => yamlKey(k) + ": " + yamlFlow(v)).join(", ") + "}";
    if (typeof value === "number") return yamlNumber(value);
    return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  }
  function yamlScenario(name, stated) {
    const lines = ["  " + name + ":"];
    for (const [key, value] of Object.entries(stated)) {
      if (["set", "scale", "levers"].includes(key)) {
        lines.push("    " + key + ":");
        for (const [id, change] of Object.entries(value)) lines.push("      " + yamlKey(id) + ": " + yamlFlow(change));
      } else lines.push("    " + key + ": " + yamlFlow(value));
    }
    return lines.join("\n") + "\n";
  }
  function free(name) {
    while (scenarioOf.has(name)) name += "_x";
    return name;
  }
  // scenarios that say the state; what is not moved keeps its name
  function record(state, labelA, labelB) {
    const found = {};
    const put = (side, name, label) => {
      if (!isMoved(side)) return D.scenarios[side.scenario].name;
      found[free(name)] = statedScenario(side, label);
      return free(name);
    };
    const a = put(state.a, "what_if", labelA), b = put(state.b, "what_if_held", labelB);
    const scenarios = Object.entries(found).map(([name, one]) => yamlScenario(name, one)).join("");
    const run = { draws, design: D.design, seed: D.seed, replicates: D.replicates, coverage_probability: state.probability };
    const study = D.study.head + "run: " + yamlFlow(run) + "\n" + D.study.scenarios + scenarios;
    return { a, b, scenarios, study, run: yamlFlow(run) };
  }

  return { answer, fans, drivers, sound, packed, record, isMoved, clampInput, unmoved, ruleOf, settle, side, supplyOf, leverOf, adoption, yearsOf, cellOf, statedScenario, yamlScenario };
}
