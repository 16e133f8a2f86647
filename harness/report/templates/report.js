// Puts live charts in place of the drawn ones: hover, a choice of lanes and percentiles, a linear or log axis.
"use strict";

const { scales, specs } = JSON.parse(document.getElementById("charts").textContent);
const figures = [...document.querySelectorAll("figure[data-chart]")];
const choices = document.querySelector("form.choices");
const views = new Map();

const chosenLanes = () => new FormData(choices).getAll("lane");
const isShown = (figure) => figure.offsetParent !== null;

// Vega's own code is kept small in this page: gzipped, in base64.
async function loadVega() {
  const packed = Uint8Array.from(atob(document.getElementById("vega").textContent), (sign) => sign.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
}

const vega = loadVega();

function specOf(figure) {
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
  const { view } = await vegaEmbed(figure.querySelector(".chart"), specOf(figure), options);
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
