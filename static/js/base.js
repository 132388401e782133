// htmx sends Django's CSRF token; the token stands in a form of the page.
document.addEventListener("htmx:configRequest", (event) => {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) {
    event.detail.headers["X-CSRFToken"] = field.value;
  }
});
