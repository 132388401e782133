// A further row: clones the last field of a list of names, or the last row of a formset's table.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-more]");
  if (!button) {
    return;
  }
  const list = document.getElementById(button.dataset.more);
  if (!list || !list.lastElementChild) {
    return;
  }
  event.preventDefault();
  const row = list.lastElementChild.cloneNode(true);
  const fields = row.matches("input") ? [row] : [...row.querySelectorAll("input, select")];
  const total = button.dataset.total && document.getElementById(button.dataset.total);
  const number = total ? Number(total.value) : list.children.length;
  for (const field of fields) {
    field.value = "";
    for (const name of ["name", "id"]) {
      field.setAttribute(name, (field.getAttribute(name) || "").replace(/-\d+-/, `-${number}-`));
    }
    const label = field.getAttribute("aria-label");
    if (label) {
      field.setAttribute("aria-label", label.replace(/第\d+/, `第${number + 1}`));
    }
  }
  if (total) {
    total.value = String(number + 1);
  }
  list.append(row);
  fields[0].focus();
});
