// A record is kept while it is written. What was typed goes to our own server only, and stays in the window
// until the server has it: when the session has ended, when the line is gone, and beside a second window.
const form = document.querySelector("form[data-draft]");
const AFTER = 2000; // after the last keystroke
const AGAIN = 10000; // when it could not be kept
const saved = form.querySelector("[data-saved]");
const told = form.querySelector("[data-told]");
const checks = form.querySelector("[data-checks]");
const takeOver = form.querySelector("[data-take-over]");
const done = document.querySelector(".steps .is-done .sign");
let typed = 0; // counts what was typed
let kept = 0; // up to which of it the server has it
let isStopped = "behind" in form.dataset; // until the user decides between two windows
let isOnItsWay = null;
let isLeaving = false;
let timer = 0;

function tell(words, link) {
  told.textContent = words;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.url;
    anchor.target = "_blank";
    anchor.textContent = link.words;
    told.append(anchor);
  }
  told.hidden = !words;
  saved.hidden = Boolean(words);
}

function wait(time) {
  clearTimeout(timer);
  timer = setTimeout(keep, time);
}

function stop(words) {
  isStopped = true;
  takeOver.hidden = false;
  tell(words, { url: window.location.pathname, words: "打开另一份草稿" });
}

// A new token and revision, after another sign-in or for the window that goes on; false where there is no session,
// or it is another person's: what one has written does not become the other's.
async function ask(withRevision) {
  const answer = await fetch(form.dataset.draft, { redirect: "manual", headers: { Accept: "application/json" } });
  if (!answer.ok) {
    return false;
  }
  const { token, revision, account } = await answer.json();
  if (account !== form.dataset.account) {
    return false;
  }
  form.elements.csrfmiddlewaretoken.value = token;
  if (withRevision) {
    form.elements.draft_revision.value = revision;
  }
  return true;
}

async function send(isSecond = false) {
  const upTo = typed;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.draft, { method: "POST", body, redirect: "manual", keepalive: isLeaving });
  if (answer.ok) {
    const { revision, saved: at, checks: found } = await answer.json();
    form.elements.draft_revision.value = revision;
    kept = upTo;
    tell("");
    // Said again only where it is another thing: the region is read aloud.
    const fresh = document.createElement("div");
    fresh.innerHTML = found;
    if (checks.innerHTML.trim() !== fresh.innerHTML) {
      checks.replaceChildren(...fresh.childNodes);
    }
    // The hints stand below the text, where the bar may cover them.
    const hints = checks.querySelectorAll(".hint").length;
    saved.textContent = `${at}已自动保存${hints ? `，谈话内容下有${hints}条提示` : ""}`;
    saved.prepend(done.cloneNode(true));
    return true;
  }
  if (answer.status === 409) {
    stop((await answer.json()).message);
    return false;
  }
  // Signed in again in another window: the form's token is of the session before.
  if (answer.status === 403 && !isSecond && (await ask(false))) {
    return send(true);
  }
  if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) {
    tell("登录已失效，内容还在本页，没有保存。请在新窗口登录，本页会自动保存：", {
      url: form.dataset.signIn,
      words: "登录",
    });
  } else {
    tell("暂时没有保存成功，内容还在本页，稍后自动重试");
  }
  return false;
}

// Whether the server has all that was typed.
async function keep() {
  if (isStopped) {
    return false;
  }
  if (isOnItsWay) {
    await isOnItsWay;
  }
  if (kept === typed) {
    return true;
  }
  isOnItsWay = send().catch(() => {
    tell("网络已断开，内容还在本页，恢复后自动保存");
    return false;
  });
  const isKept = await isOnItsWay;
  isOnItsWay = null;
  if (!isStopped && kept !== typed) {
    wait(isKept ? AFTER : AGAIN);
  }
  return isKept;
}

function onTyped() {
  typed += 1;
  if (!isStopped) {
    wait(AFTER);
  }
}

form.addEventListener("input", onTyped);
form.addEventListener("change", onTyped);
window.addEventListener("online", keep);
window.addEventListener("focus", () => kept !== typed && keep());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && kept !== typed) {
    isLeaving = true;
    keep().finally(() => {
      isLeaving = false;
    });
  }
});
window.addEventListener("beforeunload", (event) => {
  if (kept !== typed) {
    event.preventDefault();
  }
});
takeOver.addEventListener("click", async () => {
  if (await ask(true).catch(() => false)) {
    isStopped = false;
    takeOver.hidden = true;
    typed += 1;
    keep();
  }
});

// Before the form leaves the page the server has to have it: what the server refuses to take stays here.
document.addEventListener(
  "submit",
  async (event) => {
    if (event.target !== form || kept === typed || isStopped) {
      kept = event.target === form ? typed : kept;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    if (await keep()) {
      form.requestSubmit(submitter);
    }
  },
  true,
);

if (isStopped) {
  stop("另一个窗口保存了另一份草稿，本窗口暂停自动保存。");
}
