// The model of open load, for a page: the formulas are those of harness/model (server.py, closed.py, open_load.py,
// latency.py), where their sources stand; a test compares both. Times are in seconds, rates in requests/s;
// `constants` are the Python model's.
"use strict";

const sum = (values) => values.reduce((one, other) => one + other, 0);
const largest = (values) => values.reduce((one, other) => Math.max(one, other));

// CPU seconds of a request with so many in service: on a line over the logarithm of the level.
function demandAt({ levels, seconds }, inService) {
  const after = levels.findIndex((level) => level > inService);
  if (after === -1) return seconds.at(-1);
  if (after === 0) return seconds[0];
  const share = Math.log(inService / levels[after - 1]) / Math.log(levels[after] / levels[after - 1]);
  return seconds[after - 1] + share * (seconds[after] - seconds[after - 1]);
}

// A lane as equal queues, of which the busiest decides: processes of one slot share a queue, others keep their own.
function deployed(lane, { upstream, slots, cores }) {
  const usual = lane.upstream_s + lane.overhead_s;
  const levels = lane.levels.map((level) => (level * (upstream + lane.overhead_s)) / usual);
  const own = lane.slots ?? Infinity;
  const each = { upstream: upstream + lane.overhead_s, demand: { levels, seconds: lane.seconds }, rates: [] };
  const perCore = lane.adjustable && slots ? slots : own;
  const isShared = lane.processes || perCore === 1;
  if (isShared) return { each: { ...each, slots: perCore * cores, cores }, queues: 1, busiest: 1 };
  const busiest = Math.min(1 + constants.uneven * (cores - 1), constants.most_uneven);
  return { each: { ...each, slots: perCore, cores: 1 }, queues: cores, busiest };
}

// Requests/s with so many in service on one core: [1 - B(m, Z / D)] / D, B by Erlang's recursion.
function onOneCore(upstream, demand, inService) {
  const offered = upstream / demand;
  let blocked = 1;
  for (let number = 1; number <= inService && blocked > constants.negligible; number++) {
    blocked = (offered * blocked) / (number + offered * blocked);
  }
  return (1 - blocked) / demand;
}

// The same on several cores: how many of the requests are at the cores has a product form.
function onCores(upstream, demand, inService, cores) {
  const logs = [0];
  for (let at = 1; at <= inService; at++) {
    logs.push(logs[at - 1] + Math.log(((demand / upstream) * (inService - at + 1)) / Math.min(at, cores)));
  }
  const top = largest(logs);
  const weights = logs.map((log) => Math.exp(log - top));
  return sum(weights.map((weight, at) => weight * Math.min(at, cores))) / sum(weights) / demand;
}

// Requests/s with 1, 2, ... in the system; kept, as each rate asks for them again.
function throughputs(each, most) {
  for (let level = each.rates.length + 1; level <= most; level++) {
    const demand = demandAt(each.demand, level);
    const serve = each.cores === 1 ? onOneCore : onCores;
    each.rates.push(serve(each.upstream, demand, level, each.cores));
  }
  return each.rates.slice(0, most);
}

function capacity(each) {
  return each.slots === Infinity ? each.cores / demandAt(each.demand, Infinity) : throughputs(each, each.slots).at(-1);
}

// Shares of time with 0, 1, ... in the system, and with more than the rates tell of.
function shares(rates, rate) {
  const logs = [0];
  for (const served of rates) logs.push(logs.at(-1) + Math.log(rate / served));
  const top = largest(logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const ratio = rate / rates.at(-1);
  const beyond = ratio < 1 ? (weights.at(-1) * ratio) / (1 - ratio) : Infinity;
  const total = sum(weights) + beyond;
  return { weights: weights.map((weight) => weight / total), beyond: beyond / total, ratio };
}

// The rates of an event loop, up to where more in service change nothing.
function ratesFor(each, rate) {
  if (each.slots !== Infinity) return throughputs(each, each.slots);
  for (let levels = constants.first_levels; ; levels *= 2) {
    const rates = throughputs(each, levels);
    const busy = (rates.at(-1) * demandAt(each.demand, levels)) / each.cores;
    const enough = rates.at(-1) > rate && shares(rates, rate).weights.at(-1) < constants.negligible;
    const isSaturated = busy > 1 - constants.saturated && levels >= each.demand.levels.at(-1);
    if (enough || isSaturated || levels >= constants.most_levels) return rates;
  }
}

// Open load in its steady state: seconds beyond the upstream at the cores (`excess`) and for a slot (`wait`, which the
// share `waiting` has). Null where the backlog grows.
function steady(each, rate, upstream) {
  if (rate >= capacity(each)) return null;
  const rates = ratesFor(each, rate);
  const { weights, beyond, ratio } = shares(rates, rate);
  const last = weights.at(-1);
  const above = (last * ratio) / (1 - ratio) ** 2;
  const isLoop = each.slots === Infinity;
  const held = sum(weights.map((weight, level) => weight * level)) + beyond * rates.length + (isLoop ? above : 0);
  const excess = Math.max(held / rate - each.upstream, 0);
  const variance = upstream.scv * upstream.mean ** 2 + excess ** 2 / (upstream.calls + 1);
  const wait = isLoop ? 0 : ((above / rate) * (1 + variance / (upstream.mean + excess) ** 2)) / 2;
  return { fixed: each.upstream, excess, wait, waiting: isLoop ? 0 : last + beyond };
}

// What is below x in a normal law, to 1e-7 (Abramowitz and Stegun 1964, 26.2.17).
function normal(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const beyond = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return x > 0 ? 1 - beyond : beyond;
}

// The latency that a share of the requests does not exceed: a sum of independent times, added up on a grid.
function percentile(state, share, { sigma, calls, mean }) {
  const stage = state.excess / (calls + 1);
  const conditional = state.waiting && state.wait / state.waiting;
  const median = sigma && (mean / calls) * Math.exp(-(sigma ** 2) / 2);
  const calm = constants.far * (conditional + stage) + state.excess;
  const longest = calm + calls * median * Math.exp(sigma * constants.longest_deviations);
  const base = state.fixed - (sigma && mean);
  if (longest === 0) return base;
  const cell = longest / constants.cells;
  let masses = onEdges((time) => erlang(time / stage, calls + 1), cell);
  if (sigma) masses = sumOf(masses, calls, onEdges((time) => normal(Math.log(time / median) / sigma), cell));
  if (conditional) addWait(masses, state.waiting, Math.exp(-cell / conditional));
  let [at, before] = [0, 0];
  while (before + masses[at] < share) before += masses[at++];
  return base + Math.max(0, at - 1 + (share - before) / masses[at]) * cell;
}

// The share below a time, in stages, of a sum of so many exponential stages.
function erlang(time, stages) {
  let [term, terms] = [1, 1];
  for (let number = 1; number < stages; number++) terms += term *= time / number;
  return time < Infinity ? 1 - Math.exp(-time) * terms : 1;
}

// Masses on the edges of the grid: half of a cell's on its lower edge, half on its upper one.
function onEdges(below, cell) {
  const edges = new Float64Array(constants.cells + 1).map((_, edge) => below(edge * cell));
  return edges.map((share, edge) => ((edges[edge + 1] ?? share) - (edge ? edges[edge - 1] : -share)) / 2);
}

// Adds an exponential time for a share of the requests: its masses fall by a ratio from edge to edge.
function addWait(masses, share, ratio) {
  let before = 0;
  masses.forEach((mass, edge) => {
    masses[edge] = (1 - (share * (1 + ratio)) / 2) * mass + ((share * (1 - ratio ** 2)) / 2) * before;
    before = ratio * before + mass;
  });
}

// The masses of a sum of one time and `number` equal ones, by a Fourier transform of both at once, on twice the grid.
function sumOf(one, number, equal) {
  const size = 2 * constants.cells;
  const [re, im, sumRe, sumIm] = Array.from({ length: 4 }, () => new Float64Array(size));
  re.set(equal);
  im.set(one);
  transform(re, im);
  for (let k = 0; k < size; k++) {
    const mirror = (size - k) % size;
    const [equalRe, equalIm] = [(re[k] + re[mirror]) / 2, (im[k] - im[mirror]) / 2];
    let [real, imaginary] = [(im[k] + im[mirror]) / 2, (re[mirror] - re[k]) / 2];
    for (let call = 0; call < number; call++) {
      [real, imaginary] = [real * equalRe - imaginary * equalIm, real * equalIm + imaginary * equalRe];
    }
    sumRe[k] = real / size;
    sumIm[k] = -imaginary / size; // the inverse is the transform of the conjugate
  }
  transform(sumRe, sumIm);
  return sumRe.subarray(0, one.length);
}

// The Fourier transform of 2^n complex numbers, in place (Cooley and Tukey 1965).
function transform(re, im) {
  const size = re.length;
  for (let at = 1, other = 0; at < size; at++) {
    let bit = size >> 1;
    for (; other & bit; bit >>= 1) other ^= bit;
    other ^= bit;
    if (at < other) [re[at], re[other], im[at], im[other]] = [re[other], re[at], im[other], im[at]];
  }
  for (let half = 1; half < size; half *= 2) {
    const [stepCos, stepSin] = [Math.cos(Math.PI / half), -Math.sin(Math.PI / half)];
    let [cos, sin] = [1, 0];
    for (let k = 0; k < half; k++) {
      for (let low = k; low < size; low += 2 * half) {
        const high = low + half;
        const real = re[high] * cos - im[high] * sin;
        const imaginary = re[high] * sin + im[high] * cos;
        re[high] = re[low] - real;
        im[high] = im[low] - imaginary;
        re[low] += real;
        im[low] += imaginary;
      }
      [cos, sin] = [cos * stepCos - sin * stepSin, cos * stepSin + sin * stepCos];
    }
  }
}
