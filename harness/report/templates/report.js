// Puts live charts in place of the drawn ones: hover, a choice of lanes and percentiles, a linear or log axis.
"use strict";

const figures = [...document.querySelectorAll("figure[data-chart]")];
const choices = document.querySelector("form.choices");
const views = new Map();

const chosenLanes = () => new FormData(choices).getAll("lane");
const isShown = (figure) => figure.offsetParent !== null;

// Vega's own code and the charts are kept small in this page: gzipped, in base64.
async function unpacked(id) {
  const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function loadVega() {
  const script = document.createElement("script");
  script.textContent = await unpacked("vega");
  document.head.append(script);
}

const vega = loadVega();
const charts = unpacked("charts").then(JSON.parse);

async function specOf(figure) {
  const { scales, specs } = await charts;
  const spec = structuredClone(specs[figure.dataset.chart]);
  const scale = scales[figure.querySelector("input[name=log]").checked ? "log" : "linear"];
  spec.width = "container";
  spec.params.find(({ name }) => name === "shown").value = chosenLanes();
  for (const { encoding } of spec.layer) {
    if (encoding?.y) encoding.y.scale = scale;
  }
  return spec;
}

async function draw(figure) {
  await vega;
  // `ast`: expressions are interpreted, because the page's policy forbids code from text.
  const options = { actions: false, ast: true, renderer: "svg" };
  const { view } = await vegaEmbed(figure.querySelector(".chart"), await specOf(figure), options);
  views.get(figure)?.finalize();
  views.set(figure, view);
}

async function drawWhatIsShown() {
  for (const figure of figures) {
    if (isShown(figure) && !views.has(figure)) await draw(figure);
  }
}

function showPercentile() {
  const percentile = new FormData(choices).get("percentile");
  for (const figure of figures) figure.hidden = (figure.dataset.percentile ?? percentile) !== percentile;
}

choices.addEventListener("change", async () => {
  showPercentile();
  const lanes = chosenLanes();
  await Promise.all([...views.values()].map((view) => view.signal("shown", lanes).runAsync()));
  await drawWhatIsShown();
  window.dispatchEvent(new Event("resize")); // a chart that was hidden while the window changed has no width
});

for (const figure of figures) {
  figure.querySelector("input[name=log]").addEventListener("change", () => draw(figure));
}

document.body.classList.add("live");
showPercentile();
drawWhatIsShown();
