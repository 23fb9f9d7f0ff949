// Lever sliders. A lever shifts the logarithm of demand over stock of every draw, growth changes its
// slope; a draw is exhausted where it crosses zero. All draws are embedded in the page.
(() => {
  "use strict";
  const { charts } = JSON.parse(document.getElementById("data").textContent);
  const draws = charts.draws;
  const levers = [...document.querySelectorAll(".lever input")];
  if (!draws || !levers.length) return;
  const years = draws.set.years;
  const paths = draws.rows.map(([row]) => row.map((hundredths) => hundredths / 100));
  const effectiveEpochs = (epochs, scale) => 1 + scale * (1 - Math.exp(-(epochs - 1) / scale));

  // log10 of the factor by which a lever changes demand over stock; growth is per year, see shifts().
  const shift = {
    curation_yield: (value) => -Math.log10(value),
    opt_out: (value) => -Math.log10(1 - value / 100),
    epochs: (value, scale) => -Math.log10(effectiveEpochs(value, scale)),
    synthetic: (value) => Math.log10(1 - value / 100),
    overtraining: (value) => Math.log10(value) / 2,
    growth: () => 0,
  };

  function shifts() {
    let level = 0;
    let tilt = 0;
    for (const lever of levers) {
      const [now, start, scale] = [Number(lever.value), Number(lever.dataset.start), Number(lever.dataset.scale)];
      level += shift[lever.id](now, scale) - shift[lever.id](start, scale);
      if (lever.id === "growth") tilt = Math.log10((1 + start / 100) / (1 + now / 100));
    }
    return [level, tilt];
  }

  function datesOf(level, tilt) {
    return paths.map((path) => {
      let before = 0;
      for (let k = 0; k < years.length; k += 1) {
        const here = path[k] + level + tilt * (years[k] - years[0]);
        if (here >= 0) {
          if (k === 0) return years[0];
          return years[k - 1] + (before / (before - here)) * (years[k] - years[k - 1]);
        }
        before = here;
      }
      return Infinity;
    }).sort((a, b) => a - b);
  }

  const last = years[years.length - 1];
  const shown = (date) => (date === Infinity ? `after ${Math.floor(last)}` : date.toFixed(1));
  const bars = document.getElementById("draw-bars");
  const first = Math.floor(years[0]);
  const until = Math.min(Math.floor(last), first + 30);

  function update() {
    for (const lever of levers) {
      lever.parentElement.querySelector("output").textContent =
        `${Number(lever.value).toLocaleString("en", { maximumFractionDigits: 2 })}\u202f${lever.dataset.unit}`;
    }
    const dates = datesOf(...shifts());
    const quantile = (probability) => dates[Math.max(0, Math.ceil(probability * dates.length) - 1)];
    const by = (year) => (100 * dates.filter((date) => date <= year).length) / dates.length;
    document.getElementById("answer").textContent =
      `Exhausted in ${shown(quantile(0.5))} (80\u202f% interval ${shown(quantile(0.1))} to ${shown(quantile(0.9))}); ` +
      `by 2030 in ${by(2030).toFixed(0)}\u202f% of the draws, by 2035 in ${by(2035).toFixed(0)}\u202f%.`;
    const counts = Array.from({ length: until - first + 1 }, () => 0);
    for (const date of dates) if (date < until + 1) counts[Math.floor(date) - first] += 1;
    const later = dates.length - counts.reduce((sum, count) => sum + count, 0);
    const highest = Math.max(1, later, ...counts);
    bars.replaceChildren(...[...counts, later].map((count, k) => {
      const bar = document.createElement("i");
      const label = k < counts.length ? first + k : `after ${until}`;
      bar.style.height = `${(100 * count) / highest}%`;
      bar.title = `${label}: ${((100 * count) / dates.length).toFixed(1)}\u202f%`;
      if (k === counts.length) bar.className = "later";
      return bar;
    }));
    command.textContent = ["artesian forecast", ...levers.filter(moved).map(setting)].join(" ");
  }

  const command = document.getElementById("command");
  const moved = (lever) => Number(lever.value) !== Number(lever.dataset.start);
  const setting = (lever) => {
    const [value, { input, kind }] = [Number(lever.value), lever.dataset];
    const numbers = { percent: value / 100, growth: 1 + value / 100, plain: value };
    return `--set ${input}=${Number(numbers[kind].toFixed(4))}${kind === "growth" ? "x/year" : ""}`;
  };

  for (const lever of levers) lever.addEventListener("input", update);
  document.getElementById("copy").addEventListener("click", async (event) => {
    const range = document.createRange();
    range.selectNodeContents(command);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    try {
      await navigator.clipboard.writeText(command.textContent);
      event.target.textContent = "Copied";
    } catch {
      event.target.textContent = "Selected: press Ctrl+C"; // the clipboard is closed to pages of a folder
    }
  });
  document.getElementById("reset").addEventListener("click", () => {
    for (const lever of levers) lever.value = lever.dataset.start;
    update();
  });
  document.getElementById("first-year").textContent = first;
  document.getElementById("last-year").textContent = until;
  update();
})();
