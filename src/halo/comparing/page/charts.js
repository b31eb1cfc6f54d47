"use strict";
// Draws the charts of the page with Plotly from the figures beside them, and lets tables be sorted. Colours such as
// var(--ink) in a figure are those of the style sheet, so that charts change with the colour scheme of the reader.

const CONFIG = {
  responsive: true,
  displaylogo: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
};
const FADED = 0.12;
const MANTISSAS = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9]];
const MIN_TICKS = 4;

function withColours(value, style) {
  if (Array.isArray(value)) return value.map((each) => withColours(each, style));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withColours(each, style)]));
  }
  const name = typeof value === "string" && /^var\((--[a-z]+)\)$/.exec(value);
  return name ? style.getPropertyValue(name[1]).trim() : value;
}

// Round numbers in a range of a logarithmic axis, given by its exponents: at least four of them.
function logTicks([low, high]) {
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, place) => Math.floor(low) + place);
  const within = (value) => Math.log10(value) >= low && Math.log10(value) <= high;
  for (const mantissas of MANTISSAS) {
    const ticks = decades.flatMap((power) => mantissas.map((each) => each * 10 ** power)).filter(within);
    if (ticks.length >= MIN_TICKS) return ticks.filter((_, place) => place % Math.ceil(ticks.length / 9) === 0);
  }
  const step = 10 ** Math.floor(Math.log10((10 ** high - 10 ** low) / MIN_TICKS));
  const first = Math.ceil(10 ** low / step);
  const count = Math.floor(10 ** high / step) - first + 1;
  const every = Math.ceil(count / 9);
  return Array.from({ length: count }, (_, place) => (first + place) * step).filter((_, place) => place % every === 0);
}

function tickLabel(value) {
  return value >= 1e6 || value < 1e-3 ? value.toExponential(1).replace(".0", "") : value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

class Chart {
  constructor(holder) {
    this.holder = holder;
    this.section = holder.closest("section");
    this.figure = JSON.parse(document.getElementById(holder.dataset.figure).textContent);
    this.choices = this.section.querySelectorAll(".choices input");
    for (const input of this.choices) input.addEventListener("change", () => this.draw());
    for (const button of this.section.querySelectorAll(".choices button")) {
      button.addEventListener("click", () => this.show(Number(button.dataset.best)));
    }
    for (const label of this.section.querySelectorAll(".choices .runs label")) {
      const run = Number(label.querySelector("input").value);
      label.addEventListener("pointerenter", () => this.fadeOthers(run));
      label.addEventListener("pointerleave", () => this.fadeOthers(null));
    }
    for (const place of this.section.querySelectorAll(".choices")) place.hidden = false;
    this.draw();
    holder.on("plotly_hover", ({ points }) => this.fadeOthers(points[0].data.meta?.run ?? null));
    holder.on("plotly_unhover", () => this.fadeOthers(null));
    holder.on("plotly_relayout", (change) => {
      if (Object.keys(change).some((key) => key.startsWith("yaxis.") && !key.startsWith("yaxis.tick"))) this.writeTicks();
    });
  }

  checked(name) {
    return [...this.choices].filter((input) => input.name === name && input.checked).map((input) => input.value);
  }

  // The figure as the reader has chosen it: what is along the horizontal axis, and which runs and kinds of curve.
  chosen() {
    const figure = withColours(this.figure, getComputedStyle(document.documentElement));
    const [axis] = this.checked("axis");
    const named = (name) => [...this.choices].some((input) => input.name === name);
    const runs = named("run") ? new Set(this.checked("run").map(Number)) : null;
    const kinds = named("kind") ? new Set(this.checked("kind")) : null;
    for (const trace of figure.data) {
      const { x, y, run, kind } = trace.meta ?? {};
      if (axis && x) trace.x = x[axis];
      if (axis && y) trace.y = y[axis];
      if (runs && run !== undefined && !runs.has(run)) trace.visible = false;
      if (kinds && kind !== undefined && !kinds.has(kind)) trace.visible = false;
    }
    if (axis && figure.layout.meta) {
      figure.layout.xaxis = { ...figure.layout.xaxis, ...figure.layout.meta.axes[axis] };
      figure.layout.xaxis.uirevision = axis;
    }
    figure.layout.font.family = getComputedStyle(document.body).fontFamily;
    return figure;
  }

  draw() {
    const { data, layout } = this.chosen();
    Plotly.react(this.holder, data, layout, CONFIG);
    this.faded = null;
    this.writeTicks();
  }

  // Plotly writes few and odd numbers at a logarithmic axis of less than a decade.
  writeTicks() {
    const { type, range } = this.holder._fullLayout.yaxis;
    if (type !== "log") return;
    const ticks = logTicks(range);
    Plotly.relayout(this.holder, { "yaxis.tickvals": ticks, "yaxis.ticktext": ticks.map(tickLabel) });
  }

  show(best) {
    this.section.querySelectorAll(".choices input[name=run]").forEach((input, rank) => {
      input.checked = rank < best;
    });
    this.draw();
  }

  fadeOthers(run) {
    if (run === this.faded || !this.holder.data.some((trace) => trace.meta?.run !== undefined)) return;
    this.faded = run;
    const opacity = this.holder.data.map(({ meta }) =>
      run === null || meta?.run === undefined || meta.run === run ? 1 : FADED,
    );
    Plotly.restyle(this.holder, { opacity });
  }
}

// A click on the heading of a column sorts the rows by it, and another click turns them round; rows without a figure
// come last either way.
function makeSortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const ascending = heading.getAttribute("aria-sort") !== "ascending";
      for (const each of headings) each.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const sign = ascending ? 1 : -1;
      const rows = [...table.tBodies[0].rows].map((row) => ({ row, value: valueOf(row.cells[column]) }));
      rows.sort((one, other) => {
        if (one.value === "" || other.value === "") return (one.value === "") - (other.value === "");
        return sign * compare(one.value, other.value);
      });
      table.tBodies[0].append(...rows.map(({ row }) => row));
    });
  });
}

function valueOf(cell) {
  return cell.dataset.value ?? cell.textContent.trim();
}

function compare(one, other) {
  const difference = Number(one) - Number(other);
  return Number.isNaN(difference) ? one.localeCompare(other, "en", { numeric: true }) : difference;
}

const charts = [...document.querySelectorAll("[data-figure]")].map((holder) => new Chart(holder));
for (const table of document.querySelectorAll(".sortable table")) makeSortable(table);
for (const hint of document.querySelectorAll(".for-scripts")) hint.hidden = false;
for (const query of ["(prefers-color-scheme: dark)", "print"]) {
  matchMedia(query).addEventListener("change", () => charts.forEach((chart) => chart.draw()));
}
