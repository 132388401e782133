// 「为什么」 unfolds under its row and folds again; without JavaScript the same link opens a page.
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
