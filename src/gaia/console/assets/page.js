// What forms and links alone cannot do. Everything works without it.
"use strict";
(() => {
  const isMac = navigator.platform.startsWith("Mac");
  const find = () => document.querySelector("[data-find]");

  // ⌘K or Ctrl-K, or a slash where nobody types, goes to the search.
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const wanted = (event.key === "k" && (isMac ? event.metaKey : event.ctrlKey)) || (event.key === "/" && !typing);
    const field = find();
    if (wanted && field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  const start = () => {
    for (const key of document.querySelectorAll("[data-key]")) key.textContent = isMac ? "⌘K" : "Ctrl K";
    restore();
    fold();
    bottom();
  };

  // On a narrow screen what filters is folded up, so that what is found can be seen; as somebody left it, it stays.
  let unfolded = innerWidth > 896;
  const fold = () => document.querySelectorAll("details.facets").forEach((one) => (one.open = unfolded));
  document.addEventListener("click", (event) => {
    const facets = event.target.closest?.("details.facets > summary")?.parentElement;
    if (facets) unfolded = !facets.open;
  });
  document.addEventListener("htmx:after:swap", fold);

  // A log stays at its end while somebody reads there.
  const bottom = () => {
    const log = document.getElementById("log");
    if (log) log.scrollTop = log.scrollHeight;
  };
  let atEnd = true;
  document.addEventListener("htmx:sse:before:message", () => {
    const log = document.getElementById("log");
    atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  });
  document.addEventListener("htmx:sse:after:message", () => atEnd && bottom());

  // What somebody unfolded stays so where news come.
  document.addEventListener("htmx:before:morph:attr", (event) => {
    if (event.detail.attrName === "open" && event.target.tagName === "DETAILS") event.preventDefault();
  });

  // What is written in a long form is kept in this tab until it has been sent: a session may end meanwhile.
  const drafts = () => document.querySelectorAll("form[data-draft]");
  const named = (form) => `gaia-draft ${form.dataset.draft}`;
  const restore = () => {
    for (const form of drafts()) {
      const kept = JSON.parse(sessionStorage.getItem(named(form)) || "{}");
      if (form.dataset.fresh !== "yes") continue;
      for (const [name, value] of Object.entries(kept)) {
        const field = form.elements.namedItem(name);
        if (field && "value" in field && field.type !== "hidden") field.value = value;
      }
      if (Object.keys(kept).length) form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "token" && typeof value === "string");
    sessionStorage.setItem(named(form), JSON.stringify(Object.fromEntries(fields)));
  });
  document.addEventListener("DOMContentLoaded", () => {
    const sent = document.querySelector("[data-sent]");
    if (sent) sessionStorage.removeItem(`gaia-draft ${sent.dataset.sent}`);
    start();
  });
})();
