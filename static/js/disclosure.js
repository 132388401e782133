// What was disclosed leaves the page when its time is up, also where the window stays open.
const disclosed = document.querySelector("[data-disclosed]");
if (disclosed) {
  const ends = Date.parse(disclosed.dataset.ends);
  // By the server's clock as the page was made; that of the machine may be wrong.
  const made = Date.parse(disclosed.dataset.now || "") || Date.now();
  const opened = performance.now();
  const watch = setInterval(() => {
    const left = ends - made - (performance.now() - opened);
    for (const word of document.querySelectorAll("[data-left]")) {
      word.textContent = String(Math.max(0, Math.ceil(left / 60000)));
    }
    if (left <= 0) {
      clearInterval(watch);
      disclosed.remove();
      document.querySelector("[data-over]").hidden = false;
    }
  }, 1000);
  // Nor does “back” bring it again from memory.
  window.addEventListener("pagehide", () => disclosed.remove());
}
