// Trusted Types: text becomes a page only through here. What the server sends holds no script of its own beyond
// the files under /static/, no handler in an attribute, no frame; text that holds one is refused, and the browser
// reports it. Text is never made a script, and no address but the page's own files.
(() => {
  if (!window.trustedTypes) {
    return;
  }
  const inert = trustedTypes.createPolicy("inert", { createHTML: (text) => text });
  const REFUSED = "iframe, frame, object, embed, base, meta[http-equiv], [srcdoc]";
  const ADDRESSES = ["href", "src", "action", "formaction", "xlink:href"];
  const HARMFUL = /^\s*(javascript|vbscript|data:text\/html)/i;

  // Data in a page is no script to a browser.
  const isOurs = (script) =>
    script.type === "application/json" ||
    (script.textContent.trim() === "" && (script.getAttribute("src") ?? "").startsWith("/static/"));

  const isHarmless = (root) => {
    if (root.querySelector(REFUSED)) {
      return false;
    }
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === "script" && !isOurs(element)) {
        return false;
      }
      if (element.localName === "template" && element.content && !isHarmless(element.content)) {
        return false;
      }
      for (const { name, value } of element.attributes) {
        if (name.startsWith("on") || (ADDRESSES.includes(name) && HARMFUL.test(value))) {
          return false;
        }
      }
    }
    return true;
  };

  trustedTypes.createPolicy("default", {
    createHTML: (text) =>
      isHarmless(new DOMParser().parseFromString(inert.createHTML(text), "text/html")) ? text : null,
  });
})();
