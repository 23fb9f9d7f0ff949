// Draws a chart when it comes near the window, again when the theme changes, and lets the keyboard
// walk through its values. Colours come from the style sheet, so light and dark are stated once.
(() => {
  "use strict";
  const { templates, charts } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const drawn = new Map(); // plot element -> what vegaEmbed gave
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const cellsOf = ({ names, values }) =>
    names.flatMap((first, i) =>
      names.map((other, j) => ({
        i: i * names.length + j, row: i, column: j, first, other, value: values[i][j],
      })),
    );

  const rowsOf = ({ fields, rows, matrix }) => matrix ? cellsOf(matrix) :
    rows.map((row) => {
      const one = {};
      row.forEach((value, k) => {
        if (value !== null) one[fields[k]] = value;
      });
      return one;
    });

  function palette() {
    const style = getComputedStyle(root);
    const named = (name) => style.getPropertyValue(`--${name}`).trim();
    const ramp = (name) => named(name).split(/\s+/);
    return {
      real: named("real"), synthetic: named("synthetic"), holdout: named("holdout"),
      ink: named("ink"), rule: named("rule"), muted: named("muted"), font: named("sans"),
      soft: Number(named("soft")), heat: ramp("heat"), density: ramp("density"),
      difference: ramp("difference"), lines: [named("synthetic"), named("synthetic"), named("holdout")],
    };
  }

  function tips(rows) {
    const sides = ["real", "synthetic", "holdout"].filter((side) => rows[0] && side in rows[0]);
    const share = (field) => ({ field, type: "quantitative", format: ".2%" });
    return [{ field: "label", type: "nominal", title: "value" }, ...sides.map(share)];
  }

  // A string "$name" in a template stands for a colour or for what the chart sets; never in rows.
  function filled(part, values) {
    if (typeof part === "string") {
      const name = part.slice(1);
      return part.startsWith("$") && name in values ? values[name] : part;
    }
    if (Array.isArray(part)) return part.map((one) => filled(one, values));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([k, v]) => [k, filled(v, values)]));
  }

  function config(colours) {
    const text = { font: colours.font, fontSize: 11, color: colours.muted, fontWeight: "normal" };
    return {
      background: null, font: colours.font, aria: false, view: { stroke: null },
      axis: {
        labelColor: text.color, titleColor: text.color, labelFontSize: 11, titleFontSize: 11,
        titleFontWeight: "normal", gridColor: colours.rule, gridOpacity: 0.7,
        domainColor: colours.rule, tickColor: colours.rule, tickSize: 4, titlePadding: 8,
      },
      axisY: { domain: false, ticks: false },
      legend: { labelColor: text.color, titleColor: text.color, labelFontSize: 11 },
    };
  }

  async function draw(plot) {
    const chart = charts[plot.id];
    const colours = palette();
    const rows = rowsOf(chart);
    const names = chart.matrix ? chart.matrix.names : rows.map((row) => row.label);
    const values = { ...colours, names, tips: tips(rows), ...chart.set };
    if (chart.set.series) {
      const share = (field) => ({ field, type: "quantitative", format: ".2%" });
      const title = { field: "label", type: "nominal", title: "distance" };
      values.series_tips = [title, ...chart.set.series.map(share)];
    }
    const spec = filled(templates[chart.template], values);
    const missing = ["synthetic", "holdout", "low"].filter((field) => !(field in rows[0]));
    spec.layer = spec.layer.filter((layer) => !missing.includes(layer.name));
    spec.config = config(colours);
    spec.datasets = { rows };
    const dark = getComputedStyle(root).colorScheme.includes("dark");
    try {
      const old = drawn.get(plot);
      // Into a child: Vega gives the element it draws in a role and a name of its own.
      const view = await vegaEmbed(plot.firstElementChild, spec, {
        actions: false, renderer: "svg", ast: true, mode: "vega-lite",
        tooltip: { theme: dark ? "dark" : "light" },
      });
      if (old && old.finalize) old.finalize();
      drawn.set(plot, { ...view, rows, at: -1 });
      plot.dataset.drawn = "yes";
    } catch (problem) {
      plot.dataset.drawn = "failed";
      plot.firstElementChild.textContent = `This chart could not be drawn: ${problem.message}`;
      console.error(plot.id, problem);
    }
  }

  const near = new IntersectionObserver(
    (seen) => {
      for (const { isIntersecting, target } of seen) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        if (!target.dataset.drawn) drawSoon(target);
      }
    },
    { rootMargin: "240px 0px" },
  );

  function drawSoon(plot) {
    plot.dataset.drawn = "soon";
    return draw(plot);
  }

  // Keyboard: arrows walk from value to value, Escape leaves; the value is shown and said.
  function said(plot, row) {
    if ("says" in row) return row.says;
    const percent = (share) => `${(100 * share).toFixed(1)}\u202f%`;
    const sides = ["real", "synthetic", "holdout"].filter((side) => side in row);
    if (sides.length) return `${row.label}: ${sides.map((s) => `${s} ${percent(row[s])}`).join(", ")}`;
    if ("first" in row) return `${row.first} with ${row.other}: ${row.value.toFixed(3)}`;
    if ("curve" in row) return `${row.curve}: ${percent(row.y)} found at ${percent(row.x)} false alarms`;
    if ("series" in row) {
      const same = drawn.get(plot).rows.filter((one) => one.i === row.i);
      return `${row.label}: ${same.map((one) => `${percent(one.share)} ${one.series}`).join(", ")}`;
    }
    if ("share" in row) return `across ${row.x + 1}, up ${row.y + 1}: ${percent(row.share)} of rows`;
    const span = "low" in row ? `, interval ${row.low.toFixed(3)} to ${row.high.toFixed(3)}` : "";
    return `${row.label}: ${row.value.toFixed(3)}${span}`;
  }

  async function walk(event) {
    const plot = event.currentTarget;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const held = drawn.get(plot);
    if (!held || !(step || ["Home", "End", "Escape"].includes(event.key))) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const last = Math.max(...held.rows.map((row) => row.i));
    if (event.key === "Escape") held.at = -1;
    else if (event.key === "Home") held.at = 0;
    else if (event.key === "End") held.at = last;
    else held.at = Math.min(last, Math.max(0, held.at < 0 ? (step > 0 ? 0 : last) : held.at + step));
    const row = held.rows.find((one) => one.i === held.at);
    plot.parentElement.querySelector(".readout").textContent = row ? said(plot, row) : "";
    await held.view.signal("at", held.at).runAsync();
  }

  function leave(event) {
    const held = drawn.get(event.currentTarget);
    if (!held || held.at < 0) return;
    held.at = -1;
    event.currentTarget.parentElement.querySelector(".readout").textContent = "";
    held.view.signal("at", -1).runAsync();
  }

  for (const plot of all(".plot")) {
    near.observe(plot);
    plot.addEventListener("keydown", walk);
    plot.addEventListener("blur", leave);
  }

  // Theme: the system's until the button is pressed.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  function themed() {
    button.setAttribute("aria-pressed", String(isDark()));
    for (const plot of drawn.keys()) draw(plot);
  }
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    themed();
  });
  system.addEventListener("change", themed);
  button.setAttribute("aria-pressed", String(isDark()));

  for (const key of all(".key")) {
    key.addEventListener("click", () => {
      const hidden = root.classList.toggle(`without-${key.dataset.side}`);
      key.setAttribute("aria-pressed", String(!hidden));
    });
  }

  const find = document.getElementById("find");
  if (find) {
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      const cards = all(".column");
      for (const card of cards) card.hidden = !card.dataset.name.includes(wanted);
      const left = cards.filter((card) => !card.hidden).length;
      document.getElementById("found").textContent = wanted ? `${left} of ${cards.length}` : "";
    });
  }

  // Paper is light, and shows charts that no one has scrolled to.
  document.getElementById("print").addEventListener("click", async () => {
    const chosen = root.dataset.theme;
    root.dataset.theme = "light";
    await Promise.all(all(".plot").map(drawSoon));
    window.print();
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    themed();
  });
})();
