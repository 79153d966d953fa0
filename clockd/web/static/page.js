// What is live: parts of the page are put in place anew as the server sends them. Everything works without it.
"use strict";

const region = document.querySelector("[data-live]");
const LOST_MS = 40000;

// A part somebody works in stays as it is until they are done.
const busy = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") !== null;

const renew = (html) => {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const parts = [...fresh.content.querySelectorAll("[data-part]")];
  const old = [...region.querySelectorAll("[data-part]")];
  if (parts.map((part) => part.dataset.part).join() !== old.map((part) => part.dataset.part).join()) {
    if (!old.some(busy)) region.replaceChildren(fresh.content);
    return;
  }
  parts.forEach((part, n) => {
    if (!busy(old[n]) && old[n].outerHTML !== part.outerHTML) old[n].replaceWith(part);
  });
};

if (region) {
  const lost = document.querySelector("#lost");
  let timer;
  const heard = () => {
    clearTimeout(timer);
    lost.hidden = true;
    timer = setTimeout(() => { lost.hidden = false; }, LOST_MS);
  };
  const source = new EventSource(region.dataset.live);
  source.onopen = heard;
  source.addEventListener("beat", heard);
  source.addEventListener("leave", (event) => { source.close(); location.assign(event.data); });
  source.onmessage = (event) => { heard(); renew(event.data); };
  addEventListener("pagehide", () => source.close());
  // What is sent leads to a page of its own; one that is left meanwhile would take away what that one has to say.
  addEventListener("submit", () => source.close());
}

// A choice that only shows something else is made at once.
for (const form of document.querySelectorAll("form[data-now]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
