// The section "For your numbers": shows what the model says each time a slider moves.
"use strict";

const sliders = document.querySelector("form.sliders");
const known = JSON.parse(sliders.dataset.known);
const { constants, words } = known;

// A lane at these settings: its p95 at a rate (Infinity where the backlog grows), and the highest rate within the SLO.
function laneAt(lane, { upstream_ms, tail, slots, cores, slo_ms }) {
  const sigma = Math.log(tail) / constants.p99_deviations;
  const scv = (Math.exp(sigma ** 2) - 1) / lane.calls;
  const upstream = { mean: upstream_ms / 1000, calls: lane.calls, sigma, scv };
  const { each, queues, busiest } = deployed(lane, { upstream: upstream.mean, slots, cores });
  const p95 = (rate) => {
    const state = steady(each, (rate / queues) * busiest, upstream);
    return state ? percentile(state, constants.share, upstream) : Infinity;
  };
  const keeps = (rate) => p95(rate) <= slo_ms / 1000;
  const highest = () => {
    const most = (capacity(each) * queues) / busiest;
    let [low, high] = [0, keeps(most * 1e-6) ? most : 0];
    for (let step = 0; step < constants.steps && high - low > 1e-3 * high; step++) {
      const middle = (low + high) / 2;
      [low, high] = keeps(middle) ? [middle, high] : [low, middle];
    }
    return low;
  };
  return { p95, highest };
}

const three = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
const figure = (value) => value.toLocaleString("en", three);

function setting(input) {
  const value = JSON.parse(input.dataset.values)[input.value];
  input.nextElementSibling.value = value ? `${value.toLocaleString("en")} ${input.dataset.unit}` : words.as_measured;
  return [input.name, value];
}

function show() {
  const settings = Object.fromEntries([...sliders.querySelectorAll("input")].map(setting));
  sliders.querySelectorAll("tbody tr").forEach((row, place) => {
    const { p95, highest } = laneAt(known.lanes[place], settings);
    const ms = 1000 * p95(settings.rate);
    const enough = ms <= settings.slo_ms;
    const [, verdict, latency, rate] = row.cells;
    latency.textContent = ms < Infinity ? figure(ms) : words.grows;
    rate.textContent = figure(highest());
    verdict.textContent = enough ? words.enough : words.not_enough;
    verdict.className = `text ${enough ? "better" : "worse"}`;
  });
}

sliders.addEventListener("input", show);
sliders.hidden = false;
show();
