// Lever sliders. A lever shifts the logarithm of demand over stock of a draw, by its effect in each year
// on draws of similar dates, and by what the draw deviates from them where the lever changes a quantity
// of its own; a draw is exhausted where it crosses zero. The draws are embedded in the page.
(() => {
  "use strict";
  const { charts } = JSON.parse(document.getElementById("data").textContent);
  const draws = charts.draws;
  const levers = [...document.querySelectorAll(".lever input[data-input]")];
  if (!draws || !levers.length) return;
  const { years, groups, levers: tables } = draws.set;
  const [paths, growths] = [0, 1].map((part) =>
    draws.rows.map((row) => row[part].map((hundredths) => hundredths / 100)));
  const from = document.getElementById("from");
  const effective = () => (Number(from.value) > Math.ceil(years[0]) ? Number(from.value) : years[0]);

  // A slider moves to the nearest of its steps, also at the start.
  const controls = [...levers, from];
  function reset() {
    for (const control of controls) control.value = control.dataset.start;
  }
  reset();
  const starts = new Map(controls.map((control) => [control, control.value]));
  const moved = (lever) => lever.value !== starts.get(lever);

  // Between two tabulated points: the index of the lower one, and how far to go to the next.
  function between(points, value) {
    const above = points.findIndex((point, k) => k > 0 && point >= value);
    const low = above < 0 ? points.length - 2 : above - 1;
    return [low, Math.min(1, Math.max(0, (value - points[low]) / (points[low + 1] - points[low])))];
  }

  const at = (series, [low, rest]) => series[low] * (1 - rest) + series[low + 1] * rest;

  // The times at which paths are evaluated, and their places between the tabulated years: a moved lever
  // jumps from the point just before its year, as the simulation does.
  function timeline() {
    const [start, jump] = [effective(), 0.001];
    const points = start > years[0] ? [start - jump, start].filter((time) => !years.includes(time)) : [];
    const times = [...years, ...points].sort((a, b) => a - b);
    return { times, places: times.map((time) => between(years, time)) };
  }

  // The effect of a moved lever on a group of draws, at each time.
  function effectOf(lever, group, { times, places }) {
    const table = tables[lever.id];
    const own = Math.min(group, table.neutral.length - 1);
    const place = between(table.positions, Number(lever.value));
    const now = years.map((_, k) => at(table.effects.map((position) => position[own][k]), place));
    const neutral = table.neutral[own];
    const start = between(years, effective());
    const before = table.accumulates ? at(now, start) - at(neutral, start) : 0;
    return times.map((time, k) =>
      (time < effective() ? at(neutral, places[k]) : at(now, places[k]) - before) / 1000);
  }

  // Growth that replaces that of each draw, from the time of effect on.
  function replaced(lever, group, { times, places }) {
    const { neutral } = tables[lever.id];
    const own = neutral[Math.min(group, neutral.length - 1)];
    const before = places.map((place) => at(own, place) / 1000);
    const first = Math.max(0, times.findIndex((time) => time >= effective()));
    const rate = Math.log10(1 + Number(lever.value) / 100);
    return (growth) => times.map((time, k) => (k < first ? before[k]
      : before[first] + growth[first] + rate * (time - times[first]) - growth[k]));
  }

  function datesNow() {
    const active = levers.filter(moved);
    const line = timeline();
    const { times, places } = line;
    const shifts = Array.from({ length: groups }, (_, group) => {
      const effects = active.filter((lever) => tables[lever.id].effects.length)
        .map((lever) => effectOf(lever, group, line));
      const growth = active.find((lever) => !tables[lever.id].effects.length);
      return {
        level: times.map((_, k) => effects.reduce((sum, effect) => sum + effect[k], 0)),
        growth: growth ? replaced(growth, group, line) : null,
      };
    });
    const deviating = active.filter((lever) => tables[lever.id].scales.length).map((lever) => {
      const { deviations, positions, scales, neutral_scale: neutral } = tables[lever.id];
      return { deviations, neutral, scale: at(scales, between(positions, Number(lever.value))) };
    });
    const deviation = (draw, scale) =>
      deviating.reduce((sum, one) => sum + (one.deviations[draw] * one[scale]) / 1000, 0);
    return paths.map((path, draw) => {
      const { level, growth } = shifts[Math.floor((draw * groups) / paths.length)];
      const own = growth
        ? growth(places.map((place) => at(growths[draw], place))).map((shift, k) => shift + level[k]) : level;
      const [earlier, later] = [deviation(draw, "neutral"), deviation(draw, "scale")];
      let before = 0;
      for (let k = 0; k < times.length; k += 1) {
        const here = at(path, places[k]) + own[k] + (times[k] < effective() ? earlier : later);
        if (here >= 0) {
          if (k === 0) return times[0];
          return times[k - 1] + (before / (before - here)) * (times[k] - times[k - 1]);
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
    from.parentElement.querySelector("output").textContent =
      effective() === years[0] ? "the start" : from.value;
    const dates = datesNow();
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
    const active = levers.filter(moved);
    const kept = scenario.filter(({ name }) => !active.some((lever) => lever.dataset.input === name));
    command.textContent = ["artesian forecast", ...kept.map((one) => one.option), ...active.map(setting)].join(" ");
  }

  const command = document.getElementById("command");
  const scenario = JSON.parse(command.dataset.scenario);
  const setting = (lever) => {
    const [value, { input, kind }] = [Number(lever.value), lever.dataset];
    const numbers = { percent: value / 100, growth: value, plain: value };
    const unit = kind === "growth" ? "%/year" : "";
    const text = `${input}=${Number(numbers[kind].toFixed(4))}${unit}`;
    return effective() === years[0] ? `--set ${text}` : `--set "${text} from ${from.value}"`;
  };

  for (const control of controls) control.addEventListener("input", update);
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
    reset();
    update();
  });
  document.getElementById("first-year").textContent = first;
  document.getElementById("last-year").textContent = until;
  update();
})();
