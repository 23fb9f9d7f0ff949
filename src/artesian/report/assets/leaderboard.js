// A click on a heading sorts the leaderboard by its column, a second one in descending order.
(() => {
  "use strict";
  const board = document.getElementById("leaders");
  const heads = [...board.tHead.rows[0].cells];
  const body = board.tBodies[0];
  const keyOf = (row, at) => {
    const key = row.cells[at].dataset.sort;
    return key === undefined || at === 0 ? key : Number(key);
  };
  for (const [at, head] of heads.entries()) {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((one, other) => {
        const a = keyOf(one, at);
        const b = keyOf(other, at);
        if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
        return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
      });
      body.append(...rows); // rows without a value stay last
    });
  }
})();
