// Draws a chart when it approaches the viewport and redraws it when the theme changes; arrow keys step
// through its values. Colours are read from the style sheet, their only place.
(() => {
  "use strict";
  const { templates, charts } = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const drawn = new Map(); // plot element -> result of vegaEmbed
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  const pairRows = ({ names, values }) =>
    names.flatMap((first, i) =>
      names.map((other, j) => ({
        i: i * names.length + j, row: i, column: j, first, other, value: values[i][j],
      })),
    );

  const rowsOf = ({ fields, rows, matrix }) => matrix ? pairRows(matrix) :
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
      train: named("train"), synthetic: named("synthetic"), holdout: named("holdout"),
      ink: named("ink"), rule: named("rule"), muted: named("muted"), font: named("sans"),
      soft: Number(named("soft")), heat: ramp("heat"), hues: ramp("hues"), density: ramp("density"),
      difference: ramp("difference"), lines: [named("synthetic"), named("synthetic"), named("holdout")],
    };
  }

  function tips(rows) {
    const sides = ["train", "synthetic", "holdout"].filter((side) => rows[0] && side in rows[0]);
    const proportion = (field) => ({ field, type: "quantitative", format: ".2%" });
    return [{ field: "label", type: "nominal", title: "value" }, ...sides.map(proportion)];
  }

  // A string "$name" in a template is a parameter: a colour or a value that the chart sets. Rows have none.
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
      const proportion = (field) => ({ field, type: "quantitative", format: ".2%" });
      const title = { field: "label", type: "nominal", title: "distance" };
      values.series_tips = [title, ...chart.set.series.map(proportion)];
    }
    const spec = filled(templates[chart.template], values);
    const missing = ["synthetic", "holdout", "low", "theory"]
      .filter((field) => !rows.some((row) => field in row));
    spec.layer = spec.layer.filter((layer) => !missing.includes(layer.name));
    spec.config = config(colours);
    spec.datasets = { rows };
    const dark = getComputedStyle(root).colorScheme.includes("dark");
    try {
      const old = drawn.get(plot);
      // Into a child, because Vega sets a role and a name on the element it draws in.
      const embedded = await vegaEmbed(plot.firstElementChild, spec, {
        actions: false, renderer: "svg", ast: true, mode: "vega-lite",
        tooltip: { theme: dark ? "dark" : "light" },
      });
      if (old && old.finalize) old.finalize();
      drawn.set(plot, { ...embedded, rows, at: -1 });
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

  // Keyboard: arrows step from value to value, Escape leaves; the value is shown and announced.
  function description(plot, row) {
    if ("description" in row) return row.description;
    const percent = (value) => `${(100 * value).toFixed(1)}\u202f%`;
    const sides = ["train", "synthetic", "holdout"].filter((side) => side in row);
    if (sides.length) return `${row.label}: ${sides.map((s) => `${s} ${percent(row[s])}`).join(", ")}`;
    if ("first" in row) return `${row.first} with ${row.other}: ${row.value.toFixed(3)}`;
    if ("curve" in row) return `${row.curve}: true-positive rate ${percent(row.y)} at false-positive rate ${percent(row.x)}`;
    if ("series" in row) {
      const same = drawn.get(plot).rows.filter((one) => one.i === row.i);
      return `${row.label}: ${same.map((one) => `${percent(one.proportion)} ${one.series}`).join(", ")}`;
    }
    if ("density" in row) return `column ${row.x + 1}, row ${row.y + 1}: ${percent(row.density)} of rows`;
    const span = "low" in row ? `, interval ${row.low.toFixed(3)} to ${row.high.toFixed(3)}` : "";
    return `${row.label}: ${row.value.toFixed(3)}${span}`;
  }

  async function step(event) {
    const plot = event.currentTarget;
    const direction = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const chart = drawn.get(plot);
    if (!chart || !(direction || ["Home", "End", "Escape"].includes(event.key))) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const last = Math.max(...chart.rows.map((row) => row.i));
    if (event.key === "Escape") chart.at = -1;
    else if (event.key === "Home") chart.at = 0;
    else if (event.key === "End") chart.at = last;
    else chart.at = Math.min(last, Math.max(0, chart.at < 0 ? (direction > 0 ? 0 : last) : chart.at + direction));
    const row = chart.rows.find((one) => one.i === chart.at);
    plot.parentElement.querySelector(".readout").textContent = row ? description(plot, row) : "";
    await chart.view.signal("at", chart.at).runAsync();
  }

  function leave(event) {
    const chart = drawn.get(event.currentTarget);
    if (!chart || chart.at < 0) return;
    chart.at = -1;
    event.currentTarget.parentElement.querySelector(".readout").textContent = "";
    chart.view.signal("at", -1).runAsync();
  }

  for (const plot of all(".plot")) {
    near.observe(plot);
    plot.addEventListener("keydown", step);
    plot.addEventListener("blur", leave);
  }

  // Theme: that of the system until the button is pressed.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  function applyTheme() {
    button.setAttribute("aria-pressed", String(isDark()));
    for (const plot of drawn.keys()) draw(plot);
  }
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    applyTheme();
  });
  system.addEventListener("change", applyTheme);
  button.setAttribute("aria-pressed", String(isDark()));

  for (const key of all(".key")) {
    key.addEventListener("click", () => {
      const hidden = root.classList.toggle(`without-${key.dataset.side}`);
      key.setAttribute("aria-pressed", String(!hidden));
    });
  }

  // Every table of numbers can be saved as CSV; the file is made in the page.
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  for (const table of all("figure .numbers table")) {
    const title = table.closest("figure").querySelector(".plot").getAttribute("aria-label").split(".")[0];
    const save = document.createElement("button");
    save.type = "button";
    save.className = "csv";
    save.textContent = "Save as CSV";
    save.addEventListener("click", () => {
      const lines = all("tr", table).map((row) => all("th, td", row).map((one) => quoted(one.textContent)).join(","));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([`${lines.join("\r\n")}\r\n`], { type: "text/csv" }));
      link.download = `${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
    table.parentElement.before(save);
  }

  const find = document.getElementById("find");
  if (find) {
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      const cards = all(".column");
      for (const card of cards) card.hidden = !card.dataset.name.includes(wanted);
      const left = cards.filter((card) => !card.hidden).length;
      document.getElementById("find-count").textContent = wanted ? `${left} of ${cards.length}` : "";
    });
  }

  // Prints in light colours, with all charts drawn.
  document.getElementById("print").addEventListener("click", async () => {
    const chosen = root.dataset.theme;
    root.dataset.theme = "light";
    await Promise.all(all(".plot").map(drawSoon));
    window.print();
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    applyTheme();
  });
})();
