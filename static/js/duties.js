// 应谈清单. 「为什么」 unfolds under its row and folds again; without JavaScript the same link opens a page.
document.addEventListener("htmx:beforeRequest", (event) => {
  const link = event.target.closest("[data-why]");
  const row = link && link.closest("tr");
  const below = row && row.nextElementSibling;
  if (below && below.classList.contains("why-row")) {
    event.preventDefault();
    below.remove();
    row.classList.remove("is-open");
    link.setAttribute("aria-expanded", "false");
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  const link = event.target.closest("[data-why]");
  if (link && event.detail.successful) {
    link.closest("tr").classList.add("is-open");
    link.setAttribute("aria-expanded", "true");
  }
});

// The bare address stands for the last filter; 「后退」 to it, after one has filtered, is to show everything.
if (!window.location.search) {
  window.history.replaceState(window.history.state, "", "?kept=on");
}

// What is picked is counted and named in the bar below the list; its buttons come with the first one picked.
const picks = () => [...document.querySelectorAll("[data-pick]")];

function tellPicked() {
  const bar = document.getElementById("picked");
  if (!bar) {
    return;
  }
  const picked = picks().filter((box) => box.checked);
  for (const box of picks()) {
    box.closest("tr").classList.toggle("is-selected", box.checked);
  }
  bar.hidden = picked.length === 0;
  bar.querySelector("[data-picked]").textContent = `已选${picked.length}项`;
  bar.querySelector("[data-picked-verb]").textContent = `预约这${picked.length}项谈话`;
  const names = [...new Set(picked.map((box) => box.dataset.pick))];
  const some = names.slice(0, 3).join("、");
  bar.querySelector("[data-picked-names]").textContent = names.length > 3 ? `　${some}等` : `　${some}`;
  const all = document.querySelector("[data-pick-all]");
  all.closest("label").hidden = false;
  all.checked = picked.length === picks().length;
  all.indeterminate = picked.length > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) {
    for (const box of picks()) {
      box.checked = event.target.checked;
    }
  }
  if (event.target.matches("[data-pick-all], [data-pick]")) {
    tellPicked();
  }
});
document.addEventListener("reset", (event) => {
  if (event.target.id === "picked") {
    // The boxes are reset after this event.
    setTimeout(tellPicked);
  }
});
document.addEventListener("htmx:afterSettle", tellPicked);
window.addEventListener("pageshow", tellPicked);
