// What was typed stays in the form until the server has it: without a line, without a session, after an error.
// The answer takes the place of the page; without this script the browser sends the form itself.
const GONE = "网络不通，没有送出。您填写的内容都还在本页，联网后请再点一次。";
const SIGNED_OUT = "登录已失效，没有送出。您填写的内容都还在本页，请在新窗口登录后再点一次：";
let isOnItsWay = false;

function tell(form, words, link) {
  const told = form.querySelector("[data-told]");
  told.textContent = words;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.target = "_blank";
    anchor.textContent = "登录";
    told.append(anchor);
  }
  told.hidden = !words;
  told.scrollIntoView({ block: "nearest" });
}

function show(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  if (url !== window.location.href) {
    history.pushState(null, "", url);
  }
  window.scrollTo(0, 0);
  main.focus();
}

// After another sign-in, or in a page left open: the token of the form is of the session before.
async function renew(form) {
  const answer = await fetch(form.action, { redirect: "follow" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const field = page.querySelector("main input[name=csrfmiddlewaretoken]");
  if (!answer.ok || new URL(answer.url).pathname !== new URL(form.action).pathname || !field) {
    return false;
  }
  form.elements.csrfmiddlewaretoken.value = field.value;
  return true;
}

async function send(form, button, isSecond) {
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) {
    body.set(button.name, button.value);
  }
  const answer = await fetch(form.action, { method: "POST", body, redirect: "follow" });
  const path = new URL(answer.url).pathname;
  if (path.startsWith("/sign-in/") || answer.status === 403) {
    if (!isSecond && answer.status === 403 && (await renew(form))) {
      await send(form, button, true);
      return;
    }
    tell(form, SIGNED_OUT, "/sign-in/");
    return;
  }
  if (answer.status >= 500) {
    tell(form, GONE);
    return;
  }
  show(await answer.text(), answer.url);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("keep" in form.dataset)) {
    return;
  }
  event.preventDefault();
  if (isOnItsWay) {
    return;
  }
  isOnItsWay = true;
  tell(form, "");
  try {
    // Older web views do not say which button it was; it is the one that has the focus.
    await send(form, event.submitter || document.activeElement, false);
  } catch {
    tell(form, GONE);
  }
  isOnItsWay = false;
});

window.addEventListener("popstate", () => window.location.reload());
