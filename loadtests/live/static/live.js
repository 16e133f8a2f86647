// Asks for new seconds once a second, and draws each figure of both apps as two lines; hover reads one second in all charts.
"use strict";

const KEPT = 600;
const EDGE = { left: 38, right: 10, top: 8, bottom: 18 };
const SHAPES = { first: "M-4,-4H4V4H-4Z", second: "M-4.5,0A4.5,4.5,0,1,1,4.5,0A4.5,4.5,0,1,1,-4.5,0Z" };
const figures = [...document.querySelectorAll("figure[data-figure]")];
const choices = document.querySelector("form");
const state = document.getElementById("state");
const table = document.getElementById("table");
const faults = document.querySelectorAll("button[name=fault]");
let run = 0;
let points = [];
let hovered = null; // the second under the pointer

const keyOf = (figure, app) => (app ? `${app}_${figure.dataset.figure}` : figure.dataset.figure);
const appsOf = (figure) => figure.dataset.apps.split(" ");
const markOf = (app) => document.querySelector(`.mark[data-app="${CSS.escape(app)}"]`);
const sideOf = (app) => (app ? markOf(app).classList[1] : "");
const clock = (second) => `${Math.floor(second / 60)}:${String(Math.round(second) % 60).padStart(2, "0")}`;

function written(value) {
  if (value === null || value === undefined) return "–";
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

// The step, of 1, 2 or 5 and zeros, that divides a length into at most `parts`.
function stepOf(length, parts, least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(length, least) / parts));
  return Math.max(least, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step * parts >= length));
}

function shownPoints() {
  const span = Number(new FormData(choices).get("span"));
  const end = Math.max(points.at(-1)?.second ?? 0, span);
  return { from: end - span, end, seconds: points.filter(({ second }) => second >= end - span) };
}

function highest(figure, seconds) {
  const keys = appsOf(figure).map((app) => keyOf(figure, app));
  return Math.max(0, ...seconds.flatMap((point) => keys.map((key) => point[key] ?? 0)));
}

function draw(figure, { from, end, seconds }) {
  const svg = figure.querySelector("svg.chart");
  const { width, height } = svg.getBoundingClientRect();
  const most = highest(figure, seconds);
  const step = stepOf(most, 4, 1);
  const top = Math.max(step * Math.ceil(most / step), step);
  const x = (second) => EDGE.left + ((second - from) / (end - from)) * (width - EDGE.left - EDGE.right);
  const y = (value) => height - EDGE.bottom - (value / top) * (height - EDGE.top - EDGE.bottom);
  const pieces = [];
  for (let value = 0; value <= top; value += step) {
    pieces.push(`<path class="grid" d="M${EDGE.left},${y(value)}H${width - EDGE.right}"/><text x="${EDGE.left - 5}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString("en", { notation: "compact" })}</text>`);
  }
  const minor = (end - from) / 4;
  for (let second = Math.ceil(from / minor) * minor; second <= end; second += minor) {
    pieces.push(`<text x="${x(second)}" y="${height - 3}" text-anchor="middle">${clock(second)}</text>`);
  }
  if (hovered !== null) {
    pieces.push(`<path class="cursor" d="M${x(hovered.second)},${EDGE.top}V${height - EDGE.bottom}"/><text x="${x(hovered.second) + 4}" y="${EDGE.top + 9}">${clock(hovered.second)}</text>`);
  }
  // Dashes last: where the lines lie on one another, the solid one shows between them.
  for (const app of appsOf(figure).reverse()) pieces.push(lineOf(app, seconds, keyOf(figure, app), x, y));
  if (figure.dataset.figure === "health_ms") pieces.push(missesOf(figure, seconds, x, height - EDGE.bottom));
  svg.innerHTML = pieces.join("");
}

// A second without a figure breaks the line.
function lineOf(app, seconds, key, x, y) {
  let path = "";
  let last = null;
  for (const point of seconds) {
    const value = point[key] ?? null;
    if (value !== null) path += `${last === null ? "M" : "L"}${x(point.second).toFixed(1)},${y(value).toFixed(1)}`;
    last = value;
  }
  const marked = hovered ?? seconds.at(-1);
  const value = marked?.[key] ?? null;
  const shape = value === null ? "" : `<path class="point" d="${SHAPES[sideOf(app) || "second"]}" transform="translate(${x(marked.second)},${y(value)})"/>`;
  return `<g class="${sideOf(app)}"><path class="line" d="${path}"/>${shape}</g>`;
}

// A tick for each second in which an app's health was not told, the first app's above the second's.
function missesOf(figure, seconds, x, bottom) {
  return appsOf(figure).map((app, place) => {
    const missed = seconds.filter((point) => point[`${app}_health_missed`]);
    const top = bottom - 14 * (2 - place);
    return missed.map(({ second }) => `<path class="missed ${sideOf(app)}" d="M${x(second).toFixed(1)},${top}v12"/>`).join("");
  }).join("");
}

function drawAll() {
  const shown = shownPoints();
  if (hovered !== null && !shown.seconds.includes(hovered)) hovered = null;
  const read = hovered ?? points.at(-1);
  for (const figure of figures) {
    draw(figure, shown);
    for (const output of figure.querySelectorAll("output")) output.textContent = written(read?.[keyOf(figure, output.dataset.app)]);
  }
}

function fillTable(rows) {
  const keys = table.dataset.keys.split(" ");
  table.replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    for (const key of keys) {
      const cell = line.insertCell();
      cell.textContent = typeof row[key] === "string" ? row[key] : written(row[key]);
      cell.className = typeof row[key] === "string" ? "" : "number";
    }
    line.cells[0].prepend(markOf(row.app).cloneNode(true));
    return line;
  }));
}

async function ask() {
  const response = await fetch(`live/series?run=${run}&after=${points.at(-1)?.second ?? 0}`);
  const news = await response.json();
  points = (news.run === run ? [...points, ...news.points] : news.points).slice(-KEPT);
  run = news.run;
  state.textContent = state.className = news.state;
  showFault(news.fault);
  fillTable(news.table);
  drawAll();
}

async function keepAsking() {
  try {
    await ask();
  } catch {
    state.textContent = "no connection";
    state.className = "";
  }
  setTimeout(keepAsking, 1000);
}

function showFault(name) {
  for (const button of faults) button.ariaPressed = String(button.value === name);
}

async function setFault({ currentTarget }) {
  const answer = await fetch("live/fault", { method: "POST", body: currentTarget.value }).catch(() => null);
  if (answer?.ok) showFault((await answer.json()).fault);
  document.getElementById("refused").textContent = answer?.ok ? "" : "the upstream did not take it";
}

function hover(event) {
  const { from, end, seconds } = shownPoints();
  const box = event.currentTarget.getBoundingClientRect();
  const second = from + ((event.clientX - box.left - EDGE.left) / (box.width - EDGE.left - EDGE.right)) * (end - from);
  const distance = (point) => Math.abs(point.second - second);
  hovered = seconds.length ? seconds.reduce((best, point) => (distance(point) < distance(best) ? point : best)) : null;
  drawAll();
}

for (const figure of figures) {
  const chart = figure.querySelector("svg.chart");
  chart.addEventListener("pointermove", hover);
  chart.addEventListener("pointerleave", () => { hovered = null; drawAll(); });
}
for (const button of faults) button.addEventListener("click", setFault);
choices.addEventListener("change", drawAll);
window.addEventListener("resize", drawAll);
keepAsking();
