// The matrix is one tab stop: arrow keys move between its cells, Enter opens one in the panel beside it. The cell
// that is open stays marked, and keeps its place, when the matrix is filled anew.
const cells = () => [...document.querySelectorAll("[data-matrix] [data-cell]")];
let at = "";

function settle() {
  const all = cells();
  const first = all.find((cell) => cell.id === at) || all[0];
  for (const cell of all) {
    cell.tabIndex = cell === first ? 0 : -1;
  }
}

function mark(id) {
  for (const cell of document.querySelectorAll("[data-cell]")) {
    cell.toggleAttribute("aria-current", false);
    if (cell.id === id) {
      cell.setAttribute("aria-current", "true");
    }
  }
}

// The next cell in the direction, in the nearest row or column that has one.
function next(cell, key) {
  const here = cell.getBoundingClientRect();
  const along = key === "ArrowLeft" || key === "ArrowRight" ? "left" : "top";
  const across = along === "left" ? "top" : "left";
  const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
  const ahead = cells()
    .map((other) => ({ other, box: other.getBoundingClientRect() }))
    .filter(({ box }) => (box[along] - here[along]) * sign > 1)
    .filter(({ box }) => along === "top" || Math.abs(box[across] - here[across]) < 2);
  ahead.sort((one, two) => Math.abs(one.box[along] - here[along]) - Math.abs(two.box[along] - here[along])
    || Math.abs(one.box[across] - here[across]) - Math.abs(two.box[across] - here[across]));
  return ahead.length ? ahead[0].other : null;
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-matrix] [data-cell]");
  if (!cell || !event.key.startsWith("Arrow")) {
    return;
  }
  event.preventDefault();
  const there = next(cell, event.key);
  if (there) {
    at = there.id;
    settle();
    there.focus();
  }
});

let open = "";
const unfolded = new Set();
document.addEventListener("toggle", (event) => {
  const fold = event.target.closest("[data-fold]");
  if (fold && fold.isConnected) {
    unfolded[fold.open ? "add" : "delete"](fold.dataset.fold);
  }
}, true);
document.addEventListener("htmx:afterRequest", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (cell && event.detail.successful) {
    open = at = cell.id;
    mark(open);
    settle();
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "panel") {
    // On a phone the panel lies below: it is brought into view.
    event.target.scrollIntoView({ block: "nearest" });
  } else {
    mark(open);
    settle();
    for (const fold of document.querySelectorAll("[data-fold]")) {
      fold.open = unfolded.has(fold.dataset.fold);
    }
  }
});
settle();
