// 全部勾选: ticks everybody who was found.
const button = document.querySelector("[data-tick-all]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const box of document.querySelectorAll(".ticks input[type=checkbox]")) {
      box.checked = true;
    }
  });
}
