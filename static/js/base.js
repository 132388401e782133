// A second click while a form is on its way sends nothing; after a download or 「后退」 the form works again.
const onItsWay = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") {
    return;
  }
  if (onItsWay.has(form)) {
    event.preventDefault();
    return;
  }
  onItsWay.add(form);
  setTimeout(() => onItsWay.delete(form), 5000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    onItsWay.delete(form);
  }
});

// On a phone the main navigation is wider than the screen: the page one is on stands within sight.
document.querySelector(".topnav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// htmx sends Django's CSRF token; the token stands in a form of the page.
document.addEventListener("htmx:configRequest", (event) => {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) {
    event.detail.headers["X-CSRFToken"] = field.value;
  }
});
